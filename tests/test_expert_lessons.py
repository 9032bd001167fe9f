"""The expert: it succeeds at everything, repairs what fails, and its flaws show where they should."""

import re

import msgspec
import pytest

from policies.expert import FLAWS, Expert, applicable
from visgenenv.episodes import rollout
from visgenenv.errors import ConfigError
from visgenenv.tasks.generator import GENERATED, GENERATED_TYPES, HELDOUT, TRAIN
from visgenenv.tasks.success import unmet
from visgenenv.types import Requirements, Task, TaskInput, Trajectory

SEEDS = 35


def of_type(kind: str, seeds: int = SEEDS) -> list[Task]:
    """As many tasks in each language, of every difficulty."""
    source = GENERATED.only((kind,))
    return [source(seed) for seed in range(2 * seeds)]


def text_of(trajectory: Trajectory) -> str:
    return "".join(turn.text for turn in trajectory.turns)


def failures(trajectories: list[Trajectory]) -> list[tuple[str, list[str]]]:
    return [(trajectory.task.id, unmet(trajectory)) for trajectory in trajectories if not trajectory.success]


def play(task: Task, faults: object = "none", **options: object) -> Trajectory:
    (trajectory,) = rollout(Expert(**options), tasks=[task], faults=faults)  # type: ignore[arg-type]
    return trajectory


@pytest.mark.parametrize("kind", GENERATED_TYPES)
def test_every_task_of_a_type_succeeds_in_both_languages_within_its_budget(kind: str) -> None:
    trajectories = rollout(Expert(), tasks=of_type(kind))
    assert failures(trajectories) == []
    assert not any(turn.parsed.violations for trajectory in trajectories for turn in trajectory.turns)
    assert not any(call.fault for trajectory in trajectories for call in trajectory.calls)
    for trajectory in trajectories:
        least, most = {"easy": (1, 6), "medium": (2, 10), "hard": (3, 14), "long": (20, 24)}[trajectory.task.id.split("/")[3]]
        assert least <= len(trajectory.calls) <= most
    worst = min(trajectory.reward.total for trajectory in trajectories if trajectory.reward)
    assert worst >= 0.99


@pytest.mark.parametrize("kind", GENERATED_TYPES)
def test_nearly_every_task_succeeds_where_things_fail_now_and_then(kind: str) -> None:
    trajectories = rollout(Expert(), tasks=of_type(kind), faults="moderate", seed=5)
    assert any(call.fault for trajectory in trajectories for call in trajectory.calls)
    assert len(failures(trajectories)) <= 0.05 * len(trajectories)


def test_held_out_subjects_make_no_difference() -> None:
    assert failures(rollout(Expert(), tasks=[HELDOUT(seed) for seed in range(144)])) == []


def test_a_lesson_is_short_enough_for_a_small_pupil() -> None:
    trajectories = rollout(Expert(), tasks=[TRAIN(seed) for seed in range(144)])
    assert sum(len(trajectory.calls) for trajectory in trajectories) / len(trajectories) <= 8
    assert sum(len(text_of(trajectory)) for trajectory in trajectories) / len(trajectories) <= 1300
    for turn in (turn for trajectory in trajectories for turn in trajectory.turns):
        assert len((turn.parsed.think or "").split()) <= 14
        assert all(len(step.goal.split()) <= 4 for step in (turn.parsed.plan.steps if turn.parsed.plan else ()))


def test_the_plan_comes_first_and_its_steps_make_the_calls_that_are_made() -> None:
    for trajectory in rollout(Expert(), episodes=72, seed=0):
        plan = trajectory.turns[0].parsed.plan
        assert plan is not None
        assert [turn.parsed.plan for turn in trajectory.turns[1:]] == [None] * (len(trajectory.turns) - 1)
        planned = {(step.tool, step.n) for step in plan.steps}
        made = [call.tool for call in trajectory.calls]
        assert planned == {(tool, made.count(tool)) for tool in made}


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = (rollout(Expert(), episodes=36, seed=9, faults="severe", batch=size) for size in (1, 32))
    assert [trajectory.hash for trajectory in first] == [trajectory.hash for trajectory in second]
    assert [text_of(trajectory) for trajectory in first] == [text_of(trajectory) for trajectory in second]


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_costs_success_wherever_it_applies(flaw: str) -> None:
    tasks = [task for seed in range(144) for source in (TRAIN, GENERATED) if flaw in applicable(task := source(seed))]
    assert len(tasks) >= 24
    trajectories = rollout(Expert(flaws=[flaw]), tasks=tasks)
    assert [trajectory.task.id for trajectory in trajectories if trajectory.success] == []
    assert not any(turn.parsed.errors for trajectory in trajectories for turn in trajectory.turns)


def test_a_flaw_changes_nothing_where_it_does_not_apply() -> None:
    for flaw in FLAWS:
        tasks = [task for seed in range(72) if flaw not in applicable(task := GENERATED(seed))]
        flawed, sound = rollout(Expert(flaws=[flaw]), tasks=tasks), rollout(Expert(), tasks=tasks)
        assert [text_of(one) for one in flawed] == [text_of(one) for one in sound]


