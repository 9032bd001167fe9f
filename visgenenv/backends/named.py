"""A backend by its name: the simulated one, a registered one, or "module:attribute"."""

from __future__ import annotations

import inspect
from typing import cast

from media_db.index import MediaIndex
from visgenenv import plugins
from visgenenv.backends.simulated import SimulatedBackend
from visgenenv.errors import PluginError
from visgenenv.tools.execute import Backend


def resolve_backend(name: str, index: MediaIndex) -> Backend:
    """The backend of a name, made for a media index where a name is that of a class; raises `PluginError` for what is none."""
    if name == "simulated":
        return SimulatedBackend(index)
    found = plugins.load("backends", name)
    with plugins.foreign(
        f"backend {name!r}", PluginError, "; expected an object with `name` and `run`, or what makes one of a media index"
    ):
        made = found(index) if inspect.isclass(found) or not hasattr(found, "run") else found
    if not hasattr(made, "run") or not isinstance(getattr(made, "name", None), str):
        raise PluginError(f"backend={name!r}: is {made!r}; expected a `name` (str) and `run(spec, args, context) -> vg.ToolResult`")
    return cast(Backend, made)
