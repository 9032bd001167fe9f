"""What groups have to learn from: rewards that differ, and components that turn an advantage."""

from __future__ import annotations

from contextlib import suppress
from math import isfinite

import numpy as np

from rewards.audit.check import Check, answer, graded, listed, many, skipped
from rewards.audit.checks.forms import COUNTERS, unweighed
from rewards.audit.frame import EVEN, Frame
from rewards.audit.samples import RunSample
from rewards.ltr import DEFINITIONS
from rewards.signs import Grouping, Signs, signs, used, without
from visgenenv.errors import ConfigError
from visgenenv.types import Requirements, Task, Trajectory


def equal(frame: Frame) -> Check:
    """Groups in which all rewards are equal."""
    name, meaning = "groups without a difference", "In how many groups are all rewards equal, so that nothing is learned?"
    if not frame.compared:
        return skipped(name, meaning, "no group has two known rewards")
    same = [members for members in frame.compared if np.ptp(frame.rewards[members]) <= EVEN]
    best = frame.rewards[frame.known].max()
    full = sum(1 for members in same if frame.rewards[members[0]] >= best - EVEN)
    told = f"{full} of them at the best reward of all, {len(same) - full} below it" if same else ""
    if np.ptp(frame.rewards[frame.known]) <= EVEN:
        told = f"all rewards are {best:g}" if frame.has_totals else "all rewards are equal"
        told += ": no sample is better than another, in its group or beyond, and nothing at all is learned"
    share = len(same) / len(frame.compared)
    return answer(name, meaning, graded(share, 0.3, 0.8), len(same), len(frame.compared), told, frame.ids([int(one[0]) for one in same]))


def dead(frame: Frame) -> Check:
    """Components that are the same in every sample."""
    name, meaning = "dead components", "Which components are the same in every sample?"
    own = _used(frame)
    if not own:
        return skipped(name, meaning, "the records hold no components")
    found = {}
    for part in own:
        column = frame.parts[frame.known, frame.names.index(part)]
        values = column[np.isfinite(column)]
        if len(values) > 1 and np.ptp(values) <= EVEN:
            found[part] = float(values[0])
    told = f"always the same: {listed(f'{part} {value:g}' for part, value in found.items())}" if found else ""
    return answer(name, meaning, "look" if found else "ok", len(found), len(own), told, (), dict(found))


def idle(frame: Frame) -> Check:
    """Components without which no advantage changes its sign, and how often it does without each of the others.

    A sign that comes to nothing, or comes from it, is no flip, as in `rewards.signs`; but such a component decides something.
    """
    name, meaning = "components that decide nothing", "Without which component does no member's advantage change its sign?"
    if not frame.compared:
        return skipped(name, meaning, "no group has two known rewards")
    ours = any(sample.expression is not None for sample in frame.samples)
    if not ours and not frame.summed:
        return skipped(name, meaning, "the format keeps no total beside its scores")
    weights = frame.weights
    if not ours and (weights is None or not weights.trusted):
        return skipped(name, meaning, unweighed(frame) if weights is None else "no fixed weights make the reward of its components")
    own = _used(frame)
    if len(own) < 2:
        return skipped(name, meaning, f"the reward has {many(len(own), 'component')}")
    try:
        turned = {part: _turned_ours(frame, part) if ours else _turned(frame, part) for part in own}
    except (ConfigError, KeyError) as error:
        return skipped(name, meaning, f"the reward without a component cannot be worked out: {error}")
    never = [part for part, found in turned.items() if not found.changed + found.becomes_zero + found.leaves_zero + found.gone]
    by_share = sorted(((part, found.share or 0.0) for part, found in turned.items()), key=lambda pair: -pair[1])
    told = f"never: {listed(never)}; " if never else ""
    told += "signs that flip without it: " + (listed(f"{part} {share:.1%}" for part, share in by_share if share > 0) or "none")
    figures = {f"flips.{part}": found.share for part, found in turned.items()}
    return answer(name, meaning, "look" if never else "ok", len(never), len(own), told, (), figures)


def _used(frame: Frame) -> list[str]:
    """Components that the reward is made of: all whose weight is not 0 or not known, or what the expressions come down to."""
    expressions = {sample.expression for sample in frame.samples if sample.expression is not None}
    if expressions:
        wanted: set[str] = set()
        for text in expressions:
            with suppress(ConfigError):  # `recomputed` names what cannot be read
                wanted.update(name for name in used(text) if name not in DEFINITIONS)
        return [name for name in frame.names if name in wanted and np.isfinite(frame.parts[:, frame.names.index(name)]).any()]
    weights = frame.weights
    if weights is None or not weights.trusted:
        return [name for name in frame.names if name not in COUNTERS]
    one_by_one = zip(frame.names, weights.values, weights.told_apart, strict=True)
    return [name for name, value, told in one_by_one if value != 0 or not told]


def _turned(frame: Frame, part: str) -> Signs:
    """What leaving out a weighed component turns."""
    assert frame.weights is not None
    column = frame.names.index(part)
    members = np.concatenate(frame.compared)
    was = frame.signs[members]
    now = frame.signs_of(frame.rewards - frame.weights.values[column] * frame.terms[:, column])[members]
    changed, becomes, leaves = (int(marks.sum()) for marks in (was * now < 0, (was != 0) & (now == 0), (was == 0) & (now != 0)))
    return Signs(compared=len(members), changed=changed, becomes_zero=becomes, leaves_zero=leaves, gone=0)


def _turned_ours(frame: Frame, part: str) -> Signs:
    """What leaving out a component of an expression turns; raises `ConfigError` or `KeyError` where it cannot be worked out."""
    before = [float(reward) if known else None for reward, known in zip(frame.rewards, frame.known, strict=True)]
    after = [None if reward is None else _without(sample, part, reward) for sample, reward in zip(frame.samples, before, strict=True)]
    grouping = Grouping(by="task and luck", groups=tuple(frame.groups.tolist()), members=(0,) * len(before))
    return signs(before, after, [_NOBODY] * len(before), grouping)


def _without(sample: RunSample, part: str, reward: float) -> float | None:
    if sample.expression is None or sample.parts.get(part) is None:
        return reward
    left = without(sample.breakdown, part)
    return left if left is not None and isfinite(left) else None


_NOBODY = Trajectory(id="", task=Task(id="", modality="image", prompt="", requirements=Requirements()), seed=0, chance_seed=0)
"""In place of trajectories, which `signs` asks for nothing but their ids."""
