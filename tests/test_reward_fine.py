"""The fine components format, tool and result."""

from __future__ import annotations

import msgspec
import pytest
from rewarding import (
    ANIMATE,
    BEATS,
    CLIP,
    EDIT,
    JOIN,
    MUSIC,
    PICTURE,
    PLAN,
    SPEAK,
    TITLE,
    one_picture,
    parts,
    picture,
    play,
    short_film,
    step,
    task,
    turn,
    value,
)

import visgenenv as vg
from rewards.fine.result import duration_grade
from rewards.flow import makes
from visgenenv.tools.catalogue import PAPER36, toolset
from visgenenv.types import TaskInput, Trajectory


def test_a_good_film_of_eight_calls_has_every_part_at_one() -> None:
    film = short_film()
    assert film.success
    assert {name for name, score in parts(film).items() if score is not None and score.value < 1} == set()


# format


def test_a_turn_that_does_not_parse_makes_the_format_zero_and_lowers_the_mean() -> None:
    done = play(task(), "<plan>", turn(picture(), plan=PLAN), turn(answer=["img_1"]))
    assert value(done, "format") == 0
    assert value(done, "format.turns") == pytest.approx(2 / 3)


def test_a_broken_rule_costs_its_share_of_the_worst_turn() -> None:
    unplanned = play(task(), turn(picture()), turn(answer=["img_1"]))
    assert value(unplanned, "format") == 0.75
    thoughtless = play(task(), turn(picture(), plan=PLAN), turn(answer=["img_1"], think=""))
    assert value(thoughtless, "format") == 0.75


def test_an_episode_without_an_answer_breaks_a_rule() -> None:
    assert value(play(task(), turn(picture(), plan=PLAN)), "format") == pytest.approx(0.8)


# tool


def _tools(first: list[str | None], *turns: str) -> Trajectory:
    return play(task(), *turns, faults={PICTURE: first})


def test_no_failure_is_one() -> None:
    assert value(one_picture(task()), "tool") == 1.0


def test_faults_of_the_environment_that_are_repaired_cost_nothing() -> None:
    done = _tools(["timeout", "rate_limited"], turn(picture(), plan=PLAN), turn(picture()), turn(picture()), turn(answer=["img_1"]))
    assert value(done, "tool") == 1.0


def test_own_mistakes_that_are_repaired_are_point_eight() -> None:
    wrong = turn((PICTURE, {"prompt": "a red bicycle", "aspect_ratio": "17:9"}), plan=PLAN)
    assert value(play(task(), wrong, turn(picture()), turn(answer=["img_1"])), "tool") == 0.8


def test_refused_words_are_an_own_mistake() -> None:
    done = _tools(["content_policy"], turn(picture(), plan=PLAN), turn(picture("a red bicycle, calm")), turn(answer=["img_1"]))
    assert value(done, "tool") == 0.8


def test_a_failure_left_open_is_point_one() -> None:
    plan = [step(1, PICTURE, "picture"), step(2, MUSIC, "music")]
    done = play(task(), turn(picture(), (MUSIC, {"prompt": "calm"}), plan=plan), turn(answer=["img_1"]), faults={MUSIC: ["timeout"]})
    assert value(done, "tool") == 0.1


def test_a_success_in_the_same_turn_repairs_nothing() -> None:
    plan = [step(1, PICTURE, "pictures", 2)]
    done = _tools(["timeout"], turn(picture(), picture("a blue bicycle"), plan=plan), turn(answer=["img_1"]))
    assert value(done, "tool") == 0.1


def test_each_failure_needs_a_success_of_its_own() -> None:
    plan = [step(1, PICTURE, "pictures", 2)]
    both = turn(picture(), picture("a blue bicycle"), plan=plan)
    one = _tools(["timeout", "timeout"], both, turn(picture()), turn(answer=["img_1"]))
    two = _tools(["timeout", "timeout"], both, turn(picture(), picture("a blue bicycle")), turn(answer=["img_1"]))
    assert (value(one, "tool"), value(two, "tool")) == (0.1, 1.0)


def test_another_tool_of_the_same_purpose_repairs() -> None:
    other = turn(("tool_text2image_seed", {"prompt": "a red bicycle"}))
    assert value(_tools(["timeout"], turn(picture(), plan=PLAN), other, turn(answer=["img_1"])), "tool") == 1.0


def test_a_tool_of_another_purpose_does_not_repair() -> None:
    other = turn((CLIP, {"prompt": "a red bicycle"}))
    assert value(_tools(["timeout"], turn(picture(), plan=PLAN), other, turn(answer=["vid_1"])), "tool") == 0.1


def test_a_revised_plan_that_drops_the_step_repairs_unless_nothing_follows() -> None:
    plan = [step(1, PICTURE, "picture"), step(2, MUSIC, "music")]
    first = turn((MUSIC, {"prompt": "calm"}), plan=plan)
    dropped = play(task(), first, turn(picture(), plan=PLAN), turn(answer=["img_1"]), faults={MUSIC: ["timeout"]})
    late = play(task(), first, turn(picture()), turn(plan=PLAN, answer=["img_1"]), faults={MUSIC: ["timeout"]})
    assert (value(dropped, "tool"), value(late, "tool")) == (1.0, 0.1)


