"""Tool use: did calls go through, and was what failed repaired?

VisionCreator, R_tool; the grades 1.0, 0.8, 0.1 and 0 are those of VisionCreator-R1.
"""

from __future__ import annotations

from collections import Counter

from rewards.flow import is_thought, purpose
from rewards.record import Record
from visgenenv.turns import MAX_CALLS
from visgenenv.types import ENVIRONMENT_FAULTS, CallRecord, Plan, Score

VERSION = "tool/2"
_VALID = ENVIRONMENT_FAULTS | {"content_policy"}
"""Faults that only a well-formed call can meet."""


def tool(record: Record) -> Score:
    """1.0 no failure, or environment faults alone, all repaired; 0.8 own mistakes, all repaired; 0.1 any left; 0 no valid call.

    A failure is repaired when in a later turn a call of the same purpose succeeds (each success repairs one), or when a
    later plan, followed by calls, drops its step. Purposes are told apart by `flow.purpose`.
    """
    if all(call.fault is not None and call.fault.code not in _VALID for call in record.calls):
        reason = record.calls[0].fault.message if record.calls and record.calls[0].fault else "no call"
        return Score(value=0.0, reason=f"no valid call: {reason}"[:300], version=VERSION)
    failures = [call for call in record.calls if call.fault is not None]
    if not failures:
        return Score(value=1.0, reason="no call failed", version=VERSION)
    left = {name: count for name, count in unrepaired(record).items() if count > 0}
    if left:
        name, count = next(iter(left.items()))
        return Score(value=0.1, reason=f"{count} failed calls of {name or 'no known purpose'} never repaired", version=VERSION)
    own = next((call for call in failures if call.fault is not None and call.fault.code not in ENVIRONMENT_FAULTS), None)
    if own is not None and own.fault is not None:
        return Score(value=0.8, reason=f"own mistake, repaired: {own.tool[:60]} {own.fault.message}"[:300], version=VERSION)
    return Score(value=1.0, reason=f"{len(failures)} faults of the environment, all repaired", version=VERSION)


def unrepaired(record: Record) -> Counter[str]:
    """Failures still open at the end, by purpose.

    Calls of a purpose serve what is open of it from earlier turns first; only what is beyond that is new work.
    """
    open_failures: Counter[str] = Counter()
    done: Counter[str] = Counter()
    plan: Plan | None = None
    for number, turn in enumerate(record.trajectory.turns):
        revised = record.plans.get(number)
        if revised is not None and turn.calls:
            if plan is not None:
                _drop(open_failures, _wanted(plan, record) - done, _left(revised, done, record))
            plan = revised
        tried: Counter[str] = Counter()
        failed: Counter[str] = Counter()
        for call in turn.calls:
            name = _purpose(call, record)
            tried[name] += 1
            failed[name] += call.fault is not None
            done[name] += call.fault is None
        for name in tried:
            open_failures[name] += failed[name] - min(open_failures[name], tried[name])
        # What resembles no tool can be put right only by doing something else.
        if open_failures[""] and any(call.fault is None for call in turn.calls) and not failed[""]:
            open_failures[""] = 0
    return open_failures


def _drop(open_failures: Counter[str], before: Counter[str], after: Counter[str]) -> None:
    """Close failures whose steps the revised plan no longer holds; both plans say what is left to do."""
    for name in list(open_failures):
        if before[name] > after[name]:
            open_failures[name] -= min(open_failures[name], before[name] - after[name])


def _left(revised: Plan, done: Counter[str], record: Record) -> Counter[str]:
    """Calls that a revised plan still wants, by purpose; where it names fewer than were done it names only what is left."""
    wanted = _wanted(revised, record)
    return Counter({name: count if count < done[name] else count - done[name] for name, count in wanted.items()})


def _wanted(plan: Plan, record: Record) -> Counter[str]:
    wanted: Counter[str] = Counter()
    for step in plan.steps:
        if not is_thought(step.tool):
            wanted[purpose(step.tool, record.tools)] += min(max(step.n, 1), MAX_CALLS)
    return wanted


def _purpose(call: CallRecord, record: Record) -> str:
    return purpose(call.tool, record.tools)
