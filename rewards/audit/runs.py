"""The audit of a run out of its rollouts: did it train on the wrong thing?"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rewards.audit.check import Check, listed, many
from rewards.audit.checks import CHECKS
from rewards.audit.checks.forms import unweighed
from rewards.audit.frame import Frame
from rewards.audit.readers import read
from rewards.audit.readers.places import below
from rewards.audit.samples import Rollouts
from visgenenv.errors import ConfigError

_ORDER = ("bad", "look", "ok", "skipped")
_WIDTH = 118


class RunsAudit(msgspec.Struct, frozen=True, kw_only=True):
    """What an audit found."""

    format: str
    files: tuple[str, ...]
    """What was read, each file once."""
    samples: int
    groups: int
    checks: tuple[Check, ...]
    """Most serious first."""
    bad: int
    """Checks that say so."""
    look: int
    notes: tuple[str, ...] = ()
    """What was left out of the files, and what stands for a reward that is not logged."""


def audit_runs(path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], *, seed: int = 0) -> RunsAudit:
    """Audit the rollouts of a file, of several files, or of a folder; the same files and seed give the same answer.

    Reads our trajectories, results of verifiers, completions of TRL and logs of Inspect (see `rewards.audit.readers`).
    Raises `ConfigError` where a file cannot be read or is of no known format, `MissingExtra` where reading it needs one.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ConfigError(f"seed={seed!r}: expected an integer of at least 0")
    return audit(read(path), seed=seed)


def audit(rollouts: Rollouts, *, seed: int = 0) -> RunsAudit:
    """Audit rollouts that are in memory, as `RunSample`s of one's own may be; raises `ConfigError` where there are none."""
    if not rollouts.samples:
        raise ConfigError("the rollouts hold no sample; expected at least one")
    frame = Frame(rollouts.samples, seed, rollouts.summed, rollouts.tells_errors)
    found = sorted((check(frame) for check in CHECKS), key=lambda check: _ORDER.index(check.verdict))
    return RunsAudit(
        format=rollouts.format,
        files=rollouts.files,
        samples=len(frame.samples),
        groups=len(frame.members),
        checks=tuple(found),
        bad=sum(check.verdict == "bad" for check in found),
        look=sum(check.verdict == "look" for check in found),
        notes=(*rollouts.notes, *_stand_in(frame)),
    )


def _stand_in(frame: Frame) -> list[str]:
    """What the checks take for the reward, where none is logged and none follows from the advantages."""
    if not frame.summed or frame.has_totals or not frame.names or (frame.weights is not None and frame.weights.trusted):
        return []
    if frame.weights is None:
        return [f"{unweighed(frame)}: where the checks speak of a reward, they take the plain sum of the components"]
    return [
        "no reward is logged, and no weighted sum explains the advantages: where other checks speak of a reward, they take the nearest sum"
    ]


def table(audit: RunsAudit) -> str:
    """The audit as lines of text, most serious first."""
    files = audit.files[0] if len(audit.files) == 1 else f"{len(audit.files)} files"
    size = f"{many(audit.samples, 'sample')} in {many(audit.groups, 'group')}"
    lines = [f"{files}: {audit.format}, {size}; {audit.bad} bad, {audit.look} to look at"]
    if len(audit.files) > 1:
        lines += _wrapped(f"read: {listed(_names(audit.files))}")
    for note in audit.notes:
        lines += _wrapped(f"note: {note}")
    lines += ["", f"{'verdict':<9}{'check':<32}{'found':>15}{'share':>9}"]
    for check in audit.checks:
        lines += _rows(check)
    return "\n".join(lines)


def _names(files: Sequence[str]) -> list[str]:
    """Below the folder that all share, which stands before the first."""
    paths = [Path(os.path.abspath(file)) for file in files]
    root = os.path.commonpath([path.parent for path in paths])
    return [f"in {root}: {path}" if at == 0 else str(path) for at, path in enumerate(below(paths))]


def _rows(check: Check) -> list[str]:
    counted = "" if check.verdict == "skipped" else f"{check.count} of {check.of}"
    share = "" if check.share is None else f"{check.share:.1%}"
    lines = [f"{check.verdict:<9}{check.name:<32}{counted:>15}{share:>9}".rstrip()]
    if check.verdict in ("bad", "look"):
        lines += _folded(check.meaning)
    lines += _folded(check.detail)
    return lines + (_folded("see " + ", ".join(check.worst)) if check.worst else [])


def _folded(text: str) -> list[str]:
    return _wrapped(text, " " * 9)


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
