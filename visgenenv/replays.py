"""Saved episodes played again: whole, up to a turn, or one turn alone; the same bytes, or an error that says where not."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec

from visgenenv.env import VisGenEnv
from visgenenv.errors import ConfigError, ReplayMismatch
from visgenenv.forks import restore
from visgenenv.state import EpisodeState
from visgenenv.tools.spec import CallContext
from visgenenv.types import Asset, CallRecord, Trajectory, TurnRecord
from visgenenv.workspace import Workspace

_ARGUMENTS = frozenset(inspect.signature(VisGenEnv).parameters)


def replay(trajectory: Trajectory, turns: int | None = None, **environment: Any) -> VisGenEnv:
    """An environment in which the first `turns` turns of a trajectory (all of them by default) have been played again.

    `environment`: arguments in place of those the trajectory was made with, such as another `reward`; a trajectory made
    with a media library wants `media` here, for records do not hold folders. Where the episode did not end within these
    turns it can be stepped on. Raises `ReplayMismatch` where a turn comes out otherwise than in the record, naming the
    first one, and where the media are others.
    """
    _ensure(trajectory)
    if turns is not None and (isinstance(turns, bool) or not isinstance(turns, int) or not 0 <= turns <= len(trajectory.turns)):
        raise ConfigError(f"turns={turns!r}: expected 0 to {len(trajectory.turns)}, the turns of this trajectory")
    wanted = len(trajectory.turns) if turns is None else turns
    return next(islice(replayed(trajectory, **environment), wanted, None))


def replayed(trajectory: Trajectory, **environment: Any) -> Iterator[VisGenEnv]:
    """One environment, first as it stood before the first turn, then after each turn of the trajectory.

    It goes on when the next is asked for: fork it to keep it. Raises `ReplayMismatch` as `replay` does.
    """
    env = environment_of(trajectory, **environment)
    restore(env, _opened(trajectory, env))
    for number, record in enumerate(trajectory.turns):
        _set_luck(env.state, trajectory, number)
        yield env
        env.step(record.text)
        _compare(trajectory, number, env)
    _set_luck(env.state, trajectory, len(trajectory.turns))
    yield env


def replay_turn(trajectory: Trajectory, number: int, **environment: Any) -> TurnRecord:
    """One turn (from 0) of a trajectory played again alone, from the record of what was there before it.

    `environment` as of `replay`. Raises `ReplayMismatch` where it comes out otherwise than in the record.
    """
    _ensure(trajectory)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(trajectory.turns):
        raise ConfigError(f"number={number!r}: expected a turn of this trajectory, 0 to {len(trajectory.turns) - 1}")
    env = environment_of(trajectory, **environment)
    restore(env, state_before(trajectory, number, env))
    env.step(trajectory.turns[number].text)
    _compare(trajectory, number, env)
    return env.state.turns[-1]


def _ensure(trajectory: object) -> None:
    if not isinstance(trajectory, Trajectory):
        raise ConfigError(f"trajectory={str(trajectory)[:60]!r}: expected a vg.Trajectory; vg.load(path) reads a file of them")


def environment_of(trajectory: Trajectory, **changes: Any) -> VisGenEnv:
    """A fresh environment with the arguments a trajectory was made with, its reward and who judges for it included where it has one."""
    _ensure(trajectory)
    made_with = {name: value for name, value in trajectory.environment.items() if name in _ARGUMENTS}
    if trajectory.reward is not None:
        made_with["reward"] = trajectory.reward.expression
        made_with["judge"] = trajectory.versions.get("judge", "rules")
    env = VisGenEnv(**{"task": trajectory.task, "on_failure": "truncate", **made_with, **changes})
    had, has = trajectory.versions.get("media"), env.trajectory_versions["media"]
    if had is not None and had != has:
        raise ReplayMismatch(
            f"{trajectory.id}: was made with media {had} and there are {has}; give media='FOLDER', the library it ran with"
        )
    return env


def state_before(trajectory: Trajectory, number: int, env: VisGenEnv) -> EpisodeState:
    """Where a trajectory stood before a turn, put together from its record; no tool runs but those that keep notes."""
    state = _opened(trajectory, env)
    workspace = state.workspace
    for turn in range(number):
        workspace.chance_seed = _luck(trajectory, turn)
        record = trajectory.turns[turn]
        for call in record.calls:
            _recall(call, trajectory, workspace, env)
        workspace.end_turn(record.calls)
    state.turns = list(trajectory.turns[:number])
    state.parsed_once = any(not turn.parsed.errors for turn in state.turns)
    _set_luck(state, trajectory, number)
    return state


def _recall(call: CallRecord, trajectory: Trajectory, workspace: Workspace, env: VisGenEnv) -> None:
    """What a call left behind: its count, its price, its notes, its assets."""
    workspace.calls += 1
    workspace.price_microusd += call.price_microusd
    if call.attempt is not None:
        workspace.attempts[call.tool] = call.attempt + 1
    spec = env.tools.get(call.tool)
    if spec is not None and spec.keeps_notes and call.fault is None:
        args = msgspec.convert(call.arguments, spec.args)
        spec.effect(args, CallContext(workspace.chance_seed, spec.original, args, workspace.assets, workspace.notes))
    for asset in trajectory.assets:
        if asset.call == call.index:
            workspace.mint(asset, parents=asset.parents, turn=asset.turn, call=asset.call)


def _opened(trajectory: Trajectory, env: VisGenEnv) -> EpisodeState:
    workspace = Workspace(_luck(trajectory, 0), trajectory.task.inputs)
    media = env.trajectory_versions["media"]
    return EpisodeState(trajectory.seed, trajectory.task, workspace, trajectory.opening, env.arguments, media, step=trajectory.step)


def _luck(trajectory: Trajectory, number: int) -> int:
    """The chance seed that held in a turn: that of the first change after it, or the last."""
    forks = trajectory.environment.get("forks", ())
    return int(next((fork["chance_seed"] for fork in forks if fork["turn"] > number), trajectory.chance_seed))


def _set_luck(state: EpisodeState, trajectory: Trajectory, number: int) -> None:
    """The luck that held in a turn, and what the record says of earlier ones."""
    state.forks = [dict(fork) for fork in trajectory.environment.get("forks", ()) if fork["turn"] <= number]
    state.workspace.chance_seed = _luck(trajectory, number)


def _compare(trajectory: Trajectory, number: int, env: VisGenEnv) -> None:
    """Raise `ReplayMismatch` where a turn, or what it made (with the first turn also what the task brought), came out otherwise."""
    kept, found = trajectory.turns[number], env.state.turns[-1]
    if found != kept:
        name = next(name for name in ("text", "parsed", "observation", "calls") if getattr(found, name) != getattr(kept, name))
        raise _mismatch(trajectory, number, f"its {name}", getattr(kept, name), getattr(found, name))
    turns = (-1, 0) if number == 0 else (number,)
    was = {asset.handle: asset for asset in trajectory.assets if asset.turn in turns}
    now = {asset.handle: asset for asset in env.assets() if asset.turn in turns}
    for handle in {**was, **now}:
        before, after = was.get(handle), now.get(handle)
        if before is None or after is None:
            raise _mismatch(trajectory, number, handle, before, after)
        for name in Asset.__struct_fields__:
            if getattr(before, name) != getattr(after, name):
                raise _mismatch(trajectory, number, f"the {name} of {handle}", getattr(before, name), getattr(after, name))


def _mismatch(trajectory: Trajectory, number: int, what: str, was: object, now: object) -> ReplayMismatch:
    told = f"{what} was {str(was)[:200]!r} and is now {str(now)[:200]!r}"
    return ReplayMismatch(f"{trajectory.id}: turn {number} comes out otherwise: {told}")
