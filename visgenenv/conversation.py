"""One running episode as its policy sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from visgenenv.types import JSONObject, Task


@dataclass(slots=True)
class Conversation:
    """One running episode as its policy sees it."""

    task: Task
    """The expert alone may read its requirements, and says so."""
    seed: int
    """For what the policy draws: the episode's, and for further members of a group one of their own."""
    messages: list[JSONObject]
    """Chat messages so far; the last is the environment's."""
    tools: Sequence[JSONObject] = ()
    """Function schemas."""
    memory: dict[str, Any] = field(default_factory=dict)
    """The policy's own notes on this episode; `name` is there from the start: its seed, the how manieth time it is played,
    and from the second member of a group on which one it is."""
