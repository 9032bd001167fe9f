"""Waits that overlap: the same work on many things at a time, for work that mostly waits for something outside."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from visgenenv.errors import ConfigError

T = TypeVar("T")
R = TypeVar("R")


def overlapped(work: Callable[[T], R], things: Iterable[T], at_most: int) -> Iterator[R]:
    """What the work comes to for each thing, in their order, at most so many at a time, in threads.

    With `at_most` 1, or a single thing, there is no thread. An error is raised where its thing stands in the order; what
    was not begun by then is not begun.
    """
    given = things if isinstance(things, list | tuple) else list(things)
    if at_most <= 1 or len(given) <= 1:
        yield from map(work, given)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(at_most, len(given)), thread_name_prefix="overlapped") as pool:
        under_way = [pool.submit(work, one) for one in given]
        try:
            for one in under_way:
                yield one.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def places(waiter: object) -> int:
    """How many at a time are worth while for a judge or a reward: its `concurrency`, 1 where it has none.

    Raises `ConfigError` where that is no whole number.
    """
    found = getattr(waiter, "concurrency", 1)
    try:
        return operator.index(found)
    except TypeError:
        raise ConfigError(f"concurrency is {found!r} of {type(waiter).__name__}; expected a whole number, such as 32") from None
