"""Advantages: relative to a group, blind to masked members, counted where there is nothing to learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainers import group_advantages, trained_tokens, zero_variance_groups
from visgenenv.errors import ConfigError

REWARDS = st.lists(st.none() | st.floats(0, 1), min_size=8, max_size=8)
GROUPS = [0, 0, 0, 0, 1, 1, 1, 1]


def test_advantages_are_distances_from_the_group_mean_over_its_deviation() -> None:
    found = group_advantages([0.0, 1.0, 0.5, 0.5], ["a", "a", "b", "b"])
    assert found == pytest.approx([-0.5 / (0.5**0.5 + 1e-4), 0.5 / (0.5**0.5 + 1e-4), 0, 0])
    assert group_advantages([0.0, 1.0, 0.2, 0.4], ["a", "a", "b", "b"], scale="none") == pytest.approx([-0.5, 0.5, -0.1, 0.1])


@given(REWARDS, st.sampled_from(["group", "none"]))
def test_a_groups_advantages_sum_to_nothing(rewards: list, scale: str) -> None:
    found = group_advantages(rewards, GROUPS, scale=scale)
    assert np.isfinite(found).all()
    assert abs(found[:4].sum()) < 1e-6
    assert abs(found[4:].sum()) < 1e-6


@given(REWARDS, st.integers(0, 7))
def test_a_masked_member_moves_nobody_and_gets_nothing(rewards: list, place: int) -> None:
    masked = [None if number == place else reward for number, reward in enumerate(rewards)]
    left_out = group_advantages([r for n, r in enumerate(rewards) if n != place], [g for n, g in enumerate(GROUPS) if n != place])
    found = group_advantages(masked, GROUPS)
    assert found[place] == 0
    assert np.delete(found, place) == pytest.approx(left_out)


@given(REWARDS, st.permutations(range(8)))
def test_the_order_of_samples_does_not_matter(rewards: list, order: list) -> None:
    found = group_advantages([rewards[n] for n in order], [GROUPS[n] for n in order])
    assert found == pytest.approx(group_advantages(rewards, GROUPS)[list(order)])


def test_groups_without_a_difference_are_counted() -> None:
    rewards = [0.5, 0.5, 0.2, 0.9, 0.3, None, None, None]
    assert zero_variance_groups(rewards, [0, 0, 1, 1, 2, 2, 3, 3]) == 3


def test_only_the_policys_tokens_of_samples_that_count_are_trained() -> None:
    assert trained_tokens([[1, 0, 1], [1, 1, 1], [0, 1]], [0.5, None, 0.0]) == 3


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ConfigError, match="2 rewards for 1 groups"):
        group_advantages([1.0, 0.0], [0])
    with pytest.raises(ConfigError, match="scale='std'"):
        group_advantages([1.0], [0], scale="std")  # type: ignore[arg-type]
