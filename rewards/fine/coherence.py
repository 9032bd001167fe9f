"""Coherence of deed and plan: each call against the plan in force when it ran, in its order.

VisionCreator, R_traj.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rewards.flow import is_thought, purpose
from rewards.record import Record, Tools
from visgenenv.turns import MAX_CALLS
from visgenenv.types import CallRecord, Plan, PlanStep, Score

VERSION = "coherence/2"
_TEXT = "txt_"


class _Step:
    """A step of the plan in force, and what has been done of it."""

    __slots__ = ("before", "done", "needs", "outputs", "plan", "wanted")

    def __init__(self, plan: PlanStep, before: int) -> None:
        self.plan = plan
        self.wanted = 0 if is_thought(plan.tool) else min(max(plan.n, 1), MAX_CALLS)
        self.before = min(before, self.wanted)
        """Successes under earlier plans that this step may restate."""
        self.needs: list[int] = []
        """Ids of the steps of its plan that it is after."""
        self.done = self.outputs = 0

    @property
    def open(self) -> int:
        """Calls still missing; a call that returns several assets can stand for several."""
        left = self.wanted - self.before - (self.outputs if self.outputs > self.done else self.done)
        return left if left > 0 else 0


class _Ledger:
    """The plan in force."""

    def __init__(self, plan: Plan, done: Counter[str], tools: Tools, earlier: _Ledger | None = None) -> None:
        """`earlier`: the plan that this one revises without a cause; restating what is done makes no room for doing it again."""
        self.tools = tools
        spare = done.copy()
        self.steps: list[_Step] = []
        self.by_tool: dict[str, list[_Step]] = {}
        self.by_id: dict[int, _Step] = {}
        for own in plan.steps:
            step = _Step(own, spare[own.tool])
            spare[own.tool] -= step.before
            self.steps.append(step)
            self.by_tool.setdefault(own.tool, []).append(step)
            self.by_id.setdefault(own.id, step)
        for step in self.steps:
            step.needs = [number for number in step.plan.after if number in self.by_id]
        self.finished = {number for number, step in self.by_id.items() if step.open == 0}
        """Ids of steps with nothing left to do when the turn began."""
        self._just_finished: list[int] = []
        self.room = {name: sum(step.wanted for step in steps) for name, steps in self.by_tool.items()}
        """Calls of a tool that there are steps for."""
        if earlier is not None:
            open_before = earlier.open()
            self.room = {name: max(open_before[name], wanted - done[name]) for name, wanted in self.room.items()}

    def carried_out(self, step: _Step, call: CallRecord) -> None:
        """Note a call that went well."""
        plan = step.plan
        step.done += 1
        step.outputs += len(call.outputs) or 1
        self.room[plan.tool] -= 1
        if step.wanted - step.before <= max(step.done, step.outputs) and self.by_id[plan.id] is step:
            self._just_finished.append(plan.id)

    def end_turn(self) -> None:
        """What a turn finished counts from the next one on."""
        if self._just_finished:
            self.finished.update(self._just_finished)
            self._just_finished.clear()

    def place(self, call: CallRecord) -> tuple[_Step | None, float]:
        """The step a call carries out and its credit: 1 in its turn, 0.5 too early or by another tool of the same purpose."""
        own = self.by_tool.get(call.tool, ())
        if own and self.room[call.tool] > 0:
            for step in own:
                if step.done < step.wanted and self.finished.issuperset(step.needs):
                    return step, 1.0
        ready, first = self._free(own)
        credit = 1.0
        if first is None:
            what, credit = purpose(call.tool, self.tools), 0.5
            ready, first = self._free([step for step in self.steps if what and purpose(step.plan.tool, self.tools) == what])
        if ready is not None:
            return ready, credit
        return first, 0.0 if first is None else 0.5

    def _free(self, steps: Sequence[_Step]) -> tuple[_Step | None, _Step | None]:
        """Of the steps that another call may carry out the first whose turn it is, and the first of all."""
        first = None
        for step in steps:
            if step.done < step.wanted and self.room[step.plan.tool] > 0:
                first = first or step
                if self.finished.issuperset(step.needs):
                    return step, first
        return None, first

    def open(self) -> Counter[str]:
        """Calls still missing, by tool."""
        missing: Counter[str] = Counter()
        for step in self.steps:
            missing[step.plan.tool] += step.open
        return missing


def coherent(record: Record) -> Score:
    """Credit of all calls over their number and what was planned and never done.

    A call that carries out a step of the plan in force whose `after` is finished (in earlier turns) has credit 1; too
    early, or by another tool of the same purpose, 0.5; none where no such step is left, so repeated calls cost. A failed
    attempt at a step neither helps nor harms (that is the tool score's affair). Steps left undone by the last plan under
    which calls ran count against it, and so do steps that a revision drops although nothing had failed and nothing had
    been learnt: a plan padded, or cut to what was done, is worse than an honest one.
    """
    turns = record.trajectory.turns
    last = next((number for number in range(len(turns) - 1, -1, -1) if turns[number].calls), len(turns))
    ledger: _Ledger | None = None
    done: Counter[str] = Counter()
    credit, counted, undone = 0.0, 0, 0
    stray = ""
    cause = False
    for number, turn in enumerate(turns):
        plan = record.plans.get(number)
        if plan is not None and number <= last:
            revised = _Ledger(plan, done, record.tools, None if cause else ledger)
            if ledger is not None and not cause:
                undone += _dropped(ledger, plan)
            ledger, cause = revised, False
        for call in turn.calls:
            step, worth = ledger.place(call) if ledger is not None else (None, 0.0)
            failed = call.fault is not None
            cause = cause or failed or _TEXT in "".join(call.outputs)
            if not failed:
                done[call.tool] += 1
                if ledger is not None and step is not None:
                    ledger.carried_out(step, call)
            elif step is not None:
                continue
            counted += 1
            credit += worth
            if worth < 1 and not stray:
                stray = f"{call.tool[:60]} in turn {number + 1} is {_misfit(worth)}"
        if ledger is not None:
            ledger.end_turn()
    if ledger is None:
        return Score(value=0.0, reason="no valid plan", version=VERSION)
    missing = {name: count for name, count in ledger.open().items() if count}
    undone += sum(missing.values())
    total = counted + undone
    reason = stray or (f"planned and never done: {next(iter(missing))[:60]}" if missing else f"{counted} calls as planned")
    return Score(value=credit / total if total else 0.0, reason=reason, version=VERSION)


def _misfit(worth: float) -> str:
    return "too early, or not the planned tool" if worth else "in no step of the plan, or one call too many"


def _dropped(ledger: _Ledger, plan: Plan) -> int:
    """Calls that the plan in force still wanted and the revised one does not."""
    kept: Counter[str] = Counter()
    for step in plan.steps:
        kept[step.tool] += min(max(step.n, 1), MAX_CALLS)
    return sum(max(0, count - kept[name]) for name, count in ledger.open().items())
