"""A bench for training: a small tokenizer and model, made once, and rewards that tell untrained samples apart."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import torch

from policies.tiny import tiny_model
from rewards.judges.port import JudgeError
from trainers.data.demonstrations import demonstrate
from trainers.vocabulary import tiny_tokenizer
from visgenenv.types import Trajectory

torch.set_num_threads(1)
SHORT = {"max_turns": 3, "system_prompt": "none"}


@cache
def tokenizer() -> Any:
    return tiny_tokenizer(demonstrate(48), words=200)


def model(seed: int = 1) -> Any:
    """Random weights."""
    return tiny_model(tokenizer(), seed, hidden=64, layers=2, heads=2, mlp=96).eval()


def saved(folder: Path, seed: int = 1) -> str:
    model(seed).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return str(folder)


def brevity(trajectory: Trajectory) -> float:
    """The shorter, the better: a reward that an untrained policy earns unevenly."""
    return 1 / (1 + sum(len(turn.text) for turn in trajectory.turns) / 400)


def moody(trajectory: Trajectory) -> float:
    """A judge that fails on about every other sample."""
    value = brevity(trajectory)
    if int(value * 1e6) % 2 == 0:
        raise JudgeError("out of mood")
    return value


def nothing(trajectory: Trajectory) -> float:
    """A judge that is down."""
    raise JudgeError("down")


def chinese(trajectory: Trajectory) -> float:
    """Share of Chinese among what was written: every token counts, so that a little practice shows."""
    text = "".join(turn.text for turn in trajectory.turns)
    return sum(sign > "\u3400" for sign in text) / max(1, len(text))
