"""`visgen bench baselines` and `visgen bench real`: what needs no training, on generated tasks and on prompts people wrote."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import msgspec
from tqdm import tqdm

from benchmarks.summary import Summary
from visgenenv.commands import positive


def baselines(parser: argparse.ArgumentParser) -> None:
    """Random turns, the single-call baselines and the expert on the same held-out tasks."""
    parser.add_argument("--episodes", type=positive, default=420, metavar="N", help="tasks (default 420: 35 of each of the 12 types)")
    parser.add_argument("--seed", type=int, default=0, help="of the first task (default 0)")
    parser.add_argument("--task", default="heldout", metavar="SOURCE", help="source of tasks (default heldout)")
    parser.add_argument("--faults", default="none", help="none, moderate or severe")
    parser.add_argument("--json", action="store_true", help="the figures as JSON on standard output")
    parser.set_defaults(run=_baselines)


def _baselines(options: argparse.Namespace) -> int:
    from benchmarks.summary import by_type, table
    from policies import AutoPipeline, Expert, RandomPolicy, SingleImage

    policies: tuple[tuple[str, Any], ...] = (
        ("random", RandomPolicy(options.seed)),
        ("one image", SingleImage()),
        ("auto pipeline", AutoPipeline()),
        ("expert", Expert()),
    )
    found = {}
    for name, policy in policies:
        found[name] = _play(name, policy, episodes=options.episodes, seed=options.seed, task=options.task, faults=options.faults)
    summaries = [_summary(name, trajectories) for name, trajectories in found.items()]
    types = list(by_type(found["expert"]).values())
    if options.json:
        print(msgspec.json.encode({"policies": summaries, "expert_by_type": types}).decode())
    else:
        print(table(summaries), table(types), sep="\n\nthe expert by task type\n\n")
    return 0


def real(parser: argparse.ArgumentParser) -> None:
    """Prompts that people wrote (PartiPrompts, StoryBench) as tasks: the expert on all, other policies on some of each."""
    parser.add_argument("--data", required=True, metavar="DIR", help="folder with partiprompts/ and storybench/")
    parser.add_argument("--policy", action="append", default=[], metavar="P", help="a further policy; may be given several times")
    parser.add_argument("--some", type=positive, default=200, metavar="N", help="tasks of each list for further policies (default 200)")
    parser.add_argument("--max-turns", type=positive, default=12, metavar="N", help="turns of further policies (default 12)")
    parser.add_argument("--seed", type=int, default=0, help="of luck, and of which tasks are chosen (default 0)")
    parser.add_argument("--json", action="store_true", help="the figures as JSON on standard output")
    parser.set_defaults(run=_real)


LISTS = ("partiprompts/PartiPrompts.tsv", "storybench/oops-valid.story_gen.json", "storybench/uvo-valid.story_gen.json")


def _real(options: argparse.Namespace) -> int:
    import numpy as np

    from benchmarks.summary import table
    from policies import Expert
    from visgenenv.policy import load_policy
    from visgenenv.tasks.files import load_tasks

    summaries: list[Summary] = []
    speeds: dict[str, float] = {}
    for name in LISTS:
        path = Path(options.data) / name
        tasks = load_tasks(path)
        label = path.stem.partition(".")[0]
        begun = time.monotonic()
        found = _play(f"expert on {label}", Expert(), tasks=tasks, seed=options.seed)
        speeds[label] = round(len(found) / (time.monotonic() - begun), 1)
        summaries.append(_summary(f"expert on {label}", found))
        chosen = np.random.default_rng(options.seed).permutation(len(tasks))[: options.some]
        for given in options.policy:
            policy = load_policy(given, seed=options.seed)
            some = [tasks[i] for i in sorted(chosen.tolist())]
            found = _play(f"{given} on {label}", policy, tasks=some, seed=options.seed, max_turns=options.max_turns)
            summaries.append(_summary(f"{given} on {label}", found))
    if options.json:
        print(msgspec.json.encode({"policies": summaries, "episodes_per_second": speeds}).decode())
    else:
        print(table(summaries), "", *(f"expert on {name}: {speed} episodes a second" for name, speed in speeds.items()), sep="\n")
    return 0


def _summary(name: str, trajectories: Any) -> Summary:
    from benchmarks.summary import summarise

    return summarise(name, trajectories)


def _play(label: str, policy: Any, *, episodes: int = 0, tasks: Any = None, **more: Any) -> Any:
    from visgenenv.episodes import habits, rollout

    count = episodes if tasks is None else len(tasks)
    more = {"system_prompt": "none", **habits(policy), **more}
    with tqdm(total=count, desc=label, unit="episode") as bar:
        return rollout(policy, count, tasks=tasks, progress=lambda _: bar.update(), **more)