def test_the_flaws_miss_just_what_they_say() -> None:
    for flaw, missing in (
        ("skip_reference", {"consistency"}),
        ("forget_subtitles", {"subtitles"}),
        ("forget_narration", {"audio", "narration"}),
    ):
        tasks = [task for seed in range(72) if flaw in applicable(task := GENERATED(seed))]
        for trajectory in rollout(Expert(flaws=[flaw]), tasks=tasks):
            assert {reason.partition(":")[0] for reason in unmet(trajectory)} <= missing, unmet(trajectory)


def test_an_unknown_flaw_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="skip_reference, forget_subtitles"):
        Expert(flaws=["laziness"])
    with pytest.raises(ConfigError, match="expected a list"):
        Expert(flaws="skip_reference")


PICTURE = Task(id="p", modality="image", prompt="a red fox", requirements=Requirements(count=1, entities=("red fox",)))


def test_a_transient_fault_is_met_by_the_same_call_again() -> None:
    trajectory = play(PICTURE, {"tool_text2image_gemini": ["timeout", "rate_limited", None]})
    assert trajectory.success
    assert [(call.tool, call.arguments) for call in trajectory.calls] == [("tool_text2image_gemini", {"prompt": "a red fox"})] * 3
    assert "1 failed, again" in trajectory.turns[1].text


def test_a_refused_prompt_is_said_otherwise_and_keeps_what_was_asked() -> None:
    trajectory = play(PICTURE, {"tool_text2image_gemini": ["content_policy", "content_policy", None]})
    assert trajectory.success
    prompts = [call.arguments["prompt"] for call in trajectory.calls]
    assert len(set(prompts)) == 3
    assert all("red fox" in prompt for prompt in prompts)


def test_refused_words_for_speech_are_still_spoken() -> None:
    task = GENERATED.only(("public_service_advertisements",))(0)
    trajectory = play(task, {"tool_tts_generation": ["content_policy", None]})
    assert trajectory.success
    assert trajectory.calls[0].arguments != trajectory.calls[-2].arguments


def test_a_tool_that_keeps_failing_gives_way_to_another_and_the_plan_says_so() -> None:
    trajectory = play(PICTURE, {"tool_text2image_gemini": ["timeout"] * 9})
    assert trajectory.success
    assert [call.tool for call in trajectory.calls] == ["tool_text2image_gemini"] * 3 + ["tool_text2image_seed"]
    revised = trajectory.turns[3].parsed.plan
    assert revised is not None
    assert [step.tool for step in revised.steps] == ["tool_text2image_seed"]


def test_one_edit_of_several_may_change_its_tool() -> None:
    task = GENERATED.only(("character_design",))(0)
    trajectory = play(task, {"tool_image_edit_gemini": [None, "timeout", "internal_error", "malformed_output"]})
    assert trajectory.success
    revised = next(turn.parsed.plan for turn in trajectory.turns[1:] if turn.parsed.plan)
    assert {step.tool for step in revised.steps} == {"tool_text2image_gemini", "tool_image_edit_gemini", "tool_image_edit_qwen"}


def test_what_can_never_be_made_ends_in_an_honest_answer() -> None:
    task = GENERATED.only(("music_videos",))(0)
    trajectory = play(task, {"tool_music_suno": ["timeout"] * 99})
    assert not trajectory.truncated
    assert trajectory.answer is not None
    assert "Not all could be made" in trajectory.turns[-1].text
    assert not trajectory.success


def test_calls_that_can_run_together_do() -> None:
    for trajectory in rollout(Expert(), tasks=of_type("event_promotion_videos", 3)):
        assert [len({call.tool for call in turn.calls}) for turn in trajectory.turns] == [2, 1, 1, 0]


