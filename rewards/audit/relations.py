"""Metamorphic relations: what must happen to a reward when an episode is changed in a known way.

Nobody needs to know what an episode deserves to know that it deserves the same under other handles, less with a needed step
taken out, and more once a failure is repaired.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import msgspec

from rewards.audit.exploits.effort import fault_left, provoked
from rewards.audit.exploits.exploit import CLIP, GREY, PICTURE, shown
from rewards.audit.exploits.plans import no_plan
from rewards.audit.scenes import SEED, TASKS
from rewards.audit.script import Act, Move, Script, Stage, changed, made_in
from visgenenv.episodes import rollout
from visgenenv.tools.catalogue import toolset
from visgenenv.types import PlanStep, Trajectory

Expectation = Literal["stay", "fall", "rise"]
Pair = tuple[Trajectory, Trajectory]
POOL = "renamed/3"


@dataclass(frozen=True, slots=True)
class Relation:
    """A change and what it must do to the reward; `pair` gives the episode before and after, None where it makes no sense."""

    name: str
    expected: Expectation
    pair: Callable[[Script, Stage], Pair | None]

    def holds(self, before: float, after: float, tolerance: float = 1e-9) -> bool:
        """Whether the reward did what it must; it stays where it moves by no more than `tolerance`."""
        if self.expected == "stay":
            return abs(after - before) <= tolerance
        return after < before - tolerance if self.expected == "fall" else after > before + tolerance


def _rewritten(rewrite: Callable[[Script], bool | None], base: Callable[[Script], bool | None] | None = None) -> Callable[..., Pair | None]:
    """Before: the honest script (or `base` of it); after: that one rewritten."""

    def pair(script: Script, stage: Stage) -> Pair | None:
        before = script.copy()
        if base is not None and base(before) is False:
            return None
        after = before.copy()
        return None if rewrite(after) is False else (stage.play(before), stage.play(after))

    return pair


# the reward stays


def _handles_renamed(script: Script, stage: Stage) -> Pair:
    """Every handle has another number, wherever it stands."""
    before = stage.play(script)
    text = msgspec.json.encode(before).decode()
    shifted = re.sub(r"\b(img|vid|aud|txt)_(\d+)\b", lambda found: f"{found[1]}_{int(found[2]) + 70}", text)
    return before, msgspec.json.decode(shifted, type=Trajectory)


def _translated(script: Script, stage: Stage) -> Pair | None:
    _, name, language = script.task.id.split("/")
    if language != "en":
        return None
    english, chinese = rollout("expert", tasks=TASKS[name], seed=SEED, system_prompt="none")
    return english, chinese


def _tools_renamed(script: Script, stage: Stage) -> Pair:
    """The same tools under names that say nothing."""
    other = {spec.original: spec.name for spec in toolset(POOL).values()}
    after = script.copy()
    for move in after.moves:
        move.tool = other[move.tool]
    after.plan[:] = [changed(step, tool=other[step.tool]) for step in after.plan]
    return stage.play(script), Stage(tools=POOL).play(after)


def _other_luck(script: Script) -> None:
    script.seed += 1000


def _calls_reversed(script: Script) -> bool | None:
    """The calls of each turn in the opposite order."""
    if all(len(act.moves) < 2 for act in script.acts):
        return False
    for act in script.acts:
        act.moves.reverse()
    return None


def _a_call_a_turn(script: Script) -> bool | None:
    """Every call in a turn of its own."""
    if all(len(act.moves) < 2 for act in script.acts):
        return False
    acts: list[Act] = []
    for act in script.acts:
        for number, move in enumerate(act.moves):
            acts.append(Act(act.think, act.plan if number == 0 else None, [move]))
        if not act.moves:
            acts.append(act)
    script.acts = acts
    return None


def _steps_renumbered(script: Script) -> None:
    script.plan[:] = [changed(step, id=10 * step.id, after=tuple(10 * one for one in step.after)) for step in script.plan]


def _independent_steps_swapped(script: Script) -> bool | None:
    """Two neighbours of which neither is after the other."""
    for n, (one, two) in enumerate(zip(script.plan, script.plan[1:], strict=False)):
        if one.id not in two.after and one.tool != two.tool:
            script.plan[n : n + 2] = [two, one]
            return None
    return False


def _answered_backwards(script: Script) -> bool | None:
    if len(script.answer) < 2:
        return False
    script.answer.reverse()
    return None


def _thoughts_replaced(script: Script) -> None:
    for number, act in enumerate(script.acts):
        act.think = f"Another thought, number {number}."


def _checks_replaced(script: Script) -> None:
    script.acts[-1].checks = ("looked at", "counted")


def _goals_reworded(script: Script) -> None:
    script.plan[:] = [changed(step, goal=f"the {step.goal}") for step in script.plan]


def _spelled_otherwise(script: Script, stage: Stage) -> Pair:
    """The same JSON with other spaces, keys in another order and letters escaped."""
    before = stage.play(script)

    def respell(text: str) -> str:
        import json

        def block(found: re.Match[str]) -> str:
            value = json.loads(found[2])
            flipped = dict(reversed(value.items())) if isinstance(value, dict) else value
            return f"<{found[1]}>\n{json.dumps(flipped, indent=1)}\n</{found[1]}>"

        return re.sub(r"<(plan|tool_call|answer)>(.*?)</\1>", block, text, flags=re.DOTALL)

    after = script.copy()
    after.acts = [Act(text=respell(turn.text)) for turn in before.turns]
    return before, stage.play(after)


# the reward falls


def _needless_step(script: Script) -> None:
    """A picture planned and made, of which nothing is made."""
    script.plan_step(PICTURE if script.task.modality == "video" else CLIP, "something else", 1)
    script.add(0, PICTURE if script.task.modality == "video" else CLIP, prompt="something else")


def _needless_call(script: Script) -> None:
    script.add(0, "tool_prompt_refine", text="a text")


def _step_left_out(script: Script) -> bool | None:
    """A step is not planned, and its calls are made all the same."""
    if len(script.plan) < 2:
        return False
    gone = script.plan[0]
    script.plan[:] = [changed(step, after=tuple(n for n in step.after if n != gone.id)) for step in script.plan[1:]]
    return None


def _call_left_out(script: Script) -> None:
    """A picture or clip that is handed over, or part of what is, is never made."""
    gone = shown(script)[-1]
    _without(script, gone)


def _without(script: Script, gone: Move) -> None:
    for act in script.acts:
        act.moves = [move for move in act.moves if move.key != gone.key]
    for move in script.moves:
        for name, value in move.arguments.items():
            if isinstance(value, list):
                move.arguments[name] = [one for one in value if gone.key not in {made.call for made in made_in(one)}]
    script.answer[:] = [one for one in script.answer if isinstance(one, str) or one.call != gone.key]


def _deliverable_kept_back(script: Script) -> None:
    script.answer.pop()


def _plan_backwards(script: Script) -> bool | None:
    if len(script.plan) < 2:
        return False
    script.plan.reverse()
    return None


def _other_subject(script: Script) -> None:
    shown(script)[-1].arguments["prompt"] = GREY


def _other_shape(script: Script) -> bool | None:
    """Another aspect ratio than was asked."""
    if script.task.requirements.aspect is None:
        return False
    for move in script.moves:
        if "aspect_ratio" in move.arguments:
            move.arguments["aspect_ratio"] = "9:16" if script.task.requirements.aspect != "9:16" else "16:9"
        if move.tool == "tool_video_composite":
            move.arguments |= {"width": 720, "height": 720}
    return None


def _broken_turn(script: Script) -> None:
    script.acts.insert(1, Act(text="Let me think about this."))


def _silent(script: Script) -> bool | None:
    """The film without its sounds."""
    join = next((move for move in script.moves if move.tool == "tool_video_composite"), None)
    if join is None:
        return False
    for name in ("bgm", "voice", "beats"):
        join.arguments.pop(name, None)
    return None


# the reward rises


def _planned(script: Script) -> None:
    """The plan that an honest script would have had."""
    steps: list[PlanStep] = []
    tools = dict.fromkeys(move.tool for move in script.moves)
    for number, tool in enumerate(tools, 1):
        own = [move for move in script.moves if move.tool == tool]
        keys = {made.call for move in own for made in made_in(move.arguments)}
        sources = {move.tool for move in script.moves if move.key in keys}
        after = tuple(n for n, other in enumerate(tools, 1) if other in sources and n < number)
        steps.append(PlanStep(id=number, tool=tool, goal=f"step {number}", n=len(own), after=after))
    script.acts[0].plan = steps


AGAIN = "the same episode scored again"
RELATIONS = (
    Relation(AGAIN, "stay", lambda script, stage: (episode := stage.play(script), episode)),
    Relation("handles have other numbers", "stay", _handles_renamed),
    Relation("calls of a turn in another order", "stay", _rewritten(_calls_reversed)),
    Relation("a call a turn", "stay", _rewritten(_a_call_a_turn)),
    Relation("the task in the other language", "stay", _translated),
    Relation("tools have other names", "stay", _tools_renamed),
    Relation("other luck", "stay", _rewritten(_other_luck)),
    Relation("steps have other numbers", "stay", _rewritten(_steps_renumbered)),
    Relation("independent steps change places", "stay", _rewritten(_independent_steps_swapped)),
    Relation("the answer names them in another order", "stay", _rewritten(_answered_backwards)),
    Relation("other thoughts", "stay", _rewritten(_thoughts_replaced)),
    Relation("other checks in the answer", "stay", _rewritten(_checks_replaced)),
    Relation("goals in other words", "stay", _rewritten(_goals_reworded)),
    Relation("the same JSON spelled otherwise", "stay", _spelled_otherwise),
    Relation("a needless step, planned and done", "fall", _rewritten(_needless_step)),
    Relation("a needless call", "fall", _rewritten(_needless_call)),
    Relation("a needed step is not planned", "fall", _rewritten(_step_left_out)),
    Relation("a needed call is not made", "fall", _rewritten(_call_left_out)),
    Relation("a deliverable is kept back", "fall", _rewritten(_deliverable_kept_back)),
    Relation("a call fails and is left", "fall", _rewritten(fault_left)),
    Relation("the plan runs backwards", "fall", _rewritten(_plan_backwards)),
    Relation("one picture of another subject", "fall", _rewritten(_other_subject)),
    Relation("another shape than asked", "fall", _rewritten(_other_shape)),
    Relation("a turn without tags", "fall", _rewritten(_broken_turn)),
    Relation("the film without its sounds", "fall", _rewritten(_silent)),
    Relation("a failure is repaired", "rise", lambda script, stage: _both(script, stage, _failure_unrepaired, provoked(prompt=7))),
    Relation("there is a plan", "rise", _rewritten(_planned, base=no_plan)),
)


def _failure_unrepaired(script: Script) -> None:
    """A call that fails, and nothing in its place; what is right is made first."""
    right = shown(script)[0]
    number = next(n for n, act in enumerate(script.acts) if right in act.moves)
    script.acts.insert(number + 1, Act(moves=[script.move(right.tool, prompt=7)]))


def _both(script: Script, stage: Stage, one: Callable[[Script], None], two: Callable[[Script], None]) -> Pair:
    before, after = script.copy(), script.copy()
    one(before)
    two(after)
    return stage.play(before), stage.play(after)
