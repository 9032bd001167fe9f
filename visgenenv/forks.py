"""A running episode copied, kept and put back; whatever wraps the environment is left off."""

from __future__ import annotations

from typing import Any

import gymnasium

from visgenenv.env import VisGenEnv
from visgenenv.errors import ConfigError
from visgenenv.options import integer, require_step
from visgenenv.state import EpisodeState
from visgenenv.tools.execute import lend_media


def fork(env: gymnasium.Env[Any, Any], chance_seed: int | None = None) -> VisGenEnv:
    """An independent copy of a running episode, bare of wrappers; copies no media and costs microseconds.

    With a `chance_seed` the copy goes on with that luck; its record then says in `environment["forks"]` until which turn
    which luck held. What a class of one's own keeps beside the episode is shared with the copy, not copied.
    """
    bare = _bare(env)
    twin = type(bare).__new__(type(bare))
    twin.__dict__.update(bare.__dict__)
    twin._spaces = None
    bare._generator_is_shared = twin._generator_is_shared = True
    if bare._episode is not None:
        twin._episode = bare._episode.copy()
    if chance_seed is not None:
        twin.state.with_luck(integer("chance_seed", chance_seed))
    return twin


def snapshot(env: gymnasium.Env[Any, Any]) -> EpisodeState:
    """Where the running episode stands, luck, clock and quota included; picklable, and never changed by what follows."""
    bare = _bare(env)
    lend_media(bare.state.workspace, bare._backend)  # what waits for its file holds types that may not be picklable
    return bare.state.copy()


def restore(env: gymnasium.Env[Any, Any], state: EpisodeState) -> None:
    """Put an environment where a snapshot stood, as often as wanted.

    Raises `ConfigError` where it was made with other arguments or media: the episode would go on under other rules; and where
    the environment's reward changes with the training step, and the episode has none.
    """
    if not isinstance(state, EpisodeState):
        raise ConfigError(f"state={state!r}: expected what snapshot(env) returned")
    bare = _bare(env)
    own, given = bare._environment, state.environment
    other = [name for name in {**own, **given} if own.get(name) != given.get(name)]
    if other:
        told = "; ".join(f"{name} was {given.get(name)!r} and is {own.get(name)!r}" for name in other)
        raise ConfigError(f"the snapshot is of an environment made with other arguments: {told}")
    if state.media != bare._index.version:
        raise ConfigError(f"the snapshot is of an episode with media {state.media}, and here are {bare._index.version}: other pictures")
    require_step(bare.engine, state.step)
    bare._episode = state.copy()


def _bare(env: gymnasium.Env[Any, Any]) -> VisGenEnv:
    bare = env.unwrapped
    if not isinstance(bare, VisGenEnv):
        raise ConfigError(f"env={env!r}: expected a VisGenEnv, wrapped or not")
    return bare
