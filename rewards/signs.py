"""The sign of a group's advantages: what turns it when a reward is another, or when one of its parts is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import msgspec

from rewards.compose import Node, at, evaluate, names
from rewards.grammar import parse
from rewards.ltr import DEFINITIONS, PARTS
from visgenenv.errors import ConfigError
from visgenenv.types import RewardBreakdown, Trajectory

ZERO = 1e-9
"""An advantage nearer to zero than this has no sign; two values nearer to each other are the same."""
_MEMBERS = {name: tuple(dict.fromkeys(part.name for part in names(definition))) for name, definition in DEFINITIONS.items()}


class Grouping(msgspec.Struct, frozen=True, kw_only=True):
    """Which trajectories are compared with each other."""

    by: Literal["task and luck", "task", "nothing"]
    """What the members of a group share; "nothing" where no task stands twice, and then no advantage is known."""
    groups: tuple[int, ...]
    """By trajectory: its group, numbered from 0 in order of appearance."""
    members: tuple[int, ...]
    """By trajectory: its number within the group, from 0, masked ones counted too."""


class Turned(msgspec.Struct, frozen=True, kw_only=True):
    """A member whose advantage has another sign than before, zero being one too."""

    group: int
    member: int
    index: int
    """Of the trajectory in the file, from 0."""
    id: str
    before: float
    after: float


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to the signs of advantages."""

    compared: int
    """Members with an advantage on both sides."""
    changed: int
    """From more to less than nothing, or from less to more."""
    becomes_zero: int
    leaves_zero: int
    gone: int
    """Members with an advantage before and none after: nothing is left that applies, or they are masked."""
    members: tuple[Turned, ...] = ()
    """Those that changed, in order."""
    zeros: tuple[Turned, ...] = ()
    """Those whose advantage becomes zero or leaves it, in order."""

    @property
    def share(self) -> float | None:
        """Of the compared members, the share that changed their sign."""
        return self.changed / self.compared if self.compared else None


def used(expression: str) -> tuple[str, ...]:
    """The parts an expression is made of, each followed by those it is made of itself."""
    found: dict[str, None] = {}

    def add(name: str) -> None:
        found[name] = None
        for part in _MEMBERS.get(name, ()):
            add(part)

    for name in names(parse(expression)):
        add(name.name)
    return tuple(found)


def without(breakdown: RewardBreakdown, *left_out: str) -> float | None:
    """The reward if these parts did not apply to the task; None where nothing is left that does.

    What is made of a part left out is formed again without it (`DEFINITIONS`); a part made of parts may itself be left
    out. Raises `ConfigError` for a part that the breakdown does not have.
    """
    values: dict[str, float | None] = dict.fromkeys(PARTS)  # an older record lacks the parts that are younger than it
    values |= {name: None if score is None else score.value for name, score in breakdown.parts.items()}
    for name in left_out:
        if name not in breakdown.parts:
            raise ConfigError(f"part={name!r}: not in this breakdown; expected one of {', '.join(breakdown.parts)}")
        values[name] = None
    touched = set(left_out)
    for name, definition in DEFINITIONS.items():
        if name not in left_out and not touched.isdisjoint(_MEMBERS[name]):
            touched.add(name)
            values[name] = evaluate(definition, values)
    return evaluate(_tree(breakdown.expression, breakdown.step), values)


@lru_cache(maxsize=256)
def _tree(expression: str, step: int | None) -> Node:
    """The expression as it is at a training step; a file holds few expressions and steps, and many trajectories."""
    return parse(expression) if step is None else at(parse(expression), step)


