"""Making a policy better: demonstrations, supervised start (PST), reinforcement (GRPO), and their parts for one's own loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trainers.advantages import group_advantages, trained_tokens, zero_variance_groups
    from trainers.config import DataConfig, GrpoConfig, ModelConfig, PstConfig
    from trainers.samples import TokenSample, collect
    from trainers.stages import run_demonstrations, run_grpo, run_pst
    from trainers.vrl.trl import environment_reward, rollout_function, task_dataset

_LAZY = {
    "DataConfig": "trainers.config",
    "GrpoConfig": "trainers.config",
    "ModelConfig": "trainers.config",
    "PstConfig": "trainers.config",
    "TokenSample": "trainers.samples",
    "collect": "trainers.samples",
    "environment_reward": "trainers.vrl.trl",
    "group_advantages": "trainers.advantages",
    "rollout_function": "trainers.vrl.trl",
    "run_demonstrations": "trainers.stages",
    "run_grpo": "trainers.stages",
    "run_pst": "trainers.stages",
    "task_dataset": "trainers.vrl.trl",
    "trained_tokens": "trainers.advantages",
    "zero_variance_groups": "trainers.advantages",
}
"""Public names by the module that holds them; torch, transformers and TRL load only when somebody asks."""

__all__ = [
    "DataConfig",
    "GrpoConfig",
    "ModelConfig",
    "PstConfig",
    "TokenSample",
    "collect",
    "environment_reward",
    "group_advantages",
    "rollout_function",
    "run_demonstrations",
    "run_grpo",
    "run_pst",
    "task_dataset",
    "trained_tokens",
    "zero_variance_groups",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'trainers' has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(_LAZY[name]), name)
    globals()[name] = value
    return value
