"""The five plan facets, judged by rules and expert plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rewarding import (
    ANIMATE,
    BEATS,
    CLIP,
    EDIT,
    JOIN,
    MUSIC,
    PICTURE,
    SPEAK,
    TITLE,
    one_picture,
    parts,
    picture,
    play,
    step,
    task,
    turn,
    value,
)

from rewards.judges import FACETS, Question, RuleJudge
from rewards.plan.experts import lessons_for
from visgenenv.tools.catalogue import toolset
from visgenenv.types import Plan, PlanStep, Requirements, Score, Task, TaskInput

TOOLS = dict(toolset())
FILM = task("video", "a film", count=1, shots=3)
GOOD = [step(1, CLIP, "shots", 3), step(2, JOIN, "film", 1, [1])]


def judge(facet: str, steps: Sequence[PlanStep], asked: Task = FILM) -> Score:
    (score,) = RuleJudge()([Question(facet, Plan(steps=tuple(steps)), asked, TOOLS)])  # type: ignore[arg-type]
    assert 0 <= score.value <= 1
    assert score.reason
    return score


def test_a_good_plan_is_one_in_every_facet() -> None:
    assert [judge(facet, GOOD).value for facet in FACETS] == [1, 1, 1, 1]


# requirement


def _delivered(asked: Task, *handles: str) -> float | None:
    first = turn(picture(num_images=2), (CLIP, {"prompt": "a"}), plan=[step(1, PICTURE)])
    return value(play(asked, first, turn(answer=handles)), "plan.requirement")


def test_requirement_is_one_only_for_the_right_modality_and_number() -> None:
    assert _delivered(task(count=2), "img_1", "img_2") == 1
    assert _delivered(task(), "img_1") == 1
    assert _delivered(task(count=2), "img_1") == 0
    assert _delivered(task(count=1), "img_1", "img_2") == 0
    assert _delivered(task(count=1), "vid_1") == 0
    assert _delivered(task(count=2), "img_1", "vid_1") == 0
    assert _delivered(task(count=1), "img_1", "img_1") == 0
    assert _delivered(task(count=1), "img_9") == 0
    assert _delivered(task()) == 0


def test_the_wrong_number_takes_the_whole_plan_reward() -> None:
    done = one_picture(task(count=2))
    assert value(done, "plan") == 0
    assert done.reward is not None
    assert done.reward.total == 0


def test_without_a_valid_plan_the_four_facets_are_zero() -> None:
    for first in (turn(picture()), turn(picture()).replace("</think>", '</think><plan>{"steps":[]}</plan>')):
        done = play(task(), first, turn(answer=["img_1"]))
        assert [value(done, f"plan.{facet}") for facet in FACETS] == [0, 0, 0, 0]
        assert value(done, "plan") == 0


def test_the_first_valid_plan_is_judged_and_no_later_one() -> None:
    bad = [step(1, "tool_magic", "magic")]
    good = [step(1, PICTURE, "picture")]
    revised = play(task(), turn(picture(), plan=bad), turn(plan=good, answer=["img_1"]))
    assert value(revised, "plan.executable") == 0
    broken = play(task(), "<plan>{</plan>", turn(picture(), plan=good), turn(answer=["img_1"]))
    assert value(broken, "plan.executable") == 1


# coherence


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([step(1, CLIP), step(1, JOIN, "film", 1, [1])], "id 1 stands twice"),
        ([step(1, CLIP), step(2, JOIN, "film", 1, [1, 7])], "after 7, which is no step above it"),
        ([step(1, JOIN, "film", 1, [2]), step(2, CLIP)], "after 2, which is no step above it"),
        ([step(1, CLIP, "clip", 1, [1]), step(2, JOIN, "film", 1, [1])], "after 1, which is no step above it"),
        ([step(1, CLIP), step(2, JOIN, "film")], "after nothing that makes image or video"),
        ([step(1, MUSIC), step(2, ANIMATE, "clip", 1, [1])], "after nothing that makes image"),
    ],
)
def test_a_step_that_does_not_come_after_what_it_needs_costs_its_share(steps: list[PlanStep], reason: str) -> None:
    score = judge("coherence", steps)
    assert score.value == pytest.approx(2 / 3)
    assert reason in score.reason


def test_what_is_needed_may_come_through_other_steps_or_from_the_inputs() -> None:
    chain = [step(1, PICTURE), step(2, EDIT, "edit", 1, [1]), step(3, ANIMATE, "clip", 1, [2]), step(4, TITLE, "title", 1, [3])]
    assert judge("coherence", chain).value == 1
    animate = [step(1, ANIMATE, "clip")]
    assert judge("coherence", animate, task("video")).value == 0.5
    assert judge("coherence", animate, task("video", inputs=[TaskInput(modality="image", caption="a")])).value == 1


def test_a_plan_that_never_makes_what_is_asked_is_less_coherent() -> None:
    assert judge("coherence", [step(1, PICTURE)]).value == 0.5


# executability


def test_executability_is_the_share_of_steps_that_something_can_do() -> None:
    assert judge("executable", [step(1, CLIP), step(2, "tool_magic")]).value == 0.5
    assert judge("executable", [step(1, "think", "choose a mood"), step(2, CLIP)]).value == 1
    assert judge("executable", [step(1, CLIP, "clip", 0), step(2, CLIP, "clip", 65)]).value == 0


def test_a_tool_of_ones_own_is_executable_where_the_episode_has_it() -> None:
    own = {**TOOLS, "stamp": TOOLS[EDIT]}
    (score,) = RuleJudge()([Question("executable", Plan(steps=(step(1, "stamp"),)), FILM, own)])
    assert score.value == 1


# atomicity


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (step(2, f"{JOIN}, {TITLE}", "film", 1, [1]), "names no single tool"),
        (PlanStep(id=2, tool=JOIN, goal=" ", after=(1,)), "has no goal"),
        (step(2, JOIN, "join " * 50, 1, [1]), "more than 40 words"),
        (step(2, JOIN, "join the clips and then lay the subtitles", 1, [1]), "several tasks"),
        (step(2, JOIN, "先合成视频，然后加字幕", 1, [1]), "several tasks"),
        (step(2, JOIN, "picture, music, voice and subtitles", 1, [1]), "several tasks"),
        (step(2, JOIN, "film", 65, [1]), "holds 65 calls"),
        (step(2, CLIP, "shots", 1), "repeats a step above"),
    ],
)
def test_a_step_that_is_no_single_task_costs_its_share(bad: PlanStep, reason: str) -> None:
    score = judge("atomic", [step(1, CLIP, "shots"), bad])
    assert score.value == 0.5
    assert reason in score.reason


@pytest.mark.parametrize(
    "goal",
    [
        "draw the pictures and animate them",
        "draw the fox, then animate it",
        "first draw the fox, animate it",
        "sketch it then film it",
        "narrate the intro and subtitle the film",
        "compose a song and merge it with the clips",
        "draw the cover and then carefully animate it",
        "绘制图片并做成动画",
        "绘制封面，再添加字幕",
        "朗读旁白，然后合成视频",
        "图片、音乐、旁白和字幕",
    ],
)
def test_a_goal_of_two_trades_is_several_tasks(goal: str) -> None:
    assert judge("atomic", [step(1, CLIP, "shots"), step(2, JOIN, goal, 1, [1])]).value == 0.5


@pytest.mark.parametrize(
    "goal",
    [
        "merge the clips with the music and voice",
        "composite all clips with music and narration",
        "animate the picture of the singer to the music",
        "film with music, voice and subtitles",
        "assemble the film, score and captions",
        "merge the film and score",
        "draw and paint the fox",
        "a then-and-now comparison",
        "the harbour then, in 1900",
        "Then animate the fox",
        "a boy draws a boat, two girls speak, join hands",
        "合成视频片段与音乐",
        "拼接镜头、配乐和旁白",
        "合成带字幕的视频并合并音乐",
        "绘制合成器音乐的封面",
    ],
)
def test_a_step_of_one_trade_may_name_what_it_takes(goal: str) -> None:
    score = judge("atomic", [step(1, CLIP, "shots"), step(2, JOIN, goal, 1, [1])])
    assert score.value == 1, score.reason


def test_far_too_many_steps_are_not_atomic_tasks_but_crumbs() -> None:
    many = [step(number, CLIP, f"shot {number}") for number in range(1, 31)]
    assert judge("atomic", many).value < 0.5
    assert judge("atomic", many[:6]).value == 1


def test_one_step_for_everything_is_too_few() -> None:
    asked = task("video", shots=3, audio=("music", "narration"), subtitles=("Home",), narration="Home")
    assert judge("atomic", [step(1, "tool_video_auto_pipeline", "film")], asked).value < 0.5


# optimality


def test_a_consistent_set_wants_a_reference_first() -> None:
    asked = task(count=3, consistency="character")
    good = [step(1, PICTURE, "reference"), step(2, EDIT, "variants", 2, [1])]
    assert judge("optimal", good, asked).value == 1
    assert judge("optimal", [step(1, PICTURE, "pictures", 3)], asked).value == 0.5
    assert judge("optimal", [step(1, EDIT, "variants", 2), step(2, PICTURE, "reference")], asked).value == 0.75


SONG = task("video", "a dancer", shots=3, audio=("music",), beat=True)
BEAT_PLAN = [step(1, MUSIC, "song"), step(2, BEATS, "beats", 1, [1]), step(3, CLIP, "shots", 3), step(4, JOIN, "cut", 1, [1, 2, 3])]


def test_cuts_on_the_beat_want_beats_found_between_song_and_cut() -> None:
    assert judge("optimal", BEAT_PLAN, SONG).value == 1
    without = [BEAT_PLAN[0], BEAT_PLAN[2], step(4, JOIN, "cut", 1, [1, 3])]
    assert judge("optimal", without, SONG).value < judge("optimal", BEAT_PLAN, SONG).value
    assert "find the beats" in judge("optimal", without, SONG).reason


@pytest.mark.parametrize(
    ("left_out", "asked"),
    [(MUSIC, {"audio": ("music",)}), (SPEAK, {"narration": "Home"}), (TITLE, {"subtitles": ("Home",)})],
)
def test_what_is_asked_wants_its_step(left_out: str, asked: dict[str, object]) -> None:
    wanted = task("video", shots=2, **asked)
    whole = [
        step(1, CLIP, "shots", 2),
        step(2, MUSIC, "song"),
        step(3, SPEAK, "voice"),
        step(4, JOIN, "film", 1, [1, 2, 3]),
        step(5, TITLE, "title", 1, [4]),
    ]
    rest = [own for own in whole if own.tool != left_out]
    assert judge("optimal", rest, wanted).value < judge("optimal", whole, wanted).value


def test_the_automatic_pipeline_is_no_best_practice_where_control_is_asked() -> None:
    pipeline = [step(1, "tool_video_auto_pipeline", "film")]
    assert judge("optimal", pipeline, task("video", shots=3)).value == 1
    assert judge("optimal", pipeline, task("video", shots=3, consistency="character")).value < 0.5


def test_steps_that_serve_nothing_and_far_too_many_calls_cost() -> None:
    idle = [*GOOD, step(3, MUSIC, "music")]
    assert judge("optimal", idle).value == pytest.approx(2 / 3)
    assert judge("optimal", [step(1, CLIP, "shots", 40), GOOD[1]]).value < 0.3
    thoughtful = [step(1, "think"), step(2, CLIP, "shots", 3, [1]), step(3, JOIN, "film", 1, [2])]
    assert judge("optimal", thoughtful).value == 1
    brooding = [step(n, "Think", f"muse {n}", 1, [n - 1] if n > 1 else []) for n in range(1, 5)]
    padded = [*brooding, step(5, CLIP, "shots", 3, [4]), step(6, JOIN, "film", 1, [5])]
    assert judge("optimal", padded).value == pytest.approx(4 / 6)
    looked = [*GOOD, step(3, "tool_video_analysis", "look at it", 1, [2])]
    assert judge("optimal", looked).value == 1


def test_with_tools_that_no_expert_knows_a_plan_must_still_make_what_is_asked() -> None:
    own = {"stamp": replace(TOOLS[EDIT], name="stamp", category="other")}
    film, musing = (step(1, "stamp"),), (step(1, "think"), step(2, "think", "again", 1, [1]))
    values = [RuleJudge()([Question("optimal", Plan(steps=steps), FILM, own)])[0].value for steps in (film, musing)]
    assert values == [1, 0]


# expert plans


def test_an_unknown_type_gets_the_plans_of_likest_words() -> None:
    def found(modality: str, prompt: str) -> str:
        task = Task(modality=modality, task_type="own", prompt=prompt, requirements=Requirements())  # type: ignore[arg-type]
        return lessons_for(task)[0].plan.type

    assert found("image", "a set of seven flat icons for a cooking app") == "icon_design"
    assert found("video", "a music video of a drummer in the rain, cut on the beat") == "music_videos"
    assert found("video", "元宵灯会的宣传片，有音乐") == "event_promotion_videos"
    assert found("image", "quantum entanglement") == "general_image"


# whatever the plan


PLANS = st.lists(
    st.builds(
        PlanStep,
        id=st.integers(-3, 8) | st.integers(),
        tool=st.sampled_from([*TOOLS][:12]) | st.text(max_size=8),
        goal=st.text(max_size=12),
        n=st.integers(-1, 4) | st.integers(),
        after=st.lists(st.integers(-1, 8), max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=8,
)


@given(PLANS, st.sampled_from(FACETS))
def test_any_plan_is_judged_within_bounds(steps: list[PlanStep], facet: str) -> None:
    judge(facet, steps)


def test_a_plan_of_thousands_of_steps_is_judged_at_once() -> None:
    steps = [step(number, f"tool_{number}", "g", 1, [number - 1]) for number in range(1, 900)]
    done = play(task(), turn(picture(), plan=steps), turn(answer=["img_1"]))
    assert value(done, "plan.executable") == 0
    assert (value(done, "plan") or 0) < 0.2


def test_every_score_carries_its_version() -> None:
    assert all(score.version and "/" in score.version for score in parts(one_picture(task())).values() if score is not None)
