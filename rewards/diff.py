"""What another reward changes on the same trajectories: per part, in the order within groups, and in the sign of advantages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from rewards.ltr import LtrReward
from rewards.signs import ZERO, Grouping, Signs, grouped, sign, signs, signs_without
from visgenenv.errors import ConfigError, RewardUnavailable
from visgenenv.masked import count, told
from visgenenv.types import RewardBreakdown, Score, Trajectory

MOST = 10
"""The most changed trajectories that a part's difference names."""


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A trajectory of which a part says something else; None: does not apply."""

    index: int
    id: str
    a: float | None
    b: float | None
    reason_a: str
    reason_b: str


class PartDiff(msgspec.Struct, frozen=True, kw_only=True):
    """A part as A measures it and as B does."""

    name: str
    mean_a: float | None
    mean_b: float | None
    both: int
    """Trajectories that it applies to on both sides."""
    mean_change: float | None
    """Mean of |B - A| over those; None where there are none."""
    changed: int
    """Trajectories with another value, or to which it applies on one side only."""
    most: tuple[Moved, ...]
    """The most changed, at most `MOST`; those that apply on one side only first."""


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """The rewards that the file holds, beside those of A."""

    compared: int
    differing: int
    largest: float
    """The largest |A - stored|."""
    expressions: dict[str, int]
    """How many of the stored ones have each expression."""
    versions: dict[str, int]
    """How many have each version of the reward; "?" where the file does not say."""


class RewardDiff(msgspec.Struct, frozen=True, kw_only=True):
    """Two rewards on the same trajectories, both scored anew."""

    a: str
    b: str
    version_a: str
    version_b: str
    trajectories: int
    scored: int
    """By both; means, parts and order are about these."""
    masked: int
    """Left out: the file says that the sample is masked."""
    unavailable_a: int
    unavailable_b: int
    failures_a: dict[str, int]
    failures_b: dict[str, int]
    """Why a reward is unavailable, and how often; the commonest first."""
    mean_a: float | None
    mean_b: float | None
    spearman: float | None
    """Rank correlation of the two rewards (ties share their mean rank); None where one of them is the same everywhere."""
    grouping: str
    """What the members of a group share, see `Grouping.by`."""
    groups: int
    """With two scored members or more."""
    even_a: int
    """Of these groups, those whose members are all paid the same under A: none of them has an advantage."""
    even_b: int
    pairs: int
    """Of members of one group."""
    flips: int
    """Pairs that A puts in one order and B in the other."""
    ties: int
    """Pairs that are equal under one of the two only."""
    parts: tuple[PartDiff, ...]
    signs: Signs
    """Of the advantages, from A to B."""
    without: dict[str, Signs]
    """By part that A uses and that applies to some trajectory: from A to A without it, the part taken as not applying."""
    stored: Stored


def diff(trajectories: Sequence[Trajectory], a: LtrReward, b: LtrReward) -> RewardDiff:
    """Score trajectories under A and under B and compare; samples that the file says are masked stay out.

    Raises `ConfigError` where there is nothing to compare, and `RewardUnavailable` where A or B scores nothing. A reward that
    is unavailable leaves its sample out on that side.
    """
    if not trajectories:
        raise ConfigError("no trajectory to compare two rewards on; expected those of a file that `visgen rollout` wrote")
    (under_a, why_a), (under_b, why_b) = _scored(trajectories, a), _scored(trajectories, b)
    paid_a = [None if breakdown is None else breakdown.total for breakdown in under_a]
    paid_b = [None if breakdown is None else breakdown.total for breakdown in under_b]
    grouping = grouped(trajectories)
    both = [i for i in range(len(trajectories)) if paid_a[i] is not None and paid_b[i] is not None]
    masked = sum(trajectory.failure is not None for trajectory in trajectories)
    groups = _by_group(paid_a, paid_b, grouping)
    pairs, flips, ties = _order(groups)
    first, second = [x for i in both if (x := paid_a[i]) is not None], [x for i in both if (x := paid_b[i]) is not None]
    return RewardDiff(
        a=a.expression,
        b=b.expression,
        version_a=a.version,
        version_b=b.version,
        trajectories=len(trajectories),
        scored=len(both),
        masked=masked,
        unavailable_a=paid_a.count(None) - masked,
        unavailable_b=paid_b.count(None) - masked,
        failures_a=why_a,
        failures_b=why_b,
        mean_a=_mean(first),
        mean_b=_mean(second),
        spearman=_spearman(first, second),
        grouping=grouping.by,
        groups=len(groups),
        even_a=_even(groups, 0),
        even_b=_even(groups, 1),
        pairs=pairs,
        flips=flips,
        ties=ties,
        parts=_parts(trajectories, under_a, under_b, both),
        signs=signs(paid_a, paid_b, trajectories, grouping),
        without=signs_without(under_a, trajectories, grouping),
        stored=_stored(trajectories, paid_a),
    )


def _scored(trajectories: Sequence[Trajectory], engine: LtrReward) -> tuple[list[RewardBreakdown | None], dict[str, int]]:
    """In order, None for what has no reward; and why what was asked for has none."""
    asked = [trajectory for trajectory in trajectories if trajectory.failure is None]
    answers = engine.score_many(asked)
    missing = [(str(one), trajectory) for one, trajectory in zip(answers, asked, strict=True) if isinstance(one, RewardUnavailable)]
    if missing and len(missing) == len(asked):
        raise RewardUnavailable(f"nothing to compare, none of {len(asked)} is scored: {missing[0][0]}", asked[0])
    scored = iter(answers)
    found = [next(scored) if trajectory.failure is None else None for trajectory in trajectories]
    return [None if isinstance(one, RewardUnavailable) else one for one in found], count(missing)


_Pairs = Sequence[tuple[float, float]]
"""Rewards under A and under B of the members of one group."""


def _by_group(a: Sequence[float | None], b: Sequence[float | None], grouping: Grouping) -> list[_Pairs]:
    """Groups with two members and more that both rewards score."""
    members: dict[int, list[tuple[float, float]]] = {}
    for group, x, y in zip(grouping.groups, a, b, strict=True):
        if x is not None and y is not None:
            members.setdefault(group, []).append((x, y))
    return [found for found in members.values() if len(found) > 1]


def _even(groups: Sequence[_Pairs], side: int) -> int:
    """Groups whose members are all paid the same, on one side."""
    return sum(max(pair[side] for pair in group) - min(pair[side] for pair in group) <= ZERO for group in groups)


def _order(groups: Sequence[_Pairs]) -> tuple[int, int, int]:
    """Pairs within groups, those whose order turns, and those that are tied on one side only."""
    pairs = flips = ties = 0
    for found in groups:
        for number, (x, y) in enumerate(found):
            for other_x, other_y in found[number + 1 :]:
                under_a, under_b = sign(x - other_x), sign(y - other_y)
                pairs += 1
                flips += under_a * under_b < 0
                ties += (under_a == 0) != (under_b == 0)
    return pairs, flips, ties


def _parts(
    trajectories: Sequence[Trajectory],
    under_a: Sequence[RewardBreakdown | None],
    under_b: Sequence[RewardBreakdown | None],
    both: Sequence[int],
) -> tuple[PartDiff, ...]:
    pairs = [(i, a.parts, b.parts) for i in both if (a := under_a[i]) is not None and (b := under_b[i]) is not None]
    named = dict.fromkeys(name for _, a, b in pairs for name in (*a, *b))
    return tuple(_part(name, [(i, trajectories[i].id, a.get(name), b.get(name)) for i, a, b in pairs]) for name in named)


def _part(name: str, found: Sequence[tuple[int, str, Score | None, Score | None]]) -> PartDiff:
    changes = [abs(a.value - b.value) for *_, a, b in found if a is not None and b is not None]
    moved: list[tuple[float, Moved]] = []
    for index, own, a, b in found:
        if (a is None) != (b is None) or (a is not None and b is not None and abs(a.value - b.value) > ZERO):
            size = abs(a.value - b.value) if a is not None and b is not None else 2.0
            told = Moved(
                index=index,
                id=own,
                a=None if a is None else a.value,
                b=None if b is None else b.value,
                reason_a="" if a is None else a.reason,
                reason_b="" if b is None else b.reason,
            )
            moved.append((size, told))
    return PartDiff(
        name=name,
        mean_a=_mean([a.value for *_, a, _ in found if a is not None]),
        mean_b=_mean([b.value for *_, b in found if b is not None]),
        both=len(changes),
        mean_change=_mean(changes),
        changed=len(moved),
        most=tuple(one for _, one in sorted(moved, key=lambda pair: (-pair[0], pair[1].index))[:MOST]),
    )


def _stored(trajectories: Sequence[Trajectory], paid: Sequence[float | None]) -> Stored:
    held = [(t, t.reward, own) for t, own in zip(trajectories, paid, strict=True) if t.reward is not None and own is not None]
    gaps = [abs(reward.total - own) for _, reward, own in held]
    return Stored(
        compared=len(held),
        differing=sum(gap > ZERO for gap in gaps),
        largest=max(gaps, default=0.0),
        expressions=dict(Counter(reward.expression for _, reward, _ in held)),
        versions=dict(Counter(trajectory.versions.get("reward", "?") for trajectory, *_ in held)),
    )


def _spearman(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Pearson's correlation of mean ranks (Spearman 1904)."""
    if len(a) < 2 or max(a) - min(a) <= ZERO or max(b) - min(b) <= ZERO:
        return None
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(values: Sequence[float]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Mean ranks, shape (values,); values nearer to each other than `ZERO` are tied."""
    _, places, counts = np.unique(np.round(np.asarray(values, np.float64) / ZERO), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: np.ndarray[Any, np.dtype[np.float64]] = (last - (counts - 1) / 2)[places]
    return ranks


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def table(found: RewardDiff, limit: int = 5) -> str:
    """The difference as lines of text; `limit` members and trajectories are named where there are more."""
    left_out = f"{found.masked} masked, {found.unavailable_a} without a reward under A, {found.unavailable_b} under B"
    lines = [
        f"A  {found.a}  (version {found.version_a})",
        f"B  {found.b}  (version {found.version_b})",
        f"{found.trajectories} trajectories: {found.scored} scored by both; {left_out}",
        *told(found.failures_a, "without a reward under A"),
        *told(found.failures_b, "without a reward under B"),
        f"mean reward  A {_cell(found.mean_a)}  B {_cell(found.mean_b)}; rank correlation over all (Spearman) {_cell(found.spearman)}",
        *_group_lines(found),
        "",
        *_part_lines(found.parts, limit),
        "",
        f"advantage, from A to B: {_said(found.signs)}",
        *_members(found.signs, limit),
        "",
        "advantage under A, without a part (a factor drops out of its product, a term out of its mean or sum):",
    ]
    for name, own in found.without.items():
        lines += [f"  {name:<20} {_said(own)}", *_members(own, min(limit, 1))]
    held = found.stored
    lines += ["", f"stored rewards: {held.differing} of {held.compared} differ from A, by {held.largest:.3g} at most"]
    lines.append(f"  expressions: {_counts(held.expressions)}; versions: {_counts(held.versions)}; A's is {found.version_a}")
    return "\n".join(lines)


def _group_lines(found: RewardDiff) -> list[str]:
    if not found.groups:
        return ["no group of two and more, so no advantage: play each task several times, `visgen rollout … --group-size 8`"]
    lines = [
        f"groups of the same {found.grouping}: {found.groups}; all paid the same in {found.even_a} under A, in {found.even_b} under B",
        f"of their {found.pairs} pairs {found.flips} change their order, {found.ties} are tied on one side only",
    ]
    if found.even_a == found.even_b == found.groups:
        lines.append("nobody has an advantage under either: these groups do not tell the two rewards apart")
    return lines


def _part_lines(parts: Sequence[PartDiff], limit: int) -> list[str]:
    changed = [part for part in parts if part.changed]
    if not changed:
        return ["no part differs: A and B measure the same, and use it differently"]
    lines = [f"{'part':<22}{'A':>8}{'B':>8}{'mean change':>13}{'changed':>9}"]
    for part in changed:
        lines.append(f"{part.name:<22}{_cell(part.mean_a):>8}{_cell(part.mean_b):>8}{_cell(part.mean_change):>13}{part.changed:>9}")
        lines += [f"  {one.id}: {_why(one.a, one.reason_a)} to {_why(one.b, one.reason_b)}" for one in part.most[:limit]]
    return lines


def _why(value: float | None, reason: str) -> str:
    return "does not apply" if value is None else f"{value:.3f} ({reason or 'no reason given'})"


def _said(found: Signs) -> str:
    share = "" if found.share is None else f" ({100 * found.share:.1f} %)"
    more = f"; {found.becomes_zero} become zero, {found.leaves_zero} leave zero" + (
        f", {found.gone} have none any more" if found.gone else ""
    )
    return f"{found.changed} of {found.compared} change their sign{share}{more}"


def _members(found: Signs, limit: int) -> list[str]:
    named = (*found.members, *found.zeros)
    lines = [f"    group {one.group}, member {one.member}, {one.id}: {one.before:+.4f} to {one.after:+.4f}" for one in named[:limit]]
    return lines + ([f"    and {len(named) - limit} more"] if len(named) > limit > 0 else [])


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in counts.items()) or "none"
