"""Rollouts for the tests of the audit, as each format writes them."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np

from rewards.audit.check import Check
from rewards.audit.runs import RunsAudit, audit
from rewards.audit.samples import Rollouts, RunSample

WORDS = [f"{first}{last}" for first in ("am", "bir", "ce", "del", "em") for last in ("ber", "ch", "dar", "ta")]


def sample(at: int, group: int = 0, reward: float | None = 0.0, **more: object) -> RunSample:
    own = random.Random(at)
    given = {"prompt": f"prompt {group}", "completion": " ".join(own.choices(WORDS, k=30)), **more}
    return RunSample(id=str(at), group=str(group), reward=reward, **given)  # type: ignore[arg-type]


def found(samples: list[RunSample], name: str, **more: object) -> Check:
    return one(audit(Rollouts(format="own", samples=tuple(samples), files=("own",), **more)), name)  # type: ignore[arg-type]


def one(audited: RunsAudit, name: str) -> Check:
    return next(check for check in audited.checks if check.name == name)


def written(path: Path, rows: list[dict[str, object]]) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return str(path)


def verifiers_rows(count: int = 40) -> list[dict[str, object]]:
    own = random.Random(5)
    rows: list[dict[str, object]] = []
    for at in range(count):
        metrics = {"correct": float(own.random() < 0.4), "style": own.random(), "watched": own.random(), "num_turns": 1.0}
        said = [{"role": "assistant", "content": " ".join(own.choices(WORDS, k=20))}]
        asked = [{"role": "system", "content": "Be good."}, {"role": "user", "content": f"Question {at // 4}"}]
        reward = metrics["correct"] + 0.2 * metrics["style"]
        row = {"example_id": at // 4, "prompt": asked, "completion": said, "reward": reward, "error": None, "is_truncated": False}
        rows.append({**row, "metrics": metrics, "token_usage": {"output_tokens": 20.0}, **metrics})
    return rows


def trl_rows(groups: int = 12, weights: tuple[float, ...] = (1.0, 0.25, 0.0), step: int = 1) -> list[dict[str, object]]:
    own = random.Random(step)
    rows: list[dict[str, object]] = []
    for group in range(groups):
        parts = np.array([[own.random() for _ in weights] for _ in range(4)])
        totals = parts @ np.array(weights)
        advantages = (totals - totals.mean()) / (totals.std(ddof=1) + 1e-4)
        for values, advantage in zip(parts, advantages, strict=True):
            said = " ".join(own.choices(WORDS, k=20))
            names = dict(zip(("right", "short", "watched"), values.tolist(), strict=True))
            rows.append(
                {"step": step, "prompt": f"prompt {group}", "completion": said, **names, "note": "seen", "advantage": float(advantage)}
            )
    return rows


def inspect_log() -> dict[str, object]:
    def one_sample(name: int, epoch: int, value: object, **more: object) -> dict[str, object]:
        messages = [{"role": "user", "content": f"What is {name}?"}, {"role": "assistant", "content": "attachment://a1"}]
        output = {"completion": "long answer", "choices": [{"stop_reason": "stop"}]}
        scores = {"match": {"value": value}, "shape": {"value": {"a": 1, "b": True}}}
        kept = {"id": name, "epoch": epoch, "input": f"What is {name}?", "messages": messages, "output": output, "scores": scores}
        return {**kept, "attachments": {"a1": "the long answer"}, "model_usage": {"m": {"output_tokens": 7}}, **more}

    samples = [
        one_sample(1, 1, "C"),
        one_sample(1, 2, "I", limit={"type": "token", "limit": 9}),
        one_sample(2, 1, "P"),
        one_sample(2, 2, float("nan")),
        one_sample(3, 1, 0.75),
        one_sample(3, 2, None, scores={}, error={"message": "sandbox died", "traceback": "", "traceback_ansi": ""}),
    ]
    return {"version": 2, "status": "success", "eval": {"task": "t", "model": "m"}, "samples": samples}
