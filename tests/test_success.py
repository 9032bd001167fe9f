"""Success, requirement by requirement, on records written by hand; and that nothing makes it raise."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.expert import Expert
from visgenenv.episodes import make, rollout
from visgenenv.tasks.success import is_success, unmet
from visgenenv.types import Answer, Asset, CallRecord, ParsedTurn, Requirements, Task, Trajectory, TurnRecord


def image(handle: str, *parents: str, call: int = 0, **more: Any) -> Asset:
    return Asset(
        **{"handle": handle, "modality": "image", "width": 1024, "height": 1024, "parents": parents, "turn": 0, "call": call, **more}
    )


def video(handle: str, *parents: str, call: int = 0, **more: Any) -> Asset:
    given = {"width": 1280, "height": 720, "frames": 240, "fps_milli": 24_000, "duration_ms": 10_000}
    return Asset(**{"handle": handle, "modality": "video", "parents": parents, "turn": 0, "call": call, **given, **more})


def called(index: int, tool: str = "tool", **arguments: Any) -> CallRecord:
    return CallRecord(index=index, turn=0, tool=tool, arguments=arguments)


def episode(assets: list[Asset], answered: list[str] | None, *calls: CallRecord, modality: str = "image", **asked: Any) -> Trajectory:
    turn = TurnRecord(text="…", parsed=ParsedTurn(), calls=calls)
    return Trajectory(
        id="e",
        task=Task(modality=modality, prompt="…", requirements=Requirements(**asked)),  # type: ignore[arg-type]
        seed=0,
        chance_seed=0,
        turns=(turn,),
        assets=tuple(assets),
        answer=None if answered is None else Answer(deliverables=tuple(answered)),
    )


def the_reason(trajectory: Trajectory) -> str:
    """The one thing that is unmet."""
    assert not is_success(trajectory)
    (reason,) = unmet(trajectory)
    return reason


def holds(trajectory: Trajectory) -> bool:
    assert unmet(trajectory) == []
    return is_success(trajectory)


def test_a_picture_where_nothing_more_is_asked_is_a_success() -> None:
    assert holds(episode([image("img_1")], ["img_1"]))


def test_without_an_answer_or_with_an_empty_one_there_is_no_success() -> None:
    assert "no answer" in the_reason(episode([image("img_1")], None))
    assert "no deliverable" in the_reason(episode([image("img_1")], []))


def test_a_turn_that_does_not_parse_spoils_success() -> None:
    trajectory = episode([image("img_1")], ["img_1"])
    broken = TurnRecord(text="?", parsed=ParsedTurn(errors=("no tag",)))
    assert "turn 0 does not parse: no tag" in the_reason(msgspec.structs.replace(trajectory, turns=(broken, *trajectory.turns)))


def test_foreign_handles_repeats_and_inputs_are_no_deliverables() -> None:
    assert "names no asset" in the_reason(episode([image("img_1")], ["img_1", "img_9"]))
    assert "twice" in the_reason(episode([image("img_1")], ["img_1", "img_1"]))
    assert "came with the task" in the_reason(episode([image("img_1", turn=-1, call=-1)], ["img_1"]))


def test_deliverables_are_of_the_tasks_modality() -> None:
    page = Asset(handle="txt_1", modality="text", kind="html", turn=0, call=0)
    assert "txt_1 is text" in the_reason(episode([page, image("img_1")], ["img_1", "txt_1"]))
    assert holds(episode([page], ["txt_1"], modality="text"))


def test_the_count_is_exact() -> None:
    pictures = [image("img_1"), image("img_2"), image("img_3")]
    assert holds(episode(pictures, ["img_1", "img_2"], count=2))
    assert "3 delivered; 2 asked" in the_reason(episode(pictures, ["img_1", "img_2", "img_3"], count=2))


@pytest.mark.parametrize(("width", "height", "met"), [(1344, 768, True), (1280, 720, True), (1260, 740, False), (768, 1344, False)])
def test_the_aspect_may_miss_by_three_percent(width: int, height: int, met: bool) -> None:
    assert is_success(episode([image("img_1", width=width, height=height)], ["img_1"], aspect="16:9")) is met


@pytest.mark.parametrize("aspect", ["wide", "0:0", "16:0", "", "inf:1", "nan:1", "-16:9"])
def test_an_aspect_that_is_no_ratio_is_never_met(aspect: str) -> None:
    assert "is no ratio" in the_reason(episode([image("img_1")], ["img_1"], aspect=aspect))


def test_the_shorter_side_counts() -> None:
    assert holds(episode([image("img_1", width=2560, height=1440)], ["img_1"], min_side=1440))
    assert "min_side" in the_reason(episode([image("img_1", width=2560, height=1439)], ["img_1"], min_side=1440))


@pytest.mark.parametrize(
    ("asked", "lasts_ms", "met"), [(5.0, 6000, True), (5.0, 6001, False), (5.0, 4000, True), (30.0, 33_000, True), (30.0, 33_001, False)]
)
def test_the_duration_may_miss_by_a_second_or_a_tenth(asked: float, lasts_ms: int, met: bool) -> None:
    assert is_success(episode([video("vid_1", duration_ms=lasts_ms)], ["vid_1"], modality="video", duration_s=asked)) is met


def test_shots_sounds_and_words_are_looked_for_in_the_video() -> None:
    film = video("vid_1", cuts=(48,), audio=("music", "narration"), spoken=("Feel  the moment. Thank you.",), subtitles=("Come",))
    said = {"shots": 2, "audio": ("music", "narration"), "narration": "feel the moment", "subtitles": ("come",)}
    assert holds(episode([film], ["vid_1"], called(0), modality="video", **said))
    for name, wrong in (("shots", 3), ("audio", ("sound",)), ("narration", "feel nothing"), ("subtitles", ("come", "go"))):
        assert the_reason(episode([film], ["vid_1"], called(0), modality="video", **{**said, name: wrong})).startswith(f"{name}: ")


def test_every_deliverable_must_hold_the_sounds_and_any_may_hold_the_drawn_words() -> None:
    posters = [image("img_1", drawn=("Light up home",)), image("img_2", drawn=("Now",))]
    assert holds(episode(posters, ["img_1", "img_2"], drawn=("light up home", "now")))
    assert "'later' is not drawn" in the_reason(episode(posters, ["img_1", "img_2"], drawn=("light up home", "later")))


def test_entities_are_looked_for_in_the_calls_along_the_provenance() -> None:
    assets = [image("img_1", call=0), image("img_2", "img_1", call=1), image("img_3", call=2)]
    calls = (called(0, prompt="a Copper\nLantern"), called(1, prompt="at the beach", images=["img_1"]), called(2, prompt="kettle"))
    assert holds(episode(assets, ["img_2"], *calls, entities=("copper lantern", "beach")))
    assert "'kettle'" in the_reason(episode(assets, ["img_2"], *calls, entities=("copper lantern", "kettle")))


def test_what_is_spoken_laid_over_or_left_out_names_no_entity() -> None:
    calls = (called(0, text="lantern", items=[{"text": "lantern"}], negative_prompt="lantern", prompt="stone"),)
    assert "'lantern'" in the_reason(episode([image("img_1")], ["img_1"], *calls, entities=("lantern",)))


def test_pictures_are_consistent_when_all_others_come_from_one_of_them() -> None:
    first, edits = image("img_1"), [image("img_2", "img_1"), image("img_3", "img_1")]
    assert holds(episode([first, *edits], ["img_1", "img_2", "img_3"], consistency="character"))
    assert holds(episode([first, *edits], ["img_2", "img_3"], consistency="character"))
    stranger = image("img_4")
    assert "consistency" in the_reason(episode([first, *edits, stranger], ["img_1", "img_2", "img_4"], consistency="character"))
    chain = [image("img_1"), image("img_2", "img_1"), image("img_3", "img_2")]
    assert holds(episode(chain, ["img_3", "img_1", "img_2"], consistency="style"))


def test_the_clips_of_a_film_are_consistent_when_they_come_from_one_picture() -> None:
    def film(*clips: Asset) -> Trajectory:
        handles = [clip.handle for clip in clips]
        whole = video("vid_9", *handles, call=9)
        return episode(
            [image("img_1"), image("img_2"), *clips, whole],
            ["vid_9"],
            called(1, "tool_image2video_keling", image="img_1"),
            called(2, "tool_text2video_veo", prompt="fox"),
            called(9, "tool_video_composite", clips=handles),
            modality="video",
            consistency="character",
        )

    animated, also = video("vid_1", "img_1", call=1), video("vid_2", "img_1", call=1)
    trimmed = video("vid_4", "vid_2", call=1)
    assert holds(film(animated, also))
    assert holds(film(animated, trimmed, also))
    assert "consistency" in the_reason(film(animated, video("vid_3", call=2)))
    assert "consistency" in the_reason(film(animated, video("vid_3", "img_2", call=1)))
    still, other = image("img_5", "img_1"), image("img_6")
    assert holds(film(animated, still))
    assert "consistency" in the_reason(film(animated, other))


def test_cuts_lie_on_the_beat_only_of_the_music_they_were_found_in() -> None:
    def film(cuts: tuple[int, ...] = (48, 120), bpm: int = 120, sound: tuple[str, ...] = ("music",), **joined: Any) -> Trajectory:
        beats = Asset(handle="txt_1", modality="text", kind="beats", bpm_milli=120_000, turn=0, call=1, parents=("aud_1",))
        songs = [Asset(handle=handle, modality="audio", turn=0, call=0) for handle in ("aud_1", "aud_2")]
        calls = (called(0, "tool_music_suno"), called(1, "tool_beat_detect", audio="aud_1"), called(2, "tool_video_composite", **joined))
        cut = video("vid_1", "txt_1", call=2, cuts=cuts, bpm_milli=1000 * bpm, audio=sound)
        return episode([*songs, beats, cut], ["vid_1"], *calls, modality="video", beat=True)

    good = {"bgm": "aud_1", "beats": "txt_1"}
    assert holds(film(**good))
    assert holds(film(bpm=0, **good)), "of sound without a known tempo, the detected one counts"
    for wrong in ({"bgm": "aud_2", "beats": "txt_1"}, {"bgm": "aud_1"}, {"bgm": "aud_1", "beats": "aud_2"}, {"bgm": 1, "beats": ["txt_1"]}):
        assert "beat" in the_reason(film(**wrong))
    assert "a shot of 1.75 s" in the_reason(film(cuts=(42, 114), **good)), "trimmed afterwards"
    assert "a beat every 0.60 s" in the_reason(film(bpm=100, **good)), "other music laid under afterwards"
    assert "silent" in the_reason(film(sound=(), **good))


def test_what_was_given_must_be_used() -> None:
    given = image("img_1", turn=-1, call=-1)
    assert holds(episode([given, image("img_2", "img_1")], ["img_2"], from_inputs=True))
    assert "none of the task's inputs" in the_reason(episode([given, image("img_2")], ["img_2"], from_inputs=True))
    sound = Asset(handle="aud_1", modality="audio", parents=("img_1",), turn=0, call=0)
    only_heard = [given, sound, video("vid_1", "aud_1", call=0)]
    assert "none of the task's inputs" in the_reason(episode(only_heard, ["vid_1"], modality="video", from_inputs=True))
    song = Asset(handle="aud_9", modality="audio", turn=-1, call=-1)
    assert holds(episode([song, video("vid_1", "aud_9", call=0)], ["vid_1"], modality="video", from_inputs=True))


def test_a_name_begins_with_a_word() -> None:
    def asked(*entities: str) -> Trajectory:
        return episode([image("img_1")], ["img_1"], called(0, prompt="a woman with two cats, 红色的灯笼"), entities=entities)

    assert holds(asked("woman", "cat", "灯笼"))
    assert "'man'" in the_reason(asked("man"))
    assert "'her'" in the_reason(episode([image("img_1", drawn=("There it is",))], ["img_1"], drawn=("her",)))


def test_requirements_that_are_false_or_empty_ask_for_nothing() -> None:
    assert holds(episode([image("img_1")], ["img_1"], beat=False, from_inputs=False, entities=(), drawn=(), audio=()))


EPISODES = rollout(Expert(), episodes=36, seed=0)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.just("clips"), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_record_makes_it_raise(data: st.DataObject) -> None:
    trajectory = data.draw(st.sampled_from(EPISODES))
    handles = [asset.handle for asset in trajectory.assets]
    names = st.sampled_from([*handles, "img_99", "", "\ud800"])
    answer = Answer(deliverables=tuple(data.draw(st.lists(names, max_size=4))))
    keep = data.draw(st.sets(st.sampled_from(handles)))
    arguments = data.draw(st.dictionaries(st.sampled_from(["clips", "beats", "bgm", "audio", "prompt"]), JSON | names | st.lists(names)))
    calls = tuple(msgspec.structs.replace(call, arguments=arguments) for call in trajectory.calls)
    asked = Requirements(aspect=data.draw(st.text(max_size=5)), beat=True, from_inputs=True, consistency="style", entities=("x",))
    task = msgspec.structs.replace(trajectory.task, requirements=data.draw(st.sampled_from([asked, trajectory.task.requirements])))
    turn = msgspec.structs.replace(trajectory.turns[0], calls=calls)
    assets = tuple(asset for asset in trajectory.assets if asset.handle in keep)
    changed = msgspec.structs.replace(trajectory, task=task, assets=assets, answer=answer, turns=(turn,))
    assert is_success(changed) is (unmet(changed) == [])


@pytest.mark.parametrize("number", range(0, 36, 5))
def test_success_is_what_the_environment_reports(number: int) -> None:
    trajectory = EPISODES[number]
    assert trajectory.success
    assert is_success(trajectory)
    again = msgspec.json.decode(json.dumps(msgspec.to_builtins(trajectory)), type=Trajectory)
    assert is_success(again)


def test_a_clip_shown_twice_is_no_second_shot() -> None:
    task = Task(modality="video", prompt="Three shots of a cup.", requirements=Requirements(count=1, shots=3))
    clip = '{"name":"tool_text2video_veo","arguments":{"prompt":"a cup","duration":4}}'
    join = '{"name":"tool_video_composite","arguments":{"clips":["vid_1","vid_1","vid_1"]}}'
    env = make(system_prompt="none")
    env.reset(seed=0, options={"task": task})
    env.step(f"<think>x</think><tool_call>{clip}</tool_call>")
    env.step(f"<think>x</think><tool_call>{join}</tool_call>")
    *_, info = env.step('<think>x</think><answer>{"deliverables":["vid_2"]}</answer>')
    assert not info["is_success"]
    assert "repeated" in unmet(info["trajectory"])[0]
    assert info["reward_parts"].parts["result.shots"].value < 0.5
