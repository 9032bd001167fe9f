"""Our own mistakes and the user's, as one tree of exceptions; the policy's mistakes are data (`ToolFault`).

VisGenError
├── ConfigError            a wrong argument, an unknown name or key
├── TaskFileError          a task file that cannot be read as tasks
├── SaveError              a file could not be written; nothing half-written remains
├── PluginError            a registered name or "module:attribute" does not load
│   └── ShadowedPackage    a user's own module hides one of our packages
├── ReplayMismatch         a saved turn comes out otherwise when it is played again
├── RewardUnavailable      a judge or infrastructure failed; carries the trajectory
├── MissingExtra           an optional stack is not installed
└── MediaError             the media library is missing or damaged
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from media_db.errors import MediaError, MissingExtra, VisGenError

if TYPE_CHECKING:
    from visgenenv.types import Trajectory

__all__ = [
    "ConfigError",
    "MediaError",
    "MissingExtra",
    "PluginError",
    "ReplayMismatch",
    "RewardUnavailable",
    "SaveError",
    "ShadowedPackage",
    "TaskFileError",
    "VisGenError",
]


class ConfigError(VisGenError, ValueError):
    """A wrong argument, an unknown name or an unknown key."""


class TaskFileError(VisGenError, ValueError):
    """A task file that cannot be read as tasks; names the file, the entry and the field."""


class SaveError(VisGenError, OSError):
    """A file could not be written; what stood there before still stands."""


class PluginError(VisGenError, ImportError):
    """A registered name or `module:attribute` that does not load."""


class ShadowedPackage(PluginError):
    """A user's own module has the name of one of our packages and is imported in its place."""


class ReplayMismatch(VisGenError, RuntimeError):
    """A turn of a saved trajectory comes out otherwise when it is played again."""


class RewardUnavailable(VisGenError, RuntimeError):
    """The reward could not be formed through no fault of the policy: mask the sample, never score it 0."""

    def __init__(self, message: str, trajectory: Trajectory) -> None:
        super().__init__(message, trajectory)
        self.trajectory = trajectory
        """The whole episode; nothing of it is lost. Score it again with `visgen score`."""

    def __str__(self) -> str:
        return str(self.args[0])
