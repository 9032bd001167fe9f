"""What the expert takes from a task: which pictures or shots to make, and what goes with them.

The expert is the teacher: it reads `task.requirements`, which no other policy may. All it finds there is said in the
task's words too, so a pupil who reads only the words can do the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from visgenenv.tasks.films import FILMS, Film
from visgenenv.tasks.pictures import PICTURES, PictureSet
from visgenenv.types import Requirements, Task
from visgenenv.words import named, plain

_SHOT = re.compile(r"^Shot \d+, ([\d.]+) s: (.+)$", re.MULTILINE)
_RATIO = re.compile(r"0*[1-9]\d*(\.\d+)?:0*[1-9]\d*(\.\d+)?")
"""An aspect that can be met; another is left alone."""
_DEFAULT_SECONDS = 8.0
_VIEWS = ("front view", "side view", "back view", "from above", "from below", "close-up", "wide shot", "at dusk", "at night", "in the rain")
_LONGEST_PROMPT = 3800
"""Characters; picture and video models take 4,000, and a repair may add a word."""


@dataclass(frozen=True, slots=True)
class Part:
    """One picture or one shot."""

    words: str
    """All there is to say of it."""
    change: str = ""
    """What is new against the reference; an edit says only that."""
    copies: int = 1
    """Pictures made from the same words."""
    seconds: float = _DEFAULT_SECONDS
    """Of a shot."""


@dataclass(frozen=True, slots=True)
class Brief:
    """A task as its maker sees it."""

    video: bool
    parts: tuple[Part, ...]
    subject: str | None = None
    """What the reference picture of a film shows; None where the words are one whole."""
    reference: bool = False
    """Whether the parts must descend from one picture made first."""
    given: int = 0
    """How many of the task's own pictures to work from."""
    aspect: str | None = None
    min_side: int | None = None
    """Pixels."""
    music: str | None = None
    beat: bool = False
    sound: bool = False
    """Whether the sounds of the scene must be heard."""
    narration: str | None = None
    subtitles: tuple[str, ...] = ()
    films: int = 1
    """How many films are made, all by the same words."""

    @property
    def asked(self) -> str:
        """The task in a few words."""
        if not self.video:
            number = sum(part.copies for part in self.parts) * max(self.given, 1)
            said = f"{number} picture{'s' if number != 1 else ''}"
        elif len({part.seconds for part in self.parts}) == 1:
            said = f"{len(self.parts)} shot{'s' if len(self.parts) != 1 else ''} of {self.parts[0].seconds:g} s"
        else:
            said = f"{len(self.parts)} shots, {sum(part.seconds for part in self.parts):g} s"
        return said if self.aspect is None else f"{said}, {self.aspect}"


def brief_of(task: Task) -> Brief:
    """Read a task; a type that is not known is read by its requirements and words alone."""
    asked = task.requirements
    video = task.modality == "video"
    audio = asked.audio or ()
    draft = Brief(
        video=video,
        parts=(),
        reference=asked.consistency is not None,
        given=sum(1 for given in task.inputs if given.modality == "image") if asked.from_inputs or asked.consistency else 0,
        aspect=asked.aspect if _RATIO.fullmatch(asked.aspect or "") else None,
        min_side=asked.min_side,
        music=_music(task) if video else None,
        beat=bool(asked.beat),
        sound="sound" in audio,
        narration=asked.narration or (task.prompt[:200] if "narration" in audio else None),
        subtitles=asked.subtitles or (),
    )
    if not video and task.task_type in PICTURES and _fits_pictures(task, PICTURES[task.task_type]):
        return _known_pictures(task, draft, PICTURES[task.task_type])
    if video and task.task_type in FILMS and _fits_film(task, FILMS[task.task_type]):
        return _known_film(task, draft, FILMS[task.task_type])
    return _unknown(task, draft)


def _fits_pictures(task: Task, form: PictureSet) -> bool:
    """Whether entities and lines stand as a generated task of the type has them; a user's task of the type need not."""
    asked = task.requirements
    count, lines = asked.count or 0, len(asked.drawn or ())
    entities = asked.entities or ()
    items = entities[bool(form.subject) : len(entities) - form.styled]
    shows = asked.drawn or () if form.shows == "lines" else items
    if asked.each is None or tuple(part[0] for part in asked.each) != shows:
        return False
    if form.shows == "lines":
        return not items and lines == count > 0
    if not shows or (count % len(shows) if form.copies else count != len(shows)):
        return False
    return lines == (len(shows) if form.captioned else form.headline)


def _fits_film(task: Task, form: Film) -> bool:
    asked = task.requirements
    number = asked.shots or 0
    shows = (asked.entities or ())[1 : 1 + number]
    told = asked.each is not None and tuple(part[0] for part in asked.each) == shows
    fits = told and len(asked.entities or ()) == 1 + number + form.styled
    return fits and number > 0 and asked.count == 1 and len(asked.drawn or ()) == form.titled