def test_an_invented_tool_is_repaired_by_the_one_it_resembles() -> None:
    invented = turn(("tool_text2image_gemni", {"prompt": "a red bicycle"}), plan=PLAN)
    assert value(play(task(), invented, turn(picture()), turn(answer=["img_1"])), "tool") == 0.8
    assert value(play(task(), invented, turn((MUSIC, {"prompt": "calm"})), turn(answer=[])), "tool") == 0.1


def test_no_valid_call_is_zero_and_bad_luck_alone_is_not() -> None:
    invalid = turn((PICTURE, {"words": "a red bicycle"}), plan=PLAN)
    assert value(play(task(), invalid, turn(answer=[])), "tool") == 0
    assert value(play(task(), turn(answer=[], plan=PLAN)), "tool") == 0
    assert value(_tools(["timeout"], turn(picture(), plan=PLAN), turn(answer=[])), "tool") == 0.1


# result


@pytest.mark.parametrize(
    ("given", "asked", "grade"),
    [
        *[(10, 10, 1), (11, 10, 1), (9, 10, 1), (13, 10, 0.5), (7, 10, 0.5), (15, 10, 0)],
        *[(40, 10, 0), (44, 40, 1), (32, 40, 0.75), (60, 40, 0)],
        *[(3.5, 2, 0.5), (2.5, 2, 1), (0, 2, 0), (3, 2, 1), (2, 1, 1), (2.5, 1, 0.5)],
    ],
)
def test_duration_is_full_within_its_tolerance_and_falls_in_a_line(given: float, asked: float, grade: float) -> None:
    assert duration_grade(given, asked) == pytest.approx(grade)


def test_every_declared_requirement_is_a_part_and_no_other() -> None:
    film = short_film()
    declared = {name for name, score in parts(film).items() if name.startswith("result.") and score is not None}
    wanted = ("modality", "count", "duration_s", "shots", "audio", "narration", "subtitles", "entities")
    assert declared == {f"result.{name}" for name in wanted}


def test_count_is_a_ratio_and_missing_pictures_meet_nothing() -> None:
    done = one_picture(task(count=4, aspect="1:1", min_side=512))
    assert value(done, "result.count") == 0.25
    assert value(done, "result.aspect") == 0.25
    assert value(done, "result.min_side") == 0.25


def test_aspect_and_size_are_measured() -> None:
    done = one_picture(task(aspect="16:9", min_side=2048))
    assert value(done, "result.aspect") == 0
    assert value(done, "result.min_side") == 0.5
    assert value(one_picture(task(aspect="3:4"), aspect_ratio="3:4"), "result.aspect") == 1


def test_an_aspect_that_is_no_ratio_is_not_measured() -> None:
    done = one_picture(task(aspect="3:4"))
    wide = msgspec.structs.replace(done.task, requirements=msgspec.structs.replace(done.task.requirements, aspect="wide"))
    assert vg.reward("ltr")(msgspec.structs.replace(done, task=wide)).parts["result.aspect"] is None


def test_drawn_words_are_found_and_a_nearly_right_line_earns_less_than_half() -> None:
    asked = task(drawn=("Fresh Start Today",))
    assert value(one_picture(asked, 'a poster with "Fresh Start Today"'), "result.drawn") == 1
    assert value(one_picture(asked, 'a poster with "Fresh Start"'), "result.drawn") == pytest.approx(1 / 3)
    assert value(one_picture(asked, "a poster"), "result.drawn") == 0


def test_content_is_the_share_of_named_things_along_the_provenance() -> None:
    asked = task(entities=("red bicycle", "snowy street"))
    assert value(one_picture(asked, "a Red  bicycle on a snowy street"), "result.entities") == 1
    assert value(one_picture(asked, "a red bicycle"), "result.entities") == 0.5
    assert value(one_picture(asked, "a colored bicycle"), "result.entities") == 0
    edited = play(
        asked, turn(picture(), plan=PLAN), turn((EDIT, {"prompt": "on a snowy street", "images": ["img_1"]})), turn(answer=["img_2"])
    )
    assert value(edited, "result.entities") == 1


def test_chinese_content_is_found() -> None:
    assert value(one_picture(task(entities=("红色自行车",)), "雪地里的红色自行车，清晨"), "result.entities") == 1
    assert value(one_picture(task(entities=("红色自行车",)), "蓝色自行车"), "result.entities") == 0


def test_what_is_left_out_spoken_or_laid_over_is_not_content() -> None:
    asked = task("video", entities=("red bicycle",))
    clip = (CLIP, {"prompt": "a street", "negative_prompt": "red bicycle"})
    laid = (TITLE, {"video": "vid_1", "items": [{"text": "red bicycle"}]})
    done = play(asked, turn(clip, plan=[step(1, CLIP, "clip")]), turn(laid), turn(answer=["vid_2"]))
    assert value(done, "result.entities") == 0


