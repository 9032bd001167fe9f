"""Requirements of one's own: a function behind a registered name or "module:attribute" says what is unmet.

    def palette(delivered, asked, trajectory):
        return None if … else "img_2 has 5 colours; 3 asked"

`delivered` are the assets that count as delivered, `asked` is what the task says beside the name, and the answer is None
where it is met, or the reason why not. Success and reward ask the same function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from visgenenv import plugins
from visgenenv.errors import PluginError
from visgenenv.types import Asset, Trajectory

OwnRequirement = Callable[[Sequence[Asset], Any, Trajectory], str | None]


@cache
def load(name: str) -> OwnRequirement:
    """The function behind a name; raises `PluginError` for what is none."""
    found = plugins.load("requirements", name)
    if not callable(found):
        raise PluginError(f"requirement {name!r} is {found!r}: expected a function of (delivered, asked, trajectory)")
    return found  # type: ignore[no-any-return]


def unmet_own(delivered: Sequence[Asset], trajectory: Trajectory) -> Iterator[tuple[str, str | None]]:
    """Name and reason of each requirement of one's own, None for one that is met; raises `PluginError` where one breaks."""
    for name, asked in (trajectory.task.requirements.own or {}).items():
        with plugins.foreign(f"requirement {name!r}", PluginError):
            reason = load(name)(delivered, asked, trajectory)
            if reason is not None and not isinstance(reason, str):
                raise TypeError(f"it answered {reason!r}; expected None, or the reason why it is unmet")
        yield name, reason
