"""As many wants as possible are met."""

from hypothesis import given
from hypothesis import strategies as st

from visgenenv.matching import served

WANTS = st.lists(st.lists(st.integers(0, 4), max_size=4, unique=True), max_size=6)


@given(WANTS)
def test_no_other_way_of_serving_meets_more(wants: list[list[int]]) -> None:
    met = served(wants)
    assert len(met) == _most(wants, frozenset(range(5)))
    assert all(wants[want] for want in met)


def test_the_earlier_want_is_met_where_two_want_the_same() -> None:
    assert served([["a"], ["a"]]) == {0}
    assert served([["a", "b"], ["a"]]) == {0, 1}
    assert served([[], ["a"]]) == {1}


def _most(wants: list[list[int]], free: frozenset[int]) -> int:
    """By trying everybody for the first want, then the rest."""
    if not wants:
        return 0
    first, rest = wants[0], wants[1:]
    return max(_most(rest, free), *(1 + _most(rest, free - {one}) for one in free.intersection(first)), 0)
