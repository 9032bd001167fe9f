"""Which fixed weights make the reward out of its parts, where nobody wrote them down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_ROUNDS = 40
_MOST = 3000
"""Rows that the weights are sought on; all rows are then held against them."""
_CLOSE = 1e-6
"""Of the largest total: what single precision leaves of a sum."""
_SAME_WAY = 2e-3
"""Sine of the angle between logged and recomputed advantages of a group: single precision, and the 1e-4 that TRL adds to a deviation."""
_NOTHING = 1e-9
_NEARLY_ALL = 0.9


@dataclass(frozen=True)
class Weights:
    """What was found."""

    values: Array
    """shape (parts,): of an advantage up to one common factor, the largest 1."""
    told_apart: NDArray[np.bool_]
    """shape (parts,): False where other weights would do as well, because the part never varies or goes along with others."""
    explained: NDArray[np.bool_]
    """shape (rows,), or (groups,) for advantages: where these weights give what was logged."""

    trusted: bool
    """Whether they explain nearly all that was logged, and nearly all of it that is not 0, which weights of 0 would explain too."""


def of_totals(parts: Array, totals: Array, generator: np.random.Generator) -> Weights:
    """Weights with `parts @ weights == totals` for as many rows as can be.

    Least absolute deviations, by least squares weighed again and again: a few rewards that were changed by hand then stand
    out, where plain least squares would spread them over all. `parts`: shape (rows, parts), 0 where one does not apply.
    """
    scale = np.maximum(np.abs(parts).max(axis=0), _NOTHING)
    close = _CLOSE * max(1.0, float(np.abs(totals).max()))
    chosen = np.sort(generator.permutation(len(totals))[:_MOST])
    some, wanted = parts[chosen] / scale, totals[chosen]
    found = np.linalg.lstsq(some, wanted, rcond=None)[0]
    for _ in range(_ROUNDS):
        off = np.abs(some @ found - wanted)
        if off.max() <= close:
            break
        pull = 1 / np.sqrt(np.maximum(off, close / 10))
        found = np.linalg.lstsq(some * pull[:, None], wanted * pull, rcond=None)[0]
    near = np.abs(parts / scale @ found - totals) <= 10 * close
    if near.sum() >= parts.shape[1]:  # once more on the rows that agree, so that the weights come out clean
        found = np.linalg.lstsq(parts[near] / scale, totals[near], rcond=None)[0]
    used = parts[near] if near.any() else parts
    same = np.abs(parts @ (found / scale) - totals) <= close
    return Weights(_clean(found / scale), _told_apart(used / scale), same, trusted(same, np.abs(totals) > close))


def trusted(explained: NDArray[np.bool_], telling: NDArray[np.bool_]) -> bool:
    """Whether nearly all rows are explained, and nearly all of those that tell something."""
    return all(float(marks.mean()) >= _NEARLY_ALL for marks in (explained, explained[telling]) if len(marks))


def _told_apart(rows: Array) -> NDArray[np.bool_]:
    """Which columns no mixture of the others replaces: they have no share in what the rows send to nothing."""
    _, sizes, ways = np.linalg.svd(rows.T @ rows)
    empty = ways[sizes <= 1e-10 * max(1.0, float(sizes.max()))]
    return np.asarray(np.linalg.norm(empty, axis=0) < 1e-6, dtype=np.bool_)


def _clean(weights: Array) -> Array:
    """Weights without the last digits of the arithmetic."""
    return np.where(np.abs(weights) < 1e-7, 0.0, np.round(weights, 7))


def of_advantages(groups: Sequence[tuple[Array, Array]]) -> Weights | None:
    """Weights whose sum points the way of the advantages in as many groups as can be; None where nothing varies.

    A group is its parts, shape (members, parts), and its advantages, shape (members,). How far advantages were scaled,
    by group, by batch or not at all, plays no part: with c the parts and a the advantages, each less its mean, the weights
    make the part of c @ w that stands at right angles to a smallest, which the smallest eigenvector does in closed form;
    groups that cannot be explained are weighed down, again and again.
    """
    count = groups[0][0].shape[1] if groups else 0
    centred = [(parts - parts.mean(axis=0), advantage - advantage.mean()) for parts, advantage in groups]
    varies = np.zeros(count, dtype=np.bool_)
    for parts, _ in centred:
        varies |= np.abs(parts).max(axis=0) > _NOTHING
    if not varies.any():
        return None
    scale = np.sqrt(np.mean([np.square(parts[:, varies]).mean(axis=0) for parts, _ in centred], axis=0))
    across, along, whole = [], [], []
    for parts, advantage in centred:
        own = parts[:, varies] / scale
        size = np.linalg.norm(advantage)
        unit = advantage / size if size > _NOTHING else advantage * 0
        across.append(own.T @ own - np.outer(own.T @ unit, own.T @ unit))
        along.append(own.T @ unit)
        whole.append(own.T @ own)
    stray, straight, all_of_it = np.array(across), np.array(along), np.array(whole)
    found = _smallest(stray.sum(axis=0), scale)
    for _ in range(_ROUNDS):
        off = np.sqrt(np.maximum(np.einsum("gij,i,j->g", stray, found, found), 0))
        found = _smallest(np.einsum("gij,g->ij", stray, 1 / np.maximum(off, 1e-6)), scale)
    if float((straight @ found).sum()) < 0:
        found = -found
    size = np.sqrt(np.maximum(np.einsum("gij,i,j->g", all_of_it, found, found), 0))
    off = np.sqrt(np.maximum(np.einsum("gij,i,j->g", stray, found, found), 0))
    still = np.array([np.linalg.norm(advantage) <= _NOTHING for _, advantage in centred])
    flat = size <= _CLOSE * max(1.0, float(size.max()))
    same = np.where(flat | still, flat & still, (off <= _SAME_WAY * size) & (straight @ found >= 0))
    values = np.zeros(count)
    values[varies] = found / scale
    largest = np.abs(values).max()
    told = np.zeros(count, dtype=np.bool_)
    told[varies] = _unique(stray[same].sum(axis=0) if same.any() else stray.sum(axis=0))
    return Weights(np.where(np.abs(values) < 1e-3 * largest, 0.0, values / largest), told, same, trusted(same, ~still))


def _smallest(matrix: Array, scale: Array) -> Array:
    """The eigenvector of the smallest eigenvalue; where several share it, what is nearest to equal weights, TRL's default."""
    sizes, ways = np.linalg.eigh(matrix)
    least = ways[:, sizes <= max(sizes[0], 0.0) + 1e-9 * max(1e-300, float(sizes[-1]))]
    near = least @ (least.T @ scale)
    length = float(np.linalg.norm(near))
    return np.asarray(near / length if length > _NOTHING else least[:, 0], dtype=np.float64)


def _unique(matrix: Array) -> NDArray[np.bool_]:
    """Whether one way alone is left open."""
    sizes = np.linalg.eigvalsh(matrix)
    alone = len(sizes) == 1 or sizes[1] > 1e-7 * max(1e-300, float(sizes[-1]))
    return np.full(len(sizes), alone, dtype=np.bool_)
