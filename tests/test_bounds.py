"""What grows must end: films, answers, and the time that a refused turn takes."""

from __future__ import annotations

import json
import time
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta

import visgenenv as vg
from visgenenv.answers import MOST_BYTES, answer, unparsed
from visgenenv.env import VisGenEnv
from visgenenv.episodes import make
from visgenenv.tools.spec import CallContext, ImageHandle, VideoHandle
from visgenenv.turns import parse
from visgenenv.types import Asset, ToolResult


def begun(**arguments: Any) -> VisGenEnv:
    env = make(task={"prompt": "x", "modality": "video"}, system_prompt="none", **arguments)
    env.reset(seed=0)
    return env


def told(env: VisGenEnv, *calls: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    turn = "".join(f"<tool_call>{json.dumps({'name': name, 'arguments': given})}</tool_call>" for name, given in calls)
    env.step(f"<think>x</think>{turn}")
    return [json.loads(call.response) for call in env.state.turns[-1].calls]


def test_composites_of_composites_come_to_an_end() -> None:
    env, last = begun(), "img_1"
    told(env, ("tool_text2image_gemini", {"prompt": "x"}))
    for number in (1, 2):
        (found,) = told(env, ("tool_video_composite", {"clips": [last] * 100}))
        last = f"vid_{number}"
    assert found["error"] == "bad_arguments"
    assert "would make a film of 10000 shots; expected at most 2001" in found["message"]


def test_a_video_cannot_be_slowed_down_for_ever() -> None:
    env = begun()
    told(env, ("tool_text2video_veo", {"prompt": "x"}))
    found: list[dict[str, Any]] = []
    for number in range(12):
        found += told(env, ("tool_video_speed_adjust", {"video": f"vid_{number + 1}", "factor": 0.25}))
        if "error" in found[-1]:
            break
    assert len(found) == 7
    assert "would make a film of 131072 s; expected at most 36000 s" in found[-1]["message"]
    *_, terminated, _, _ = env.step('<think>x</think><answer>{"deliverables":["vid_1"]}</answer>')
    assert terminated


def test_sounds_that_decide_a_films_end_are_bounded_too() -> None:
    env = make(task={"prompt": "x", "modality": "video", "inputs": [{"modality": "audio", "caption": "rain", "duration_s": 30_000}]})
    env.reset(seed=0)
    told(env, ("tool_text2image_gemini", {"prompt": "x"}))
    given = {"clips": ["img_1"], "voice": ["aud_1", "aud_1"]}
    long, short = told(env, ("tool_video_composite", {**given, "end": "longest"}), ("tool_video_composite", given))
    assert "a film of 60000 s" in long["message"]
    assert short["outputs"][0]["seconds"] == 3


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("x" * 60_000, {}),
        ("猫" * 20_000, {}),
        ("tool_search_inspire", {"query": "a" * 400, "modality": "text", "max_results": 20}),
        ("tool_search_inspire", {"query": "猫" * 400, "modality": "text", "max_results": 20}),
        ("tool_video_script_gen", {"topic": "茶", "duration": 400, "language": "zh"}),
        ("tool_prompt_refine", {"text": "\u0001" * 1500}),
        ("tool_prompt_refine", {"text": "</think>" * 900}),
        ("tool_text2image_gemini", {"x" * 50_000: 1}),
    ],
)
def test_no_answer_has_more_than_four_kilobytes(name: str, given: dict[str, Any]) -> None:
    env = begun()
    told(env, (name, given))
    observation = env.state.turns[-1].observation
    assert len(observation.encode()) <= MOST_BYTES + len("<tool_response></tool_response>")


def test_neither_has_the_answer_to_a_turn_that_does_not_parse() -> None:
    env = begun()
    for text in (f'<tool_call>{{"name":"x","{"猫" * 5000}":1}}</tool_call>', '<tool_call>{"name":"\\"\\\\"</tool_call>' * 60):
        parsed = parse(text, first=True)
        assert parsed.errors
        assert all(len(error) < 600 for error in parsed.errors)
        observation, *_ = env.step(text)
        assert len(observation.encode()) <= MOST_BYTES + len("<tool_response></tool_response>")
        assert "does_not_parse" in observation
    assert len(unparsed(["猫" * 9000] * 8).encode()) <= MOST_BYTES


def test_of_many_outputs_the_first_are_told_and_how_many_there_are() -> None:
    pictures = tuple(Asset(handle=f"img_{n}", modality="image", width=1024, height=1024) for n in range(1, 201))
    found = answer("tool", pictures, "", None)
    assert len(found.encode()) <= MOST_BYTES
    assert (len(json.loads(found)["outputs"]), json.loads(found)["further_outputs"]) == (20, 180)


def test_what_is_short_enough_is_told_whole() -> None:
    script = Asset(handle="txt_1", modality="text", kind="script", text="a" * 1500)
    assert json.loads(answer("tool", (script,), "", None))["outputs"][0]["text"] == "a" * 1500


