"""Seeded tasks: an endless, bilingual source over all 42 task types, with a split that keeps subjects apart."""

from __future__ import annotations

from visgenenv.errors import ConfigError
from visgenenv.near import did_you_mean
from visgenenv.tasks.films import FILMS, film
from visgenenv.tasks.pictures import PICTURES, picture_set
from visgenenv.tasks.vocabulary import Split
from visgenenv.tasks.wording import DIFFICULTIES, LANGUAGES, Draw
from visgenenv.types import Task

IMAGE_TYPES = tuple(PICTURES)
VIDEO_TYPES = tuple(FILMS)
GENERATED_TYPES = IMAGE_TYPES + VIDEO_TYPES
PRACTICE_TYPES = (
    "product_images",
    "marketing_posters",
    "character_design",
    "storyboards",
    "stylization",
    "icon_design",
    "product_marketing_videos",
    "music_videos",
    "story_videos",
    "public_service_advertisements",
    "event_promotion_videos",
    "brand_story_videos",
)
"""The dozen that the small policy is taught and measured on."""
PRACTICE_DIFFICULTIES = ("easy", "medium", "hard")
"""A long task does not fit in what the small policy reads."""


class Generated:
    """From a seed to a task: consecutive seeds go through types first, then languages, then difficulties.

    All else hangs on (split, type, language, difficulty, seed) by keyed chance, so a task is the same in any process.
    """

    def __init__(
        self,
        split: Split = "all",
        types: tuple[str, ...] = GENERATED_TYPES,
        difficulties: tuple[str, ...] = DIFFICULTIES,
        among: tuple[str, ...] = GENERATED_TYPES,
    ) -> None:
        unknown = [name for name in types if name not in among]
        if unknown or not types:
            hint = did_you_mean(unknown[0], among) if unknown else ""
            raise ConfigError(f"task_types={list(types)!r}: expected one or more of {', '.join(among)}{hint}")
        self.sound = True
        """Its tasks need no check."""
        self.split = split
        self.types = types
        self.difficulties = difficulties
        self._among = among
        """Types that it can be narrowed to."""

    def __call__(self, seed: int) -> Task:
        """The task of a seed."""
        rest, kind = divmod(seed, len(self.types))
        rest, language = divmod(rest, len(LANGUAGES))
        difficulty = self.difficulties[rest % len(self.difficulties)]
        draw = Draw(self.split, self.types[kind], LANGUAGES[language], difficulty, seed)
        moving = draw.task_type in FILMS
        prompt, requirements, inputs = film(draw) if moving else picture_set(draw)
        return Task(
            id=f"{draw.split}/{draw.task_type}/{draw.language}/{draw.difficulty}/{draw.seed}",
            task_type=draw.task_type,
            modality="video" if moving else "image",
            language=draw.language,
            prompt=prompt,
            requirements=requirements,
            inputs=inputs,
        )

    def only(self, types: tuple[str, ...]) -> Generated:
        """The same source over other types; raises `ConfigError` for one it does not make."""
        return Generated(self.split, tuple(types), self.difficulties, self._among)


GENERATED = Generated("all")
TRAIN = Generated("train", PRACTICE_TYPES, PRACTICE_DIFFICULTIES)
"""Never names a held-out noun or line; the dozen practice types unless narrowed to others."""
HELDOUT = Generated("heldout", PRACTICE_TYPES, PRACTICE_DIFFICULTIES)
"""Subjects and lines that `TRAIN` never has."""
IMAGE = Generated("all", IMAGE_TYPES, among=IMAGE_TYPES)
VIDEO = Generated("all", VIDEO_TYPES, among=VIDEO_TYPES)
