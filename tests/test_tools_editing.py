"""Editing tools are exact to the frame and carry what a video shows, says and bears."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workbench import Bench, stocked

from visgenenv.tools import timeline
from visgenenv.workspace import ancestors

EXACT = settings(max_examples=150, deadline=None, derandomize=True)
FRAMES = st.integers(1, 5000)
FPS = st.sampled_from([16, 24, 25, 30, 60])


@EXACT
@given(FRAMES, FPS, st.integers(0, 10_000), st.integers(1, 10_000))
def test_trimming_keeps_the_frames_that_start_in_the_range(frames: int, fps: int, start_ms: int, length_ms: int) -> None:
    start, end = Fraction(start_ms, 1000), Fraction(start_ms + length_ms, 1000)
    tolerance = Fraction(1, 1000)
    expected = max(1, min(ceil(end * fps - tolerance), frames) - ceil(start * fps - tolerance))
    assert timeline.trimmed(frames, 1000 * fps, float(start), float(end)) == (ceil(start * fps - tolerance), expected)


@EXACT
@given(FRAMES, FPS, FPS)
def test_a_new_frame_rate_rounds_to_the_nearest_frame(frames: int, old: int, new: int) -> None:
    assert timeline.resampled(frames, 1000 * old, 1000 * new) == max(1, floor(Fraction(frames * new, old) + Fraction(1, 2)))


@EXACT
@given(FRAMES, st.integers(25, 400))
def test_a_new_speed_rounds_to_the_nearest_frame(frames: int, percent: int) -> None:
    assert timeline.sped(frames, percent / 100) == floor(Fraction(100 * frames, percent) + Fraction(1, 2))


@EXACT
@given(st.lists(st.integers(60, 400), min_size=1, max_size=6), FPS, st.integers(0, 400))
def test_cross_fades_pull_clips_forward_and_shorten_the_whole(lengths: list[int], fps: int, overlap_ms: int) -> None:
    starts, total = timeline.joined(lengths, overlap_ms * 1000, 1000 * fps)
    offset, expected = Fraction(0), lengths[0]
    for number, length in enumerate(lengths[1:], 1):
        offset += Fraction(lengths[number - 1], fps) - Fraction(overlap_ms, 1000)
        assert starts[number] == floor(offset * fps + Fraction(1, 2))
        expected = starts[number] + length
    assert total == expected


@EXACT
@given(st.lists(st.integers(1, 400), min_size=1, max_size=40), FPS, st.integers(40, 240))
def test_clips_cut_on_beats_join_within_half_a_frame_of_a_beat(lengths: list[int], fps: int, bpm: int) -> None:
    cut = timeline.on_beats(lengths, 1000 * fps, 1000 * bpm)
    beat = Fraction(60, bpm) * fps
    position = Fraction(0)
    for given_length, length in zip(lengths, cut, strict=True):
        position += length
        assert abs(position - beat * floor(position / beat + Fraction(1, 2))) <= Fraction(1, 2)
        assert length <= max(given_length + 1, beat + 1), "a clip is held only where it is shorter than a beat"


def test_trim_moves_the_cuts_and_keeps_what_is_seen() -> None:
    bench = Bench()
    video = bench.video(
        cuts=(24, 96, 150), subtitles=("hello",), spoken=("hi",), drawn=("SALE",), audio=("music", "narration"), bpm_milli=90_000
    )
    cut = bench.call("tool_video_trim_edit", video=video, start=2, end=5)
    assert (cut.frames, cut.duration_ms, cut.cuts) == (72, 3000, (48,))
    assert (cut.subtitles, cut.spoken, cut.drawn, cut.audio) == (("hello",), (), ("SALE",), ("music", "narration"))
    assert cut.parents == (video,)


def test_what_is_cut_off_is_heard_no_more() -> None:
    bench = Bench()
    lines = ("one two three four five", "six seven eight nine ten")  # 1.34 and 1.40 s
    video, speech = bench.video(spoken=lines), bench.audio(2800, spoken=lines)
    for first, rest, handle in (("tool_video_trim_edit", "video", video), ("tool_audio_edit_cut", "audio", speech)):
        assert bench.call(first, **{rest: handle, "end": 2.78}).spoken == lines
        assert bench.call(first, **{rest: handle, "end": 2.1}).spoken == (lines[0], "six seven")
        assert bench.call(first, **{rest: handle, "end": 1.0}).spoken == ("one two three",)
        assert bench.call(first, **{rest: handle, "start": 1.3}).spoken == lines[1:]
        assert bench.call(first, **{rest: handle, "start": 0.5}).spoken == lines[1:]
        assert bench.call(first, **{rest: handle, "start": 2.0}).spoken == ()
    silent = bench.call("tool_audio_edit_cut", audio=speech, volume=0)
    assert (silent.audio, silent.spoken, silent.bpm_milli) == ((), (), 0)
    assert bench.call("tool_audio_edit_cut", audio=speech, loop_to=1).spoken == ("one two three",)


def test_speed_scales_cuts_and_tempo() -> None:
    bench = Bench()
    fast = bench.call("tool_video_speed_adjust", video=bench.video(cuts=(96,), bpm_milli=90_000), factor=2)
    assert (fast.frames, fast.cuts, fast.bpm_milli) == (96, (48,), 180_000)


def test_postprocess_follows_the_shape_where_one_side_is_given_and_can_silence() -> None:
    bench = Bench()
    video = bench.call("tool_video_postprocess", video=bench.video(cuts=(96,), spoken=("hi",)), height=480, fps=30, volume=0)
    assert (video.width, video.height, video.frames, video.cuts) == (854, 480, 240, (120,))
    assert (video.audio, video.spoken) == ((), ())


def test_narration_extends_a_shorter_video_or_loses_its_end() -> None:
    bench = Bench()
    text = "one two three four five six seven eight nine ten"  # 48 characters: 2.791 s
    short = bench.video(frames=24, audio=())
    extended = bench.call("tool_tts_composite", video=short, text=text)
    assert (extended.frames, extended.audio, extended.spoken) == (24 + round(1.791 * 24), ("narration",), (text,))
    cut = bench.call("tool_tts_composite", video=short, text=text, fit="cut")
    assert (cut.frames, cut.spoken) == (24, ("one two three",))
    alone = bench.call("tool_tts_composite", video=bench.video(spoken=("before",)), text="hi", keep_original_audio=False)
    assert (alone.audio, alone.spoken, alone.frames) == (("narration",), ("hi",), 192)


def test_subtitles_change_nothing_but_the_words_shown() -> None:
    bench = Bench()
    video = bench.workspace.assets[bench.video(subtitles=("one",), cuts=(96,))]
    shown = bench.call("tool_subtitle_add_text", video=video.handle, items=[{"text": "two", "start": 0, "end": 3}])
    same = msgspec.structs.replace(shown, handle=video.handle, subtitles=("one",), parents=(), turn=-1, call=-1, media_id=None)
    assert same == video
    assert shown.subtitles == ("one", "two")


def test_cutting_a_song_keeps_its_tempo_and_a_loop_has_the_length_asked_for() -> None:
    bench = Bench()
    song = bench.audio(60_000, bpm=90)
    part = bench.call("tool_audio_edit_cut", audio=song, start=1.5, end=31.5)
    assert (part.duration_ms, part.bpm_milli, part.audio, part.kind) == (30_000, 90_000, ("music",), "music")
    assert bench.call("tool_audio_edit_cut", audio=song, start=50, end=90).duration_ms == 10_000
    assert bench.call("tool_audio_edit_cut", audio=song, loop_to=75).duration_ms == 75_000


def test_the_sound_of_a_video_can_be_cut_out_but_not_of_a_silent_one() -> None:
    bench = Bench()
    sound = bench.call("tool_audio_edit_cut", audio=bench.video(audio=("narration",), spoken=("hi",)))
    assert (sound.modality, sound.duration_ms, sound.audio, sound.spoken) == ("audio", 8000, ("narration",), ("hi",))
    silent = bench.video(audio=())
    assert "silent video" in bench.refusal("tool_audio_edit_cut", audio=silent)
    assert "silent video" in bench.refusal("tool_beat_detect", audio=silent)


def test_a_film_has_its_clips_cuts_words_and_sounds() -> None:
    bench = Bench()
    first = bench.video(frames=96, cuts=(48,), drawn=("A",), subtitles=("s",), audio=("sound",))
    still = bench.image(drawn=("B",))
    last = bench.video(frames=60, fps=30, cuts=(30,), audio=())
    music, voice = bench.audio(bpm=100), bench.put(modality="audio", kind="speech", duration_ms=2000, audio=("narration",), spoken=("hi",))
    film = bench.call("tool_video_composite", clips=[first, still, last], bgm=music, voice=[voice], width=720, height=1280)
    assert (film.width, film.height, film.frames, film.duration_ms) == (720, 1280, 96 + 72 + 48, 9000)
    assert (film.cuts, film.shots) == ((48, 96, 168, 192), 5)
    assert film.audio == ("music", "narration", "sound")
    assert (film.drawn, film.subtitles, film.spoken, film.bpm_milli) == (("A", "B"), ("s",), ("hi",), 100_000)
    assert ancestors(bench.workspace.assets, film.handle) == {first, still, last, music, voice}


def test_a_film_without_its_clips_sound_has_only_what_is_laid_over() -> None:
    bench = Bench()
    clip = bench.video(audio=("narration",), spoken=("hi",))
    assert bench.call("tool_video_composite", clips=[clip], keep_clip_audio=False).audio == ()
    assert bench.call("tool_video_composite", clips=[clip], bgm=bench.audio(), bgm_volume=0, keep_clip_audio=False).audio == ()
    assert bench.call("tool_video_composite", clips=[clip]).spoken == ("hi",)


def test_a_film_ends_with_its_pictures_or_its_sounds_as_asked() -> None:
    bench = Bench()
    clip, song = bench.video(frames=240), bench.audio(4000)
    lengths = {
        end: bench.call("tool_video_composite", clips=[clip], bgm=song, end=end).duration_ms for end in ("video", "shortest", "longest")
    }
    assert lengths == {"video": 10_000, "shortest": 4000, "longest": 10_000}
    assert bench.call("tool_video_composite", clips=[clip], bgm=bench.audio(15_000), end="longest").duration_ms == 15_000


def test_a_voice_that_outlasts_the_film_is_not_heard_to_its_end() -> None:
    bench = Bench()
    voice = bench.call("tool_tts_generation", text="one two three four five six seven eight nine ten")
    film = bench.call("tool_video_composite", clips=[bench.video(frames=24)], voice=[voice.handle])
    assert film.spoken == ("one two three",)


def test_a_music_video_is_cut_on_the_beats_that_were_found() -> None:
    bench = Bench()
    song = bench.audio(bpm=100)
    beats = bench.call("tool_beat_detect", audio=song)
    clips = [bench.video(frames=121, audio=()) for _ in range(3)]
    film = bench.call("tool_video_composite", clips=clips, bgm=song, beats=beats.handle)
    # 121 frames are 5.04 s: eight beats of 0.6 s each.
    assert [cut / 24 for cut in film.cuts] == pytest.approx([4.8, 9.6], abs=0.5 / 24)
    assert beats.handle in film.parents


def test_beats_want_their_music_and_hard_cuts() -> None:
    bench = stocked()
    common = {"clips": ["vid_1"], "beats": "txt_2"}
    assert bench.refusal("tool_video_composite", **common).startswith("bgm=None")
    assert bench.refusal("tool_video_composite", **common, bgm="aud_1", transition="fade").startswith("transition='fade'")
    assert bench.refusal("tool_video_composite", clips=["vid_1"], beats="txt_1", bgm="aud_1").startswith("beats='txt_1'")


def test_a_transition_longer_than_half_a_clip_is_refused() -> None:
    bench = Bench()
    clips = [bench.video(frames=48), bench.video(frames=24)]
    refused = bench.refusal("tool_video_composite", clips=clips, transition="fade", transition_duration=0.5)
    assert refused == "transition_duration=0.5: expected less than half the shortest clip, which lasts 1 s"
    film = bench.call("tool_video_composite", clips=clips, transition="fade", transition_duration=0.25)
    assert (film.frames, film.cuts) == (66, (42,))


@pytest.mark.parametrize(
    ("bpm", "low", "high", "expected"), [(120, 60, 180, 120), (50, 60, 180, 100), (200, 60, 180, 100), (45, 150, 190, 180)]
)
def test_beats_are_found_modulo_octave(bpm: int, low: int, high: int, expected: int) -> None:
    bench = Bench()
    found = bench.call("tool_beat_detect", audio=bench.audio(30_000, bpm=bpm), min_bpm=low, max_bpm=high)
    answer = msgspec.json.decode(found.text)
    assert found.bpm_milli == 1000 * expected
    assert abs(answer["n_beats"] - 30 * expected / 60) <= 1
    assert answer["beats"][:3] == pytest.approx([0, 60 / expected, 120 / expected], abs=0.001)
    assert len(answer["beats"]) <= 16


def test_a_sound_without_a_tempo_gets_a_guess_and_little_trust() -> None:
    bench = Bench()
    speech = bench.put(modality="audio", duration_ms=9000, audio=("narration",))
    found = bench.call("tool_beat_detect", audio=speech, units="frames")
    answer = msgspec.json.decode(found.text)
    assert 60 <= answer["bpm"] <= 180
    assert answer["confidence"] < 0.5
    assert all(beat == int(beat) for beat in answer["beats"])


def test_the_pipeline_shares_one_prompt_among_its_shots_and_writes_no_text() -> None:
    bench = Bench()
    film = bench.call("tool_video_auto_pipeline", prompt='a "SALE" banner', num_shots=3, with_narration=True, aspect_ratio="1:1")
    assert (film.width, film.height, film.frames, film.duration_ms) == (960, 960, 360, 15_000)
    assert (film.cuts, film.audio, film.drawn) == ((120, 240), ("music", "narration"), ())


def test_a_loop_repeats_the_range_it_was_given() -> None:
    bench = Bench()
    lines = ("one two three four five", "six seven eight nine ten")  # 1.34 and 1.40 s
    speech = bench.audio(2800, spoken=lines)
    late = bench.call("tool_audio_edit_cut", audio=speech, start=1.3, loop_to=5)
    assert (late.duration_ms, late.spoken) == (5000, lines[1:])
    early = bench.call("tool_audio_edit_cut", audio=speech, end=1.4, loop_to=5)
    assert (early.duration_ms, early.spoken) == (5000, lines[:1])


def test_what_the_end_of_a_film_cuts_away_is_neither_heard_nor_seen() -> None:
    bench = Bench()
    text = "one two three four five six seven eight nine ten"  # 2.79 s
    first = bench.video(spoken=("the first clip",), subtitles=("first",))
    second = bench.video(spoken=("the second clip",), subtitles=("second",), drawn=("SALE",))
    speech = bench.put(modality="audio", kind="speech", duration_ms=2800, audio=("narration",), spoken=(text,))
    short = bench.call("tool_video_composite", clips=[first, second], bgm=speech, end="shortest")
    assert (short.spoken, short.subtitles, short.drawn) == (("the first clip", text), ("first",), ())
    under = bench.call("tool_video_composite", clips=[bench.video(frames=24, audio=())], bgm=speech)
    assert under.spoken == ("one two three",)
    whole = bench.call("tool_video_composite", clips=[first, second])
    assert (whole.spoken, whole.subtitles, whole.drawn) == (("the first clip", "the second clip"), ("first", "second"), ("SALE",))


def test_a_film_of_nothing_but_search_results_is_a_search_result() -> None:
    bench = Bench()
    found, made = bench.video(kind="reference"), bench.video()
    assert bench.call("tool_video_composite", clips=[found, found]).kind == "reference"
    assert bench.call("tool_video_composite", clips=[found, made]).kind == ""