@pytest.mark.parametrize(
    "calls",
    [
        [(f"tool_image_{number}", {}) for number in range(64)],
        [("tool_video_composite", {"clips": [], "fps": 23, str(number): 1}) for number in range(64)],
    ],
)
def test_refusing_many_calls_takes_no_longer_than_running_them(calls: list[tuple[str, dict[str, Any]]]) -> None:
    best = 1.0
    for _ in range(5):
        env = begun()
        start = time.perf_counter()
        told(env, *calls)
        best = min(best, time.perf_counter() - start)
    assert best < 0.025  # 5 ms is the promise for an idle core; a shared one may take five times as long


def test_a_summary_reads_each_artifact_once_and_not_without_end() -> None:
    env = begun()
    told(env, ("tool_html_builder", {"sections": [{"text": "a b. " * 1500}] * 7}))
    once, often = told(env, *[("tool_content_summary", {"artifacts": ["txt_1"] * times}) for times in (1, 50)])
    assert once["outputs"][0]["text"] == often["outputs"][0]["text"]


class Clip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A clip and how long it is shown."""

    video: VideoHandle
    seconds: float = 1.0


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A struct that holds itself."""

    image: ImageHandle | None = None
    inner: tuple[Inner, ...] = ()


class Cut(vg.ToolArgs, frozen=True, rename="camel"):
    """Join clips."""

    all_clips: list[Clip]
    by_name: dict[str, ImageHandle] = msgspec.field(default_factory=dict)
    pair: tuple[ImageHandle, VideoHandle] | None = None
    then: tuple[Inner, ...] = ()
    hex_code: Annotated[str, Meta(pattern="^[a-f]+$", examples=["fade"])] = "fade"


def _cut(args: Cut, context: CallContext) -> ToolResult:
    frames = sum(context.assets[clip.video].frames for clip in args.all_clips)
    film = Asset(modality="video", width=64, height=64, frames=frames, fps_milli=24_000, duration_ms=frames * 1000 // 24)
    return ToolResult(assets=(film,), latency_ms=7000, price_microusd=250_000)


CUT = vg.ToolSpec(name="tool_cut", args=Cut, effect=_cut, latency_s=(1, 2))


def test_handles_inside_structs_are_checked_and_are_parents() -> None:
    env = begun(tools=["paper36", "test_bounds:CUT"])
    told(env, ("tool_text2video_veo", {"prompt": "x"}))
    foreign, good = told(
        env, *[("tool_cut", {"allClips": [{"video": "vid_1"}, {"video": name}], "byName": {}}) for name in ("vid_99", "vid_1")]
    )
    assert foreign["error"] == "unknown_handle"
    assert foreign["message"].startswith("allClips[1].video='vid_99'")
    assert good["outputs"][0]["handle"] == "vid_2"
    assert env.state.workspace.assets["vid_2"].parents == ("vid_1",)
    (wrong,) = told(env, ("tool_cut", {"allClips": [], "byName": {"a": "vid_1"}}))
    assert wrong["error"] == "wrong_modality"
    told_of = told(
        env, *[("tool_cut", {"allClips": [], **more}) for more in ({"pair": ["img_9", "vid_1"]}, {"then": [{"image": "img_8"}]})]
    )
    assert [answered["message"].partition(":")[0] for answered in told_of] == ["pair[0]='img_9'", "then[0].image='img_8'"]


def test_a_tool_may_say_what_a_call_took_and_cost() -> None:
    env = begun(tools=["paper36", "test_bounds:CUT"])
    told(env, ("tool_cut", {"allClips": []}))
    (call,) = env.state.turns[-1].calls
    assert (call.latency_ms, call.price_microusd) == (7000, 250_000)


class Diary(vg.ToolArgs, frozen=True):
    """Write a word down, and fail where it is bad."""

    word: str


def _write(args: Diary, context: CallContext) -> ToolResult:
    context.notes.setdefault("words", set()).add(args.word)
    if args.word == "bad":
        raise vg.Refusal("word", args.word, "is bad; expected a good one")
    return ToolResult(assets=(Asset(modality="text", kind="note", text=" ".join(sorted(context.notes["words"]))),))


DIARY = vg.ToolSpec(name="tool_diary", args=Diary, effect=_write, keeps_notes=True)


def test_notes_of_a_call_that_failed_are_forgotten_and_forks_have_their_own() -> None:
    env = begun(tools=["paper36", "test_bounds:DIARY"])
    told(env, ("tool_diary", {"word": "one"}))
    told(env, ("tool_diary", {"word": "bad"}))
    twin = vg.fork(env)
    told(twin, ("tool_diary", {"word": "two"}))
    (found,) = told(env, ("tool_diary", {"word": "three"}))
    assert found["outputs"][0]["text"] == "one three"
    record = env.trajectory()
    assert vg.replay_turn(record, 2).observation == record.turns[2].observation
