"""Generating tools: sizes, lengths, counts, prices and words follow the call's arguments by each tool's law."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from workbench import TOOLS, Bench, stocked

from visgenenv.tools.audio import speech_ms
from visgenenv.tools.catalogue import PAPER36, catalogue
from visgenenv.tools.image import drawn_texts

TABLE_9 = """prompt_refine video_shot_gen video_script_gen storyboard_polish script_storyboard_merge text2video_veo text2image_gemini
text2image_hunyuan text2image_seed text2image_gpt text2image_qwen image_edit_gemini image_edit_qwen image_edit_gpt image2video_keling
image2video_veo3 music_suno sound_fx_gen tts_generation video_composite video_postprocess video_auto_pipeline beat_detect video_trim_edit
video_speed_adjust tts_composite audio_edit_cut subtitle_add_text video_analysis audio_analysis image_analysis search_content search_inspire
content_summary task_manager html_builder"""


def test_the_36_tools_bear_the_papers_names_in_its_order() -> None:
    assert [spec.name for spec in PAPER36] == [f"tool_{name}" for name in TABLE_9.split()]
    assert [spec.name for spec in catalogue()] == list(TOOLS)


@pytest.mark.parametrize("spec", PAPER36, ids=lambda spec: spec.name)
def test_every_tool_says_what_it_does_and_where_its_figures_come_from(spec: Any) -> None:
    assert 10 < len(spec.description) < 200
    assert len(spec.provenance) > 10
    assert 0 < spec.latency_s[0] <= spec.latency_s[1]
    assert all(0 < rate < 0.2 for rate in spec.faults.values())
    assert spec.faults
    schema = spec.schema["function"]["parameters"]
    assert schema["additionalProperties"] is False
    assert schema == msgspec.json.decode(msgspec.json.encode(schema))


@pytest.mark.parametrize(
    ("tool", "arguments", "count", "size", "price"),
    [
        ("tool_text2image_gemini", {"prompt": "x", "aspect_ratio": "21:9", "num_images": 2}, 2, (1536, 672), 78_000),
        ("tool_text2image_hunyuan", {"prompt": "x", "size": "1280x768", "num_images": 2}, 2, (1280, 768), 196_608),
        ("tool_text2image_seed", {"prompt": "x", "max_images": 4}, 1, (2048, 2048), 30_000),
        ("tool_text2image_seed", {"prompt": "x", "max_images": 4, "sequential_image_generation": "auto"}, 4, (2048, 2048), 120_000),
        ("tool_text2image_gpt", {"prompt": "x", "n": 3, "quality": "high", "size": "1536x1024"}, 3, (1536, 1024), 750_000),
        ("tool_text2image_qwen", {"prompt": "x", "size": "928x1664"}, 1, (928, 1664), 35_000),
        ("tool_image_edit_gemini", {"prompt": "x", "images": ["img_2"]}, 1, (1344, 768), 39_400),
        ("tool_image_edit_gemini", {"prompt": "x", "images": ["img_2", "img_1"], "aspect_ratio": "3:4"}, 1, (864, 1184), 39_800),
        ("tool_image_edit_gemini", {"prompt": "x", "images": ["img_2", "img_1"]}, 1, (1344, 768), 39_800),
        ("tool_image_edit_qwen", {"prompt": "x", "images": ["img_1", "img_2"]}, 1, (1360, 768), 30_000),
        ("tool_image_edit_gpt", {"prompt": "x", "images": ["img_1"], "n": 2, "input_fidelity": "high"}, 2, (1024, 1024), 99_000),
    ],
)
def test_images_have_the_size_number_and_price_of_their_call(
    tool: str, arguments: dict[str, Any], count: int, size: tuple[int, int], price: int
) -> None:
    bench = stocked()
    record = bench.record(tool, **arguments)
    made = [bench.workspace.assets[handle] for handle in record.outputs]
    assert [(image.width, image.height) for image in made] == [size] * count
    assert record.price_microusd == price
    assert all(image.caption == "x" for image in made)


@pytest.mark.parametrize(
    ("tool", "arguments", "size", "frames", "audio", "price"),
    [
        ("tool_text2video_veo", {"prompt": "x"}, (1280, 720), 192, ("sound",), 3_200_000),
        (
            "tool_text2video_veo",
            {"prompt": "x", "duration": 4, "aspect_ratio": "9:16", "resolution": "1080p", "generate_audio": False, "num_videos": 2},
            (1080, 1920),
            96,
            (),
            1_600_000,
        ),
        ("tool_image2video_veo3", {"prompt": "x", "image": "img_1", "duration": 6}, (1280, 720), 144, ("sound",), 2_400_000),
        ("tool_image2video_keling", {"image": "img_2"}, (1260, 720), 121, (), 280_000),
        ("tool_image2video_keling", {"image": "img_1", "mode": "pro", "duration": 10}, (1080, 1080), 241, (), 980_000),
    ],
)
def test_videos_have_the_size_frames_sound_and_price_of_their_call(
    tool: str, arguments: dict[str, Any], size: tuple[int, int], frames: int, audio: tuple[str, ...], price: int
) -> None:
    bench = stocked()
    record = bench.record(tool, **arguments)
    for handle in record.outputs:
        video = bench.workspace.assets[handle]
        assert ((video.width, video.height), video.frames, video.audio, video.shots) == (size, frames, audio, 1)
        assert video.duration_ms == (frames * 1000 * 2 + 24) // 48
    assert record.price_microusd == price


def test_quoted_words_are_written_and_kept_through_edits_and_animation() -> None:
    assert drawn_texts('a poster "Big Sale" and “海” 「光」 《书》') == ("Big Sale", "海", "光", "书")
    bench = stocked()
    edited = bench.call("tool_image_edit_qwen", prompt='add "NOW"', images=["img_2"])
    assert edited.drawn == ("SALE", "NOW")
    assert bench.call("tool_image2video_keling", image=edited.handle, prompt='"NOW" glows').drawn == ("SALE", "NOW")
    assert bench.call("tool_image2video_veo3", image=edited.handle, prompt="glow").drawn == ("SALE", "NOW")


def test_transparency_needs_a_format_that_has_it() -> None:
    bench = Bench()
    assert bench.call("tool_text2image_gpt", prompt="x", background="transparent").alpha
    assert not bench.call("tool_text2image_gpt", prompt="x", background="transparent", output_format="jpeg").alpha


def test_kling_refuses_small_and_narrow_images() -> None:
    bench = Bench()
    assert "at least 300 pixels" in bench.refusal("tool_image2video_keling", image=bench.image(299, 400))
    assert "1:2.5" in bench.refusal("tool_image2video_keling", image=bench.image(1000, 399))
    assert bench.call("tool_image2video_keling", image=bench.image(1000, 400)).width == 1800
    assert bench.refusal("tool_image2video_keling", image=bench.image(), tail_image=bench.image(64, 64)).startswith("tail_image=")


def test_seedream_counts_references_and_outputs_together() -> None:
    bench = stocked()
    references = ["img_1"] * 10
    refused = bench.refusal(
        "tool_text2image_seed", prompt="x", reference_images=references, max_images=6, sequential_image_generation="auto"
    )
    assert refused == "max_images=6: expected at most 5 beside 10 reference images: 15 in all"


def test_suno_makes_two_songs_of_its_own_length_at_the_tempo_that_is_said() -> None:
    lengths = set()
    for seed in range(40):
        bench = Bench(seed)
        record = bench.record("tool_music_suno", prompt="calm piano, 96 BPM", model="V4")
        songs = [bench.workspace.assets[handle] for handle in record.outputs]
        assert len(songs) == 2
        assert all(30_000 <= song.duration_ms <= 240_000 and song.bpm_milli == 96_000 and song.audio == ("music",) for song in songs)
        lengths |= {song.duration_ms for song in songs}
        free = bench.call("tool_music_suno", prompt="calm piano")
        assert 70_000 <= free.bpm_milli <= 150_000
        assert free.bpm_milli % 1000 == 0
    assert len(lengths) > 40


def test_suno_refuses_what_its_modes_do_not_take() -> None:
    bench = Bench()
    assert bench.refusal("tool_music_suno", prompt="x", custom_mode=True).startswith("style=''")
    assert bench.refusal("tool_music_suno", prompt="x", custom_mode=True, style="jazz").startswith("title=''")
    refused = bench.refusal("tool_music_suno", prompt="x" * 501)
    assert refused.startswith("prompt='xxx")
    assert "at most 500" in refused
    assert bench.call("tool_music_suno", prompt="x" * 501, custom_mode=True, style="jazz", title="t").kind == "music"


def test_speech_lasts_as_long_as_its_text() -> None:
    assert speech_ms("a" * 172) == 10_000
    assert speech_ms("a" * 172, 2) == 5000
    assert speech_ms("汉" * 45) == 10_000
    assert speech_ms("汉" * 45 + "a" * 172) == 20_000
    speech = Bench().call("tool_tts_generation", text="hello there", speed=0.5)
    assert (speech.kind, speech.spoken, speech.audio, speech.duration_ms) == (
        "speech",
        ("hello there",),
        ("narration",),
        speech_ms("hello there", 0.5),
    )


def test_blank_speech_is_refused() -> None:
    bench = stocked()
    assert bench.refusal("tool_tts_generation", text="  ").startswith("text=")
    assert bench.refusal("tool_tts_composite", video="vid_1", text="\n").startswith("text=")
    assert bench.refusal("tool_subtitle_add_text", video="vid_1", items=[{"text": " "}]).startswith("items[0].text=")


def test_a_sound_effect_is_as_long_as_its_video() -> None:
    bench = stocked()
    record = bench.record("tool_sound_fx_gen", prompt="waves", video="vid_1", duration=2)
    effect = bench.workspace.assets[record.outputs[0]]
    assert (effect.duration_ms, effect.audio, effect.parents) == (8000, ("sound",), ("vid_1",))
    assert record.price_microusd == 18_400
    assert bench.call("tool_sound_fx_gen", prompt="waves", duration=2).duration_ms == 2000


@pytest.mark.parametrize("duration", [5, 12.5, 30, 600])
@pytest.mark.parametrize(("topic", "genre"), [("a copper lantern", "ad"), ("红色的灯笼", "story")])
def test_a_script_has_the_words_its_duration_takes(duration: float, topic: str, genre: str) -> None:
    script = Bench().call("tool_video_script_gen", topic=topic, duration=duration, genre=genre)
    assert script.kind == "script"
    assert topic in script.text
    words = int(2.3 * duration + 0.5)
    spoken = len(script.text) / 2 if re.search("[一-龥]", topic) else len(script.text.split())
    assert spoken == pytest.approx(words, abs=1)


def test_a_storyboard_has_the_shots_asked_for_and_stays_so_through_polish_and_merge() -> None:
    bench = Bench()
    board = bench.call("tool_video_shot_gen", script="A fox wakes. It runs! The sea is near.", num_shots=5, shot_duration=4)
    shots = msgspec.json.decode(board.text)
    assert [shot["shot_id"] for shot in shots] == [1, 2, 3, 4, 5]
    assert sum(shot["duration"] for shot in shots) == 20
    assert {"description", "image_prompt", "video_prompt"} <= set(shots[0])
    assert "A fox wakes" in shots[0]["image_prompt"]
    polished = bench.call("tool_storyboard_polish", storyboard=board.handle, instruction="golden light")
    assert all("golden light" in shot["image_prompt"] for shot in msgspec.json.decode(polished.text))
    script = bench.call("tool_video_script_gen", topic="a lantern")
    merged = bench.call("tool_script_storyboard_merge", script=script.handle, storyboard=polished.handle)
    assert [(shot["shot_id"], shot["duration"]) for shot in msgspec.json.decode(merged.text)] == [(n, 4.0) for n in range(1, 6)]
    assert merged.parents == (script.handle, polished.handle)
    assert "a lantern" in msgspec.json.decode(merged.text)[0]["video_prompt"]


def test_only_a_storyboard_is_taken_as_a_storyboard() -> None:
    bench = Bench()
    script = bench.call("tool_video_script_gen", topic="a lantern")
    assert "is no storyboard" in bench.refusal("tool_storyboard_polish", storyboard=script.handle)


def test_a_refined_prompt_keeps_the_words_it_was_given() -> None:
    for target in ("image", "video", "music"):
        refined = Bench().call("tool_prompt_refine", text="a fox by the sea.", target=target, style="ink wash")
        assert refined.text.startswith("a fox by the sea, ink wash, ")
    assert "，" in Bench().call("tool_prompt_refine", text="海边的狐狸").text
