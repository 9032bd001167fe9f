"""`visgen bench luck`: how noisy a group's advantages are when its members share their luck, and when each has its own.

The members of a group are one expert with different flaws, so that what they should be told is known: their mean reward
over many lucks, less the group's. The noise of an advantage is how far it lies from that.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import msgspec
import numpy as np
from tqdm import tqdm

from benchmarks.stats import Interval
from visgenenv.commands import positive

FLAWS: tuple[tuple[str, ...], ...] = ((), (), ("skip_reference",), ("forget_music",), ("forget_subtitles",), ("one_shot_short",))
"""Of each member."""


class Luck(msgspec.Struct, frozen=True, kw_only=True):
    """Variance of an advantage around its expectation, mean over groups and members."""

    groups: int
    repeats: int
    reward: str
    faults: str
    shared: Interval
    """Members meet the same rate limits, time-outs and latencies."""
    independent: Interval
    ratio: float
    """Shared over independent."""


def luck(parser: argparse.ArgumentParser) -> None:
    """Noise of a group's advantages with shared and with independent luck."""
    parser.add_argument("--groups", type=positive, default=48, metavar="N", help="tasks (default 48)")
    parser.add_argument("--repeats", type=positive, default=12, metavar="K", help="lucks of each (default 12)")
    parser.add_argument("--reward", default="0.8*ltr + 0.2*rewards.cost:Makespan", metavar="EXPR", help="one that luck can touch")
    parser.add_argument("--faults", default="severe", help="moderate or severe (default severe)")
    parser.add_argument("--seed", type=int, default=0, help="of the first task (default 0)")
    parser.add_argument("--json", action="store_true", help="the figures as JSON on standard output")
    parser.set_defaults(run=_luck)


def _luck(options: argparse.Namespace) -> int:
    from benchmarks.stats import mean_interval

    shared, apart = (_rewards(options, independent) for independent in (False, True))
    truth = _centred(np.concatenate([shared, apart], axis=1)).mean(axis=1, keepdims=True)
    noise = [((_centred(rewards) - truth) ** 2).mean(axis=(1, 2)) for rewards in (shared, apart)]
    first, second = (mean_interval(values.tolist()) for values in noise)
    assert first is not None, "there are groups"
    assert second is not None, "there are groups"
    ratio = first.mean / second.mean if second.mean else 1.0
    found = Luck(
        groups=options.groups,
        repeats=options.repeats,
        reward=options.reward,
        faults=options.faults,
        shared=first,
        independent=second,
        ratio=ratio,
    )
    if options.json:
        print(msgspec.json.encode(found).decode())
        return 0
    for name, interval in (("shared", first), ("independent", second)):
        print(f"{name:12} variance of an advantage {interval.mean:.6f} [{interval.low:.6f}, {interval.high:.6f}]")
    what = f"{options.groups} groups of {len(FLAWS)}, {options.repeats} lucks, faults {options.faults}, {options.reward}"
    print(f"shared luck leaves {ratio:.2f} of the noise ({what})")
    return 0


def _rewards(options: argparse.Namespace, independent: bool) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    """Rewards of shape (groups, repeats, members)."""
    from policies import Expert
    from visgenenv import chance
    from visgenenv.episodes import advance, make
    from visgenenv.tasks.generator import GENERATED

    env = make(reward=options.reward, faults=options.faults, system_prompt="none", on_failure="truncate")
    rewards = np.zeros((options.groups, options.repeats, len(FLAWS)))
    with tqdm(total=rewards.size, desc="independent" if independent else "shared", unit="episode") as bar:
        for group, repeat, member in np.ndindex(rewards.shape):
            own: Sequence[int] = (options.seed, group, repeat, *((member,) if independent else ()))
            env.reset(seed=group, options={"task": GENERATED(options.seed + group), "chance_seed": chance.below(2**31, *own)})
            running = [(env, 0, env.conversation())]
            while running:
                running, ended = advance(Expert(flaws=FLAWS[member]), running)
            trajectory = ended[0][1]
            assert trajectory.reward is not None, "rule judges never mask"
            rewards[group, repeat, member] = trajectory.reward.total
            bar.update()
    return rewards


def _centred(rewards: np.ndarray[tuple[int, int, int], np.dtype[np.float64]]) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    """Each reward less its group's mean: the advantage before any scaling."""
    found: np.ndarray[tuple[int, int, int], np.dtype[np.float64]] = rewards - rewards.mean(axis=2, keepdims=True)
    return found
