"""`visgen bench recompute`: episodes saved, loaded and scored again; every reward and part must be the same to the last bit."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from tqdm import tqdm

from rewards.bits import bits, difference
from visgenenv.commands import positive
from visgenenv.types import Trajectory

POLICIES = ("random", "single-image", "auto-pipeline", "expert")
"""In turn, a batch each."""
BATCH = 250
"""At most; of fewer episodes than four such batches hold, a quarter."""
_SHOWN = 5
"""Differences that are told in words."""


class Recomputed(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared."""

    episodes: int
    policies: dict[str, int]
    """Episodes of each."""
    expression: str
    version: str
    faults: str
    masked: int
    """Had no reward, and were unavailable again."""
    parts: int
    """Parts compared, those that do not apply among them."""
    different: int
    """Episodes whose total or a part of it came out otherwise."""
    examples: tuple[str, ...]
    """The first of them, in words."""


def recompute(parser: argparse.ArgumentParser) -> None:
    """Episodes of four policies under faults, saved, loaded and scored again: total and parts to the last bit.

    Exits 1 where any comes out otherwise, or nothing was compared: every episode is masked.
    """
    parser.add_argument("--episodes", type=positive, default=10_000, metavar="N", help="episodes (default 10,000)")
    parser.add_argument("--reward", default="ltr", metavar="EXPR", help="a name or an expression (default ltr); batch i is step i of it")
    parser.add_argument("--judge", default="rules", metavar="J", help="who reads the plans (default rules)")
    parser.add_argument("--faults", default="moderate", help="none, moderate or severe (default moderate)")
    parser.add_argument("--seed", type=int, default=0, help="of the first task (default 0)")
    parser.add_argument("--json", action="store_true", help="the figures as JSON on standard output")
    parser.set_defaults(run=_recompute)


def _recompute(options: argparse.Namespace) -> int:
    found = compare(options.episodes, options.seed, reward=options.reward, judge=options.judge, faults=options.faults)
    if options.json:
        print(msgspec.json.encode(found).decode())
    else:
        counted = ", ".join(f"{name} {count}" for name, count in found.policies.items())
        print(f"{found.episodes} episodes ({counted}), faults {found.faults}, {found.expression} (version {found.version})")
        print(f"{found.parts} parts compared, {found.masked} masked, {found.different} episodes came out otherwise")
    for told in found.examples:
        print(told, file=sys.stderr)
    nothing = found.masked == found.episodes
    if nothing:
        print("nothing was compared: every episode is masked", file=sys.stderr)
    return 1 if found.different or nothing else 0


def compare(episodes: int, seed: int, *, reward: str = "ltr", judge: str = "rules", faults: str = "moderate") -> Recomputed:
    """Play, save, load and score again, a batch at a time; the second score is of an engine that has seen nothing."""
    from rewards import reward as engine_of
    from visgenenv.episodes import rollout
    from visgenenv.trajectories import load, save

    played = dict.fromkeys(POLICIES, 0)
    told: list[str] = []
    masked = parts = 0
    size = min(BATCH, -(-episodes // len(POLICIES)))
    with tempfile.TemporaryDirectory() as folder, tqdm(total=episodes, desc="recompute", unit="episode", disable=None) as bar:
        path = Path(folder) / "episodes.jsonl"
        for number, start in enumerate(range(0, episodes, size)):
            policy, count = POLICIES[number % len(POLICIES)], min(size, episodes - start)
            arguments: dict[str, Any] = {"reward": reward, "judge": judge, "faults": faults, "system_prompt": "none"}
            save(path, rollout(policy, count, seed + start, step=number, **arguments))
            kept = load(path)
            again = engine_of(reward, judge=judge)
            told += [words for trajectory in kept if (words := _differs(trajectory, again)) is not None]
            played[policy] += len(kept)
            masked += sum(trajectory.reward is None for trajectory in kept)
            parts += sum(len(trajectory.reward.parts) for trajectory in kept if trajectory.reward is not None)
            bar.update(len(kept))
    return Recomputed(
        episodes=sum(played.values()),
        policies=played,
        expression=again.expression,
        version=again.version,
        faults=faults,
        masked=masked,
        parts=parts,
        different=len(told),
        examples=tuple(told[:_SHOWN]),
    )


def _differs(trajectory: Trajectory, engine: Any) -> str | None:
    """What comes out otherwise: scored again, or worked out from the stored parts alone."""
    from visgenenv.errors import RewardUnavailable

    kept = trajectory.reward
    try:
        now = engine(trajectory)
    except RewardUnavailable as error:
        return None if kept is None else f"{trajectory.id}: had the reward {kept.total!r}, is now unavailable: {error}"
    if kept is None:
        return f"{trajectory.id}: was unavailable ({trajectory.failure}), has now the reward {now.total!r}"
    differing = difference(kept, now)
    if differing is None and bits(total := engine.recompute(kept)) != bits(kept.total):
        differing = f"its parts recompute to {total!r}, its total is {kept.total!r}"
    return None if differing is None else f"{trajectory.id}: {differing}"
