"""`visgen bench soak`: many episodes in one process, and bytes that mean nothing; memory, leaks, sizes and times.

Exits 1 where memory is not flat, something is left over, an answer is too long, or a turn takes too long for its text.
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import time
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
from tqdm import tqdm

from visgenenv.commands import positive

FLAT = 0.05
"""Share by which memory may rise or fall once warm."""
LONGEST_ANSWER = 4096
"""Bytes of the answer to one call, or to a turn that does not parse."""
MS_PER_10KB = 5.0
"""Milliseconds of a turn for each 10 kB of its text, or part of it."""
_MARKS = 20


class Soak(msgspec.Struct, frozen=True, kw_only=True):
    """What was found."""

    episodes: int
    megabytes: list[float]
    """Resident, at twenty marks of the way."""
    drift: float
    """Largest distance of a mark after the first quarter from their median, as a share of it."""
    left_over: dict[str, int]
    """Episodes and workspaces still alive at the end, beyond the environment's own one."""
    fuzzed_bytes: int
    longest_answer: int
    """Bytes."""
    slowest: float
    """Milliseconds per 10 kB (or part) of the slowest turn; the best of three tries each."""
    passed: bool


def soak(parser: argparse.ArgumentParser) -> None:
    """Many episodes of mixed policies in one process, then drawn bytes as turns: memory, leaks, answers, times."""
    parser.add_argument("--episodes", type=positive, default=100_000, metavar="N", help="episodes (default 100,000)")
    parser.add_argument("--bytes", type=positive, default=10_000_000, metavar="N", help="bytes of drawn turns (default 10,000,000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="the figures as JSON on standard output")
    parser.set_defaults(run=_soak)


def _soak(options: argparse.Namespace) -> int:
    megabytes, left_over = _episodes(options.episodes, options.seed)
    longest, slowest = _fuzz(options.bytes, options.seed)
    warm = sorted(megabytes[len(megabytes) // 4 :])
    median = warm[len(warm) // 2]
    drift = max(abs(value - median) for value in warm) / median
    passed = drift <= FLAT and not any(left_over.values()) and longest <= LONGEST_ANSWER and slowest <= MS_PER_10KB
    found = Soak(
        episodes=options.episodes,
        megabytes=megabytes,
        drift=round(drift, 4),
        left_over=left_over,
        fuzzed_bytes=options.bytes,
        longest_answer=longest,
        slowest=round(slowest, 3),
        passed=passed,
    )
    if options.json:
        print(msgspec.json.encode(found).decode())
    else:
        print(f"memory {warm[0]:.0f} to {warm[-1]:.0f} MB over {options.episodes} episodes, {drift:.1%} from its median at most")
        print(f"left over: {left_over}")
        print(f"{options.bytes} bytes fuzzed: longest answer {longest} bytes, slowest turn {slowest:.2f} ms per 10 kB")
    return 0 if passed else 1


def _episodes(count: int, seed: int) -> tuple[list[float], dict[str, int]]:
    from policies import AutoPipeline, Expert, RandomPolicy, SingleImage
    from visgenenv.episodes import advance, make
    from visgenenv.forks import fork

    env = make(faults="moderate", system_prompt="none", max_turns=12, on_failure="truncate")
    policies: tuple[Any, ...] = (Expert(), SingleImage(), AutoPipeline(), RandomPolicy(seed))
    marks, megabytes = {round(count * (n + 1) / _MARKS) - 1 for n in range(_MARKS)}, []
    before = _alive()
    for number in tqdm(range(count), unit="episode"):
        env.reset(seed=seed + number)
        if number % 7 == 0:
            fork(env, number).step("half a turn")
        running = [(env, 0, env.conversation(number))]
        while running:
            running, _ = advance(policies[number % len(policies)], running)
        if number in marks:
            gc.collect()
            megabytes.append(_resident())
    gc.collect()
    own = {"EpisodeState": 1, "Workspace": 1, "Conversation": 1}  # of the last episode
    return megabytes, {name: max(0, alive - before[name] - own.get(name, 0)) for name, alive in _alive().items()}


def _alive() -> dict[str, int]:
    names = Counter(type(item).__name__ for item in gc.get_objects())
    return {name: names[name] for name in ("EpisodeState", "Workspace", "Conversation", "VisGenEnv")}


def _resident() -> float:
    """Megabytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def _fuzz(wanted: int, seed: int) -> tuple[int, float]:
    """Longest answer in bytes and slowest turn in ms per 10 kB, over at least so many bytes of turns."""
    from visgenenv.episodes import make

    draw = random.Random(seed)
    env = make(system_prompt="none", max_turns=40, on_failure="truncate")
    space = env.action_space
    space.seed(seed)
    longest, slowest, done, number = 0, 0.0, 0, 0
    ended = True
    with tqdm(total=wanted, unit="byte", unit_scale=True) as bar:
        while done < wanted:
            if ended:
                env.reset(seed=number)
            text = _turn(draw, space.sample())
            taken, answer, ended = _timed(env, text)
            longest = max(longest, *(len(line.encode()) for line in answer.split("\n")))
            slowest = max(slowest, taken / max(1.0, len(text.encode("utf-8", "replace")) / 10_000))
            done += len(text.encode("utf-8", "replace"))
            bar.update(len(text))
            number += 1
    return longest, slowest


def _timed(env: Any, text: str) -> tuple[float, str, bool]:
    """Milliseconds (the best of three, from the same state), the answer, and whether the episode ended."""
    from visgenenv.forks import restore, snapshot

    kept, best = snapshot(env), float("inf")
    for _ in range(3):
        restore(env, kept)
        begun = time.perf_counter()
        observation, _, terminated, truncated, _ = env.step(text)
        best = min(best, (time.perf_counter() - begun) * 1000)
    return best, observation, terminated or truncated


_BITS = (b"[" * 50, b"<think>", b"</tool_call>", b"9" * 40, b"\\ud800", b'{"a":', b"\x00", b"<answer>")


def _turn(draw: random.Random, sample: str) -> str:
    """A well-formed turn with some of its bytes changed, cut or repeated, or bytes that never were one."""
    if draw.random() < 0.2:
        return draw.randbytes(draw.choice((10, 200, 5000, 60_000))).decode("utf-8", draw.choice(("replace", "surrogateescape")))
    raw = bytearray(sample.encode())
    for _ in range(draw.choice((0, 1, 1, 3, 20))):
        place = draw.randrange(len(raw))
        match draw.randrange(4):
            case 0:
                raw[place] = draw.randrange(256)
            case 1:
                del raw[place : place + draw.randrange(1, 30)]
            case 2:
                raw[place:place] = draw.choice(_BITS)
            case _:
                raw *= draw.choice((1, 2, 5))
        if not raw:
            break
    return raw.decode("utf-8", draw.choice(("replace", "surrogateescape")))
