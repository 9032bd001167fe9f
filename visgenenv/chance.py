"""Keyed randomness: the same key gives the same bits, in any process and any order."""

from __future__ import annotations

import math
from hashlib import blake2b
from statistics import NormalDist

_NORMAL = NormalDist()
_P95 = _NORMAL.inv_cdf(0.95)


def bits(*key: int | str) -> int:
    """64 bits for a key of integers and strings; types and boundaries are part of the key."""
    text = "|".join([str(part) if type(part) is int else f"{len(part)}:{part}" for part in key])  # type: ignore[arg-type]
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def unit(*key: int | str) -> float:
    """A number in [0, 1) for a key."""
    return bits(*key) / 2**64


def below(limit: int, *key: int | str) -> int:
    """An integer in [0, limit) for a key."""
    return bits(*key) * limit >> 64


def lognormal_ms(p50_s: float, p95_s: float, *key: int | str) -> int:
    """Milliseconds from a log-normal law given by its median and 95 % point, in seconds."""
    if p50_s <= 0:
        return 0
    sigma = math.log(max(p95_s / p50_s, 1.0)) / _P95
    z = _NORMAL.inv_cdf(min(max(unit(*key), 1e-9), 1 - 1e-9))
    return max(1, math.floor(p50_s * math.exp(sigma * z) * 1000 + 0.5))