def test_words_outside_the_provenance_are_no_content() -> None:
    asked = task(entities=("red bicycle",))
    done = play(asked, turn(picture("a street"), picture("a red bicycle"), plan=PLAN), turn(answer=["img_1"]))
    assert value(done, "result.entities") == 0


def _song_film(beats: bool, heard: str = "aud_1") -> Trajectory:
    asked = task("video", "a dancer", shots=2, audio=("music",), beat=True)
    plan = [step(1, MUSIC, "song"), step(2, CLIP, "shots", 2), step(3, BEATS, "beats", 1, [1]), step(4, JOIN, "cut", 1, [1, 2, 3])]
    shots = [(CLIP, {"prompt": f"a dancer {act}", "duration": 4}) for act in ("jumps", "turns")]
    cut = {"clips": ["vid_1", "vid_2"], "bgm": "aud_1", **({"beats": "txt_1"} if beats else {})}
    return play(
        asked,
        turn((MUSIC, {"prompt": "120 bpm"}), *shots, plan=plan),
        turn((BEATS, {"audio": heard})),
        turn((JOIN, cut)),
        turn(answer=["vid_3"]),
    )


def test_cuts_lie_on_the_beat_only_where_the_music_itself_was_listened_to() -> None:
    assert value(_song_film(beats=True), "result.beat") == 1
    assert value(_song_film(beats=False), "result.beat") == 0
    assert value(_song_film(beats=True, heard="aud_2"), "result.beat") == 0


def test_what_is_done_to_a_film_may_take_its_cuts_off_the_beat() -> None:
    asked = task("video", "a dancer", beat=True)
    good = [
        turn((MUSIC, {"prompt": "90 bpm"}), *[(CLIP, {"prompt": "a dancer", "duration": 4})] * 2, plan=[step(1, CLIP)]),
        turn((BEATS, {"audio": "aud_1"})),
        turn((JOIN, {"clips": ["vid_1", "vid_2"], "bgm": "aud_1", "beats": "txt_1"})),
    ]
    assert value(play(asked, *good, turn(answer=["vid_3"])), "result.beat") == 1
    for tool, arguments, met in (
        ("tool_video_speed_adjust", {"factor": 1.3}, 1),  # its sound goes along
        ("tool_video_trim_edit", {"start": 0.3}, 0),
        ("tool_video_postprocess", {"volume": 0}, 0),
        ("tool_video_postprocess", {"fps": 60}, 1),
    ):
        changed = turn((tool, {"video": "vid_3", **arguments}))
        assert value(play(asked, *good, changed, turn(answer=["vid_4"])), "result.beat") == met, tool


GIVEN = [TaskInput(modality="image", caption="a kettle")]


def test_what_was_given_must_be_in_the_provenance() -> None:
    asked = task(inputs=GIVEN, from_inputs=True)
    edited = play(asked, turn((EDIT, {"prompt": "in snow", "images": ["img_1"]}), plan=[step(1, EDIT)]), turn(answer=["img_2"]))
    fresh = play(asked, turn(picture("a kettle in snow"), plan=PLAN), turn(answer=["img_2"]))
    assert (value(edited, "result.from_inputs"), value(fresh, "result.from_inputs")) == (1, 0)


def test_spoken_and_laid_words_are_measured() -> None:
    asked = task("video", narration="Home again at last", subtitles=("Home again", "At last"))
    first = turn((CLIP, {"prompt": "a fox"}), (SPEAK, {"text": "home again, at last!"}), plan=[step(1, CLIP)])
    join = turn((JOIN, {"clips": ["vid_1"], "voice": ["aud_1"]}))
    title = turn((TITLE, {"video": "vid_2", "items": [{"text": "Home again"}]}))
    done = play(asked, first, join, title, turn(answer=["vid_3"]))
    assert value(done, "result.narration") == 1
    assert value(done, "result.subtitles") == 0.5
    assert value(play(asked, first, turn(answer=["vid_1"])), "result.narration") == 0


def test_what_rules_believe_a_tool_makes_is_what_it_makes() -> None:
    from workbench import Bench

    made = {
        PICTURE: {"prompt": "a"},
        CLIP: {"prompt": "a"},
        MUSIC: {"prompt": "a"},
        "tool_search_inspire": {"query": "a"},
        "tool_content_summary": {"text": "a b c"},
        "tool_prompt_refine": {"text": "a"},
        "tool_sound_fx_gen": {"prompt": "a"},
    }
    bench, tools = Bench(), toolset()
    image, video, audio = bench.image(), bench.video(), bench.audio()
    made |= {
        EDIT: {"prompt": "a", "images": [image]},
        ANIMATE: {"prompt": "a", "image": image},
        BEATS: {"audio": audio},
        JOIN: {"clips": [video]},
        "tool_audio_edit_cut": {"audio": audio, "end": 2},
        "tool_image_analysis": {"images": [image]},
        TITLE: {"video": video, "items": [{"text": "a", "start": 0, "end": 1}]},
    }
    for name, arguments in made.items():
        assert bench.call(name, **arguments).modality in makes(tools[name]), name
    assert all(len(makes(spec)) == 1 for spec in PAPER36)
