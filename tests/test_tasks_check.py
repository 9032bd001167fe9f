"""Tasks that cannot be played are refused before anything runs, whoever made them."""

import sys
import types

import msgspec
import pytest

from visgenenv.episodes import make
from visgenenv.errors import ConfigError
from visgenenv.types import Requirements, Task, TaskInput


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"prompt": "  "}, "field prompt: '  ' is blank"),
        ({"prompt": 5}, "prompt=5: expected `str`, got `int`"),
        ({"prompt": "half \ud800"}, "half a surrogate pair"),
        ({"requirements": Requirements(count=0)}, "field requirements.count: 0; expected more than 0"),
        ({"requirements": Requirements(duration_s=float("nan"))}, "field requirements.duration_s: nan"),
        ({"requirements": Requirements(shot_s=6.0)}, "field requirements.shot_s: 6.0 asked of image"),
        ({"requirements": Requirements(each=())}, r"field requirements.each: \(\); expected the words of each picture or shot"),
        (
            {"requirements": Requirements(count=1, each=(("fox",), ("cat",)))},
            "field requirements.count: 1 with 2 things in requirements.each",
        ),
        (
            {"modality": "video", "requirements": Requirements(shots=2, shot_s=4, duration_s=60)},
            "field requirements.duration_s: 60 with 2 shots of 4 s; expected about 8",
        ),
        ({"requirements": Requirements(each=(("fox",), ()))}, r"field requirements.each: \(\(.fox.,\), \(\)\)"),
        ({"requirements": Requirements(each=(("fox", "!"),))}, "field requirements.each: '!' holds no word"),
        ({"requirements": Requirements(aspect="wide")}, "expected a ratio such as '16:9'"),
        ({"inputs": (TaskInput(modality="image", caption="x", width=-5),)}, r"field inputs\[0\].width: -5"),
        ({"inputs": (TaskInput(modality="audio", caption="x", duration_s=float("inf")),)}, r"field inputs\[0\].duration_s: inf"),
        ({"inputs": (TaskInput(modality="video", caption="x"),)}, "a video needs its length"),
        ({"requirements": Requirements(shots=3)}, "requirements.shots: 3 asked of image; only video can have it"),
        ({"requirements": Requirements(beat=True)}, "requirements.beat: True asked of image"),
        ({"modality": "audio", "requirements": Requirements(aspect="16:9")}, "requirements.aspect: '16:9' asked of audio"),
        ({"requirements": Requirements(from_inputs=True)}, "requirements.from_inputs: True, and the task has no inputs"),
    ],
)
def test_a_task_that_cannot_be_played_is_refused_at_reset(change: dict, words: str) -> None:
    wrong = msgspec.structs.replace(Task(modality="image", prompt="A cup."), **change)
    with pytest.raises(ConfigError, match=words):
        make().reset(seed=0, options={"task": wrong})


def test_a_source_that_makes_no_task_is_told() -> None:
    module = types.ModuleType("made_here")
    module.source = lambda seed: {"prompt": seed}  # type: ignore[attr-defined]
    sys.modules["made_here"] = module
    try:
        with pytest.raises(ConfigError, match=r"prompt=\d+: expected `str`"):
            make(task="made_here:source").reset(seed=0)
    finally:
        del sys.modules["made_here"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"modality": "hologram"}, "modality='hologram': expected one of 'text', 'image', 'video', 'audio'"),
        ({"requirements": {"audio": ["jazz"]}}, "='jazz': expected one of 'music'"),
        ({"requirements": {"cuont": 2}}, "cuont=2: unknown; expected only count"),
    ],
)
def test_a_wrong_word_in_a_tasks_json_is_told_with_those_there_are(change: dict, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        make().reset(seed=0, options={"task": {"prompt": "A cup.", "modality": "video", **change}})
