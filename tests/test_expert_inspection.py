"""The expert that looks: what is silently wrong is found, made again, and never delivered."""

import msgspec
import pytest

from policies.expert import Expert, inspecting
from policies.expert.inspection import differs, with_inspection
from policies.expert.recipe import Made, Recipe
from rewards import recovery
from visgenenv.episodes import rollout
from visgenenv.tasks.generator import GENERATED


def test_what_is_silently_wrong_is_found_and_made_again() -> None:
    blind, seeing = (rollout(actor, 168, seed=0, faults="severe", system_prompt="none") for actor in (Expert(), inspecting()))
    met, missed = ([recovery(episode) for episode in episodes] for episodes in (seeing, blind))
    assert sum(one.silently_wrong for one in missed) >= 10
    assert sum(one.silently_delivered for one in missed) >= 10
    assert sum(one.silently_wrong for one in met) >= 10
    assert sum(one.silently_delivered for one in met) <= 1
    assert sum(episode.success for episode in seeing) > sum(episode.success for episode in blind)


def test_a_wrong_picture_costs_one_call_more_and_is_named_nowhere_after() -> None:
    plan = {"tool_text2image_gemini": ["silently_wrong"]}
    (episode,) = rollout(inspecting(), 1, seed=0, task="image", task_types=["character_design"], faults=plan, system_prompt="none")
    wrong = next(asset.handle for asset in episode.assets if asset.claims)
    later = [call for call in episode.calls[1:] if wrong in msgspec.json.encode(call.arguments).decode()]
    assert [call.tool for call in later] == ["tool_image_analysis"]
    assert episode.success
    assert [call.tool for call in episode.calls[:4]] == ["tool_text2image_gemini", "tool_image_analysis"] * 2


def test_a_look_that_is_refused_is_asked_in_other_words_and_one_that_never_comes_is_done_without() -> None:
    for faults in (["content_policy"], ["timeout"] * 8):
        plan = {"tool_image_analysis": faults}
        (episode,) = rollout(inspecting(), 1, seed=0, task="image", task_types=["product_images"], faults=plan, system_prompt="none")
        assert episode.success
    looks = [call for call in episode.calls if call.tool == "tool_image_analysis"]
    assert len(looks) == 8


@pytest.mark.parametrize(
    ("seen", "wrong"),
    [
        ({"width": 768, "height": 1344, "seconds": 8.0, "audio": ["sound"]}, True),
        ({"width": 1344, "height": 768, "seconds": 4.0, "audio": ["sound"]}, True),
        ({"width": 1344, "height": 768, "seconds": 8.0, "audio": []}, True),
        ({"width": 1344, "height": 768, "seconds": 8.0, "audio": ["sound"]}, False),
    ],
)
def test_an_asset_differs_by_size_length_or_sound(seen: dict, wrong: bool) -> None:
    assert differs({"handle": "vid_1", "size": "1344x768", "seconds": 8.0, "audio": ["sound"]}, seen) is wrong


def test_nothing_is_made_of_what_has_not_been_looked_at() -> None:
    plain = Recipe()
    (picture,) = plain.add("tool_text2image_gemini", "reference", {"prompt": "a fox"})
    clips = plain.add("tool_image2video_veo3", "clips", *({"image": picture, "prompt": str(n)} for n in range(12)))
    plain.deliver = plain.add("tool_video_composite", "film", {"clips": clips})
    found = with_inspection(plain, ["tool_image_analysis", "tool_video_analysis"])
    assert [step.goal for step in found.steps] == ["reference", "check reference", "clips", "check clips", "film", "check film"]
    assert [step.needs for step in found.steps] == [[], [0], [0, 1], [2], [2, 3], [4]]
    assert [len(call["video"]) for call in found.steps[3].calls] == [10, 2]
    assert found.deliver == [Made(4, 0)]
    assert with_inspection(plain, []).steps == plain.steps


def test_every_picture_of_a_large_set_is_looked_at() -> None:
    for seed in (6, 4, 2):
        (episode,) = rollout(inspecting(), tasks=[GENERATED.only(("product_images",))(seed)], system_prompt="none")
        looked = {handle for call in episode.calls if call.tool == "tool_image_analysis" for handle in call.arguments["images"]}
        assert episode.answer is not None
        assert looked == set(episode.answer.deliverables)
        assert all(call.fault is None for call in episode.calls)


def test_what_fails_and_what_is_rejected_both_hand_a_call_on_to_another_tool() -> None:
    for faults in (["timeout", "timeout", "silently_wrong", *["timeout"] * 6], ["silently_wrong"] * 9):
        plan = {"tool_text2image_gemini": faults}
        (episode,) = rollout("inspecting-expert", 1, task="image", task_types=["character_design"], faults=plan, system_prompt="none")
        assert episode.success
        assert "tool_text2image_seed" in {call.tool for call in episode.calls}


def test_mending_what_was_wrong_costs_no_coherence() -> None:
    plan = {"tool_text2image_gemini": ["silently_wrong"]}
    (episode,) = rollout(inspecting(), 1, task="image", task_types=["character_design"], faults=plan, system_prompt="none")
    assert episode.reward is not None
    coherence = episode.reward.parts["coherence"]
    assert coherence is not None
    assert coherence.value == 1


def test_where_no_tool_looks_everything_is_used_as_it_comes() -> None:
    tools = ["tool_text2image_gemini", "tool_image_edit_gemini"]
    (episode,) = rollout(inspecting(), 1, task="image", task_types=["character_design"], tools=tools, system_prompt="none")
    assert episode.success
    assert all(call.fault is None for call in episode.calls)
