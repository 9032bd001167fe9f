"""Keyed randomness: the same key gives the same bits, in any process and any order."""

from __future__ import annotations

import math
from functools import lru_cache
from hashlib import blake2b
from statistics import NormalDist
from struct import Struct

_NORMAL = NormalDist()
_WORD, _WORDS = Struct("<Q"), Struct("<4Q")
_LEVELS = 4096
_P95 = _NORMAL.inv_cdf(0.95)


def bits(*key: int | str) -> int:
    """64 bits for a key of integers and strings; types and boundaries are part of the key."""
    text = "|".join([str(part) if type(part) is int else f"{len(part)}:{part}" for part in key])  # type: ignore[arg-type]
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class Key:
    """A key of which many draws share the first parts; `Key(*first).bits(last)` is `bits(*first, last)`."""

    __slots__ = ("_hashed",)

    def __init__(self, *first: int | str) -> None:
        text = "".join([f"{part}|" if type(part) is int else f"{len(part)}:{part}|" for part in first])  # type: ignore[arg-type]
        self._hashed = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8)

    def bits(self, last: str) -> int:
        """64 bits for the whole key."""
        hashed = self._hashed.copy()
        hashed.update(f"{len(last)}:{last}".encode("utf-8", "surrogatepass"))
        (found,) = _WORD.unpack(hashed.digest())
        return found  # type: ignore[no-any-return]


def unit(*key: int | str) -> float:
    """A number in [0, 1) for a key."""
    return bits(*key) / 2**64


def below(limit: int, *key: int | str) -> int:
    """An integer in [0, limit) for a key."""
    return bits(*key) * limit >> 64


def words(seed: int, tool: str, attempt: int) -> tuple[int, int, int, int]:
    """Four independent words of 64 bits: all the luck of one call that does not hang on its arguments, from one hash."""
    return _WORDS.unpack(blake2b(f"{seed}|{len(tool)}:{tool}|{attempt}".encode(), digest_size=32).digest())


@lru_cache(maxsize=1024)
def latencies_ms(p50_s: float, p95_s: float) -> tuple[int, ...]:
    """A log-normal law as 4096 equally likely milliseconds, given by its median and 95 % point in seconds."""
    if p50_s <= 0:
        return (0,) * _LEVELS
    sigma = math.log(max(p95_s / p50_s, 1.0)) / _P95
    quantiles = ((level + 0.5) / _LEVELS for level in range(_LEVELS))
    return tuple(max(1, math.floor(p50_s * math.exp(sigma * _NORMAL.inv_cdf(q)) * 1000 + 0.5)) for q in quantiles)


def lognormal_ms(p50_s: float, p95_s: float, *key: int | str) -> int:
    """Milliseconds from a log-normal law given by its median and 95 % point, in seconds."""
    if p50_s <= 0:
        return 0
    sigma = math.log(max(p95_s / p50_s, 1.0)) / _P95
    z = _NORMAL.inv_cdf(min(max(unit(*key), 1e-9), 1 - 1e-9))
    return max(1, math.floor(p50_s * math.exp(sigma * z) * 1000 + 0.5))
