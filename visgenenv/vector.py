"""Many episodes in one environment: the native vector entry point, which costs a step little more than a single one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from visgenenv.env import MAX_TURNS, VisGenEnv
from visgenenv.errors import ConfigError
from visgenenv.forks import snapshot
from visgenenv.options import integer
from visgenenv.spaces import TextSpace, TurnSpace
from visgenenv.state import EpisodeState
from visgenenv.tasks.sources import as_task

Texts = tuple[str, ...]
Tuple: TypeAlias = "gymnasium.spaces.Tuple[Any]"
Booleans = np.ndarray[Any, np.dtype[np.bool_]]
_OPTIONS = {"reset_mask", "task", "tasks", "chance_seed", "chance_seeds", "step"}


class VisGenVectorEnv(VectorEnv[Texts, Sequence[str], np.ndarray[Any, Any]]):
    """`num_envs` episodes of one VisGenEnv: `gymnasium.make_vec(id, num_envs, vectorization_mode="vector_entry_point")`.

    Observations and actions are sequences of texts; rewards, terminations and truncations arrays of shape (num_envs,);
    `infos` maps each key of a single `info` to an array with its mask `_key`, as Gymnasium's own vector environments do.
    Episodes share tools, media and reward; each costs its state alone. `autoreset_mode`: "disabled" (an ended episode
    waits for `reset(options={"reset_mask": mask})`), "next_step" or "same_step". Further arguments are VisGenEnv's, but that
    `on_failure` is "truncate" by default: one broken judge must not lose the step of all.
    """

    def __init__(self, num_envs: int = 1, autoreset_mode: str | AutoresetMode = "disabled", **environment: Any) -> None:
        if isinstance(num_envs, bool) or not isinstance(num_envs, int) or num_envs < 1:
            raise ConfigError(f"num_envs={num_envs!r}: expected an integer of at least 1")
        most = environment.pop("max_episode_steps", None)
        if most is not None and most >= 0:  # Gymnasium's -1 is no limit of its own
            environment["max_turns"] = min(most, environment.get("max_turns", MAX_TURNS))
        environment.setdefault("on_failure", "truncate")
        self._mode = _mode(autoreset_mode)
        self.metadata = {**VisGenEnv.metadata, "autoreset_mode": self._mode}
        self.num_envs = num_envs
        self._env = VisGenEnv(**environment)
        if self._mode != AutoresetMode.DISABLED and getattr(self._env.engine, "scheduled", False):
            raise ConfigError(
                f"autoreset_mode={autoreset_mode!r} with a reward that changes with the training step: an episode that resets by itself "
                'is told of no step; use "disabled", and reset(options={"reset_mask": mask, "step": n})'
            )
        self.render_mode = self._env.render_mode
        self.single_observation_space, self.single_action_space = TextSpace(), TurnSpace(self._env.tool_names)
        self._states: list[EpisodeState | None] = [None] * num_envs
        self._generators: list[Any] = [None] * num_envs
        self._ended: Booleans = np.zeros(num_envs, np.bool_)
        self._observations: list[str] = [""] * num_envs
        self._spaces: tuple[Tuple, Tuple] | None = None

    @property
    def observation_space(self) -> Tuple:  # type: ignore[override]
        """A text for each episode."""
        return self._batched()[0]

    @property
    def action_space(self) -> Tuple:  # type: ignore[override]
        """A turn for each episode."""
        return self._batched()[1]

    def _batched(self) -> tuple[Tuple, Tuple]:
        if self._spaces is None:
            many = range(self.num_envs)
            self._spaces = (
                gymnasium.spaces.Tuple([TextSpace() for _ in many]),
                gymnasium.spaces.Tuple([TurnSpace(self._env.tool_names) for _ in many]),
            )
        return self._spaces

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Texts, dict[str, Any]]:
        """Begin episodes: all, or those of `options["reset_mask"]`.

        `seed`: one for the first, counted up from there, or a list. `options` besides: `task`, `chance_seed` and `step` for
        all, `tasks` and `chance_seeds` with an entry for each episode.
        """
        chosen, each = self._options(options or {})
        seeds = _seeds(seed, self.num_envs)
        infos: list[dict[str, Any] | None] = [None] * self.num_envs
        for i in np.flatnonzero(chosen).tolist():
            self._observations[i], infos[i] = self._begin(i, seeds[i], each[i])
        return tuple(self._observations), _stacked(infos)

    def step(self, actions: Sequence[str]) -> tuple[Texts, np.ndarray[Any, Any], Booleans, Booleans, dict[str, Any]]:
        """Play one turn of every episode; `actions` holds a text for each, in their order."""
        n = self.num_envs
        if isinstance(actions, str) or len(actions) != n or not all(isinstance(action, str) for action in actions):
            raise ConfigError(f"actions: {type(actions).__name__} of {len(actions)}; expected a text for each of the {n} episodes")
        if self._mode is AutoresetMode.DISABLED and self._ended.any():
            ended = np.flatnonzero(self._ended).tolist()
            raise ConfigError(f"episodes {ended[:12]} have ended: reset(options={{'reset_mask': mask}}) them, or use an autoreset_mode")
        rewards, terminations, truncations = np.zeros(n), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
        infos: list[dict[str, Any] | None] = [None] * n
        env, states, observations = self._env, self._states, self._observations
        final: dict[int, tuple[str, dict[str, Any]]] = {}
        for i, action in enumerate(actions):
            if self._ended[i]:  # only where the next step resets
                observations[i], infos[i] = self._again(i)
                continue
            env._episode = states[i]
            observations[i], reward, terminated, truncated, infos[i] = env.step(action)
            if terminated or truncated:
                rewards[i], terminations[i], truncations[i] = reward, terminated, truncated
                if self._mode is AutoresetMode.SAME_STEP:
                    final[i] = (observations[i], infos[i] or {})
                    observations[i], infos[i] = self._again(i)
        if self._mode is not AutoresetMode.SAME_STEP:
            self._ended = terminations | truncations
        stacked = _stacked(infos)
        if final:
            stacked |= _finals(final, n)
        return tuple(observations), rewards, terminations, truncations, stacked

    def snapshot(self, number: int) -> EpisodeState:
        """Where one of the episodes stands (see `vg.snapshot`)."""
        self._env._episode = self._states[number]
        return snapshot(self._env)

    def render(self) -> tuple[str | None, ...]:  # type: ignore[override]
        """Every episode as text."""
        found: list[str | None] = []
        for state in self._states:
            self._env._episode = state
            found.append(self._env.render())
        return tuple(found)

    def _begin(self, i: int, seed: int | None, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """One episode anew; its generator is its own, as if it stood alone."""
        env = self._env
        env._generator, env._np_random_seed = self._generators[i] or (None, None)
        env._episode = None
        observation, info = env.reset(seed=seed, options=options)
        self._states[i], self._generators[i], self._ended[i] = env._episode, (env._generator, env._np_random_seed), False
        return observation, info

    def _again(self, i: int) -> tuple[str, dict[str, Any]]:
        """One episode anew by itself."""
        return self._begin(i, None, {})

    def _options(self, options: dict[str, Any]) -> tuple[Booleans, list[dict[str, Any]]]:
        unknown = set(options) - _OPTIONS
        if unknown:
            raise ConfigError(f"options={sorted(unknown)!r}: unknown; expected {', '.join(sorted(_OPTIONS))}")
        n = self.num_envs
        mask = options.get("reset_mask", np.ones(n, np.bool_))
        if not isinstance(mask, np.ndarray) or mask.shape != (n,) or mask.dtype != np.bool_ or not mask.any():
            raise ConfigError(f"options['reset_mask']={mask!r}: expected a boolean array of shape ({n},) with a True in it")
        for one, many in (("task", "tasks"), ("chance_seed", "chance_seeds")):
            if one in options and many in options:
                raise ConfigError(f"options: both {one!r} and {many!r}; expected one of them")
            if many in options and (not isinstance(options[many], list | tuple) or len(options[many]) != n):
                raise ConfigError(f"options[{many!r}]={str(options[many])[:60]}: expected a list of {n} entries, one for each episode")
        each: list[dict[str, Any]] = [{"step": options["step"]} if "step" in options else {} for _ in range(n)]
        for i, own in enumerate(each):
            for one, many in (("task", "tasks"), ("chance_seed", "chance_seeds")):
                value = options[many][i] if many in options else options.get(one)
                if value is not None:
                    own[one] = as_task(value) if one == "task" else integer(f"options[{many!r}][{i}]", value)
        return mask, each


def _mode(given: str | AutoresetMode) -> AutoresetMode:
    modes = {"disabled": AutoresetMode.DISABLED, "next_step": AutoresetMode.NEXT_STEP, "same_step": AutoresetMode.SAME_STEP}
    if isinstance(given, AutoresetMode):
        return given
    if given not in modes:
        raise ConfigError(f"autoreset_mode={given!r}: expected one of {', '.join(map(repr, modes))}")
    return modes[given]


def _seeds(seed: int | Sequence[int | None] | None, n: int) -> Sequence[int | None]:
    if seed is None:
        return [None] * n
    if not isinstance(seed, list | tuple | np.ndarray):
        first = integer("seed", seed)
        seeds: list[int | None] = [first + i for i in range(n)]
    elif len(seed) != n:
        raise ConfigError(f"seed has {len(seed)} entries; expected one number, or {n} of them")
    else:
        seeds = [None if one is None else integer(f"seed[{i}]", one) for i, one in enumerate(seed)]
    for i, one in enumerate(seeds):
        if one is not None and not 0 <= one < 2**63:
            raise ConfigError(f"seed[{i}]={one}: expected an integer from 0 to 2**63 - 1")
    return seeds


def _stacked(infos: Sequence[dict[str, Any] | None]) -> dict[str, Any]:
    """Infos of single episodes as arrays with masks, in Gymnasium's form; None is no info."""
    there = [(i, info) for i, info in enumerate(infos) if info is not None]
    if not there:
        return {}
    columns: dict[str, list[Any]] = {}
    places: dict[str, list[int] | None] = {}
    usual = there[0][1].keys()
    if all(info.keys() == usual for _, info in there):
        where = None if len(there) == len(infos) else [i for i, _ in there]
        columns, places = {key: [info[key] for _, info in there] for key in usual}, dict.fromkeys(usual, where)
    else:
        for key in dict.fromkeys(key for _, info in there for key in info):
            own = [(i, info[key]) for i, info in there if key in info]
            columns[key], places[key] = [value for _, value in own], [i for i, _ in own]
    found: dict[str, Any] = {}
    for key, values in columns.items():
        found[key], found[f"_{key}"] = _column(values, places[key], len(infos))
    return found


def _column(values: Sequence[Any], places: Sequence[int] | None, n: int) -> tuple[np.ndarray[Any, Any], Booleans]:
    kind = type(values[0]) if type(values[0]) in (int, float, bool) else object
    where: Any = slice(None) if places is None else places
    array = np.full(n, None, object) if kind is object else np.zeros(n, kind)
    if kind is object:
        filled = np.empty(len(values), object)
        for i, value in enumerate(values):  # lists must stay single values
            filled[i] = value
        array[where] = filled
    else:
        array[where] = values
    mask = np.zeros(n, np.bool_)
    mask[where] = True
    return array, mask


def _finals(final: dict[int, tuple[str, dict[str, Any]]], n: int) -> dict[str, Any]:
    """What ended in this very step: the last observation and info of each."""
    observations = np.full(n, None, object)
    infos: list[dict[str, Any] | None] = [None] * n
    for i, (observation, info) in final.items():
        observations[i], infos[i] = observation, info
    mask = np.zeros(n, np.bool_)
    mask[list(final)] = True
    return {"final_obs": observations, "_final_obs": mask, "final_info": _stacked(infos), "_final_info": mask.copy()}
