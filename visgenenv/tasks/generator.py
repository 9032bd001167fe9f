"""Seeded tasks: an endless, bilingual source over twelve task types, with a split that keeps subjects apart."""

from __future__ import annotations

from difflib import get_close_matches

from visgenenv.errors import ConfigError
from visgenenv.tasks import images, videos
from visgenenv.tasks.vocabulary import Split
from visgenenv.tasks.wording import LANGUAGES, Draw
from visgenenv.types import Task

DIFFICULTIES = ("easy", "medium", "hard")
"""Easy tasks take an expert at most 6 calls, hard ones about 10; more pictures or shots make a task harder."""
_FAMILIES = {family.__name__: (family, modality) for modality, kind in (("image", images), ("video", videos)) for family in kind.FAMILIES}
IMAGE_TYPES = tuple(family.__name__ for family in images.FAMILIES)
VIDEO_TYPES = tuple(family.__name__ for family in videos.FAMILIES)
GENERATED_TYPES = IMAGE_TYPES + VIDEO_TYPES


class Generated:
    """From a seed to a task: consecutive seeds go through types first, then languages, then difficulties.

    All else hangs on (split, type, language, difficulty, seed) by keyed chance, so a task is the same in any process.
    """

    def __init__(self, split: Split = "all", types: tuple[str, ...] = GENERATED_TYPES) -> None:
        unknown = [name for name in types if name not in _FAMILIES]
        if unknown or not types:
            near = dict.fromkeys(word for name in unknown for word in get_close_matches(str(name), GENERATED_TYPES, 2, 0.5))
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise ConfigError(f"task_types={list(types)!r}: expected one or more of {', '.join(GENERATED_TYPES)}{hint}")
        self.split = split
        self.types = types

    def __call__(self, seed: int) -> Task:
        """The task of a seed."""
        rest, kind = divmod(seed, len(self.types))
        rest, language = divmod(rest, len(LANGUAGES))
        draw = Draw(self.split, self.types[kind], LANGUAGES[language], DIFFICULTIES[rest % len(DIFFICULTIES)], seed)
        family, modality = _FAMILIES[draw.task_type]
        return images.task(draw, family(draw), modality)

    def only(self, types: tuple[str, ...]) -> Generated:
        """The same source over fewer types; raises `ConfigError` for one it does not make."""
        wrong = [name for name in types if name not in self.types]
        if wrong:
            raise ConfigError(f"task_types={list(types)!r}: this source makes {', '.join(self.types)}")
        return Generated(self.split, tuple(types))


GENERATED = Generated("all")
TRAIN = Generated("train")
"""Never names a held-out noun or line."""
HELDOUT = Generated("heldout")
"""Subjects and lines that `TRAIN` never has."""
IMAGE = Generated("all", IMAGE_TYPES)
VIDEO = Generated("all", VIDEO_TYPES)
