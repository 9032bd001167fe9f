"""Saved episodes played again: whole, up to a turn, or one turn alone; the same bytes, or an error that says where not."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec

from visgenenv.env import VisGenEnv, restore
from visgenenv.errors import ConfigError, ReplayMismatch
from visgenenv.state import EpisodeState
from visgenenv.tools.catalogue import toolset
from visgenenv.tools.spec import CallContext
from visgenenv.types import PREFIX, Trajectory, TurnRecord
from visgenenv.workspace import Workspace

_ARGUMENTS = frozenset(inspect.signature(VisGenEnv).parameters)


def replay(trajectory: Trajectory, turns: int | None = None, **environment: Any) -> VisGenEnv:
    """An environment in which the first `turns` turns of a trajectory (all of them by default) have been played again.

    `environment`: arguments in place of those the trajectory was made with, such as another `reward`. Where the episode
    did not end within these turns it can be stepped on. Raises `ReplayMismatch` where a turn comes out otherwise than in
    the record, naming the first one.
    """
    if turns is not None and (isinstance(turns, bool) or not isinstance(turns, int) or not 0 <= turns <= len(trajectory.turns)):
        raise ConfigError(f"turns={turns!r}: expected 0 to {len(trajectory.turns)}, the turns of this trajectory")
    wanted = len(trajectory.turns) if turns is None else turns
    return next(islice(replayed(trajectory, **environment), wanted, None))


def replayed(trajectory: Trajectory, **environment: Any) -> Iterator[VisGenEnv]:
    """One environment, first as it stood before the first turn, then after each turn of the trajectory.

    It goes on when the next is asked for: fork it to keep it. Raises `ReplayMismatch` as `replay` does.
    """
    env = environment_of(trajectory, **environment)
    restore(env, _opened(trajectory))
    for number, record in enumerate(trajectory.turns):
        yield env
        env.step(record.text)
        _compare(trajectory, number, _last(env))
        _switch_luck(env, trajectory, number + 1)
    yield env


def replay_turn(trajectory: Trajectory, number: int, **environment: Any) -> TurnRecord:
    """One turn (from 0) of a trajectory played again alone, from the record of what was there before it.

    Raises `ReplayMismatch` where it comes out otherwise than in the record.
    """
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(trajectory.turns):
        raise ConfigError(f"number={number!r}: expected a turn of this trajectory, 0 to {len(trajectory.turns) - 1}")
    env = environment_of(trajectory, on_failure="truncate", **environment)
    restore(env, state_before(trajectory, number))
    env.step(trajectory.turns[number].text)
    found = _last(env)
    _compare(trajectory, number, found)
    return found


def environment_of(trajectory: Trajectory, **changes: Any) -> VisGenEnv:
    """A fresh environment with the arguments a trajectory was made with."""
    made_with = {name: value for name, value in trajectory.environment.items() if name in _ARGUMENTS}
    return VisGenEnv(**{"task": trajectory.task, "on_failure": "truncate", **made_with, **changes})


def state_before(trajectory: Trajectory, number: int) -> EpisodeState:
    """Where a trajectory stood before a turn, put together from its record; no tool runs but those that keep notes."""
    state = _opened(trajectory)
    workspace = state.workspace
    workspace.chance_seed = _luck(trajectory, number)
    for asset in trajectory.assets:
        if 0 <= asset.turn < number:
            workspace.assets[asset.handle] = asset
            prefix = PREFIX[asset.modality]
            workspace.counters[prefix] = workspace.counters.get(prefix, 0) + 1
    tools = toolset(trajectory.environment.get("tools", "paper36"))
    for turn in trajectory.turns[:number]:
        for call in turn.calls:
            workspace.calls += 1
            workspace.price_microusd += call.price_microusd
            if call.attempt is not None:
                workspace.attempts[call.tool] = call.attempt + 1
            spec = tools.get(call.tool)
            if spec is not None and spec.keeps_notes and call.fault is None:
                args = msgspec.convert(call.arguments, spec.args)
                spec.effect(args, CallContext(workspace.chance_seed, spec.name, args, workspace.assets, workspace.notes))
        workspace.end_turn(turn.calls)
    state.turns = list(trajectory.turns[:number])
    state.forks = [fork for fork in trajectory.environment.get("forks", ()) if fork["turn"] <= number]
    state.parsed_once = any(not turn.parsed.errors for turn in state.turns)
    return state


def _opened(trajectory: Trajectory) -> EpisodeState:
    workspace = Workspace(_luck(trajectory, 0), trajectory.task.inputs)
    return EpisodeState(trajectory.seed, trajectory.task, workspace, trajectory.opening)


def _luck(trajectory: Trajectory, number: int) -> int:
    """The chance seed that held in a turn: that of the first change after it, or the last."""
    forks = trajectory.environment.get("forks", ())
    return int(next((fork["chance_seed"] for fork in forks if fork["turn"] > number), trajectory.chance_seed))


def _switch_luck(env: VisGenEnv, trajectory: Trajectory, number: int) -> None:
    state = env._episode
    for fork in trajectory.environment.get("forks", ()):
        if fork["turn"] == number and state is not None:
            state.with_luck(_luck(trajectory, number))


def _last(env: VisGenEnv) -> TurnRecord:
    assert env._episode is not None, "it has been restored"
    return env._episode.turns[-1]


def _compare(trajectory: Trajectory, number: int, found: TurnRecord) -> None:
    kept = trajectory.turns[number]
    if found == kept:
        return
    name = next(name for name in ("text", "parsed", "observation", "calls") if getattr(found, name) != getattr(kept, name))
    was, now = (str(getattr(turn, name))[:200] for turn in (kept, found))
    raise ReplayMismatch(f"{trajectory.id}: turn {number} comes out otherwise: its {name} was {was!r} and is now {now!r}")
