"""`visgen bench speed`."""

from __future__ import annotations

import argparse

import msgspec


def speed(parser: argparse.ArgumentParser) -> None:
    """Time one text step, its floor, a score, reset, fork and the vector environment, in one process."""
    parser.add_argument("--seed", type=int, default=0, help="of the inputs (default 0)")
    parser.add_argument("--steps", type=int, default=4000, metavar="N", help="steps timed (default 4000)")
    parser.add_argument("--json", action="store_true", help="the figures as JSON on standard output")
    parser.set_defaults(run=_speed)


def _speed(options: argparse.Namespace) -> int:
    from benchmarks.speed.measure import measure
    from visgenenv.errors import ConfigError

    if options.steps < 100:
        raise ConfigError(f"--steps {options.steps}: expected at least 100, since a 99th percentile of fewer says nothing")
    found = measure(options.seed, options.steps)
    if options.json:
        print(msgspec.json.encode(found).decode())
        return 0
    print(f"{'microseconds':<34}{'p50':>9}{'p99':>9}{'n':>8}")
    for label, timing in (
        ("floor: parse, validate, reply", found.floor),
        ("text step, one fresh call", found.step),
        ("last step: success, hash, reward", found.last_step),
        ("score of an episode of 20 turns", found.score),
        ("reset", found.reset),
        ("reset after an episode", found.reset_between),
        ("fork", found.fork),
        ("vector of 1,024, a step of each", found.vector),
    ):
        print(f"{label:<34}{timing.p50:>9.1f}{timing.p99:>9.1f}{timing.n:>8}")
    print(f"a step takes {found.ratio:.1f} times its floor, on {found.machine}")
    print(f"an idle episode holds {found.episode_bytes / 1024:.1f} KiB")
    return 0
