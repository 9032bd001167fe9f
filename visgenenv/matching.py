"""Who can serve whom: the largest matching of wants with those who can meet them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

H = TypeVar("H", bound=Hashable)


def served(wants: Sequence[Sequence[H]]) -> set[int]:
    """Indices of the wants that are met when as many as possible are, each by another of those who can meet it.

    `wants` names by want those who can. Where not all can be met the earlier are met first (Kuhn's augmenting paths).
    """
    holder: dict[H, int] = {}

    def place(want: int, tried: set[H]) -> bool:
        for one in wants[want]:
            if one not in tried:
                tried.add(one)
                if one not in holder or place(holder[one], tried):
                    holder[one] = want
                    return True
        return False

    return {want for want in range(len(wants)) if place(want, set())}
