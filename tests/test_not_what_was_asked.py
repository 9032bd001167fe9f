"""Episodes that have the right words somewhere and did not do what was asked: no success, and the right part is below 1."""

from typing import Any

import pytest
from rewarding import ANIMATE, CLIP, EDIT, JOIN, MUSIC, PICTURE, play, step, task, turn

from visgenenv.tasks.generator import GENERATED
from visgenenv.tasks.success import unmet
from visgenenv.types import Task, TaskInput

KLING = "tool_image2video_keling"
TRIM = "tool_video_trim_edit"
ONE = [step(1, PICTURE)]


def judged(asked: Task, *turns: str) -> tuple[set[str], dict[str, float]]:
    """Requirements unmet, and the parts of the result below 1; both checkers must name the same."""
    found = play(asked, *turns)
    assert found.reward is not None
    parts = {name: score.value for name, score in found.reward.parts.items() if score is not None}
    below = {name.removeprefix("result."): value for name, value in parts.items() if name.startswith("result.") and value < 1}
    below |= {"consistency": parts["consistency"]} if parts.get("consistency", 1) < 1 else {}
    return {reason.partition(":")[0] for reason in unmet(found)}, below


def test_a_subject_that_only_the_music_names_is_not_shown() -> None:
    asked = GENERATED.only(("animated_short_films",))(0)
    it = asked.requirements
    assert it.each is not None
    (show, who, style), *_ = it.each
    width, height = (720, 1280) if it.aspect == "9:16" else (1280, 720)

    def film(reference: str, song: str) -> tuple[set[str], dict[str, float]]:
        clips = [
            (ANIMATE, {"image": "img_1", "prompt": part[0], "duration": int((it.duration_s or 0) / len(it.each or ()))})
            for part in it.each or ()
        ]
        join = {"clips": [f"vid_{n + 1}" for n in range(len(clips))], "bgm": "aud_1", "width": width, "height": height}
        first = turn((PICTURE, {"prompt": reference}), (MUSIC, {"prompt": song}), plan=ONE)
        return judged(asked, first, turn(*clips), turn((JOIN, join)), turn(answer=[f"vid_{len(clips) + 1}"]))

    genre = it.music[0] if it.music else ""
    assert film(f"{who}, {style}", genre) == (set(), {})
    unseen, below = film("a stone", f"{genre}, {who}, {style}")
    assert unseen == set(below) == {"entities", "each"}
    unheard, below = film(f"{who}, {style}, {genre}", "calm")
    assert unheard == set(below) == {"music"}
    assert show in asked.prompt


def test_the_tempo_is_that_of_the_music_and_not_a_word() -> None:
    asked = task("video", "techno at 120 bpm", count=1, music=("techno",), bpm=120)
    film = turn((JOIN, {"clips": ["vid_1"], "bgm": "aud_1"}))
    for song, missing in (
        ({"prompt": "techno, 120bpm"}, set[str]()),
        ({"prompt": "techno, 120 bpm", "style": "90 bpm"}, {"bpm"}),
        ({"prompt": "120 bpm"}, {"music"}),
    ):
        clip = (CLIP, {"prompt": "techno, 120 bpm"})
        unseen, below = judged(asked, turn(clip, (MUSIC, song), plan=[step(1, CLIP)]), film, turn(answer=["vid_2"]))
        assert unseen == set(below) == missing


def test_the_whole_list_in_each_prompt_shows_nothing() -> None:
    shows = ("beach", "forest", "cave", "harbor")
    asked = task("image", "a fox at four places", count=4, each=tuple((show,) for show in shows))
    for prompts, share in (
        ([f"a fox: {', '.join(shows)}, {n}" for n in "abcd"], 0.0),
        ([f"a fox: {', '.join(s for s in shows if s != left)}" for left in shows], 0.0),
        (["a beach by the forest", "a forest by the cave", "a cave at the harbor", "a harbor by the beach"], 1.0),
    ):
        calls = [(PICTURE, {"prompt": prompt}) for prompt in prompts]
        _, below = judged(asked, turn(*calls, plan=ONE), turn(answer=[f"img_{n}" for n in range(1, 5)]))
        assert below.get("each", 1.0) == share


