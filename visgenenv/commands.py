"""`visgen tools`, `visgen rollout` and `visgen show`: what there is to call, episodes to a file, one episode to look at."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from visgenenv import plugins
from visgenenv.errors import ConfigError
from visgenenv.masked import failures, told
from visgenenv.types import JSONObject, Task, Trajectory

_DEFAULT_EPISODES = 10


class Once(argparse.Action):
    """Keeps an argument's value; of two, the first would be dropped without a word."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option_string: str | None = None
    ) -> None:
        given: frozenset[str] = getattr(namespace, "_given", frozenset())
        if option_string is not None and self.dest in given:
            parser.error(f"argument {option_string}: given twice ({getattr(namespace, self.dest)!r} and {values!r}); expected once")
        namespace._given = given | {self.dest}
        setattr(namespace, self.dest, values)


def tools(parser: argparse.ArgumentParser) -> None:
    """List the tools an agent may call."""
    parser.add_argument("--tools", nargs="+", default=["paper36"], metavar="SET", help='a set, a tool\'s name or "module:attribute"')
    parser.add_argument("--json", action="store_true", help="OpenAI function schemas on standard output")
    parser.add_argument("--seed", type=int, default=0, help="takes part in nothing here; every command has it")
    parser.set_defaults(run=_tools)


def _tools(options: argparse.Namespace) -> int:
    from visgenenv.tools.catalogue import catalogue

    specs = catalogue(options.tools)
    if options.json:
        print(msgspec.json.format(msgspec.json.encode([spec.schema for spec in specs]), indent=2).decode())
        return 0
    rows = [["tool", "kind", "arguments (? may be left out)", "median s"]]
    for spec in specs:
        required = set(spec.parameters.get("required", ()))
        names = [name if name in required else f"{name}?" for name in spec.parameters.get("properties", {})]
        rows.append([spec.name, spec.category, ", ".join(names), f"{spec.latency_s[0]:g}"])
    print(columns(rows))
    return 0


def rollout(parser: argparse.ArgumentParser) -> None:
    """Run episodes with a policy and keep their trajectories, one a line."""
    add = parser.add_argument
    add("--policy", required=True, metavar="P", help='a registered name, "module:attribute", or the folder of a language model')
    add("--episodes", type=positive, metavar="N", help=f"tasks to run (default: all of the task file, else {_DEFAULT_EPISODES})")
    add("--seed", type=int, default=0, metavar="S", help="task i has seed S + i (default 0)")
    add("--seeds", type=positive, default=1, metavar="K", help="times each task is run, each time with other luck (default 1)")
    add("--group-size", type=positive, default=1, metavar="G", help="times each is run with the same luck, as GRPO does (default 1)")
    add("--temperature", type=float, metavar="T", help="of a policy that samples, such as a language model (default: its own; 0 greedy)")
    add("--task-file", metavar="FILE", help="tasks from a file: our JSON lines, a PartiPrompts TSV or StoryBench JSON")
    add("--task", metavar="SOURCE", help='a registered source of tasks (train, heldout, image, video) or "module:attribute"')
    add("--task-types", nargs="+", metavar="TYPE", help="only these types of the source")
    add("--env", default="VisGenEnv-v0", metavar="ID", help='an environment of your own, whose defaults hold below: its id or "module:id"')
    add("--reward", metavar="EXPR", help='a name or an expression such as "plan * mean(format, result)" (default ltr)')
    add("--judge", metavar="J", help='who reads the plans: rules, a registered judge, or "module:attribute" (default rules)')
    add("--step", type=training_step, metavar="N", help="the training step, for a reward that changes with it")
    add("--tools", nargs="+", metavar="SET", help='a set, a tool\'s name or "module:attribute" (default paper36)')
    add("--backend", metavar="B", help="where calls happen (default simulated)")
    add("--faults", metavar="F", help='none, moderate, severe, or a plan as JSON: {"tool": ["timeout", null]}')
    add("--media", metavar="DIR", help="library whose files stand in for outputs (default: the bundled index)")
    add("--max-turns", type=positive, metavar="N", help="turns before an episode is cut off (default 40)")
    add(
        "--system-prompt",
        choices=("full", "names", "none"),
        help="what the policy is told of the tools (default: the policy's own, or full)",
    )
    add("--batch", type=positive, default=32, metavar="N", help="episodes that run side by side (default 32)")
    add("--out", required=True, metavar="X.jsonl", help="the trajectories")
    add("--json", action="store_true", help="the summary as JSON on standard output")
    parser.set_defaults(run=_rollout)


