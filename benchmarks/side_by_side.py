"""Stages of a study as processes side by side, a thread each; and the minutes of all invocations on one folder."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

import msgspec


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One process."""

    line: str
    """Stages of one line run one after the other, in the order given; where one fails, the rest of its line is left out."""
    arguments: tuple[str, ...]
    """Of `visgen`."""


def side_by_side(stages: Sequence[Stage], jobs: int) -> bool:
    """Run stages, at most `jobs` at a time, the first given first; whether all of them ended well.

    Failed lines are named on standard error. Several at a time are processes of their own, which are ended and waited
    for where this is interrupted; one at a time needs none, saves loading the training stack for each, and ends at the first
    that fails.
    """
    if jobs == 1:
        return _one_by_one(stages)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    waiting, good = list(stages), True
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        while waiting or running:
            for stage in tuple(waiting):
                if len(running) < jobs and stage.line not in running:
                    waiting.remove(stage)
                    command = [sys.executable, "-m", "visgenenv", *stage.arguments]
                    running[stage.line] = subprocess.Popen(command, env=environment, stdout=sys.stderr)  # noqa: S603 - ourselves
            for line, process in list(running.items()):
                if process.poll() is not None:
                    del running[line]
                    if process.returncode:
                        good, waiting = False, [stage for stage in waiting if stage.line != line]
                        _tell(line, process.returncode)
            time.sleep(0.2)
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait()
    return good


def _one_by_one(stages: Sequence[Stage]) -> bool:
    """In this process; the first that fails is the last, for an interruption is a failure too."""
    from visgenenv.cli import main

    for stage in stages:
        with redirect_stdout(sys.stderr):
            status = main(list(stage.arguments))
        if status:
            _tell(stage.line, status)
            return False
    return True


def _tell(line: str, status: int) -> None:
    sys.stderr.write(f"{line} failed with exit status {status}; run it again to go on\n")


def clocked(path: Path, seconds: float) -> float:
    """Minutes of all invocations that share the clock `path`, this one's seconds added."""
    from benchmarks.evaluation import write_json

    before = msgspec.json.decode(path.read_bytes(), type=dict[str, float])["seconds"] if path.exists() else 0.0
    if path.parent.exists():
        write_json(path, {"seconds": round(before + seconds, 1)})
    return round((before + seconds) / 60, 1)