ASKED = {
    "four pictures of one fox": Task(modality="image", prompt="four", requirements=Requirements(count=4, consistency="character")),
    "nine plain pictures": Task(modality="image", prompt="nine", requirements=Requirements(count=9, aspect="4:3")),
    "a large picture": Task(modality="image", prompt="large", requirements=Requirements(min_side=1440, aspect="16:9")),
    "a picture with words": Task(modality="image", prompt="a sign", requirements=Requirements(drawn=("Open",))),
    "nothing said": Task(modality="image", prompt="x"),
    "an edit": Task(
        modality="image",
        prompt="edit it",
        requirements=Requirements(count=1, from_inputs=True),
        inputs=(TaskInput(modality="image", caption="a fox", width=800, height=600),),
    ),
    "things one by one": Task(
        modality="image", prompt="a fox", requirements=Requirements(count=5, each=(("asleep",), ("at sea",), ("old",)))
    ),
    "things that its words list": Task(
        modality="image",
        prompt="Three pictures of a fox: asleep, at sea, in a forest",
        requirements=Requirements(count=3, entities=("fox", "at sea"), each=(("asleep",), ("at sea",), ("in a forest",))),
    ),
    "shots that its words list": Task(
        modality="video",
        prompt="Three shots: asleep, at sea, in a forest",
        requirements=Requirements(shots=3, each=(("asleep",), ("at sea",), ("in a forest",))),
    ),
    "a known type told otherwise": Task(
        modality="image",
        task_type="product_images",
        prompt="a lantern on a beach",
        requirements=Requirements(count=2, entities=("lantern", "beach"), each=(("at night",), ("at dawn",))),
    ),
    "a known film of shots of a length": Task(
        modality="video",
        task_type="story_videos",
        prompt="a brave fox, running, sleeping, 4 seconds each",
        requirements=Requirements(
            count=1, shots=2, shot_s=4, entities=("brave fox", "running", "sleeping"), each=(("running",), ("sleeping",))
        ),
    ),
    "cuts on the beat": Task(modality="video", prompt="a fox", requirements=Requirements(shots=3, beat=True)),
    "music by name and tempo": Task(
        modality="video", prompt="a fox", requirements=Requirements(audio=("music",), music=("techno",), bpm=128, moving=True)
    ),
    "a wide edit of a square": Task(
        modality="image",
        prompt="edit it",
        requirements=Requirements(count=1, from_inputs=True, aspect="16:9"),
        inputs=(TaskInput(modality="image", caption="a fox", width=800, height=800),),
    ),
    "large pictures that look alike": Task(
        modality="image", prompt="a fox", requirements=Requirements(count=2, consistency="character", min_side=1440)
    ),
    "very wide pictures": Task(modality="image", prompt="a fox", requirements=Requirements(count=1, aspect="21:9", min_side=600)),
    "shots that sound and look alike": Task(
        modality="video", prompt="a fox", requirements=Requirements(shots=2, shot_s=5, consistency="character", audio=("sound",))
    ),
    "long shots that sound": Task(
        modality="video", prompt="a fox", requirements=Requirements(shots=2, shot_s=10, consistency="character", audio=("sound",))
    ),
    "things that look alike": Task(
        modality="image", prompt="a fox", requirements=Requirements(count=4, consistency="character", each=(("asleep",), ("at sea",)))
    ),
    "things that differ": Task(
        modality="image", prompt="a fox", requirements=Requirements(count=4, variety=True, each=(("asleep",), ("old",)))
    ),
    "several edits": Task(
        modality="image",
        prompt="edit it",
        requirements=Requirements(count=4, from_inputs=True, each=(("red",), ("blue",))),
        inputs=(TaskInput(modality="image", caption="a fox"), TaskInput(modality="image", caption="a cat")),
    ),
    "edits of nothing in particular": Task(
        modality="image",
        prompt="edit it",
        requirements=Requirements(count=4, from_inputs=True),
        inputs=(TaskInput(modality="image", caption="a fox"),),
    ),
    "shots one by one": Task(modality="video", prompt="a fox", requirements=Requirements(each=(("asleep",), ("at sea",), ("old",)))),
    "more shots than things": Task(modality="video", prompt="a fox", requirements=Requirements(shots=4, each=(("asleep",), ("at sea",)))),
    "shots of a length": Task(modality="video", prompt="a fox", requirements=Requirements(duration_s=24, shot_s=6)),
    "two films": Task(modality="video", prompt="a fox", requirements=Requirements(count=2, shots=2, duration_s=8, audio=("music",))),
    "a long shot": Task(modality="video", prompt="a river", requirements=Requirements(count=1, shots=1, duration_s=40.6)),
    "a tiny shot": Task(modality="video", prompt="a river", requirements=Requirements(count=1, shots=1, duration_s=0.25)),
    "a square film": Task(modality="video", prompt="x", requirements=Requirements(shots=2, aspect="1:1", duration_s=9.0)),
    "a large film": Task(modality="video", prompt="x", requirements=Requirements(min_side=1080, aspect="9:16")),
    "one narrated shot": Task(modality="video", prompt="Hello", requirements=Requirements(shots=1, audio=("music", "narration"))),
    "a film of one picture": Task(
        modality="video",
        prompt="x",
        requirements=Requirements(shots=3, duration_s=30.0, consistency="object", subtitles=("One", "Two"), beat=None),
    ),
    "a film of a given picture": Task(
        modality="video",
        prompt="x",
        requirements=Requirements(shots=2, duration_s=7.0, from_inputs=True, audio=("music",)),
        inputs=(TaskInput(modality="image", caption="a fox"),),
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_tasks_of_no_known_type_are_read_by_their_requirements(name: str) -> None:
    trajectory = play(msgspec.structs.replace(ASKED[name], id=name))
    assert unmet(trajectory) == []


def test_an_odd_aspect_does_not_stop_it() -> None:
    for aspect in ("2.39:1", "0.4:1", "1:50"):
        for modality in ("image", "video"):
            task = Task(id="odd", modality=modality, prompt="x", requirements=Requirements(aspect=aspect))  # type: ignore[arg-type]
            assert play(task).answer is not None


def test_answers_hold_no_word_of_a_foreign_handle() -> None:
    for trajectory in rollout(Expert(), episodes=24, seed=3, faults="severe"):
        own = {asset.handle for asset in trajectory.assets}
        assert set(re.findall(r'"((?:img|vid|aud|txt)_\d+)"', text_of(trajectory))) <= own
