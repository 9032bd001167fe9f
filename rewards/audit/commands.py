"""`visgen reward`: a reward audited, rollouts audited, two rewards compared on the same episodes."""

from __future__ import annotations

import argparse
import shlex
import sys

import msgspec
from tqdm import tqdm

from rewards.commands import at_step
from rewards.ltr import reward as make
from visgenenv.commands import positive, training_step
from visgenenv.errors import ConfigError
from visgenenv.trajectories import check_writable, save
from visgenenv.types import Trajectory


def reward(parser: argparse.ArgumentParser) -> None:
    """Look into a reward: audit it, audit the rollouts it was paid for, or compare two on the same episodes."""
    commands = parser.add_subparsers(dest="what", required=True)
    for name, add in (("audit", _audit), ("diff", _diff)):
        words = (add.__doc__ or "").strip()
        add(commands.add_parser(name, help=words.splitlines()[0], description=words))


def _audit(parser: argparse.ArgumentParser) -> None:
    """Play every known exploit against a reward and see whether it pays; exits 1 where one does.

    With --runs the rollouts of a file are audited in place of a reward: our own, or those of verifiers, TRL or Inspect.
    """
    parser.add_argument("--reward", metavar="EXPR", help='a name, an expression or "module:attribute" (default: ltr)')
    parser.add_argument("--judge", help='who reads the plans: rules (the default), a registered judge, or "module:attribute"')
    parser.add_argument("--step", type=training_step, metavar="N", help="training step that a reward with a schedule is audited at")
    parser.add_argument("--runs", action="append", metavar="FILE", help="audit these rollouts: a file or a folder; may be given again")
    parser.add_argument(
        "--limit", type=positive, metavar="N", help="exploits and relations that fail to list (default 20; --json has every failure)"
    )
    parser.add_argument("--out", metavar="X.jsonl", help="write the episodes behind what fails, scored, for `visgen show`")
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap of --runs; exploits take no luck")
    parser.add_argument("--json", action="store_true", help="counts and worst ratios as one JSON object on standard output")
    parser.set_defaults(run=_run_audit)


def _run_audit(options: argparse.Namespace) -> int:
    if options.runs is not None:
        beside = [f"--{name}" for name in ("reward", "judge", "step", "limit", "out") if getattr(options, name) is not None]
        if beside:
            raise ConfigError(
                f"{' '.join(beside)} beside --runs: rollouts are audited as they were paid; first `visgen score FILE --reward … --out NEW`"
            )
        from rewards.audit.runs import audit_runs
        from rewards.audit.runs import table as runs_table

        audited = audit_runs(options.runs, seed=options.seed)
        print(msgspec.json.encode(audited).decode() if options.json else runs_table(audited))
        return 1 if audited.bad else 0
    from rewards.audit.exploits import exploits
    from rewards.audit.relations import RELATIONS
    from rewards.audit.report import figures, table
    from rewards.audit.suite import audit

    if options.out is not None:
        check_writable(options.out)
    engine = make(options.reward or "ltr", judge=options.judge or "rules")
    kept: list[Trajectory] = []
    with tqdm(total=len(exploits()) + len(RELATIONS), desc="audit", unit="case", disable=None, file=sys.stderr) as bar:
        found = audit(engine, lambda _: bar.update(), step=options.step, keep=kept.append)
    print(msgspec.json.encode(figures(found)).decode() if options.json else table(found, options.limit or 20))
    if options.out is not None:
        save(options.out, kept)
        print(f"{len(kept)} episodes in {options.out}" + (f"; look at one: {_show(options.out, kept)}" if kept else ""), file=sys.stderr)
    return 0 if found.passed else 1


def _show(path: str, kept: list[Trajectory]) -> str:
    wrong = next((one for one in kept if not one.id.startswith("honest")), kept[0])
    return f"visgen show {path} --id {shlex.quote(wrong.id)}"


def _diff(parser: argparse.ArgumentParser) -> None:
    """Show what another reward changes on the same episodes: by part, and whose advantage changes its sign."""
    parser.add_argument("a", metavar="A", help='a reward: a name, an expression or "module:attribute"')
    parser.add_argument("b", metavar="B", help="another one")
    parser.add_argument(
        "file", nargs="+", help="trajectories as JSON lines, or a run's folder; members of a group share task and luck, in whichever file"
    )
    parser.add_argument("--judge", default="rules", help='who reads the plans: rules, a registered judge, or "module:attribute"')
    parser.add_argument(
        "--step", type=training_step, metavar="N", help="training step of trajectories that hold none, for a reward with a schedule"
    )
    parser.add_argument("--limit", type=positive, default=20, metavar="N", help="members to list (default 20; --json has all)")
    parser.add_argument("--seed", type=int, default=0, help="takes part in nothing here; every command has it")
    parser.add_argument("--json", action="store_true", help="everything as one JSON object on standard output")
    parser.set_defaults(run=_run_diff)


def _run_diff(options: argparse.Namespace) -> int:
    from rewards import diff
    from visgenenv.trajectories import load

    trajectories: list[Trajectory] = []
    for file in options.file:
        trajectories += (here := load(file))
        if not here:
            raise ConfigError(f"{file}: holds no trajectory; expected what `visgen rollout` or training writes")
    trajectories = [at_step(trajectory, options.step) for trajectory in trajectories]
    found = diff.diff(trajectories, make(options.a, judge=options.judge), make(options.b, judge=options.judge))
    print(msgspec.json.encode(found).decode() if options.json else diff.table(found, options.limit))
    return 0
