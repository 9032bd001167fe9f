"""Who can serve whom: the largest matching of wants with those who can meet them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def served(wants: Sequence[Sequence[int]], room: Mapping[int, int]) -> set[int]:
    """Indices of the wants that are met when as many as possible are.

    `wants` names by want those who can meet it, `room` how many wants each of them meets at most, 1 where it is left out.
    Which wants remain where not all can be met follows from their order: the earlier are met first (Kuhn's augmenting paths).
    """
    holds: dict[int, list[int]] = {}

    def place(want: int, tried: set[int]) -> bool:
        for one in wants[want]:
            if one in tried:
                continue
            tried.add(one)
            held = holds.setdefault(one, [])
            if len(held) < room.get(one, 1):
                held.append(want)
                return True
            for slot, other in enumerate(held):
                if place(other, tried):
                    held[slot] = want
                    return True
        return False

    return {want for want in range(len(wants)) if place(want, set())}
