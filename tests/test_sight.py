"""Observed images: small pictures of what was made, in the forms that vision-language models take."""

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import visgenenv as vg
from media_db.library import build
from policies.chat import plain_text
from policies.expert import Expert
from visgenenv.episodes import make, rollout
from visgenenv.errors import ConfigError
from visgenenv.sight import MAX_SIDE
from visgenenv.tasks.generator import GENERATED
from visgenenv.turns import render
from visgenenv.types import ToolCall


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = tmp_path_factory.mktemp("sight") / "library"
    build(place, images=6, videos=2, sounds=1)
    return str(place)


def picture(part: dict[str, Any]) -> Image.Image:
    url = part["image_url"]["url"]
    assert url.startswith("data:image/jpeg;base64,")
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


def test_an_answer_carries_a_picture_of_each_image_and_video_in_its_shape(media: str) -> None:
    env = make(task={"prompt": "a fox", "modality": "image"}, observe="images", media=media)
    env.reset(seed=0)
    calls = (
        ToolCall(name="tool_text2image_gemini", arguments={"prompt": "a fox", "aspect_ratio": "9:16", "num_images": 2}),
        ToolCall(name="tool_text2video_veo", arguments={"prompt": "a fox"}),
        ToolCall(name="tool_tts_generation", arguments={"text": "a fox"}),
    )
    observation, *_, info = env.step(render("draw", calls=calls))
    content = info["new_messages"][1]["content"]
    assert content[0] == {"type": "text", "text": observation}
    assert [part["text"] for part in content[1::2]] == ["img_1:", "img_2:", "vid_1:"]
    pictures = [picture(part) for part in content[2::2]]
    assert [max(one.size) for one in pictures] == [MAX_SIDE] * 3
    assert pictures[0].size[0] / pictures[0].size[1] == pytest.approx(768 / 1344, abs=0.02)
    assert pictures[2].size[0] / pictures[2].size[1] == pytest.approx(1280 / 720, abs=0.03)
    assert env.messages()[-1]["content"] == content


def test_what_a_task_brings_along_is_seen_from_the_start(media: str) -> None:
    env = make(task=GENERATED.only(("stylization",))(0), observe="images", media=media)
    observation, info = env.reset(seed=0)
    content = info["messages"][-1]["content"]
    assert content[0]["text"] == observation
    assert [part["type"] for part in content] == ["text", "text", "image_url"]


def test_pictures_change_nothing_about_the_episode(media: str) -> None:
    tasks = [GENERATED(seed) for seed in range(0, 42, 5)]
    blind = rollout(Expert(), tasks=tasks, media=media)
    seeing = rollout(Expert(), tasks=tasks, media=media, observe="images")
    assert all(episode.success for episode in seeing)
    assert [episode.turns for episode in seeing] == [episode.turns for episode in blind]
    assert [episode.assets for episode in seeing] == [episode.assets for episode in blind]
    assert seeing[0].environment["observe"] == "images"


def test_messages_take_the_form_of_qwen_vl_too(media: str) -> None:
    env = make(task=GENERATED.only(("stylization",))(0), observe="images", media=media)
    messages = env.reset(seed=0)[1]["messages"]
    other = vg.for_qwen_vl(messages)
    assert other[0] == messages[0]
    url = messages[-1]["content"][2]["image_url"]["url"]
    assert other[-1]["content"] == [*messages[-1]["content"][:2], {"type": "image", "image": url}]


def test_a_policy_of_words_alone_refuses_pictures(media: str) -> None:
    env = make(task=GENERATED.only(("stylization",))(0), observe="images", media=media)
    with pytest.raises(ConfigError, match="observe='text'"):
        plain_text(env.reset(seed=0)[1]["messages"][-1])


def test_without_a_library_there_is_nothing_to_see(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VISGEN_MEDIA", raising=False)
    with pytest.raises(ConfigError, match="visgen media build"):
        make(observe="images")
    with pytest.raises(ConfigError, match="expected one of 'text', 'images'"):
        make(observe="video")