def test_a_shot_that_was_cut_away_is_not_shown() -> None:
    asked = task("video", "beach, then forest", count=1, shots=2, each=(("beach",), ("forest",)))
    clips = [(CLIP, {"prompt": words, "duration": 4}) for words in ("beach", "a stone")]
    first = turn(*clips, (PICTURE, {"prompt": "forest"}), plan=[step(1, CLIP)])
    joined = turn((JOIN, {"clips": ["vid_1", "vid_2", "img_1"]}))
    unseen, below = judged(asked, first, joined, turn((TRIM, {"video": "vid_3", "end": 8})), turn(answer=["vid_4"]))
    assert unseen == set(below) == {"each"}
    assert below["each"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(("joined", "kept"), [(["vid_1", "vid_1", "vid_2"], 2 / 3), (["vid_3", "vid_1", "vid_2"], 2 / 3)])
def test_neither_a_clip_shown_twice_nor_one_that_was_found_makes_up_for_it(joined: list[str], kept: float) -> None:
    asked = task("video", "beach, then forest", count=1, shots=2, each=(("beach",), ("forest",)))
    clips = [(CLIP, {"prompt": words, "duration": 4}) for words in ("beach", "forest")]
    found = ("tool_search_inspire", {"query": "sea", "modality": "video", "max_results": 1})
    first = turn(*clips, found, plan=[step(1, CLIP)])
    whole = [4.0 if handle != "vid_3" else 0.0 for handle in joined]
    length = play(asked, first).assets[-1].duration_ms / 1000
    end = sum(seconds or length for seconds in whole[:2])
    unseen, below = judged(
        asked, first, turn((JOIN, {"clips": joined})), turn((TRIM, {"video": "vid_4", "end": end})), turn(answer=["vid_5"])
    )
    assert "each" in unseen
    assert below["each"] == pytest.approx(kept)


def test_a_found_picture_is_a_still_too() -> None:
    asked = task("video", "two shots", count=1, moving=True)
    found = ("tool_search_inspire", {"query": "sea", "modality": "image", "max_results": 1})
    first = turn((CLIP, {"prompt": "b"}), found, plan=ONE)
    unseen, below = judged(asked, first, turn((JOIN, {"clips": ["img_1", "vid_1"]})), turn(answer=["vid_2"]))
    assert unseen == set(below) == {"moving"}


def test_a_still_is_no_moving_shot() -> None:
    for moving, missing in ((True, {"moving"}), (None, set[str]())):
        asked = task("video", "two shots", count=1, shots=2, moving=moving)
        first = turn((PICTURE, {"prompt": "a"}), (CLIP, {"prompt": "b"}), plan=ONE)
        unseen, below = judged(asked, first, turn((JOIN, {"clips": ["img_1", "vid_1"]})), turn(answer=["vid_2"]))
        assert unseen == set(below) == missing
    assert below == {}


GIVEN = [TaskInput(modality="image", caption="a red lantern")]


def test_what_was_given_is_the_reference_where_it_must_be_used() -> None:
    asked = task("video", "animate it", inputs=GIVEN, count=1, shots=2, consistency="object", from_inputs=True)
    drawn = turn((PICTURE, {"prompt": "a stone"}), plan=ONE)
    for sources, missing in ((("img_1", "img_1"), set[str]()), (("img_2", "img_2"), {"consistency"})):
        clips = [(KLING, {"image": source, "prompt": words}) for source, words in zip(sources, ("one", "two"), strict=True)]
        clips[0][1]["tail_image"] = "img_1"
        unseen, below = judged(asked, drawn, turn(*clips), turn((JOIN, {"clips": ["vid_1", "vid_2"]})), turn(answer=["vid_3"]))
        assert unseen == set(below) == missing


def test_one_picture_must_come_from_what_was_given_too() -> None:
    asked = task("image", "my lantern", inputs=GIVEN, count=1, consistency="character", from_inputs=True)
    unseen, below = judged(asked, turn((PICTURE, {"prompt": "a stone"}), plan=ONE), turn(answer=["img_2"]))
    assert unseen == set(below) == {"from_inputs", "consistency"}


def test_what_was_given_need_not_be_named_in_each_picture_of_it() -> None:
    asked = GENERATED.only(("stylization",))(0)
    assert asked.requirements.each is not None
    assert asked.requirements.entities is not None
    who, *styles = asked.requirements.entities
    answer = turn(answer=[f"img_{n + 2}" for n in range(len(styles))])
    for subject, missing in ((f", {who}", set[str]()), ("", {"entities"}), (", a stone", {"entities"})):
        edits = [(EDIT, {"images": ["img_1"], "prompt": f"{style}{'' if n else subject}"}) for n, style in enumerate(styles)]
        unseen, below = judged(asked, turn(*edits, plan=[step(1, EDIT)]), answer)
        assert unseen == set(below) == missing


def test_a_line_must_stand_in_each_picture_that_wants_it() -> None:
    asked = task("image", "“HI” on both", count=2, drawn=("HI",), each=(("beach", "HI"), ("forest", "HI")))
    for second, missing in (("forest “HI”", set[str]()), ("forest, HI", {"each"})):
        calls = [(PICTURE, {"prompt": words}) for words in ("beach “HI”", second)]
        unseen, below = judged(asked, turn(*calls, plan=ONE), turn(answer=["img_1", "img_2"]))
        assert unseen == set(below) == missing


def test_a_handle_answered_twice_is_no_full_result() -> None:
    found = play(task(count=1), turn((PICTURE, {"prompt": "a"}), plan=ONE), turn(answer=["img_1", "img_1"]))
    assert found.reward is not None
    assert not found.success
    modality = found.reward.parts["result.modality"]
    assert modality is not None
    assert modality.value == 0.5


def test_restating_the_plan_makes_no_room_for_a_repeated_call() -> None:
    call = (PICTURE, {"prompt": "a red bicycle"})
    plan = [step(1, PICTURE)]
    found = play(task(), turn(call, plan=plan), turn(call, plan=plan), turn(answer=["img_1"]))
    again = play(task(), turn(call, plan=plan), turn(call), turn(answer=["img_1"]))
    scores = [_part(episode, "coherence") for episode in (found, again)]
    assert scores[0] == scores[1] < 1


def test_a_plan_of_what_is_left_repairs_nothing_by_itself() -> None:
    clip, join = (CLIP, {"prompt": "a"}), (JOIN, {"clips": ["vid_1", "vid_2"]})
    plan = [step(1, CLIP, n=3), step(2, JOIN, after=[1])]
    left = [step(1, CLIP), step(2, JOIN, after=[1])]
    dropped = [step(1, CLIP, n=2), step(2, JOIN, after=[1])]
    for revised, score in ((left, 0.1), (dropped, 1.0)):
        first = turn(clip, clip, clip, plan=plan)
        asked = task("video", count=1)
        found = play(asked, first, turn(join, plan=revised), turn(answer=["vid_3"]), faults={CLIP: [None, None, "timeout"]})
        assert _part(found, "tool") == score


def test_a_plan_that_grows_drops_nothing() -> None:
    picture, join = (PICTURE, {"prompt": "a"}), ("tool_image_edit_gemini", {"prompt": "b", "images": ["img_1"]})
    first = turn(picture, picture, picture, plan=[step(1, PICTURE)])
    grown = [step(1, PICTURE, n=2), step(2, EDIT)]
    found = play(task(count=1), first, turn(join, plan=grown), turn(answer=["img_3"]), faults={PICTURE: [None, None, "timeout"]})
    assert _part(found, "tool") == 0.1


def _part(episode: Any, name: str) -> float:
    score = episode.reward.parts[name]
    assert score is not None
    return float(score.value)


def test_music_that_was_given_is_known_by_its_caption() -> None:
    asked = task("video", inputs=[TaskInput(modality="audio", caption="jazz", duration_s=20)], count=1, music=("jazz",))
    first = turn((CLIP, {"prompt": "a"}), plan=[step(1, CLIP)])
    unseen, below = judged(asked, first, turn((JOIN, {"clips": ["vid_1"], "bgm": "aud_1"})), turn(answer=["vid_2"]))
    assert (unseen, below) == (set(), {})
