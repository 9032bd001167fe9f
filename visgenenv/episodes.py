"""Episodes by the batch: a policy in, trajectories out."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import gymnasium
from gymnasium.envs.registration import load_env_creator

from visgenenv import chance, plugins
from visgenenv.conversation import Conversation
from visgenenv.env import VisGenEnv
from visgenenv.errors import ConfigError
from visgenenv.overlap import overlapped, places
from visgenenv.types import JSONObject, Task, Trajectory


class Policy(Protocol):
    """Chooses turns for a batch of running episodes."""

    def act(self, conversations: Sequence[Conversation], /) -> Sequence[str]:
        """A turn for each conversation; a batch of one is the single case."""
        ...


def as_policy(policy: Policy | Callable[[Conversation], str] | str, seed: int = 0) -> Policy:
    """A plain function from a conversation to a turn serves as a policy too, and so does a policy's name."""
    if isinstance(policy, str):
        from visgenenv.policy import load_policy

        return load_policy(policy, seed)
    if inspect.isclass(policy) or not (hasattr(policy, "act") or callable(policy)):
        raise ConfigError(f"policy={policy!r}: expected an object with act(conversations), a function of one conversation, or a name")
    return policy if hasattr(policy, "act") else _FunctionPolicy(policy)


@dataclass(frozen=True, slots=True)
class _FunctionPolicy:
    function: Callable[[Conversation], str]

    def act(self, conversations: Sequence[Conversation], /) -> Sequence[str]:
        return [self.function(conversation) for conversation in conversations]


