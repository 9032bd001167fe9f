"""The environment: a task in, turns of text, tool responses out, one reward at the end."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import gymnasium
import msgspec
import numpy as np
from gymnasium.utils import seeding

from media_db.index import MediaIndex, bundled, open_index
from visgenenv import chance, plugins
from visgenenv.answers import unparsed
from visgenenv.backends.named import resolve_backend
from visgenenv.backends.simulated import SimulatedBackend
from visgenenv.conversation import Conversation
from visgenenv.errors import ConfigError, PluginError, RewardUnavailable, VisGenError
from visgenenv.faults import FaultProfile
from visgenenv.near import did_you_mean
from visgenenv.options import choice, integer, read_options
from visgenenv.prompts import system_prompt as write_system_prompt
from visgenenv.prompts import task_message
from visgenenv.quota import Quota
from visgenenv.sight import Sight
from visgenenv.spaces import TextSpace, TurnSpace
from visgenenv.state import EpisodeState
from visgenenv.tasks.sources import TaskSource, as_task, resolve_source
from visgenenv.tasks.success import is_success
from visgenenv.tools.catalogue import toolset
from visgenenv.tools.execute import execute, lend_media
from visgenenv.tools.spec import ToolSpec
from visgenenv.trajectories import trajectory_hash
from visgenenv.turns import encodable, parse_any, parse_usual, sealed
from visgenenv.types import Answer, Asset, CallRecord, JSONObject, RewardBreakdown, Task, Trajectory, TurnRecord
from visgenenv.versions import VERSIONS
from visgenenv.workspace import Workspace

MAX_TURNS = 40
"""Turns of an episode, unless told otherwise."""


class Reward(Protocol):
    """What judges an episode; raises `RewardUnavailable` (or any `JudgeError`) where it cannot."""

    version: str

    def __call__(self, trajectory: Trajectory) -> RewardBreakdown:
        """The reward and its parts."""
        ...


class VisGenEnv(gymnasium.Env[str, str]):
    """One agent, one task, 36 tools.

    An action is a turn's text (see `visgenenv.turns`), an observation the environment's answer. The reward comes on
    the last step; `info` then carries `reward_parts`, `is_success` and `trajectory`. Every argument is a plain name or
    JSON value, so that specs serialise; a name is a registered one or `"module:attribute"`.
    """

    metadata = {"render_modes": ["ansi"], "render_fps": 1}  # noqa: RUF012 - Gymnasium's own form
    _spaces: tuple[TurnSpace, TextSpace] | None = None
    _generator: np.random.Generator | None = None
    _generator_is_shared = False
    """With a fork; the first of the two that draws takes a copy."""

    def __init__(
        self,
        task: JSONObject | Task | str | None = None,
        task_types: Sequence[str] | None = None,
        reward: str = "ltr",
        judge: str = "rules",
        tools: str | Sequence[str] = "paper36",
        backend: str = "simulated",
        faults: str | JSONObject = "none",
        quota: JSONObject | None = None,
        max_turns: int = MAX_TURNS,
        observe: str = "text",
        system_prompt: str = "full",
        on_failure: str = "raise",
        media: str | None = None,
        render_mode: str | None = None,
        **unknown: Any,
    ) -> None:
        if unknown:
            name, given = next(iter(unknown.items()))
            known = [known for known in inspect.signature(VisGenEnv).parameters if known != "unknown"]
            raise ConfigError(f"{name}={given!r}: no such argument; expected {', '.join(known)}{did_you_mean(name, known)}")
        choice("observe", observe, ("text", "images"))
        choice("system_prompt", system_prompt, ("full", "names", "none"))
        choice("on_failure", on_failure, ("raise", "truncate"))
        choice("render_mode", render_mode, (None, "ansi"))
        if isinstance(max_turns, bool) or not isinstance(max_turns, int) or max_turns < 1:
            raise ConfigError(f"max_turns={max_turns!r}: expected an integer of at least 1")
        faults, quota = copy.deepcopy((faults, quota))  # what a record says must not change with a dict of the caller's
        self.render_mode = render_mode
        self._source: TaskSource = resolve_source(task, task_types)
        self._tools = toolset(tools)
        self._index: MediaIndex = bundled() if media is None else open_index(media)
        self._backend = resolve_backend(backend, self._index)
        self._faults = FaultProfile(faults, self._tools)
        self._quota = Quota(quota, self._tools)
        self._reward: Reward = plugins.load("engines", "reward")(reward, judge=judge)
        self._sight = Sight(media, self._index.version) if observe == "images" else None
        self._max_turns = max_turns
        self._on_failure = on_failure
        self._system = write_system_prompt(system_prompt, self._tools)
        self._schemas = [tool.schema for tool in self._tools.values()]
        self._environment: JSONObject = {
            "tools": [tools] if isinstance(tools, str) else list(tools),
            "backend": backend,
            "faults": faults,
            "max_turns": max_turns,
            "system_prompt": system_prompt,
        }
        if quota:
            self._environment["quota"] = quota
        if observe != "text":
            self._environment["observe"] = observe
        self._versions = {**VERSIONS, "media": self._index.version, "reward": self._reward.version}
        if judge != "rules":
            self._versions["judge"] = judge  # by name, so that a replay is judged by the same
        self._episode: EpisodeState | None = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begin an episode.

        `options`: `task` (a Task or its JSON) in place of the source's, `chance_seed` (int) for the episode's luck, which
        members of a group share, `step` (int), the training step, which a reward with a schedule needs. The seed chooses the
        task, and the luck where no chance_seed is given.
        """
        if seed is not None and (seed := integer("seed", seed)) < 0:
            raise ConfigError(f"seed={seed!r}: expected an integer from 0 to 2**63 - 1")
        given, chance_seed, step = read_options(options, self._reward)
        if seed is not None:
            self._np_random, self._np_random_seed = None, seed
        seed = int(self.np_random.integers(2**31)) if seed is None else seed
        task = as_task(given) if given is not None else self._source(seed)
        if given is None and not getattr(self._source, "sound", False):
            task = as_task(task)
        workspace = Workspace(seed if chance_seed is None else chance_seed, task.inputs)
        opening = task_message(task, workspace.assets.values())
        before = self._episode
        self._episode = episode = EpisodeState(seed, task, workspace, opening, self._environment, self._index.version, step=step)
        try:
            messages = self.messages()
        except VisGenError:  # a picture of what the task brings cannot be drawn
            self._episode = before
            raise
        return opening, self._info(episode, list(messages), messages=messages, task=task)

    @property
    def tools(self) -> Mapping[str, ToolSpec[Any]]:
        """The tools there are, by name."""
        return self._tools

    @property
    def state(self) -> EpisodeState:
        """Where the running episode stands; not to be changed (see `snapshot` for a copy)."""
        return self._running()

    @property
    def arguments(self) -> JSONObject:
        """What a record says the environment was made with; not to be changed."""
        return self._environment

    @property
    def engine(self) -> Reward:
        """What judges its episodes."""
        return self._reward

    @property
    def trajectory_versions(self) -> Mapping[str, str]:
        """The versions that its trajectories carry."""
        return self._versions

    @property
    def tool_names(self) -> tuple[str, ...]:
        """What the environment was given as `tools`, as names."""
        return tuple(self._environment["tools"])

    def messages(self) -> list[JSONObject]:
        """The conversation so far as chat messages: the system prompt, the task, then turns and answers."""
        episode = self._running()
        found = [] if self._system is None else [{"role": "system", "content": self._system}]
        found.append(self._said(episode, episode.opening, -1))
        for number, turn in enumerate(episode.turns):
            found.append({"role": "assistant", "content": turn.text})
            if turn.observation:
                found.append(self._said(episode, turn.observation, number))
        return found

    def _said(self, episode: EpisodeState, text: str, turn: int) -> JSONObject:
        """The environment's message on what a turn made (-1: on what the task brings), with pictures where they are observed."""
        if self._sight is None:
            return {"role": "user", "content": text}
        made = [asset for asset in self.assets() if asset.turn == turn]
        if turn < 0 and isinstance(self._backend, SimulatedBackend):
            lend, seed = self._backend.lend, episode.first_luck
            made = [msgspec.structs.replace(asset, media_id=lend(asset, chance.bits(seed, "input", asset.handle))) for asset in made]
        return self._sight.message(text, made)

    def conversation(self, *name: int) -> Conversation:
        """The running episode as a policy sees it; `name` keys the sampling of a policy that has luck of its own."""
        episode = self._running()
        return Conversation(episode.task, episode.seed, self.messages(), self._schemas, {"name": name} if name else {})

    def _running(self) -> EpisodeState:
        if self._episode is None:
            raise ConfigError("there is no episode yet: call reset()")
        return self._episode

    @property
    def action_space(self) -> TurnSpace:  # type: ignore[override]
        """Turns; a fork has a space, and so a generator, of its own."""
        return self._own_spaces()[0]

    @property
    def observation_space(self) -> TextSpace:  # type: ignore[override]
        """Texts."""
        return self._own_spaces()[1]

    def _own_spaces(self) -> tuple[TurnSpace, TextSpace]:
        if self._spaces is None:
            self._spaces = TurnSpace(self._environment["tools"]), TextSpace()
        return self._spaces

    @property
    def _np_random(self) -> np.random.Generator | None:
        """Gymnasium's generator, made from its seed when somebody first asks; most resets name their seed and nobody does."""
        if self._generator is None and self._np_random_seed is not None and self._np_random_seed >= 0:
            self._generator, _ = seeding.np_random(self._np_random_seed)
        elif self._generator_is_shared:
            self._generator, self._generator_is_shared = copy.deepcopy(self._generator), False
        return self._generator

    @_np_random.setter
    def _np_random(self, value: np.random.Generator | None) -> None:
        self._generator, self._generator_is_shared = value, False

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Play one turn; any text at all is an action.

        Raises `RewardUnavailable`, which carries the trajectory, where a judge, a tool or a backend fails; with
        `on_failure="truncate"` the episode ends there instead and `info["masked"]` is true.
        """
        episode = self._episode
        if episode is None or episode.done:
            raise ConfigError("step() after the end of an episode (or before the first): call reset()")
        if not isinstance(action, str):
            raise ConfigError(f"action={action!r}: expected a turn's text (str)")
        workspace = episode.workspace
        usual = parse_usual(action, not episode.parsed_once)
        parsed = usual or parse_any(action, not episode.parsed_once)
        if not action.isascii():
            action = encodable(action)
        records: list[CallRecord] = []
        failure: VisGenError | None = None
        if parsed.errors:
            observation = f"<tool_response>{sealed(unparsed(parsed.errors))}</tool_response>"
        else:
            episode.parsed_once = True
            for call in parsed.calls:
                try:
                    records.append(execute(workspace, call, self._tools, self._backend, self._faults, self._quota, usual is not None))
                except VisGenError as error:
                    failure = error
                    break
                except Exception as error:  # the border to other people's tools and backends (see `plugins.foreign`)
                    failure = plugins.blamed(f"tool {call.name!r}", error, PluginError)
                    break
            if len(records) == 1:  # by far the commonest
                observation = f"<tool_response>{sealed(records[0].response)}</tool_response>"
            else:
                observation = "\n".join([f"<tool_response>{sealed(record.response)}</tool_response>" for record in records])
        episode.turns.append(TurnRecord(text=action, parsed=parsed, calls=tuple(records), observation=observation))
        workspace.end_turn(records)
        terminated = parsed.answer is not None and not parsed.errors
        truncated = not terminated and workspace.turn >= self._max_turns
        new = [{"role": "assistant", "content": action}]
        if observation and self._sight is None:
            new.append({"role": "user", "content": observation})
        elif observation:
            try:
                new.append(self._said(episode, observation, workspace.turn - 1))
            except VisGenError as error:
                failure = failure or error
                new.append({"role": "user", "content": observation})
        if failure is not None:
            episode.done = True
            return self._masked(episode, observation, self.trajectory(truncated=True), failure, new)
        if not (terminated or truncated):
            return observation, 0.0, False, False, self._info(episode, new)
        episode.done = True
        return self._finish(episode, observation, parsed.answer if terminated else None, truncated, new)

    def _finish(
        self, episode: EpisodeState, observation: str, answer: Answer | None, truncated: bool, new: list[JSONObject]
    ) -> tuple[str, float, bool, bool, dict[str, Any]]:
        trajectory = self.trajectory(answer, truncated)
        if trajectory.failure is not None:
            return self._masked(episode, observation, trajectory, PluginError(trajectory.failure), new)
        try:
            breakdown = self._reward(trajectory)
        except RewardUnavailable as error:
            return self._masked(episode, observation, trajectory, error, new)
        trajectory = msgspec.structs.replace(trajectory, reward=breakdown)
        info = self._info(episode, new, reward_parts=breakdown, is_success=trajectory.success, trajectory=trajectory)
        return observation, breakdown.total, not truncated, truncated, info

    def _masked(
        self, episode: EpisodeState, observation: str, trajectory: Trajectory, error: VisGenError, new: list[JSONObject]
    ) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """The end of an episode that cannot be scored, through no fault of the policy."""
        trajectory = msgspec.structs.replace(trajectory, failure=str(error))
        if self._on_failure == "raise":
            raise RewardUnavailable(str(error), trajectory) from error
        info = self._info(episode, new, masked=True, is_success=trajectory.success, trajectory=trajectory, reward_parts=None)
        return observation, 0.0, False, True, info

    def trajectory(self, answer: Answer | None = None, truncated: bool = False) -> Trajectory:
        """The record of the episode so far, not scored."""
        episode = self._running()
        workspace = episode.workspace
        failure: str | None = None
        try:
            lend_media(workspace, self._backend)
        except PluginError as error:
            failure = str(error)
        record = Trajectory(
            id="",
            task=episode.task,
            seed=episode.seed,
            chance_seed=workspace.chance_seed,
            environment={**self._environment, "forks": episode.forks} if episode.forks else self._environment,
            opening=episode.opening,
            turns=tuple(episode.turns),
            assets=tuple(workspace.shown()),
            answer=answer,
            truncated=truncated,
            step=episode.step,
            virtual_ms=workspace.clock_ms,
            price_microusd=workspace.price_microusd,
            versions=self._versions,
        )
        try:
            record = msgspec.structs.replace(record, success=is_success(record))
        except PluginError as error:  # a requirement of the user's own
            failure = failure or str(error)
        if failure is not None:
            record = msgspec.structs.replace(record, failure=failure)
        digest = trajectory_hash(record)
        return msgspec.structs.replace(record, hash=digest, id=f"{episode.task.id}/{workspace.chance_seed}/{digest[:8]}")

    def assets(self) -> list[Asset]:
        """All assets so far, with the files that stand in for them, as a record has them."""
        workspace = self._running().workspace
        lend_media(workspace, self._backend)
        return list(workspace.shown())

    def render(self) -> str | None:
        """The episode as text."""
        episode = self._episode
        if self.render_mode is None or episode is None:
            return None
        parts = [episode.opening]
        for turn in episode.turns:
            parts += [turn.text, turn.observation]
        return "\n\n".join(parts)

    def _info(self, episode: EpisodeState, new_messages: list[JSONObject], **more: Any) -> dict[str, Any]:
        workspace = episode.workspace
        found = {
            "tools": self._schemas,
            "turn": workspace.turn,
            "virtual_seconds": workspace.clock_ms / 1000,
            "price_usd": workspace.price_microusd / 1e6,
            "new_messages": new_messages,
        }
        if more:
            found.update(more)
        return found
