"""Success."""

from visgenenv.types import Trajectory


def is_success(trajectory: Trajectory) -> bool:
    return False