def rollout(
    policy: Policy | Callable[[Conversation], str] | str,
    episodes: int = 1,
    seed: int = 0,
    *,
    tasks: Iterable[Task] | None = None,
    seeds: int = 1,
    group_size: int = 1,
    batch: int = 32,
    progress: Callable[[int], object] | None = None,
    step: int | None = None,
    env: str = "VisGenEnv-v0",
    **environment: Any,
) -> list[Trajectory]:
    """Run episodes with seeds `seed, seed+1, …` and return their trajectories in that order.

    `tasks`: the tasks themselves, a task an episode, in place of the environment's source (`episodes` is then their
    number). `seeds`: how often each task is played, each time with other luck (see `luck`); its trajectories stand next
    to each other. `group_size`: how often with the same luck, as GRPO does; the policy's seed is another for each member of
    such a group (the same ones whatever the luck), so one that draws nothing says the same in all of them. `policy`: an
    object with `act`, a function of one conversation, or a name (see `load_policy`). `env`: the id of a VisGenEnv;
    `environment`: its arguments of `gymnasium.make`; a policy that names the `system_prompt` it is used to gets it where none
    is given. A reward that is unavailable masks the sample (`reward` None, `failure` says why); every trajectory is returned.
    `progress` is told after each finished episode. `step`: the training step, which a reward with a schedule needs.
    """
    if "temperature" in environment:
        advice = "load it with policies.language_model.from_folder(DIR, temperature=…), or write --temperature on the command line"
        raise ConfigError(f"temperature={environment['temperature']!r}: is the policy's own and not the rollout's; {advice}")
    actor = as_policy(policy, seed)
    if isinstance(tasks, Task):
        raise ConfigError("tasks: a single Task; expected a list of them, [task]")
    given = list(tasks) if tasks is not None else [None] * episodes
    for name, value in (("batch", batch), ("seeds", seeds), ("group_size", group_size)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ConfigError(f"{name}={value!r}: expected an integer of at least 1")
    chosen = [(seed + i, task, nth, member) for i, task in enumerate(given) for nth in range(seeds) for member in range(group_size)]
    environment = {"on_failure": "truncate", **habits(actor), **environment}
    slots = [make(env, **environment) for _ in range(min(batch, len(chosen)))]
    found: list[Trajectory | None] = [None] * len(chosen)
    waiting = iter(enumerate(chosen))
    running: list[Running] = []
    while True:
        while slots and (following := next(waiting, None)) is not None:
            number, (own, task, nth, member) = following
            slot = slots.pop()
            options: JSONObject = {"chance_seed": luck(own, nth)}
            if task is not None:
                options["task"] = task
            if step is not None:
                options["step"] = step
            _, info = slot.reset(seed=own, options=options)
            memory = {"name": (own, nth, member) if member else (own, nth)}
            drawn = chance.below(2**31, own, "member", member) if member else own
            running.append((slot, number, Conversation(info["task"], drawn, info["messages"], info["tools"], memory)))
        if not running:
            return [trajectory for trajectory in found if trajectory is not None]
        running, ended = advance(actor, running)
        for (slot, number, _), trajectory in ended:
            found[number] = trajectory
            slots.append(slot)
            if progress is not None:
                progress(number)


Running = tuple[VisGenEnv, int, Conversation]
"""An episode under way: its environment, its number, and what its policy sees of it."""


def advance(actor: Policy, running: Sequence[Running]) -> tuple[list[Running], list[tuple[Running, Trajectory]]]:
    """One turn of each running episode; returns those that go on, and those that ended, with their trajectories."""
    turns = actor.act([conversation for _, _, conversation in running])
    if isinstance(turns, str):
        raise ConfigError(f"the policy gave the text {turns[:60]!r} for {len(running)} conversations; expected a list with a turn for each")
    if len(turns) != len(running):
        raise ConfigError(f"the policy gave {len(turns)} turns for {len(running)} conversations; expected one each, in their order")
    at_most = places(running[0][0].engine) if running else 1
    # A reward that waits for something outside lets the others step meanwhile.
    waited = overlapped(_stepped, list(zip(running, turns, strict=True)), at_most) if at_most > 1 else None
    going, ended = [], []
    for episode, turn in zip(running, turns, strict=True):
        env, _, conversation = episode
        _, _, terminated, truncated, info = env.step(turn) if waited is None else next(waited)
        conversation.messages.extend(info["new_messages"])
        if terminated or truncated:
            ended.append((episode, info["trajectory"]))
        else:
            going.append(episode)
    return going, ended


def _stepped(pair: tuple[Running, str]) -> tuple[str, float, bool, bool, dict[str, Any]]:
    (env, _, _), turn = pair
    return env.step(turn)


def habits(policy: object) -> JSONObject:
    """What a policy says of the environment it is used to: its `system_prompt`, where it has one."""
    prompt = getattr(policy, "system_prompt", None)
    return {} if prompt is None else {"system_prompt": prompt}


def luck(seed: int, nth: int) -> int:
    """Chance seed of the nth time a task is played: its own seed at first, then one keyed by seed and number."""
    return seed if nth == 0 else chance.below(2**31, seed, "luck", nth)


def make(env: str = "VisGenEnv-v0", **arguments: Any) -> VisGenEnv:
    """The bare environment behind an id, without Gymnasium's wrappers.

    Ids are those registered with Gymnasium, `"module:id"` to import the module that registers it first, and those of
    installed packages (entry-point group `visgenenv.envs`).
    """
    module, _, name = env.rpartition(":")
    if module:
        plugins.import_foreign(module, env)
    if name not in gymnasium.registry and name in plugins.names("envs"):
        gymnasium.register(id=name, entry_point=plugins.target("envs", name))
    try:
        spec = gymnasium.spec(name)
        creator: Any = load_env_creator(spec.entry_point) if isinstance(spec.entry_point, str) else spec.entry_point
    except (gymnasium.error.Error, ImportError, AttributeError) as error:
        advice = 'expected a registered id, or "module:id" of a module that registers it'
        raise ConfigError(f"env={env!r}: {error}; {advice}") from error
    if isinstance(creator, type) and not issubclass(creator, VisGenEnv):
        raise ConfigError(f"env={env!r}: is {creator!r}; expected a VisGenEnv or a class derived from it")
    found = gymnasium.make(spec, disable_env_checker=True, **arguments).unwrapped
    if not isinstance(found, VisGenEnv):
        raise ConfigError(f"env={env!r}: is {found!r}; expected a VisGenEnv or a class derived from it")
    return found