def _rollout(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from visgenenv.episodes import rollout as run
    from visgenenv.policy import load_policy
    from visgenenv.trajectories import check_writable, save

    check_writable(options.out)
    tasks = _tasks_of(options)
    episodes = options.episodes or (len(tasks) if tasks is not None else _DEFAULT_EPISODES)
    policy = load_policy(options.policy, seed=options.seed, temperature=options.temperature)
    given: JSONObject = {
        "reward": options.reward,
        "judge": options.judge,
        "step": options.step,
        "tools": options.tools,
        "backend": options.backend,
        "faults": None if options.faults is None else _faults(options.faults),
        "max_turns": options.max_turns,
        "media": options.media,
        "system_prompt": options.system_prompt,
    }
    if tasks is None:
        given |= {"task": options.task, "task_types": options.task_types}
    else:
        tasks = [tasks[i % len(tasks)] for i in range(episodes)]
    with tqdm(total=episodes * options.seeds * options.group_size, desc="rollout", unit="episode", disable=None) as bar:
        found = run(
            policy,
            episodes,
            options.seed,
            tasks=tasks,
            seeds=options.seeds,
            group_size=options.group_size,
            batch=options.batch,
            progress=lambda _: bar.update(),
            env=options.env,
            **{name: value for name, value in given.items() if value is not None},
        )
    save(options.out, found)
    if options.group_size > 1 and all(len({one.hash for one in group}) == 1 for group in _groups(found, options.group_size)):
        advice = "give --temperature 1, or a policy that draws by conversation.seed"
        print(f"the members of every group are the same, so no advantage is other than 0: {advice}", file=sys.stderr)
    summary = summarise(found)
    if options.json:
        whole = {
            "policy": options.policy,
            "seed": options.seed,
            **_drawn(options),
            "expression": _expression(found),
            **summary,
            "out": options.out,
        }
        print(msgspec.json.encode(whole).decode())
    else:
        print(_table(summary))
        print(f"{len(found)} trajectories in {options.out}; look at one: visgen show {options.out}", file=sys.stderr)
    return 0


def _expression(found: Sequence[Trajectory]) -> str | None:
    """What rewarded them; None where every sample is masked."""
    return next((trajectory.reward.expression for trajectory in found if trajectory.reward is not None), None)


def _tasks_of(options: argparse.Namespace) -> list[Task] | None:
    if options.task_file is None:
        return None
    if options.task is not None:
        raise ConfigError("--task-file and --task: give one of them")
    load_tasks: Callable[[str], list[Task]] = plugins.import_own("visgenenv.tasks.files").load_tasks
    tasks = load_tasks(options.task_file)
    if options.task_types:
        kept = [task for task in tasks if task.task_type in options.task_types]
        if not kept:
            known = ", ".join(sorted({task.task_type for task in tasks}))
            raise ConfigError(f"--task-types {' '.join(options.task_types)}: none in {options.task_file}, which has {known}")
        return kept
    return tasks


def _faults(text: str) -> str | JSONObject:
    if not text.lstrip().startswith("{"):
        return text
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise ConfigError(f"--faults {text!r}: {error}; expected none, moderate, severe or a JSON object") from error


def positive(text: str) -> int:
    """An argument that is a whole number of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: expected an integer of at least 1")
    return number


def training_step(text: str) -> int:
    """An argument that is a whole number of at least 0."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text!r}: expected an integer of at least 0, the training step")
    return number


training_step.__name__ = "number"
positive.__name__ = "number"  # what argparse says of a text that is none: "invalid number value"