def grouped(trajectories: Sequence[Trajectory]) -> Grouping:
    """The groups of one file: same task, luck and training step; the same task where no such group has a second member."""
    tasks = [msgspec.json.encode(trajectory.task) for trajectory in trajectories]
    lucky = [(task, trajectory.chance_seed, trajectory.step) for task, trajectory in zip(tasks, trajectories, strict=True)]
    by: Literal["task and luck", "task", "nothing"] = "task and luck"
    keys: list[Any] = list(lucky)
    if len(set(lucky)) == len(lucky):
        keys, by = list(tasks), "task" if len(set(tasks)) < len(tasks) else "nothing"
    numbers: dict[Any, int] = {}
    seen: Counter[Any] = Counter()
    groups, members = [], []
    for key in keys:
        groups.append(numbers.setdefault(key, len(numbers)))
        members.append(seen[key])
        seen[key] += 1
    return Grouping(by=by, groups=tuple(groups), members=tuple(members))


def advantages(rewards: Sequence[float | None], groups: Sequence[int]) -> list[float | None]:
    """Each reward less the mean of its group's; None for a masked member (None) and where fewer than two of a group count.

    A group's deviation, over which GRPO may divide, is positive and changes no sign.
    """
    paid: dict[int, list[float]] = {}
    for reward, group in zip(rewards, groups, strict=True):
        if reward is not None:
            paid.setdefault(group, []).append(reward)
    means = {group: sum(found) / len(found) for group, found in paid.items() if len(found) > 1}
    return [None if reward is None or group not in means else reward - means[group] for reward, group in zip(rewards, groups, strict=True)]


def signs(
    before: Sequence[float | None], after: Sequence[float | None], trajectories: Sequence[Trajectory], grouping: Grouping | None = None
) -> Signs:
    """What becomes of the signs of advantages when each trajectory is paid `after` in place of `before`; None is masked."""
    grouping = grouped(trajectories) if grouping is None else grouping
    if not len(before) == len(after) == len(trajectories):
        raise ConfigError(f"{len(before)} and {len(after)} rewards for {len(trajectories)} trajectories: expected one each")
    compared = becomes = leaves = gone = 0
    turned: list[Turned] = []
    zeros: list[Turned] = []
    pairs = zip(advantages(before, grouping.groups), advantages(after, grouping.groups), strict=True)
    for index, (old, new) in enumerate(pairs):
        if old is None or new is None:
            gone += old is not None
            continue
        compared += 1
        was, now = sign(old), sign(new)
        becomes += was != 0 and now == 0
        leaves += was == 0 and now != 0
        if was != now:
            group, member = grouping.groups[index], grouping.members[index]
            one = Turned(group=group, member=member, index=index, id=trajectories[index].id, before=old, after=new)
            (turned if was * now < 0 else zeros).append(one)
    return Signs(
        compared=compared,
        changed=len(turned),
        becomes_zero=becomes,
        leaves_zero=leaves,
        gone=gone,
        members=tuple(turned),
        zeros=tuple(zeros),
    )


def signs_without(
    breakdowns: Sequence[RewardBreakdown | None], trajectories: Sequence[Trajectory], grouping: Grouping | None = None
) -> dict[str, Signs]:
    """`Signs` of leaving out each part that the breakdowns' expression uses; parts that apply to no trajectory are left out.

    Raises `ConfigError` where the breakdowns are of several expressions.
    """
    known = [breakdown for breakdown in breakdowns if breakdown is not None]
    expressions = sorted({breakdown.expression for breakdown in known})
    if len(expressions) > 1:
        raise ConfigError(f"the breakdowns are of {len(expressions)} rewards, {expressions!r}: expected one; score them again under it")
    grouping = grouped(trajectories) if grouping is None else grouping
    before = [None if breakdown is None else breakdown.total for breakdown in breakdowns]
    found = {}
    for name in used(expressions[0]) if expressions else ():
        if any(breakdown.parts.get(name) is not None for breakdown in known):
            after = [None if breakdown is None else without(breakdown, name) for breakdown in breakdowns]
            found[name] = signs(before, after, trajectories, grouping)
    return found


def sign(value: float) -> int:
    """1, -1, or 0 for what is nearer to zero than `ZERO`."""
    return 0 if abs(value) <= ZERO else 1 if value > 0 else -1
