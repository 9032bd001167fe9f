"""An episode as a script that can be rewritten: turns whose calls name each other, played again in the environment.

A trajectory holds handles, which shift as soon as a call is added or dropped. A script holds in their place which call made
them, so that exploits, damages and relations are small rewritings of an honest episode that still run.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from visgenenv.env import VisGenEnv
from visgenenv.turns import render
from visgenenv.types import Answer, JSONObject, Plan, PlanStep, Task, ToolCall, Trajectory

NOWHERE = "img_909"
"""What stands for a handle that was never made."""


@dataclass(frozen=True, slots=True)
class Made:
    """An output that a call will make."""

    call: int
    """Key of the call within its script."""
    place: int = 0
    """Among the outputs of the call."""


@dataclass(slots=True)
class Move:
    """One call."""

    key: int
    tool: str
    arguments: JSONObject
    """With a `Made` for each handle of this episode."""


@dataclass(slots=True)
class Act:
    """One turn; `text` in place of everything else is said as it stands."""

    think: str | None = "On it."
    """None: nothing is thought."""
    plan: list[PlanStep] | None = None
    moves: list[Move] = field(default_factory=list)
    answer: list[Made | str] | None = None
    checks: tuple[str, ...] = ()
    text: str | None = None


@dataclass(slots=True)
class Script:
    """A task and the turns with which it is played; rewriting starts from a `copy`."""

    task: Task
    seed: int
    acts: list[Act]
    keys: int = 0
    """The last key given to a call."""

    def copy(self) -> Script:
        """Another one, to be rewritten."""
        return copy.deepcopy(self)

    @property
    def moves(self) -> list[Move]:
        """All calls, in order."""
        return [move for act in self.acts for move in act.moves]

    @property
    def plan(self) -> list[PlanStep]:
        """The steps of the first plan; rewriting the list rewrites the plan."""
        return next((act.plan for act in self.acts if act.plan is not None), [])

    @property
    def answer(self) -> list[Made | str]:
        """What is handed over; rewriting the list rewrites the answer."""
        return next((act.answer for act in self.acts if act.answer is not None), [])

    def move(self, tool: str, **arguments: Any) -> Move:
        """A further call, not yet part of any turn."""
        self.keys += 1
        return Move(self.keys, tool, arguments)

    def add(self, act: int, tool: str, **arguments: Any) -> Move:
        """A further call at the end of a turn (a negative number counts from the end)."""
        move = self.move(tool, **arguments)
        self.acts[act].moves.append(move)
        return move

    def plan_step(self, tool: str, goal: str, n: int = 1, after: Sequence[int] = ()) -> PlanStep:
        """A further step at the end of the first plan."""
        step = PlanStep(id=1 + max((one.id for one in self.plan), default=0), tool=tool, goal=goal, n=n, after=tuple(after))
        self.plan.append(step)
        return step


def script_of(trajectory: Trajectory) -> Script:
    """The script of an episode in which every turn parsed."""
    made: dict[str, Made] = {}
    acts, key = [], 0
    for turn in trajectory.turns:
        parsed = turn.parsed
        plan = None if parsed.plan is None else list(parsed.plan.steps)
        answer = parsed.answer
        acts.append(Act(parsed.think, plan, [], None, () if answer is None else answer.checks))
        if answer is not None:
            acts[-1].answer = [made.get(handle, handle) for handle in answer.deliverables]
        fresh: dict[str, Made] = {}
        for call in turn.calls:
            key += 1
            acts[-1].moves.append(Move(key, call.tool, _put(call.arguments, made.get)))
            fresh |= {handle: Made(key, place) for place, handle in enumerate(call.outputs)}
        made |= fresh
    return Script(trajectory.task, trajectory.chance_seed, acts, key)


def _put(value: Any, found: Callable[[str], Any]) -> Any:
    """Arguments with every text replaced for which something is found."""
    if isinstance(value, str):
        other = found(value)
        return value if other is None else other
    if isinstance(value, dict):
        return {name: _put(inner, found) for name, inner in value.items()}
    return [_put(inner, found) for inner in value] if isinstance(value, list | tuple) else value


def made_in(value: Any) -> Iterator[Made]:
    """Every `Made` inside arguments."""
    if isinstance(value, Made):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        yield from made_in(inner)


class Stage:
    """Where scripts are played: one environment, used again and again."""

    def __init__(self, reward: str = "ltr", **environment: Any) -> None:
        self._env = VisGenEnv(**{"reward": reward, "on_failure": "truncate", "system_prompt": "none", "max_turns": 60, **environment})

    def play(self, script: Script) -> Trajectory:
        """The episode of a script; cut off after its last turn where none answers."""
        self._env.reset(seed=script.seed, options={"task": script.task, "chance_seed": script.seed})
        handles: dict[Made, str] = {}
        for act in script.acts:
            text = act.text if act.text is not None else _said(act, handles)
            *_, terminated, truncated, info = self._env.step(text)
            if terminated or truncated:
                trajectory = info["trajectory"]
                assert isinstance(trajectory, Trajectory)
                return trajectory
            records = self._env.state.turns[-1].calls
            for move, record in zip(act.moves, records, strict=False):
                handles |= {Made(move.key, place): handle for place, handle in enumerate(record.outputs)}
        return self._env.trajectory(truncated=True)


def _said(act: Act, handles: dict[Made, str]) -> str:
    def resolved(value: Any) -> Any:
        if isinstance(value, Made):
            return handles.get(value, NOWHERE)
        if isinstance(value, dict):
            return {name: resolved(inner) for name, inner in value.items()}
        return [resolved(inner) for inner in value] if isinstance(value, list | tuple) else value

    text = render(
        act.think or "",
        plan=None if act.plan is None else Plan(steps=tuple(act.plan)),
        calls=tuple(ToolCall(name=move.tool, arguments=resolved(move.arguments)) for move in act.moves),
        answer=None if act.answer is None else Answer(deliverables=tuple(resolved(act.answer)), checks=act.checks),
    )
    return text if act.think is not None else text.removeprefix("<think></think>").lstrip()


def changed(step: PlanStep, **fields: Any) -> PlanStep:
    """A step with other fields."""
    return msgspec.structs.replace(step, **fields)