def summarise(trajectories: Sequence[Trajectory]) -> JSONObject:
    """Means over the scored episodes, a part over those it applies to; None where there is nothing to take a mean of."""
    scored = [trajectory for trajectory in trajectories if trajectory.reward is not None]
    values: dict[str, list[float]] = {}
    for trajectory in scored:
        assert trajectory.reward is not None
        for name, score in trajectory.reward.parts.items():
            if score is not None:
                values.setdefault(name, []).append(score.value)
    return {
        "episodes": len(trajectories),
        "masked": len(trajectories) - len(scored),
        "failures": failures(trajectories),
        "truncated": sum(trajectory.truncated for trajectory in trajectories),
        "reward": _mean(trajectory.reward.total for trajectory in scored if trajectory.reward),
        "success": _mean(float(trajectory.success) for trajectory in scored),
        "parts": {name: _mean(found) for name, found in values.items()},
        "applies": {name: len(found) for name, found in values.items()},
        "turns": _mean(float(len(trajectory.turns)) for trajectory in trajectories),
        "calls": _mean(float(len(trajectory.calls)) for trajectory in trajectories),
        "virtual_seconds": _mean(trajectory.virtual_ms / 1000 for trajectory in trajectories),
        "price_usd": _mean(trajectory.price_microusd / 1e6 for trajectory in trajectories),
    }


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return sum(found) / len(found) if found else None


def _drawn(options: argparse.Namespace) -> JSONObject:
    return {"seeds": options.seeds, "group_size": options.group_size, "temperature": options.temperature}


def _groups(trajectories: Sequence[Trajectory], size: int) -> list[Sequence[Trajectory]]:
    return [trajectories[start : start + size] for start in range(0, len(trajectories), size)]


def _table(summary: JSONObject) -> str:
    def cell(value: float | None) -> str:
        return "-" if value is None else f"{value:.3f}"

    counted = summary["episodes"] - summary["masked"]
    rows = [["", "mean", "episodes"], *([name, cell(summary[name]), str(counted)] for name in ("reward", "success"))]
    rows += [[f"  {name}", cell(value), str(summary["applies"][name])] for name, value in summary["parts"].items()]
    rows += [[name, cell(summary[name]), str(summary["episodes"])] for name in ("turns", "calls", "virtual_seconds", "price_usd")]
    for name in ("masked", "truncated"):
        if summary[name]:
            rows.append([name, "", str(summary[name])])
    return "\n".join([columns(rows), *told(summary["failures"])])


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells as aligned text; the first row is the head."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def new(parser: argparse.ArgumentParser) -> None:
    """Write a tool, a source of tasks, a reward component or an environment of your own, with a test beside it."""
    parser.add_argument("kind", choices=("tool", "task", "reward", "env"))
    parser.add_argument("name", help="of the module, such as my_tool")
    parser.add_argument("--out", default=".", metavar="DIR", help="folder of the two files (default: this one)")
    parser.add_argument("--seed", type=int, default=0, help="takes part in nothing here; every command has it")
    parser.set_defaults(run=_new)


def _new(options: argparse.Namespace) -> int:
    from visgenenv.scaffold import write

    paths = write(options.kind, options.name, Path(options.out))
    print(*paths, sep="\n")
    print(f"try it: cd {options.out} && python -m pytest {paths[1].name}", file=sys.stderr)
    return 0


