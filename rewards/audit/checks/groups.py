"""What groups have to learn from: rewards that differ, and components that turn an advantage."""

from __future__ import annotations

from functools import lru_cache
from math import isfinite

import numpy as np

from rewards.audit.check import Check, answer, graded, listed, skipped
from rewards.audit.frame import EVEN, Array, Frame
from rewards.compose import Node, at, evaluate, names, replace, scheduled
from rewards.grammar import parse
from rewards.ltr import DEFINITIONS
from visgenenv.errors import ConfigError


def equal(frame: Frame) -> Check:
    """Groups in which all rewards are equal."""
    name, meaning = "groups without a difference", "In how many groups are all rewards equal, so that nothing is learned?"
    if not frame.compared:
        return skipped(name, meaning, "no group has two known rewards")
    same = [members for members in frame.compared if np.ptp(frame.rewards[members]) <= EVEN]
    best = frame.rewards[frame.known].max()
    full = sum(1 for members in same if frame.rewards[members[0]] >= best - EVEN)
    told = f"{full} of them at the best reward of all, {len(same) - full} below it" if same else ""
    share = len(same) / len(frame.compared)
    return answer(name, meaning, graded(share, 0.3, 0.8), len(same), len(frame.compared), told, frame.ids([int(one[0]) for one in same]))


def dead(frame: Frame) -> Check:
    """Components that are the same in every sample."""
    name, meaning = "dead components", "Which components are the same in every sample?"
    used = _used(frame)
    if not used:
        return skipped(name, meaning, "the records hold no components")
    found = {}
    for part in used:
        column = frame.parts[frame.known, frame.names.index(part)]
        values = column[np.isfinite(column)]
        if len(values) > 1 and np.ptp(values) <= EVEN:
            found[part] = float(values[0])
    told = f"always the same: {listed(f'{part} {value:g}' for part, value in found.items())}" if found else ""
    return answer(name, meaning, "look" if found else "ok", len(found), len(used), told, (), dict(found))


def idle(frame: Frame) -> Check:
    """Components without which no advantage changes its sign, and how often it does without each of the others."""
    name, meaning = "components that decide nothing", "Without which component does no member's advantage change its sign?"
    if not frame.compared:
        return skipped(name, meaning, "no group has two known rewards")
    ours = any(sample.expression is not None for sample in frame.samples)
    if not ours and not frame.summed:
        return skipped(name, meaning, "the format keeps no total beside its scores")
    if not ours and (frame.weights is None or not frame.weights.trusted):
        return skipped(name, meaning, "no fixed weights make the reward of its components")
    used = _used(frame)
    if len(used) < 2:
        return skipped(name, meaning, f"the reward has {len(used)} component{'s' * (len(used) != 1)}")
    members = np.concatenate(frame.compared)
    flips: dict[str, float] = {}
    for part in used:
        without = _without_ours(frame, part) if ours else _without(frame, part)
        flips[part] = float(np.mean(frame.signs_of(without)[members] != frame.signs[members]))
    never = [part for part, share in flips.items() if share == 0]
    by_share = sorted(flips.items(), key=lambda pair: -pair[1])
    told = f"never: {listed(never)}; " if never else ""
    told += "signs that flip without it: " + listed(f"{part} {share:.1%}" for part, share in by_share if share > 0)
    return answer(
        name, meaning, "look" if never else "ok", len(never), len(used), told, (), {f"flips.{part}": flips[part] for part in flips}
    )


def _used(frame: Frame) -> list[str]:
    """Components that the reward is made of: all of weight, or what the expressions come down to."""
    expressions = {sample.expression for sample in frame.samples if sample.expression is not None}
    if expressions:
        wanted = {name.name for text in expressions if (tree := _tree(text, 0)) is not None for name in names(tree)}
        return [name for name in frame.names if name in wanted and np.isfinite(frame.parts[:, frame.names.index(name)]).any()]
    weights = frame.weights
    if weights is None or not weights.trusted:
        return list(frame.names)
    return [name for name, value in zip(frame.names, weights.values, strict=True) if value != 0]


def _without(frame: Frame, part: str) -> Array:
    assert frame.weights is not None
    column = frame.names.index(part)
    return np.asarray(frame.rewards - frame.weights.values[column] * frame.terms[:, column], dtype=np.float64)


def _without_ours(frame: Frame, part: str) -> Array:
    """Rewards with one component left out, as where it does not apply; 0 where nothing is left."""
    found = frame.rewards.copy()
    for index in np.concatenate(frame.compared):
        sample = frame.samples[index]
        if sample.expression is None or sample.parts.get(part) is None:
            continue
        tree = _tree(sample.expression, sample.step)
        if tree is not None:
            values = {name.name: sample.parts.get(name.name) for name in names(tree)}
            left = evaluate(tree, {**values, part: None})
            found[index] = left if left is not None and isfinite(left) else 0.0
    return found


@lru_cache(maxsize=1024)
def _tree(expression: str, step: int | None) -> Node | None:
    """An expression over parts that are made of nothing else, as it is at a step; None where it cannot be read."""
    try:
        tree = parse(expression)
    except ConfigError:
        return None
    for _ in DEFINITIONS:  # a definition may name another
        tree = replace(tree, DEFINITIONS)
    return at(tree, step or 0) if scheduled(tree) else tree
