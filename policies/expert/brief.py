"""What the expert takes from a task: which pictures or shots to make, and what goes with them.

The expert is the teacher: it reads `task.requirements`, which no other policy may. All it finds there is said in the
task's words too, so a pupil who reads only the words can do the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from visgenenv.types import Task

_SHOT = re.compile(r"^Shot \d+, ([\d.]+) s: (.+)$", re.MULTILINE)
_RATIO = re.compile(r"0*[1-9]\d*(\.\d+)?:0*[1-9]\d*(\.\d+)?")
"""An aspect that can be met; another is left alone."""
_DEFAULT_SECONDS = 8.0
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
    narration: str | None = None
    subtitles: tuple[str, ...] = ()

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
        beat=bool(asked.beat),
        narration=asked.narration or (task.prompt[:200] if "narration" in audio else None),
        subtitles=asked.subtitles or (),
    )
    if asked.entities and task.task_type in _KNOWN:
        return _known(task, draft, asked.entities)
    return _unknown(task, draft)


def _known(task: Task, draft: Brief, entities: tuple[str, ...]) -> Brief:
    """A generated task: its entities are the subject, then one for each part, then what all parts share."""
    asked = task.requirements
    comma = "，" if task.language == "zh" else ", "
    same = "同样风格" if task.language == "zh" else "same style"
    kind, subject, rest = task.task_type, entities[0], entities[1:]
    if kind == "icon_design":
        *icons, style = entities
        return replace(draft, subject=subject, parts=tuple(Part(icon + comma + style, icon + comma + same) for icon in icons))
    if kind == "marketing_posters":
        return replace(draft, subject=subject, parts=tuple(Part(comma.join((*entities, f"“{line}”"))) for line in asked.drawn or ()))
    number = asked.shots if draft.video else (len(rest) if kind != "storyboards" else asked.count)
    shown, shared = rest[:number], rest[number:]
    if draft.video:
        seconds = (asked.duration_s or 0) / max(len(shown), 1) or _DEFAULT_SECONDS
        music = comma.join(shared) if "music" in (asked.audio or ()) else None
        parts = tuple(Part(subject + comma + scene, scene, seconds=seconds) for scene in shown)
        return replace(draft, subject=subject, parts=parts, music=music)
    copies = (asked.count or 1) // max(len(shown), 1) if kind == "product_images" else 1
    parts = tuple(Part(comma.join((subject, scene, *shared)), scene, copies=copies) for scene in shown)
    return replace(draft, subject=subject, parts=parts)


def _unknown(task: Task, draft: Brief) -> Brief:
    """Any task: its words are the prompt; lines "Shot 1, 2.5 s: …" are a shot each."""
    asked = task.requirements
    words = task.prompt[:_LONGEST_PROMPT]
    quoted = "".join(f" “{line}”" for line in asked.drawn or ())
    if not draft.video:
        count = asked.count or 1
        parts = tuple(Part(words + quoted, f"{words}{quoted}, {n + 1}") for n in range(count)) if draft.reference else ()
        return replace(draft, parts=parts or (Part(words + quoted, copies=count),))
    music = f"music for {words[:400]}" if "music" in (asked.audio or ()) else None
    told = [(float(seconds), text) for seconds, text in _SHOT.findall(task.prompt)]
    if len(told) != (asked.shots or len(told)) or not told:
        number = asked.shots or 1
        told = [((asked.duration_s or _DEFAULT_SECONDS * number) / number, words)] * number
    parts = tuple(Part(text[:_LONGEST_PROMPT] + quoted, text[:2400], seconds=seconds) for seconds, text in told)
    return replace(draft, parts=parts, music=music)


_KNOWN = frozenset(
    {
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
    }
)