def _known_pictures(task: Task, draft: Brief, form: PictureSet) -> Brief:
    """A generated image task: its entities are the subject, then what each picture shows, then the look of all."""
    asked, comma = task.requirements, _comma(task)
    entities = asked.entities or ()
    subject, rest = (entities[:1], entities[1:]) if form.subject else ((), entities)
    look = rest[len(rest) - form.styled :]
    shows = rest[: len(rest) - form.styled]
    lines = [f"“{line}”" for line in asked.drawn or ()]
    draft = replace(draft, subject=entities[0])
    if form.shows == "lines":
        return replace(draft, parts=tuple(Part(comma.join((*subject, *look, line))) for line in lines))
    if form.shows == "nouns":
        same = "同样风格" if task.language == "zh" else "same style"
        return replace(draft, parts=tuple(Part(comma.join((thing, *look)), comma.join((thing, same))) for thing in shows))
    copies = (asked.count or 1) // max(len(shows), 1) if form.copies else 1
    own = [(line,) for line in lines] if form.captioned else [tuple(lines)] * len(shows)
    parts = (
        Part(comma.join((*subject, show, *look, *words)), comma.join((show, *words)), copies=copies)
        for show, words in zip(shows, own, strict=True)
    )
    return replace(draft, parts=tuple(parts))


def _known_film(task: Task, draft: Brief, form: Film) -> Brief:
    """A generated video task: its entities are the subject, then what each shot shows, the look."""
    asked, comma = task.requirements, _comma(task)
    who, *rest = asked.entities or ()
    number = asked.shots or 1
    shows, look = rest[:number], rest[number:]
    subject = comma.join((who, *look))
    seconds = asked.shot_s or (asked.duration_s or 0) / max(len(shows), 1) or _DEFAULT_SECONDS
    title = [f"“{line}”" for line in asked.drawn or ()]
    parts = tuple(
        Part(comma.join((subject, show, *words)), comma.join((show, *words)), seconds=seconds)
        for show, words in zip(shows, [title, *[[]] * (len(shows) - 1)], strict=True)
    )
    return replace(draft, subject=subject, parts=parts)


def _music(task: Task) -> str | None:
    """The words for the music: those the task has for it, else what the film is of; None where none is wanted."""
    asked = task.requirements
    wanted = asked.tune or asked.beat or "music" in (asked.audio or ())
    return (_comma(task).join(asked.tune) or f"music for {task.prompt[:400]}") if wanted else None


def _comma(task: Task) -> str:
    return "，" if task.language == "zh" else ", "


def _unknown(task: Task, draft: Brief) -> Brief:
    """Any task: its words are the prompt; lines "Shot 1, 2.5 s: …" are a shot each."""
    asked = task.requirements
    words = _shared_words(task)
    quoted = "".join(f" “{line}”" for line in asked.drawn or ())
    if not draft.video:
        return replace(draft, parts=tuple(_pictures(task, words, quoted)))
    told = [(float(seconds), text) for seconds, text in _SHOT.findall(task.prompt)]
    number = asked.shots or len(asked.each or ()) or _lengths(asked) or len(told) or 1
    if len(told) != number:
        shows = [asked.each[n % len(asked.each)] if asked.each else () for n in range(number)]
        seconds = asked.shot_s or (asked.duration_s or _DEFAULT_SECONDS * number) / number
        told = [(seconds, _comma(task).join((*words, *show))) for show in shows]
    parts = tuple(Part(text[:_LONGEST_PROMPT] + quoted, text[:2400], seconds=seconds) for seconds, text in told)
    return replace(draft, parts=parts, films=asked.count or 1)


def _shared_words(task: Task) -> tuple[str, ...]:
    """What every picture or shot is told: the task's words, but where these list what the others show, its other entities."""
    asked, words = task.requirements, task.prompt[:_LONGEST_PROMPT]
    listed = [part[0] for part in asked.each or () if named(part[0], [plain(words)])]
    if len(listed) < 3:
        return (words,)
    return tuple(entity for entity in asked.entities or () if entity not in listed)


def _lengths(asked: Requirements) -> int:
    """Shots of the length asked that fill the duration asked; 0 where either is left open."""
    return round(asked.duration_s / asked.shot_s) if asked.duration_s and asked.shot_s else 0


def _pictures(task: Task, words: tuple[str, ...], quoted: str) -> Iterator[Part]:
    """The pictures of any task: those of each thing it wants by itself, or views of one, or copies."""
    asked, comma = task.requirements, _comma(task)
    count = asked.count or max(len(asked.each or ()), len(task.inputs) if asked.from_inputs else 1)
    if not asked.each:
        shows: list[tuple[str, ...]] = [()] * count
    else:
        shows = [show for n, show in enumerate(asked.each) for _ in range(len(range(n, count, len(asked.each))))]
    for n, show in enumerate(shows):
        said = comma.join((*words, *show)) + quoted
        if asked.variety:
            yield Part(f"{said}, {_VIEWS[n % len(_VIEWS)]}{', again' * (n // len(_VIEWS))}")
        elif asked.consistency or asked.from_inputs:
            yield Part(said, said if asked.each else f"{said}, {n + 1}")
        elif n == 0 or show != shows[n - 1]:
            yield Part(said, copies=shows.count(show))
