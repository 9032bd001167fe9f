"""What is drawn and played: colours named from pixels, tempo heard in the samples, films that move."""

import io

import numpy as np
import pytest

from media_db.renderer import palette, starter
from media_db.renderer.canvas import Canvas, pillow
from media_db.renderer.encode import write_sound
from media_db.renderer.measure import colours, describe, object_colours
from media_db.renderer.motion import film
from media_db.renderer.objects import SHAPES
from media_db.renderer.scene import Item, Scene, paint, plan
from media_db.renderer.settings import LIGHTS, SETTINGS
from media_db.renderer.sound import music, nature
from media_db.renderer.sound.synthesis import RATE


def scene_of(*names: str, paint: str = "red", setting: str = "studio", light: str = "day", text: str = "") -> Scene:
    step = 1 / len(names)
    items = tuple(Item(SHAPES[name], paint, "ground", step * (n + 0.5), 0.86, step * 0.4, False) for n, name in enumerate(names))
    return Scene(SETTINGS[setting], LIGHTS[light], items, text, "blue", 7)


def test_every_paint_is_called_by_its_own_name() -> None:
    assert {name: palette.name_of(colour) for name, colour in palette.PAINTS.items()} == {name: name for name in palette.PAINTS}


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_every_object_in_every_paint_is_seen_in_that_paint_by_day(name: str) -> None:
    shape = SHAPES[name]
    for colour in shape.paints:
        canvas = Canvas(160, 160, clear=True)
        shape.draw(canvas.pen(80, 80, 70, label=1, paint=palette.PAINTS[colour]), palette.PAINTS[colour])
        image, labels = canvas.finished()
        assert object_colours(image.convert("RGB"), labels, 1) == [colour]
        left, top, right, bottom = canvas.image.getbbox()
        assert min(left, top) >= 0, "an object stays in its box"
        assert max(right, bottom) < canvas.image.width
        assert (bottom - top) / canvas.image.height > 0.4


def test_an_object_keeps_its_box_to_within_a_tenth() -> None:
    for shape in SHAPES.values():
        canvas = Canvas(300, 300, clear=True, scale=1)
        shape.draw(canvas.pen(150, 150, 100), (200, 60, 60))
        left, top, right, bottom = canvas.image.getbbox()
        assert min(left, top) >= 40, shape.name
        assert max(right, bottom) <= 260, shape.name


def test_the_colour_in_the_tags_is_that_of_the_pixels_not_of_the_plan() -> None:
    hidden = Item(SHAPES["ball"], "red", "ground", 0.5, 0.8, 0.15, False)
    cover = Item(SHAPES["suitcase"], "green", "ground", 0.5, 0.95, 0.4, False)
    scene = Scene(SETTINGS["studio"], LIGHTS["day"], (hidden, cover), "", "blue", 1)
    seen = describe(scene, *paint(scene, 300, 300))
    assert ("coloured", "green suitcase") in seen.tags
    assert "ball" not in seen.caption, "what is covered is not there to see"
    night = Scene(SETTINGS["snow"], LIGHTS["night"], (Item(SHAPES["dog"], "white", "ground", 0.5, 0.9, 0.3, False),), "", "blue", 1)
    described = describe(night, *paint(night, 300, 300))
    assert ("object", "dog") in described.tags
    assert ("coloured", "white dog") not in described.tags, "moonlight has tinted it"


def test_the_colours_of_a_picture_are_those_that_cover_it() -> None:
    pil = pillow()
    image = pil.Image.new("RGB", (100, 100), palette.PAINTS["blue"])
    image.paste(palette.PAINTS["yellow"], (0, 0, 100, 30))
    image.paste(palette.PAINTS["red"], (0, 0, 5, 5))
    assert colours(image) == ["blue", "yellow"]


def test_a_caption_says_number_colour_object_place_light_and_words() -> None:
    scene = scene_of("cactus", "cactus", paint="green", setting="desert", light="golden hour", text="HELLO")
    seen = describe(scene, *paint(scene, 400, 400))
    assert seen.caption == 'two green cacti in the desert at golden hour, with the words "HELLO"'
    assert {("count", "2 cactus"), ("text", "HELLO"), ("setting", "desert"), ("light", "golden hour")} <= set(seen.tags)
    assert seen.tags == tuple(sorted(set(seen.tags)))


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_every_setting_is_painted_in_each_of_its_lights_and_at_every_aspect(name: str) -> None:
    for light in SETTINGS[name].lights:
        for width, height in ((160, 90), (90, 160)):
            scene = Scene(SETTINGS[name], LIGHTS[light], (), "", "blue", 3)
            image, labels = paint(scene, width, height)
            assert image.size == (width, height)
            assert labels.getextrema() == (0, 0)
            assert len(image.getcolors(10**6)) > 20


