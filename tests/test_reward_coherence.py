"""Coherence of the calls with the plan in force, and consistency of what is delivered with its reference."""

import itertools
from collections import Counter

import pytest
from msgspec.structs import replace
from rewarding import (
    ANIMATE,
    CLIP,
    EDIT,
    JOIN,
    MUSIC,
    PICTURE,
    PLAN,
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

from rewards.record import Record
from visgenenv.types import TaskInput, Trajectory

# coherence


def test_calls_as_planned_are_coherent_and_failed_attempts_are_not_counted() -> None:
    done = play(task(), turn(picture(), plan=PLAN), turn(picture()), turn(answer=["img_1"]), faults={PICTURE: ["timeout"]})
    assert value(done, "coherence") == 1


def test_repeated_calls_cost_coherence() -> None:
    done = play(task(), turn(picture(), plan=PLAN), turn(picture(), picture()), turn(answer=["img_1"]))
    assert value(done, "coherence") == pytest.approx(1 / 3)


def test_steps_never_done_cost_coherence() -> None:
    padded = [*PLAN, step(2, EDIT, "edit", 2, [1])]
    assert value(play(task(), turn(picture(), plan=padded), turn(answer=["img_1"])), "coherence") == pytest.approx(1 / 3)


def test_a_call_before_what_it_is_after_counts_half() -> None:
    plan = [step(1, MUSIC, "music"), step(2, PICTURE, "picture", 1, [1])]
    early = play(task(), turn(picture(), plan=plan), turn((MUSIC, {"prompt": "calm"})), turn(answer=["img_1"]))
    together = play(task(), turn((MUSIC, {"prompt": "calm"}), picture(), plan=plan), turn(answer=["img_1"]))
    in_turn = play(task(), turn((MUSIC, {"prompt": "calm"}), plan=plan), turn(picture()), turn(answer=["img_1"]))
    assert [value(done, "coherence") for done in (early, together, in_turn)] == [0.75, 0.75, 1]


def test_another_tool_of_the_same_purpose_counts_half_until_the_plan_says_so() -> None:
    seed = ("tool_text2image_seed", {"prompt": "a red bicycle"})
    silent = play(task(), turn(seed, plan=PLAN), turn(answer=["img_1"]))
    told = play(
        task(),
        turn(picture(), plan=PLAN),
        turn(seed, plan=[step(1, "tool_text2image_seed", "picture")]),
        turn(answer=["img_1"]),
        faults={PICTURE: ["timeout"]},
    )
    assert (value(silent, "coherence"), value(told, "coherence")) == (0.5, 1)


def test_a_revision_may_restate_what_is_done_or_name_only_what_is_left() -> None:
    plan = [step(1, PICTURE, "picture"), step(2, EDIT, "edits", 2, [1])]
    edit = (EDIT, {"prompt": "in snow", "images": ["img_1"]})
    for revised in (plan, [step(2, EDIT, "edits", 2)]):
        done = play(task(), turn(picture(), plan=plan), turn(edit, edit, plan=revised), turn(answer=["img_3"]))
        assert value(done, "coherence") == 1


def test_a_call_that_returns_several_assets_can_stand_for_several_calls() -> None:
    plan = [step(1, PICTURE, "pictures", 4)]
    assert value(play(task(count=4), turn(picture(num_images=4), plan=plan), turn(answer=["img_1"])), "coherence") == 1


# consistency


def _set(*sources: str, count: int = 3) -> Trajectory:
    """A reference and two further pictures, made from the named handles or from words alone (empty)."""
    plan = [step(1, PICTURE, "reference"), step(2, EDIT, "variants", 2, [1])]
    others = [(EDIT, {"prompt": "sitting", "images": [source]}) if source else picture("sitting") for source in sources]
    answer = [f"img_{number}" for number in range(1, count + 1)]
    return play(task(count=count, consistency="character"), turn(picture(), plan=plan), turn(*others), turn(answer=answer))


def test_later_pictures_must_descend_from_the_reference() -> None:
    assert value(_set("img_1", "img_1"), "consistency") == 1
    assert value(_set("img_1", ""), "consistency") == 0.5
    assert value(_set("", ""), "consistency") == 0


def test_consistency_applies_only_where_the_task_asks() -> None:
    assert parts(one_picture(task()))["consistency"] is None


def test_the_clips_of_a_film_are_judged_and_not_the_film() -> None:
    asked = task("video", consistency="character")
    clips = [(ANIMATE, {"image": "img_1", "prompt": "a fox runs"}), (CLIP, {"prompt": "a fox rests"})]
    join = turn((JOIN, {"clips": ["vid_1", "vid_2"]}))
    done = play(asked, turn(picture("a fox", aspect_ratio="16:9"), plan=PLAN), turn(*clips), join, turn(answer=["vid_3"]))
    assert value(done, "consistency") == 0.5
    assert value(short_film(), "consistency") == 1


def test_stills_put_straight_into_a_film_are_members() -> None:
    asked = task("video", consistency="character")
    first = turn(picture("a fox"), picture("a fox asleep"), plan=PLAN)
    edit = turn((EDIT, {"prompt": "in snow", "images": ["img_1"]}))
    join = turn((JOIN, {"clips": ["img_1", "img_2", "img_3"]}))
    assert value(play(asked, first, edit, join, turn(answer=["vid_1"])), "consistency") == 0.5


def test_a_lone_picture_is_consistent_where_one_was_asked() -> None:
    for count, value_ in ((None, 1), (1, 1), (3, 0)):
        done = one_picture(task(count=count, consistency="style"))
        assert value(done, "consistency") == value_


def test_a_picture_that_a_foreign_file_makes_its_own_parent_is_one_member() -> None:
    done = one_picture(task(count=2, consistency="style"))
    turned = replace(done, assets=tuple(replace(asset, parents=(asset.handle,)) for asset in done.assets))
    assert value(done, "consistency") == 0
    assert value(turned, "consistency") == 0


def test_who_descends_from_what_is_what_the_lineages_say() -> None:
    film = short_film()
    added = itertools.cycle([("img_1",), (), ("vid_9",)])
    assets = [replace(asset, parents=(*asset.parents, *next(added))) for asset in film.assets]
    for episode in (film, replace(film, assets=tuple(assets))):
        record = Record(episode)
        handles = [asset.handle for asset in episode.assets]
        counted = Counter(origin for handle in handles for origin in record.lineage(handle))
        assert {name: count for name, count in record.descent(handles).items() if count} == counted


def test_a_film_that_was_given_serves_as_reference() -> None:
    asked = task("video", "the same dog", consistency="character", inputs=[TaskInput(modality="video", caption="a dog", duration_s=4)])
    trim = ("tool_video_trim_edit", {"video": "vid_1", "end": 2})
    done = play(asked, turn(trim, plan=[step(1, "tool_video_trim_edit", "cut")]), turn(answer=["vid_2"]))
    assert value(done, "consistency") == 1
    assert done.success
