"""understanding tools."""

from __future__ import annotations

from typing import Any

from visgenenv.tools.spec import ToolSpec

SPECS: tuple[ToolSpec[Any], ...] = ()