def test_a_plan_fits_its_setting_and_its_frame() -> None:
    for seed in range(300):
        rng = np.random.default_rng(seed)
        aspect = float(rng.uniform(0.5, 2.0))
        scene = plan(rng, aspect)
        assert 1 <= len(scene.items) <= 4
        for item in scene.items:
            assert item.place in scene.setting.zones
            assert item.place in item.shape.places
            assert item.paint in item.shape.paints
            assert item.x - item.unit >= -0.01
            assert item.x + item.unit <= aspect + 0.01


def test_the_same_scene_is_painted_the_same_and_another_seed_differs() -> None:
    scenes = [plan(np.random.default_rng(seed), 1.0) for seed in (4, 4, 5)]
    pictures = [paint(scene, 128, 128)[0].tobytes() for scene in scenes]
    assert pictures[0] == pictures[1] != pictures[2]


def test_something_moves_in_every_film_and_what_moves_is_labelled() -> None:
    for seed in range(25):
        rng = np.random.default_rng(seed)
        made = film(rng, plan(rng, 1.0, words=0), 128, 128, 48, 24)
        assert made.frame(0).tobytes() != made.frame(11).tobytes(), seed
        labels = np.asarray(made.labels(24))
        assert labels.max() >= 2, "an object is in view in the middle"
        assert np.asarray(made.frame(24)).shape == (128, 128, 3)


def tempo(samples: np.ndarray) -> float:
    """Beats a minute by a comb over the autocorrelation of the onset strength."""
    hop = 256
    frames = np.lib.stride_tricks.sliding_window_view(samples, 1024)[::hop] * np.hanning(1024)
    spectrum = np.log1p(50 * np.abs(np.fft.rfft(frames, axis=1)))
    onsets = np.maximum(np.diff(spectrum, axis=0), 0).sum(axis=1)
    onsets -= onsets.mean()
    similar = np.correlate(onsets, onsets, "full")[len(onsets) - 1 :]
    similar /= np.arange(len(onsets), 0, -1)
    speeds = np.arange(50, 190, 0.25)
    lags = 60 / speeds * RATE / hop
    teeth = [np.interp(lags * tooth, np.arange(len(similar)), similar) for tooth in (1, 2, 3, 4)]
    return float(speeds[np.argmax(np.sum(teeth, axis=0))])


def test_the_tempo_of_a_loop_is_heard_in_its_samples() -> None:
    right = 0
    for seed in range(12):
        loop = music.loop(np.random.default_rng(seed))
        ratio = tempo(loop.samples) / loop.bpm
        right += any(abs(ratio * octave - 1) < 0.03 for octave in (0.5, 1, 2))
        seconds = len(loop.samples) / RATE
        bars = seconds * loop.bpm / 240
        assert abs(bars - round(bars)) < 1e-3, "a loop is whole bars"
        assert music.SHORTEST <= seconds <= music.LONGEST
    assert right >= 11


@pytest.mark.parametrize(("play", "seed"), [(play, seed) for play in (nature.ambience, nature.effect) for seed in range(8)])
def test_every_sound_is_audible_unclipped_and_ends_in_silence(play, seed: int) -> None:
    samples, name, caption = play(np.random.default_rng(seed), 5.0)
    assert len(samples) == 5 * RATE
    assert name
    assert caption
    assert 0.8 < np.max(np.abs(samples)) <= 0.86
    assert np.sqrt(np.mean(samples**2)) > 0.01
    assert np.max(np.abs(samples[-20:])) < 0.02
    assert np.array_equal(samples, play(np.random.default_rng(seed), 5.0)[0])


def test_a_sound_that_is_encoded_and_decoded_is_still_that_sound() -> None:
    import av

    loop = music.loop(np.random.default_rng(2))
    buffer = io.BytesIO()
    write_sound(buffer, loop.samples)
    buffer.seek(0)
    with av.open(buffer) as container:
        decoded = np.concatenate([frame.to_ndarray().mean(axis=0) for frame in container.decode(audio=0)])
    length = min(len(decoded), len(loop.samples))
    assert abs(len(decoded) - len(loop.samples)) < 4096
    lag = int(np.argmax(np.abs(np.correlate(decoded[:RATE], loop.samples[: RATE - 4000], "valid"))))
    assert np.corrcoef(decoded[lag:length], loop.samples[: length - lag])[0, 1] > 0.95


def test_a_video_has_the_frames_that_its_row_says() -> None:
    import av

    buffer = io.BytesIO()
    made = starter.make("video", 3, 0, buffer)
    buffer.seek(0)
    with av.open(buffer) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (made.width, made.height)
        assert sum(1 for _ in container.decode(stream)) == made.frames
    assert made.duration_ms == round(made.frames / 24 * 1000)
    assert 2000 <= made.duration_ms <= 6000
