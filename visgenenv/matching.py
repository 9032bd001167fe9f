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

    met: set[int] = set()
    for want, able in enumerate(wants):
        for one in able:
            if one not in holder:  # nobody has to give way
                holder[one] = want
                met.add(want)
                break
        else:
            if place(want, set()):
                met.add(want)
    return met
