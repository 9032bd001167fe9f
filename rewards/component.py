"""What a reward is made of: components that score a trajectory, ours and a user's."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Protocol, runtime_checkable

from visgenenv import plugins
from visgenenv.errors import ConfigError
from visgenenv.types import Score, Trajectory


@runtime_checkable
class Component(Protocol):
    """One thing a reward looks at.

    Whether it applies must depend on the task alone; where it does not, it returns None.
    """

    name: str
    version: str
    """Raise it whenever a score changes."""

    def score(self, trajectory: Trajectory) -> Score | None:
        """A value in [0, 1] with a reason; raises `JudgeError` where it cannot be formed."""
        ...


def load(name: str) -> Component:
    """A user's component behind a registered name or "module:attribute".

    It may be an object with `name`, `version` and `score`, a class of such objects, or a plain function from a
    trajectory to a number in [0, 1], a bool, a `Score` or None. One whose answers may differ or cost something, such as a
    model's, says so with an attribute `deterministic = False`: it is then never asked again to check what it said. Raises
    `PluginError` or `ConfigError`.
    """
    found = plugins.load("rewards", name)
    if isinstance(found, type):
        found = found()
    if hasattr(found, "score"):
        if isinstance(found, Component):
            return _Checked(name, str(found.version), found.score, getattr(found, "deterministic", True))
        raise ConfigError(f"reward component {name!r} is {found!r}: expected the attributes name, version and score(trajectory)")
    if callable(found):
        return _Checked(name, _version(found), found, getattr(found, "deterministic", True))
    raise ConfigError(
        f"reward component {name!r} is {found!r}: expected a function of a trajectory, or an object with name, version and score"
    )


def exists(name: str) -> bool:
    """Whether a name is registered or has the form "module:attribute"."""
    return ":" in name or name in plugins.names("rewards")


class _Checked:
    """A user's component, its answers checked."""

    def __init__(self, name: str, version: str, function: Callable[[Trajectory], Any], deterministic: bool) -> None:
        self.name, self.version, self.deterministic, self._function = name, version, deterministic, function

    def score(self, trajectory: Trajectory) -> Score | None:
        found = self._function(trajectory)
        if found is None:
            return None
        value = found.value if isinstance(found, Score) else found
        if not isinstance(value, bool | int | float) or not math.isfinite(value) or not 0 <= value <= 1:
            raise ConfigError(
                f"reward component {self.name!r} gave {found!r} for the trajectory {trajectory.id!r}: expected a number in [0, 1], or None"
            )
        reason = found.reason if isinstance(found, Score) else ""
        return Score(value=float(value), reason=reason, version=f"{self.name}/{self.version}")


def _version(function: Any) -> str:
    """A function's own `version`, or a digest of its source: another text, another version."""
    given = getattr(function, "version", None)
    if given is not None:
        return str(given)
    try:
        source = inspect.getsource(function if inspect.isroutine(function) else type(function))
    except (OSError, TypeError):
        return "unversioned"
    return blake2b(source.encode(), digest_size=4).hexdigest()
