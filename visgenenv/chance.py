"""Keyed randomness: the same key gives the same bits, in any process and any order."""

from __future__ import annotations

import math
from functools import lru_cache
from hashlib import blake2b
from statistics import NormalDist
from struct import Struct

_NORMAL = NormalDist()
_WORDS = Struct("<4Q")
_FEW = 2**96
_LEVELS = 4096
_P95 = _NORMAL.inv_cdf(0.95)


def bits(*key: int | str) -> int:
    """64 bits for a key of integers and strings; types and boundaries are part of the key."""
    text = "|".join([str(part) if type(part) is int else f"{len(part)}:{part}" for part in key])  # type: ignore[arg-type]
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class Stream:
    """Many draws for one key, one after the other, from few hashes: a draw hangs on the key and on the limits of those before it."""

    __slots__ = ("_key", "_left", "_round")

    def __init__(self, *key: int | str) -> None:
        self._key = "|".join([str(part) if type(part) is int else f"{len(part)}:{part}" for part in key])  # type: ignore[arg-type]
        self._round = 0
        self._left = self._bits()

    def below(self, limit: int) -> int:
        """An integer in [0, limit); as even as makes no difference for limits up to 2**32."""
        if self._left < _FEW:
            self._left = self._bits()
        self._left, found = divmod(self._left, limit)
        return found

    def sample(self, limit: int, count: int) -> list[int]:
        """`count` different integers in [0, limit), in the order in which they are drawn; all of them where there are no more."""
        left = self._left
        swapped: dict[int, int] = {}  # what stands where, once drawn ones have made room for the last of the rest
        found = []
        for rest in range(limit, limit - min(count, limit), -1):
            if left < _FEW:
                left = self._bits()
            left, at = divmod(left, rest)
            found.append(swapped.get(at, at))
            swapped[at] = swapped.get(rest - 1, rest - 1)
        self._left = left
        return found

    def _bits(self) -> int:
        """512 further bits."""
        self._round += 1
        return int.from_bytes(blake2b(f"{self._key}|{self._round}".encode("utf-8", "surrogatepass")).digest(), "little")


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
