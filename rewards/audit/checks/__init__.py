"""The questions put to a run, one function each, from a `Frame` to a `Check`."""

from __future__ import annotations

from collections.abc import Callable

from rewards.audit.check import Check
from rewards.audit.checks.groups import dead, equal, idle
from rewards.audit.checks.length import length
from rewards.audit.checks.records import crashes, duplicates, function, numbers, versions
from rewards.audit.checks.success import masked, success
from rewards.audit.checks.texts import cut_off, nothing_said, repetition, universal
from rewards.audit.checks.totals import advantages, recomputed
from rewards.audit.checks.words import to_the_judge
from rewards.audit.frame import Frame

CHECKS: tuple[Callable[[Frame], Check], ...] = (
    crashes,
    numbers,
    recomputed,
    advantages,
    function,
    equal,
    dead,
    idle,
    length,
    to_the_judge,
    repetition,
    nothing_said,
    cut_off,
    universal,
    success,
    masked,
    versions,
    duplicates,
)
