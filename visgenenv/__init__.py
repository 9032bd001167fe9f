"""VisGenEnv: train agents that create images and videos by calling tools, and see what caused every number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium

try:
    import media_db.errors
except ImportError as _error:  # a user's own media_db hides ours: nothing below could say so
    import media_db

    raise ImportError(f"the package 'media_db' of VisGenEnv is hidden by {media_db.__file__}: rename that file") from _error

if TYPE_CHECKING:
    from visgenenv.env import VisGenEnv
    from visgenenv.episodes import rollout
    from visgenenv.errors import RewardUnavailable
    from visgenenv.forks import fork, restore, snapshot
    from visgenenv.replays import replay, replay_turn
    from visgenenv.tools.catalogue import catalogue
    from visgenenv.tools.spec import Handle, Refusal, ToolArgs, ToolSpec
    from visgenenv.trajectories import load, save
    from visgenenv.turns import from_openai
    from visgenenv.types import RewardBreakdown, Score, Task, TaskInput, ToolResult, Trajectory
    from visgenenv.values import turn_values

__version__ = "0.1.0"

_LAZY = {
    "Asset": "visgenenv.types",
    "CallContext": "visgenenv.tools.spec",
    "Conversation": "visgenenv.conversation",
    "Handle": "visgenenv.tools.spec",
    "Refusal": "visgenenv.tools.spec",
    "Requirements": "visgenenv.types",
    "RewardBreakdown": "visgenenv.types",
    "RewardUnavailable": "visgenenv.errors",
    "Score": "visgenenv.types",
    "StructuredActions": "visgenenv.structured",
    "Task": "visgenenv.types",
    "TaskInput": "visgenenv.types",
    "TokenSample": "trainers",
    "ToolArgs": "visgenenv.tools.spec",
    "ToolResult": "visgenenv.types",
    "ToolSpec": "visgenenv.tools.spec",
    "Trajectory": "visgenenv.types",
    "VisGenEnv": "visgenenv.env",
    "VisGenError": "visgenenv.errors",
    "catalogue": "visgenenv.tools.catalogue",
    "collect": "trainers",
    "environment_reward": "trainers",
    "for_qwen_vl": "visgenenv.sight",
    "fork": "visgenenv.forks",
    "from_openai": "visgenenv.turns",
    "load": "visgenenv.trajectories",
    "replay": "visgenenv.replays",
    "replay_turn": "visgenenv.replays",
    "restore": "visgenenv.forks",
    "reward": "rewards",
    "rollout": "visgenenv.episodes",
    "rollout_function": "trainers",
    "save": "visgenenv.trajectories",
    "snapshot": "visgenenv.forks",
    "task_dataset": "trainers",
    "turn_values": "visgenenv.values",
}
"""Public names by the module that holds them; those of the upper floors resolve only when somebody asks."""

__all__ = sorted(_LAZY)  # noqa: PLE0605 - resolved lazily


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'visgenenv' has no attribute {name!r}")
    from visgenenv import plugins

    value = getattr(plugins.import_own(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


for _id, _task_types in (("VisGenEnv-v0", None), ("VisGenEnv-Image-v0", "image"), ("VisGenEnv-Video-v0", "video")):
    gymnasium.register(
        id=_id,
        entry_point="visgenenv.env:VisGenEnv",
        vector_entry_point="visgenenv.vector:VisGenVectorEnv",
        kwargs={} if _task_types is None else {"task": _task_types},
    )
