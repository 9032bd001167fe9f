"""What a reward is made of: components that score a trajectory, ours and a user's."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import cache, partial
from hashlib import blake2b
from numbers import Real
from tokenize import TokenError
from typing import Any, Protocol, runtime_checkable

import numpy as np

from visgenenv import plugins
from visgenenv.errors import ConfigError, PluginError
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


def load(name: str) -> Checked:
    """A user's component behind a registered name or "module:attribute".

    It may be an object with `name`, `version` and `score`, a class or a factory of such objects that takes no argument, or a
    plain function from a trajectory to a number in [0, 1], a bool, a `Score` or None. One whose answers may differ or cost
    something, such as a model's, says so with an attribute `deterministic = False`: it is then never asked again to check
    what it said. Raises `PluginError` or `ConfigError`.
    """
    given = plugins.load("rewards", name)
    found = _made(name, given)
    function, wrong = found, f"reward component {name!r} is {plugins.shown(found)}"
    if hasattr(found, "score"):
        function = found.score
        if not isinstance(found, Component) or not callable(function):
            raise ConfigError(f"{wrong}: expected the attributes name, version and score(trajectory)")
    elif not callable(found):
        raise ConfigError(f"{wrong}: expected a function of a trajectory, or an object with name, version and score")
    if _takes(function, 1) is False:
        raise ConfigError(f"{wrong} and takes ({_arguments(function)}): expected one argument, the trajectory")
    version, code = getattr(found, "version", None), _code(given, found)
    own = str(version) if version is not None else code or "unversioned"
    whole = own if version is None or code is None else f"{own}+{code}"
    return Checked(name, own, whole, function, getattr(found, "deterministic", True))


def exists(name: str) -> bool:
    """Whether a name is registered or has the form "module:attribute"."""
    return ":" in name or name in plugins.names("rewards")


class Checked:
    """A user's component, its answers checked."""

    def __init__(self, name: str, version: str, whole: str, function: Callable[[Trajectory], Any], deterministic: bool) -> None:
        self.name, self.version, self.deterministic, self._function = name, version, deterministic, function
        self.whole: str = whole
        """What it says its version is and, where it is not ours, a digest of its source: another text, another reward."""

    def score(self, trajectory: Trajectory) -> Score | None:
        """Its score, or a `ConfigError` where that is no number in [0, 1]."""
        found = self._function(trajectory)
        if found is None:
            return None
        value = found.value if isinstance(found, Score) else found
        number: Any = value if isinstance(value, Real | np.bool_) else None
        if number is None or not 0 <= number <= 1:
            raise ConfigError(
                f"reward component {self.name!r} gave {plugins.shown(found)} for the trajectory {trajectory.id!r}: "
                "expected a number in [0, 1], or None"
            )
        reason = found.reason if isinstance(found, Score) else ""
        return Score(value=float(number), reason=reason, version=f"{self.name}/{self.version}")


def _made(name: str, found: Any) -> Any:
    """What a class or a factory makes; anything else as it is. A factory is a function that takes no argument."""
    if not isinstance(found, type):
        if hasattr(found, "score") or not callable(found) or _takes(found, 1) is not False or _takes(found, 0) is not True:
            return found
    elif _takes(found, 0) is False:
        kind = found.__name__
        raise ConfigError(
            f"reward component {name!r} is a class whose constructor needs arguments, {kind}({_arguments(found)}): expected an "
            f"instance (write mine = {kind}(…) in its module and name that), or a class or factory that needs no argument"
        )
    with plugins.foreign(f"reward component {name!r}: making it", PluginError, "; it is called without arguments"):
        return found()


def _takes(function: Any, count: int) -> bool | None:
    """Whether something may be called with so many arguments; None where it does not say."""
    try:
        inspect.signature(function).bind(*range(count))
    except ValueError:
        return None
    except TypeError:
        return False
    return True


def _arguments(function: Any) -> str:
    return ", ".join(inspect.signature(function).parameters)


def _code(given: Any, made: Any) -> str | None:
    """A digest of the source of a component and of the factory that made it; None for ours, and where no source can be had.

    Only text goes into it, no path and no name of a module: the same code has the same digest wherever it runs.
    """
    texts = [*_texts(given), *_texts(made)]
    return blake2b("\0".join(dict.fromkeys(texts)).encode(), digest_size=4).hexdigest() if texts else None


def _texts(found: Any) -> Iterator[str]:
    """The source of a function, or of an object's class and of those it inherits from that are in the same package."""
    if isinstance(found, partial):
        found = found.func
    kind = found if isinstance(found, type) else type(found)
    package = kind.__module__.partition(".")[0]
    written = (found,) if inspect.isroutine(found) else (one for one in kind.__mro__ if one.__module__.partition(".")[0] == package)
    for one in written:
        if not plugins.is_own(getattr(one, "__module__", None) or ""):
            text = _source(one)
            if text is not None:
                yield text


@cache
def _source(found: Any) -> str | None:
    """What a function or class was written as, None where nobody knows; read once, since the file may be edited while the code runs."""
    try:
        return inspect.getsource(found)
    except (OSError, TypeError, SyntaxError, TokenError):
        return None
