"""As many wants as possible are met."""

from hypothesis import given
from hypothesis import strategies as st

from visgenenv.matching import served

WANTS = st.lists(st.lists(st.integers(0, 4), max_size=4, unique=True), max_size=5)
ROOM = st.dictionaries(st.integers(0, 4), st.integers(0, 3), max_size=5)


@given(WANTS, ROOM)
def test_no_other_way_of_serving_meets_more(wants: list[list[int]], room: dict[int, int]) -> None:
    met = served(wants, room)
    assert len(met) == _most(wants, [one for one in range(5) for _ in range(room.get(one, 1))])
    assert all(wants[want] for want in met)


def test_the_earlier_want_is_met_where_two_want_the_same() -> None:
    assert served([[7], [7]], {}) == {0}
    assert served([[7], [7]], {7: 2}) == {0, 1}
    assert served([[1, 2], [1]], {}) == {0, 1}


def _most(wants: list[list[int]], seats: list[int]) -> int:
    """By trying every seat for the first want, then the rest."""
    if not wants:
        return 0
    first, rest = wants[0], wants[1:]
    best = _most(rest, seats)
    for seat in {one for one in seats if one in first}:
        left = list(seats)
        left.remove(seat)
        best = max(best, 1 + _most(rest, left))
    return best
