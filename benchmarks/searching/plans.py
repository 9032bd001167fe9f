"""Operators on plans: steps left out, added, split, merged, put in another order, other numbers; plans left out, late, revised."""

from __future__ import annotations

from benchmarks.searching.calls import SPECS, working
from benchmarks.searching.luck import Luck
from rewards.audit.script import Script, changed
from visgenenv.types import PlanStep


def drop_step(script: Script, luck: Luck) -> bool | None:
    """One to three steps left out."""
    if not script.plan:
        return False
    for step in luck.some(list(script.plan), 3):
        script.plan.remove(step)
    return None


def add_step(script: Script, luck: Luck) -> bool | None:
    """A further step of any tool."""
    if not script.plan:
        return False
    ids = [step.id for step in script.plan]
    goal = luck.one((luck.one(script.plan).goal, luck.one(luck.words) if luck.words else "more", script.task.prompt[:100]))
    script.plan_step(luck.one(tuple(SPECS)), goal, 1 + luck.below(4), luck.some(ids, 2) if luck.happens(0.5) else ())
    return None


def split_step(script: Script, luck: Luck) -> bool | None:
    """A step of n calls as two or more of fewer."""
    steps = [step for step in script.plan if step.n > 1]
    if not steps:
        return False
    step = luck.one(steps)
    first = 1 + luck.below(step.n - 1)
    script.plan[script.plan.index(step)] = changed(step, n=first)
    script.plan_step(step.tool, step.goal if luck.happens(0.5) else f"{step.goal}, the rest", step.n - first, step.after)
    return None


def merge_steps(script: Script, luck: Luck) -> bool | None:
    """Two steps as one, of the first one's tool."""
    if len(script.plan) < 2:
        return False
    one, two = luck.order(list(script.plan))[:2]
    script.plan[script.plan.index(one)] = changed(one, n=one.n + two.n, goal=f"{one.goal} and {two.goal}")
    script.plan.remove(two)
    return None


def reorder(script: Script, luck: Luck) -> bool | None:
    """Steps in another order."""
    if len(script.plan) < 2:
        return False
    script.plan[:] = luck.order(list(script.plan))
    return None


def _one_step(script: Script, luck: Luck, **fields: object) -> None:
    place = luck.below(len(script.plan))
    script.plan[place] = changed(script.plan[place], **fields)


def step_number(script: Script, luck: Luck) -> bool | None:
    """One step done another number of times."""
    if not script.plan:
        return False
    _one_step(script, luck, n=luck.one((0, 1, 2, 3, 5, 10)))
    return None


def step_after(script: Script, luck: Luck) -> bool | None:
    """One step after others, or after none."""
    if not script.plan:
        return False
    ids = [step.id for step in script.plan]
    _one_step(script, luck, after=tuple(luck.some(ids, 3)) if luck.happens(0.6) else ())
    return None


def step_tool(script: Script, luck: Luck) -> bool | None:
    """One step by another tool."""
    if not script.plan:
        return False
    _one_step(script, luck, tool=luck.one((*SPECS, "think", "tool_nothing")))
    return None


def step_goal(script: Script, luck: Luck) -> bool | None:
    """One step for another goal."""
    if not script.plan:
        return False
    goals = ("", "x", script.task.prompt[:200], luck.one(script.plan).goal, *luck.words[:1])
    _one_step(script, luck, goal=luck.one(goals))
    return None


def as_done(script: Script, luck: Luck) -> bool | None:
    """The plan written from the calls: a step for each tool, in the order of its first call."""
    if not script.plan:
        return False
    numbers: dict[str, int] = {}
    for move in script.moves:
        numbers[move.tool] = numbers.get(move.tool, 0) + 1
    old = {step.tool: step for step in script.plan}
    steps = []
    for place, (tool, number) in enumerate(numbers.items(), 1):
        goal = old[tool].goal if tool in old else luck.one(("", tool.removeprefix("tool_").replace("_", " ")))
        steps.append(PlanStep(id=place, tool=tool, goal=goal, n=number, after=(place - 1,) if place > 1 else ()))
    script.plan[:] = steps
    return None


def no_plan(script: Script, luck: Luck) -> bool | None:
    """One plan left out, or all."""
    plans = [act for act in script.acts if act.plan is not None]
    if not plans:
        return False
    for act in plans if luck.happens(0.5) else [luck.one(plans)]:
        act.plan = None
    return None


def later(script: Script, luck: Luck) -> bool | None:
    """The first plan said in another turn."""
    turns = working(script)
    held = next((act for act in script.acts if act.plan is not None), None)
    if held is None or len(turns) < 2:
        return False
    other = luck.one(turns)
    held.plan, other.plan = other.plan, held.plan
    return None


def revised(script: Script, luck: Luck) -> bool | None:
    """The plan said again in a further turn, shorter, longer, or as it was."""
    if not script.plan:
        return False
    steps = list(script.plan)
    if len(steps) > 1 and luck.happens(0.6):
        steps = [step for step in steps if step not in luck.some(steps, len(steps) - 1)]
    luck.one(script.acts).plan = steps
    return None


def longer(script: Script, luck: Luck) -> bool | None:
    """The whole plan written twice, under further numbers."""
    if not script.plan or len(script.plan) > 20:
        return False
    most = max(step.id for step in script.plan)
    script.plan[:] = [*script.plan, *(changed(step, id=step.id + most) for step in script.plan)]
    return None
