"""Calls as numbers, for classic RL: which tool, and a choice for each of its arguments, with masks; no word is written.

`StructuredActions` plays one call a step. What a language model would write is chosen instead: a tool by its number, then
for each of its first arguments one of a few values that its type allows (an own handle, a phrase of the task, a size, a
length). The observation is a vector of what the task requires (it reads `task.requirements`, as the expert does) and of
how the episode stands. Planning is left: what to call, in which order, on what.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import gymnasium
import numpy as np
from gymnasium.utils import RecordConstructorArgs
from msgspec import inspect

from visgenenv.env import VisGenEnv
from visgenenv.errors import ConfigError
from visgenenv.state import EpisodeState
from visgenenv.tools.spec import ToolSpec
from visgenenv.turns import render
from visgenenv.types import PREFIX, Answer, Asset, Plan, PlanStep, Task, ToolCall
from visgenenv.workspace import Workspace

SLOTS = 4
"""Arguments of a call that are chosen; further ones keep their defaults."""
CHOICES = 8
"""Values an argument is chosen from; fewer where its type has fewer, and then they repeat."""
_QUOTED = re.compile('[“"「](.+?)[”"」]')
_ASPECTS = ("1:1", "16:9", "9:16", "4:3", "3:4", "21:9")
_CODES = ("bad_arguments", "unknown_handle", "wrong_modality", "quota", "rate_limited", "timeout", "content_policy", "malformed_output")
_MODALITIES = ("text", "image", "video", "audio")
_FEATURES = 46

Vector = np.ndarray[Any, np.dtype[np.float32]]


class StructuredActions(gymnasium.Wrapper[Vector, np.ndarray[Any, Any], str, str], RecordConstructorArgs):
    """A VisGenEnv whose action is `[tool or answer, choice, choice, choice, choice]` and whose observation a vector.

    `action_space`: MultiDiscrete([tools + 1, 8, 8, 8, 8]); the last tool number answers with what its first choice
    says: 0 all assets of the task's modality, k the last k. `action_masks()` gives the flat mask that masked algorithms
    take: a tool is open if the handles it needs are there. `observation_space`: Box of `46 + 2 × tools` floats in [0, 1].
    The first turn's plan names the tool that is called; a reward that judges plans has nothing else to read.
    """

    def __init__(self, env: gymnasium.Env[str, str]) -> None:
        RecordConstructorArgs.__init__(self)
        gymnasium.Wrapper.__init__(self, env)  # type: ignore[misc]  # an environment of texts becomes one of numbers
        bare = env.unwrapped
        if not isinstance(bare, VisGenEnv):
            raise ConfigError(f"env={env!r}: expected a VisGenEnv, wrapped or not")
        self._bare = bare
        self._texts: gymnasium.Env[str, str] = env
        self.tools: tuple[ToolSpec[Any], ...] = tuple(bare.tools.values())
        """Tools in the order of their numbers."""
        self._sizes = [len(self.tools) + 1, *[CHOICES] * SLOTS]
        self._length = _FEATURES + 2 * len(self.tools)
        self.action_space = gymnasium.spaces.MultiDiscrete(self._sizes)
        self.observation_space = gymnasium.spaces.Box(0.0, 1.0, (self._length,), np.float32)
        self._fields = tuple(_arguments(spec) for spec in self.tools)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Vector, dict[str, Any]]:
        """Begin an episode; `info` is the environment's own."""
        _, info = self._texts.reset(seed=seed, options=options)
        return self._seen(), info

    def step(self, action: np.ndarray[Any, Any] | Sequence[int]) -> tuple[Vector, float, bool, bool, dict[str, Any]]:
        """Make one call, or answer; `info` gains `turn_text`, what a language model would have written."""
        text = self.turn(action)
        _, reward, terminated, truncated, info = self._texts.step(text)
        info["turn_text"] = text
        return self._seen(), float(reward), terminated, truncated, info

    def turn(self, action: np.ndarray[Any, Any] | Sequence[int]) -> str:
        """The turn that an action stands for."""
        numbers = [int(number) for number in action]
        if len(numbers) != len(self._sizes) or not all(0 <= n < size for n, size in zip(numbers, self._sizes, strict=True)):
            raise ConfigError(f"action={numbers!r}: expected {SLOTS + 1} integers from 0 and below {self._sizes}")
        state = self._state()
        number, choices = numbers[0], numbers[1:]
        if number == len(self.tools):
            made = [handle for handle, asset in state.workspace.assets.items() if asset.modality == state.task.modality and asset.turn >= 0]
            return render("done", answer=Answer(deliverables=tuple(made if choices[0] == 0 else made[-choices[0] :])))
        spec, arguments = self.tools[number], {}
        for (name, choose), choice in zip(self._fields[number], choices, strict=False):
            value = choose(choice, state)
            if value is not None:
                arguments[name] = value
        plan = None if state.turns else Plan(steps=(PlanStep(id=1, tool=spec.name, goal="begin"),))
        return render("next", plan=plan, calls=(ToolCall(name=spec.name, arguments=arguments),))

    def action_masks(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Flat mask over all entries of `action_space.nvec`: tools whose handles are there, the answer once something is made."""
        state = self._state()
        there = {asset.modality for asset in state.workspace.assets.values()}
        tools = [all(not there.isdisjoint(modalities) for modalities in spec.needs) for spec in self.tools]
        made = any(asset.turn >= 0 and asset.modality == state.task.modality for asset in state.workspace.assets.values())
        return np.array([*tools, made or not any(tools), *[True] * (CHOICES * SLOTS)], np.bool_)

    def _state(self) -> EpisodeState:
        return self._bare.state

    def _seen(self) -> Vector:
        state = self._state()
        return np.fromiter((*_asked(state.task), *_standing(state), *self._counts(state)), np.float32, self._length)

    def _counts(self, state: EpisodeState) -> list[float]:
        """By tool: successful and failed calls, up to ten."""
        good, bad = dict.fromkeys((spec.name for spec in self.tools), 0), dict.fromkeys((spec.name for spec in self.tools), 0)
        for turn in state.turns:
            for call in turn.calls:
                side = good if call.fault is None else bad
                if call.tool in side:
                    side[call.tool] += 1
        return [min(count, 10) / 10 for side in (good, bad) for count in side.values()]


def _asked(task: Task) -> list[float]:
    """What the task requires, in 27 numbers from 0 to 1.

    Not in them: what single shots show and last, tempo and movement, and kinds of one's own.
    """
    asked = task.requirements
    audio = asked.audio or ()
    return [
        *(float(task.modality == name) for name in _MODALITIES),
        _share(asked.count, 24),
        _share(asked.shots, 24),
        _share(asked.duration_s, 240),
        _share(asked.min_side, 2160),
        *(float(asked.aspect == aspect) for aspect in _ASPECTS),
        *(float(kind in audio) for kind in ("music", "narration", "sound")),
        float(asked.narration is not None),
        _share(len(asked.subtitles or ()), 8),
        _share(len(asked.drawn or ()), 24),
        _share(len(asked.entities or ()), 24),
        float(asked.consistency is not None),
        float(bool(asked.beat)),
        float(bool(asked.from_inputs)),
        float(bool(asked.variety)),
        _share(len(task.inputs), 4),
        float(task.language == "zh"),
    ]


def _standing(state: EpisodeState) -> list[float]:
    """How the episode stands, in 19 numbers from 0 to 1: what there is, what was made last, how the last call ended."""
    assets = list(state.workspace.assets.values())
    latest = assets[-1] if assets else None
    claims = latest.claims if latest else {}  # of a silently wrong asset only what was said of it may be known
    audio = claims.get("audio", latest.audio if latest else ())
    last = state.turns[-1].calls[-1] if state.turns and state.turns[-1].calls else None
    fault = last.fault.code if last is not None and last.fault is not None else None
    return [
        *(_share(sum(asset.modality == name for asset in assets), 24) for name in _MODALITIES),
        _share(len(state.turns), 40),
        _share(len(latest.parents) if latest else 0, 24),
        _share(claims.get("seconds", latest.duration_ms / 1000 if latest else 0), 240),
        *(float(kind in audio) for kind in ("music", "narration", "sound")),
        float(bool(latest and latest.subtitles)),
        *(float(fault == code) for code in _CODES),
    ]


def _share(value: float | None, most: float) -> float:
    return min(value / most, 1.0) if value else 0.0


Choose = Callable[[int, EpisodeState], Any]
"""From a choice and the state to an argument; None keeps the default."""


@lru_cache(maxsize=512)
def _arguments(spec: ToolSpec[Any]) -> tuple[tuple[str, Choose], ...]:
    """The arguments of a tool that are chosen, required ones first, and how."""
    fields = sorted(spec.shape.fields, key=lambda field: not field.required)
    return tuple((field.encode_name, _chooser(field.type, field.required)) for field in fields)[:SLOTS]


def _chooser(kind: inspect.Type, required: bool) -> Choose:
    """How a type is chosen from; an optional argument keeps its default at choice 0."""
    pick = _picker(kind)

    def choose(choice: int, state: EpisodeState) -> Any:
        if required:
            return pick(choice, state)
        return None if choice == 0 else pick(choice - 1, state)

    return choose


def _picker(kind: inspect.Type, many: bool = False) -> Choose:
    match kind:
        case inspect.Metadata(type=inner, extra=extra):
            modalities = (extra or {}).get("handle")
            return _handle_picker(tuple(modalities), many) if modalities else _picker(inner, many)
        case inspect.UnionType(types=kinds):
            return _picker(next(inner for inner in kinds if not isinstance(inner, inspect.NoneType)), many)
        case inspect.LiteralType(values=values):
            return lambda choice, _: values[choice % len(values)]
        case inspect.BoolType():
            return lambda choice, _: choice % 2 == 0
        case inspect.IntType(ge=low, le=high):
            return lambda choice, _: int(_between(low, high, choice, 1))
        case inspect.FloatType(ge=low, le=high):
            return lambda choice, _: float(_between(low, high, choice, 0))
        case inspect.ListType(item_type=inner) | inspect.VarTupleType(item_type=inner):
            picked = _picker(inner, many=True)
            return lambda choice, state: value if isinstance(value := picked(choice, state), list) else [value]
        case inspect.StructType(fields=fields):
            needed = [(field.encode_name, _picker(field.type)) for field in fields if field.required]
            return lambda choice, state: {name: pick(choice, state) for name, pick in needed}
        case inspect.StrType():
            return lambda choice, state: (said := phrases(state.task.prompt, _named(state.task)))[choice % len(said)]
    return lambda choice, state: {}


def _between(low: float | None, high: float | None, choice: int, least: float) -> float:
    """A number of a range: its low end, then one more each time; real numbers in steps of an eighth of the range."""
    start = low if low is not None else least
    end = high if high is not None else start + CHOICES
    return min(start + choice, end) if least else start + (end - start) * choice / CHOICES


def _handle_picker(modalities: tuple[str, ...], many: bool) -> Choose:
    """An own asset of the right kind, the latest first; of a list choice 0 takes all of them, in their order."""

    def pick(choice: int, state: EpisodeState) -> Any:
        own = _own(state.workspace, modalities)
        if many:
            return own if choice == 0 else own[-choice:]
        return own[-1 - choice % len(own)] if own else f"{PREFIX[modalities[0]]}_1"

    return pick


def _own(workspace: Workspace, modalities: tuple[str, ...]) -> list[str]:
    assets: Mapping[str, Asset] = workspace.assets
    return [handle for handle, asset in assets.items() if asset.modality in modalities]


def _named(task: Task) -> tuple[str, ...]:
    """The things that a task names, to be seen and to be heard."""
    asked = task.requirements
    return (*(asked.entities or ()), *asked.tune)


@lru_cache(maxsize=4096)
def phrases(prompt: str, things: tuple[str, ...]) -> tuple[str, ...]:
    """What may stand where words are wanted: the whole prompt, what it has in quotation marks, the things it names."""
    return tuple(dict.fromkeys((prompt[:500], *_QUOTED.findall(prompt), *things)))[:CHOICES]
