"""What a damage is: an honest episode made worse in one known way, and what may move with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rewards.audit.script import Made, Move, Script, changed, made_in
from rewards.compose import names
from rewards.ltr import DEFINITIONS, PARTS
from visgenenv.errors import ConfigError
from visgenenv.types import PlanStep

TARGETS: tuple[str, ...] = (
    "plan.requirement",
    "plan.coherence",
    "plan.executable",
    "plan.atomic",
    "plan.optimal",
    "format",
    "tool",
    "result",
    "coherence",
    "consistency",
)
"""Parts that a damage can be meant for: the facets of the plan, and the components of its execution."""
RESULTS: tuple[str, ...] = tuple(name for name in PARTS if name.startswith("result."))
"""What is measured on every deliverable; one that is missing counts as nothing in each."""
PICTURE = "tool_text2image_gemini"
EDIT = "tool_image_edit_gemini"
CLIP = "tool_text2video_veo"
ANIMATE = "tool_image2video_veo3"
JOIN = "tool_video_composite"
TITLE = "tool_subtitle_add_text"
SPEAK = "tool_tts_generation"
MUSIC = "tool_music_suno"
BEATS = "tool_beat_detect"

Rewrite = Callable[[Script], bool | None]
"""Rewrites an honest script in place; False where it makes no sense for the script's task."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One way in which an episode may be worse."""

    name: str
    part: str
    """The one of `TARGETS` that must fall."""
    rewrite: Rewrite
    related: tuple[str, ...] = ()
    """Further parts that move by their own definition; what is made of them need not be named."""

    def __post_init__(self) -> None:
        unknown = [name for name in (self.part, *self.related) if name not in PARTS]
        if self.part not in TARGETS or unknown:
            raise ConfigError(f"damage {self.name!r}: part={self.part!r}, related={self.related!r}; expected one of {TARGETS}, and parts")

    @property
    def touched(self) -> frozenset[str]:
        """All parts that may move: the right one, those related to it, and what is made of them."""
        found: set[str] = set()
        todo = [self.part, *self.related]
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += _above(name)
        return frozenset(found)


def _above(part: str) -> Iterator[str]:
    """What is made of a part: by `DEFINITIONS`, and by what two scorers say of themselves."""
    yield from (name for name, definition in DEFINITIONS.items() if part in {member.name for member in names(definition)})
    if part in RESULTS or part in ("consistency", "plan.delivered"):
        yield "plan.requirement"  # it counts the declared requirements that are not met
    if part == "format":
        yield "format.turns"  # the mean of the turns of which format is the worst


# looking into a script


def by_tool(script: Script, tool: str) -> list[Move]:
    """The calls of a tool."""
    return [move for move in script.moves if move.tool == tool]


def shown(script: Script) -> list[Move]:
    """The calls that make something to be seen from words."""
    return [move for move in script.moves if "prompt" in move.arguments and move.tool != MUSIC]


def act_of(script: Script, move: Move) -> int:
    """The turn of a call."""
    return next(number for number, act in enumerate(script.acts) if any(own.key == move.key for own in act.moves))


def followers(script: Script) -> list[Move]:
    """Pictures and clips that are made from the first picture of the episode."""
    reference = by_tool(script, PICTURE)[:1]
    keys = {move.key for move in reference}
    return [move for move in shown(script) if keys & {made.call for made in made_in(move.arguments)}]


def place_of(script: Script, tool: str) -> int | None:
    """Place in the plan of the first step of a tool."""
    return next((place for place, step in enumerate(script.plan) if step.tool == tool), None)


def words(script: Script, english: str, chinese: str) -> str:
    """In the language of the task."""
    return chinese if script.task.language == "zh" else english


# rewriting a script


def set_step(script: Script, place: int, **fields: Any) -> None:
    """Other fields for a step of the plan."""
    script.plan[place] = changed(script.plan[place], **fields)


def more(script: Script, tool: str, number: int) -> bool:
    """So many further calls in the step of a tool; False where none would be left, or there is no such step."""
    place = place_of(script, tool)
    if place is None or script.plan[place].n + number < 1:
        return False
    set_step(script, place, n=script.plan[place].n + number)
    return True


def insert_step(script: Script, place: int, tool: str, goal: str, n: int = 1) -> int:
    """A further step before the one at `place`, which comes after it; returns its id."""
    number = 1 + max(step.id for step in script.plan)
    set_step(script, place, after=(*script.plan[place].after, number))
    script.plan.insert(place, PlanStep(id=number, tool=tool, goal=goal, n=n))
    return number


def exchange(script: Script, old: Move, new: Move) -> None:
    """Another call in the place of one, wherever that was used."""
    moves = script.acts[act_of(script, old)].moves
    moves[[move.key for move in moves].index(old.key)] = new

    def swap(value: Any) -> Any:
        if isinstance(value, Made):
            return Made(new.key, value.place) if value.call == old.key else value
        if isinstance(value, dict):
            return {name: swap(inner) for name, inner in value.items()}
        return [swap(inner) for inner in value] if isinstance(value, list) else value

    for move in script.moves:
        move.arguments = swap(move.arguments)
    script.answer[:] = swap(script.answer)
