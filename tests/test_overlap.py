"""How many wait at a time."""

import numpy as np
import pytest

from visgenenv.errors import ConfigError
from visgenenv.overlap import places


class Waiter:
    def __init__(self, concurrency: object) -> None:
        self.concurrency = concurrency


@pytest.mark.parametrize("number", [32, np.int64(32)])
def test_any_whole_number_of_places_is_taken(number: object) -> None:
    assert places(Waiter(number)) == 32
    assert places(object()) == 1


@pytest.mark.parametrize("number", ["32", 2.5, None])
def test_what_is_no_whole_number_is_told(number: object) -> None:
    with pytest.raises(ConfigError, match=r"concurrency is .* of Waiter; expected a whole number"):
        places(Waiter(number))
