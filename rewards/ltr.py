"""LtrReward: an expression over the parts of a trajectory, every number of which can be traced."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from importlib.resources import files
from typing import Any

from rewards import component
from rewards.compose import Name, Node, Product, evaluate, names, replace, write
from rewards.fine.coherence import VERSION as COHERENCE
from rewards.fine.coherence import coherent
from rewards.fine.consistency import VERSION as CONSISTENCY
from rewards.fine.consistency import consistent
from rewards.fine.format import VERSION as FORMAT
from rewards.fine.format import formatted
from rewards.fine.result import NAMES as REQUIREMENTS
from rewards.fine.result import VERSION as RESULT
from rewards.fine.result import results
from rewards.fine.tool import VERSION as TOOL
from rewards.fine.tool import tool
from rewards.grammar import parse
from rewards.judges.port import FACETS, Judge, JudgeError, Question, UnreadablePlan
from rewards.judges.rules import RuleJudge
from rewards.plan.requirement import VERSION as REQUIREMENT
from rewards.plan.requirement import requirement
from rewards.record import Record
from visgenenv import plugins
from visgenenv.errors import ConfigError, PluginError, RewardUnavailable
from visgenenv.near import did_you_mean
from visgenenv.types import RewardBreakdown, Score, Trajectory

PARTS: tuple[str, ...] = (
    "plan",
    "plan.requirement",
    *(f"plan.{facet}" for facet in FACETS),
    "fine",
    "format",
    "format.turns",
    "tool",
    "result",
    *(f"result.{name}" for name in REQUIREMENTS),
    "coherence",
    "consistency",
)
"""Parts of every breakdown, in order."""
DEFINITIONS: dict[str, Node] = {
    "plan": parse("plan.requirement * mean(plan.coherence, plan.executable, plan.atomic, plan.optimal)"),
    "result": parse(f"mean({', '.join(f'result.{name}' for name in REQUIREMENTS)})"),
    "fine": parse("mean(format, tool, result, coherence, consistency)"),
}
"""Parts made of parts, in the order in which they are worked out (VisionCreator, section 3.3; design: a mean of what applies)."""
_MEMBERS = {name: tuple(part.name for part in names(definition)) for name, definition in DEFINITIONS.items()}
_PRESETS = {
    "ltr": "plan * fine",
    "RL1": "mean(result, format)",
    "RL2": "plan * mean(result, format)",
    "RL3": "plan * mean(result, format)",
    "RL4": "plan * fine",
    "r1_sum": "mean(plan, format, tool, result, coherence, consistency)",
}
PRESETS: dict[str, Node] = {name: parse(text) for key, text in _PRESETS.items() for name in {key, key.lower()}}
"""VisionCreator's reward and its ablations RL1 to RL4; `r1_sum` adds the plan where VisionCreator multiplies (VisionCreator-R1)."""
_PLAN_DATA = blake2b(files("rewards.plan").joinpath("expert_plans.json").read_bytes(), digest_size=4).hexdigest()
_OWN = (REQUIREMENT, FORMAT, TOOL, RESULT, COHERENCE, CONSISTENCY, f"expert_plans/{_PLAN_DATA}", "compose/1")


class LtrReward:
    """Scores trajectories: call it with one, or `score_many`.

    Every standard part is measured whatever the expression, so that runs under different rewards can be compared.
    """

    def __init__(self, expression: str = "ltr", judge: Judge | None = None) -> None:
        self._tree = replace(parse(expression), PRESETS)
        self._judge: Judge = RuleJudge() if judge is None else judge
        self._components = _resolve(self._tree, expression)
        self.expression: str = write(self._tree)
        """Canonical, its presets written out."""
        versions = [*_OWN, self._judge.version, *(f"{name}/{own.version}" for name, own in self._components.items())]
        self.version: str = blake2b("|".join([self.expression, *versions]).encode(), digest_size=6).hexdigest()
        """Digest of the expression and of the versions of all that scores."""

    def __repr__(self) -> str:
        return f"LtrReward({self.expression!r})"

    def __call__(self, trajectory: Trajectory) -> RewardBreakdown:
        """The reward and its parts.

        Raises `RewardUnavailable` where a judge or infrastructure fails, or where nothing in the expression applies to the
        task: the sample is to be masked, never to be scored 0. Nothing that the policy wrote raises.
        """
        try:
            parts = self._parts(trajectory)
        except (JudgeError, PluginError) as error:
            raise RewardUnavailable(f"reward {self.expression!r}: {type(error).__name__}: {error}", trajectory) from error
        total = evaluate(self._tree, _values(parts))
        if total is None:
            raise RewardUnavailable(
                f"reward {self.expression!r}: none of its parts applies to the task {trajectory.task.id!r}; "
                "add one that always does, for example mean(…, result)",
                trajectory,
            )
        if not math.isfinite(total):
            raise ConfigError(f"reward={self.expression!r}: comes to {total!r} for the trajectory {trajectory.id!r}; use smaller numbers")
        return RewardBreakdown(total=total, expression=self.expression, parts=parts)

    def score_many(self, trajectories: Iterable[Trajectory]) -> list[RewardBreakdown | RewardUnavailable]:
        """Breakdowns in order; where a reward is unavailable, the error stands in its place and the others are kept."""
        found: list[RewardBreakdown | RewardUnavailable] = []
        for trajectory in trajectories:
            try:
                found.append(self(trajectory))
            except RewardUnavailable as error:
                found.append(error)
        return found

    def recompute(self, breakdown: RewardBreakdown) -> float:
        """The total of a breakdown from its parts alone."""
        return recompute(breakdown)

    def _parts(self, trajectory: Trajectory) -> dict[str, Score | None]:
        record = Record(trajectory)
        found: dict[str, Score | None] = {"plan.requirement": requirement(record)}
        readable = self._judged(record, found)
        worst, turns = formatted(record)
        found["format"] = worst if readable is None else Score(value=0.0, reason=readable, version=FORMAT)
        found["format.turns"] = turns
        found["tool"] = tool(record)
        found.update((f"result.{name}", score) for name, score in results(record).items())
        found["coherence"], found["consistency"] = coherent(record), consistent(record)
        values = _values(found)
        for name, definition in DEFINITIONS.items():
            found[name] = _defined(name, definition, found, values)
        parts = {name: found[name] for name in PARTS}
        for name, own in self._components.items():
            with plugins.foreign(f"component {name!r}", JudgeError):  # its failure masks the sample, it is not the policy's
                parts[name] = own.score(trajectory)
        return parts

    def _ask(self, questions: list[Question]) -> Sequence[Score]:
        """Put questions to the judge; whatever else it raises is a failed judge."""
        with plugins.foreign(f"judge {self._judge!r}", JudgeError):
            return self._judge(questions)

    def _judged(self, record: Record, found: dict[str, Score | None]) -> str | None:
        """Ask the judge about the first valid plan; returns why it cannot be read, if the policy's words break the judge."""
        plan, reason = record.plan, "no valid plan"
        if plan is not None:
            questions = [Question(facet, plan, record.task, record.tools) for facet in FACETS]
            try:
                scores = self._ask(questions)
            except UnreadablePlan as error:
                reason = f"the plan breaks the judge: {error}"
            else:
                _check(scores, self._judge)
                found.update((f"plan.{facet}", score) for facet, score in zip(FACETS, scores, strict=True))
                return None
        nothing = Score(value=0.0, reason=reason[:300], version=self._judge.version)
        found.update((f"plan.{facet}", nothing) for facet in FACETS)
        return None if plan is None else reason


