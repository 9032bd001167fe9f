"""What is trained on, scored again from the record as it is stored, and compared bit by bit."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import msgspec

from rewards.bits import bits, difference
from trainers.samples import TokenSample
from visgenenv.env import Reward
from visgenenv.errors import RewardUnavailable, VisGenError
from visgenenv.types import Trajectory

_STORED = msgspec.json.Decoder(Trajectory)


def rescored(samples: Sequence[TokenSample], engine: Reward) -> list[TokenSample]:
    """The samples, those marked whose stored record comes to the very reward that is trained on.

    Each trajectory is written and read as it is on disk, and scored by `engine`: one made anew, unless the reward is an object
    that a module holds, or a component of one, which is the same wherever it is named. Total and
    parts with their reasons must be the same to the last bit. Raises `VisGenError` naming trajectory and part where one
    is not. Masked samples have nothing to compare; and where the engine is not `repeatable`, because a model judges that
    would be paid again and may answer otherwise, nothing is scored: what its parts recompute to is compared anyway.
    """
    if not getattr(engine, "repeatable", False):
        return list(samples)
    return [sample if sample.masked else _rescored(sample, engine) for sample in samples]


def _rescored(sample: TokenSample, engine: Reward) -> TokenSample:
    stored = _STORED.decode(msgspec.json.encode(sample.trajectory))
    told = f"{stored.id}: the reward that is trained on, {sample.reward!r}, is not what the stored record comes to"
    if stored.reward is None:
        raise VisGenError(f"{told}: it holds none")
    try:
        differing = difference(stored.reward, engine(stored))
    except RewardUnavailable as error:
        raise VisGenError(f"{told}: scored again it is unavailable: {error}") from error
    if differing is not None:
        raise VisGenError(f"{told}: {differing}; a component whose answers may differ must say so: deterministic = False")
    if bits(sample.reward) != bits(stored.reward.total):
        raise VisGenError(f"{told}: total {stored.reward.total!r}")
    return dataclasses.replace(sample, rescored=True)