def serve(parser: argparse.ArgumentParser) -> None:
    """Serve episodes to other programs."""
    commands = parser.add_subparsers(dest="protocol", required=True)
    own = commands.add_parser("mcp", help="to an MCP client, one episode at a time", description="Serve episodes to an MCP client.")
    add = own.add_argument
    add("--transport", choices=("stdio", "http"), default="stdio", help="standard input and output, or loopback HTTP (default stdio)")
    add("--host", default="127.0.0.1", help="loopback address of the HTTP server (default 127.0.0.1)")
    add("--port", type=positive, default=8765, help="its port (default 8765)")
    add("--task", metavar="SOURCE", help='a registered source of tasks or "module:attribute"')
    add("--task-types", nargs="+", metavar="TYPE", help="only these types of the source")
    add("--tools", nargs="+", default=["paper36"], metavar="SET", help='a set, a tool\'s name or "module:attribute" (default paper36)')
    add("--reward", default="ltr", metavar="EXPR", help="a name or an expression (default ltr)")
    add("--faults", default="none", metavar="F", help="none, moderate or severe")
    add("--folder", metavar="DIR", help="where finished episodes may be saved (default: nowhere)")
    add("--seed", type=int, default=0, metavar="S", help="of the first episode that names none (default 0)")
    own.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    from visgenenv.env import VisGenEnv
    from visgenenv.mcp_server import Desk, serve_http, serve_stdio

    env = VisGenEnv(
        task=options.task,
        task_types=options.task_types,
        tools=options.tools,
        reward=options.reward,
        faults=options.faults,
        system_prompt="none",
        on_failure="truncate",
    )
    if getattr(env.engine, "scheduled", False):
        raise ConfigError(
            f"--reward {options.reward!r}: changes with the training step, and here is no training; give one without a schedule"
        )
    desk = Desk(env, Path(options.folder) if options.folder else None, options.seed)
    if options.transport == "stdio":
        serve_stdio(desk)
    else:
        host = f"[{options.host}]" if ":" in options.host else options.host
        print(f"serving http://{host}:{options.port}/mcp if that is a loopback address", file=sys.stderr)
        serve_http(desk, options.host, options.port)
    return 0


def show(parser: argparse.ArgumentParser) -> None:
    """Look at one trajectory, in the terminal or as one HTML page."""
    parser.add_argument("file", metavar="X.jsonl", help="what `visgen rollout` wrote")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--index", type=int, metavar="I", help="which line, from 0; -1 is the last (default 0)")
    which.add_argument("--id", metavar="ID", help="which trajectory, by its id or the beginning of it")
    parser.add_argument("--html", metavar="PAGE", help="write one self-contained page instead")
    parser.add_argument(
        "--library", metavar="DIR", help="media library whose pictures the page shows (default: runs/media where it stands)"
    )
    parser.add_argument("--json", action="store_true", help="the trajectory as JSON on standard output")
    parser.add_argument("--seed", type=int, default=0, help="takes part in nothing here; every command has it")
    parser.set_defaults(run=_show)


def _show(options: argparse.Namespace) -> int:
    from visgenenv.trajectories import load, replacing

    trajectory = _chosen(load(options.file), options)
    if options.html:
        from visgenenv.show.page import page
        from visgenenv.show.thumbnails import open_library

        library, why_not = open_library(options.library, trajectory.versions.get("media"))
        if why_not:
            print(why_not, file=sys.stderr)
        text = page([trajectory], library)
        with replacing(options.html) as file:
            file.write(text.encode())
        print(f"wrote {Path(options.html)}", file=sys.stderr)
    if options.json:
        print(msgspec.json.encode(trajectory).decode())
    elif not options.html:
        from visgenenv.show.terminal import text as terminal

        print(terminal(trajectory, colour=sys.stdout.isatty()))
    return 0


def _chosen(trajectories: Sequence[Trajectory], options: argparse.Namespace) -> Trajectory:
    if not trajectories:
        raise ConfigError(f"{options.file} holds no trajectory; expected what `visgen rollout` writes")
    if options.id is not None:
        found = [trajectory for trajectory in trajectories if trajectory.id.startswith(options.id)]
        exact = [trajectory for trajectory in found if trajectory.id == options.id]
        if not (exact or len(found) == 1):
            some = ", ".join(trajectory.id for trajectory in (found or trajectories)[:5])
            raise ConfigError(f"--id {options.id!r}: {len(found)} trajectories of {options.file} begin so; there are {some}, …")
        return (exact or found)[0]
    index = options.index or 0
    if not -len(trajectories) <= index < len(trajectories):
        raise ConfigError(f"--index {index}: {options.file} has {len(trajectories)} trajectories, 0 to {len(trajectories) - 1}")
    return trajectories[index]
