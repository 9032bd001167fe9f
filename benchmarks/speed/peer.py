"""`visgen bench peer`: a turn of ours beside a turn of another library, installed for the purpose."""

from __future__ import annotations

import argparse
import subprocess
import sys
import venv
from pathlib import Path

import msgspec

from benchmarks.speed.measure import machine
from visgenenv.errors import ConfigError, VisGenError

VERIFIERS = "0.1.14"
"""The last release line whose environments run in the trainer's own process; later ones speak over HTTP."""
BAR = 8.0
"""Least number of our turns in one of the peer's; below, the command exits 1."""
ROOT = Path(__file__).resolve().parents[2]


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """Medians of turns timed in turns in one process, in microseconds."""

    verifiers_us: float
    """From one call of the model to the next, with a tool that does nothing and a model that answers at once."""
    visgenenv_us: float
    """One `env.step` on the text of the same call."""
    ratio: float
    turns: int
    """Of either side."""
    verifiers: str
    machine: str = ""
    seed: int = 0


def peer(parser: argparse.ArgumentParser) -> None:
    """Time a turn of the verifiers library beside one of ours, in one process; installs it into a folder of its own first."""
    parser.add_argument("--seed", type=int, default=0, help="of the inputs (default 0)")
    parser.add_argument("--episodes", type=int, default=300, metavar="N", help="episodes of ten turns on either side (default 300)")
    parser.add_argument(
        "--venv", type=Path, default=Path(f"runs/peers/verifiers-{VERIFIERS}"), help="where it is installed (default %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="the figures as JSON on standard output")
    parser.set_defaults(run=_peer)


def _peer(options: argparse.Namespace) -> int:
    if options.episodes < 1:
        raise ConfigError(f"--episodes {options.episodes}: expected at least 1")
    if not (ROOT / "pyproject.toml").is_file():
        raise ConfigError(f"{ROOT} holds no pyproject.toml: bench peer installs this project beside its peer, so run it from a checkout")
    python = _installed(options.venv)
    command = [str(python), "-m", "benchmarks.speed.beside_verifiers", str(options.seed), str(options.episodes)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)  # noqa: S603 - our own command
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
        raise VisGenError(f"the timing ended with exit code {done.returncode}; its last words stand above")
    found = msgspec.json.decode(done.stdout.splitlines()[-1], type=Beside)
    found = msgspec.structs.replace(found, machine=machine(), seed=options.seed)
    if options.json:
        print(msgspec.json.encode(found).decode())
        return 0 if found.ratio >= BAR else 1
    print(f"a turn of verifiers {found.verifiers}: {found.verifiers_us:.1f} µs")
    print(f"a turn of ours: {found.visgenenv_us:.1f} µs")
    print(f"{found.ratio:.1f} times, medians of {found.turns} turns each, seed {found.seed}, on {found.machine}")
    return 0 if found.ratio >= BAR else 1


def _installed(folder: Path) -> Path:
    """Python of the folder where both are installed; what is already there is used again."""
    python, done = (folder / "bin" / "python").absolute(), folder / "both-installed"
    if not done.exists():
        print(f"installing verifiers {VERIFIERS} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True)
        install = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        for what in ([f"verifiers=={VERIFIERS}"], ["--editable", str(ROOT)]):
            if subprocess.run([*install, *what], stdout=sys.stderr, check=False).returncode:  # noqa: S603 - our own command
                raise VisGenError(f"pip could not install {what[-1]}; its words stand above, and running again goes on from there")
        done.touch()
    return python