def reward(expression: str = "ltr", *, judge: str | Judge = "rules") -> LtrReward:
    """A reward from an expression, a preset's name, or a "module:attribute" that holds an `LtrReward`.

    `judge` reads the plans: "rules", a registered judge, "module:attribute", or the judge itself. Raises `ConfigError` for
    a wrong expression, with the position and what was expected there.
    """
    tree = parse(expression)
    if isinstance(tree, Name) and ":" in tree.name:
        held = plugins.load("rewards", tree.name)
        if isinstance(held, LtrReward):
            return held
    if isinstance(judge, str):
        judge = RuleJudge() if judge == "rules" else _judge(plugins.load("judges", judge), judge)
    return LtrReward(expression, judge)


def recompute(breakdown: RewardBreakdown) -> float:
    """The total of a breakdown from its parts alone; equal to `breakdown.total` to the last bit."""
    total = evaluate(parse(breakdown.expression), _values(breakdown.parts))
    assert total is not None, "a breakdown holds at least one part that applies"
    return total


def _values(parts: Mapping[str, Score | None]) -> dict[str, float | None]:
    return {name: None if score is None else score.value for name, score in parts.items()}


def _defined(name: str, definition: Node, found: Mapping[str, Score | None], values: dict[str, float | None]) -> Score | None:
    """A part made of parts; its value joins `values`."""
    value = values[name] = evaluate(definition, values)
    if value is None:
        return None
    used = [(part, score) for part in _MEMBERS[name] if (score := found[part]) is not None]
    worst = min(used, key=lambda pair: pair[1].value)
    how = "product with a mean" if isinstance(definition, Product) else "mean"
    reason = f"{how} of {len(used)} parts" + (f"; least {worst[0]} {worst[1].value:.2f}" if worst[1].value < 1 else "")
    return Score(value=value, reason=reason, version=f"{name}/1")


def _resolve(tree: Node, text: str) -> dict[str, component.Component]:
    """The user's components in an expression, by the name that stands there."""
    found: dict[str, component.Component] = {}
    named = list(names(tree))
    if not named:
        raise ConfigError(f"reward={text!r}: names nothing that is measured; expected a part such as {', '.join(PARTS[:2])}")
    for own in named:
        if own.name in PARTS or own.name in found:
            continue
        if not component.exists(own.name):
            raise ConfigError(_unknown(own, text))
        found[own.name] = component.load(own.name)
    return found


def _unknown(own: Name, text: str) -> str:
    known = [*PARTS, *_PRESETS, *plugins.names("rewards")]
    return (
        f"reward={text!r}, at character {own.position}: {own.name!r} is no part, preset or registered component; "
        f'expected one of {", ".join(known)}, or your own as "module:attribute"{did_you_mean(own.name, known)}'
    )


def _judge(found: Any, name: str) -> Judge:
    judge: Judge = found() if isinstance(found, type) else found
    if not callable(judge) or not isinstance(getattr(judge, "version", None), str):
        raise ConfigError(f"judge={name!r} is {judge!r}: expected a callable from questions to scores with a version (str)")
    return judge


def _check(scores: object, judge: Judge) -> None:
    """A judge that answers nonsense has failed."""
    good = isinstance(scores, list | tuple) and len(scores) == len(FACETS)
    if not good or not all(isinstance(score, Score) and 0 <= score.value <= 1 for score in scores):  # type: ignore[attr-defined]
        raise JudgeError(f"judge {judge.version!r} answered {str(scores)[:200]}; expected {len(FACETS)} scores with values in [0, 1]")
