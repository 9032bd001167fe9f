"""LtrReward: an expression over the parts of a trajectory, every number of which can be traced."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import blake2b

from rewards import component
from rewards.compose import Name, Node, Product, at, evaluate, names, replace, scheduled, weighs, write
from rewards.fine.coherence import VERSION as COHERENCE
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
from rewards.judges.named import named_judge
from rewards.judges.port import FACETS, Judge, JudgeError, Question, UnreadablePlan
from rewards.judges.rules import RuleJudge
from rewards.plan.repository import version as expert_plans
from rewards.plan.requirement import VERSION as REQUIREMENT
from rewards.plan.requirement import delivered, requirement
from rewards.record import Record
from visgenenv import plugins
from visgenenv.errors import ConfigError, PluginError, RewardUnavailable
from visgenenv.near import did_you_mean
from visgenenv.overlap import overlapped, places
from visgenenv.types import RewardBreakdown, Score, Trajectory

PARTS: tuple[str, ...] = (
    "plan",
    "plan.requirement",
    "plan.delivered",
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
_JUDGED = (*(f"plan.{facet}" for facet in FACETS), "coherence")
"""Parts that a judge scores: the facets of the first valid plan, and how the deeds follow the plans."""
_RESULTS = tuple(f"result.{name}" for name in REQUIREMENTS)
_ASKED = (*(f"result.{name}" for name in REQUIREMENTS if name != "modality"), "consistency")
"""Parts that each measure one requirement of the task; None where it is not declared."""
DEFINITIONS: dict[str, Node] = {
    "plan": parse("plan.requirement * mean(plan.coherence, plan.executable, plan.atomic, plan.optimal)"),
    "result": parse(f"mean({', '.join(f'result.{name}' for name in REQUIREMENTS)})"),
    "fine": parse("mean(format, tool, result, coherence, consistency)"),
}
"""Parts made of parts, in the order in which they are worked out (VisionCreator, section 3.3; design: a mean of what applies)."""
_MEMBERS = {name: tuple(part.name for part in names(definition)) for name, definition in DEFINITIONS.items()}
_PRESETS = {
    "ltr": "plan * fine",
    "printed": "plan.delivered * mean(plan.coherence, plan.executable, plan.atomic, plan.optimal) * fine",
    "RL1": "mean(result, format)",
    "RL2": "plan * mean(result, format)",
    "RL3": "plan * mean(result, format)",
    "RL4": "plan * fine",
    "r1_sum": "mean(plan, format, tool, result, coherence, consistency)",
}
PRESETS: dict[str, Node] = {name: parse(text) for key, text in _PRESETS.items() for name in (key, key.lower(), key.upper())}
"""VisionCreator's reward and its ablations RL1 to RL4, with our requirement fulfilment; `printed` is RL4 with the paper's, a
binary check of modality and number; `r1_sum` adds the plan where VisionCreator multiplies (VisionCreator-R1). Small letters or capitals."""
_OWN = (REQUIREMENT, FORMAT, TOOL, RESULT, COHERENCE, CONSISTENCY, "compose/2")


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
        self.scheduled: bool = scheduled(self._tree)
        """Whether it changes with the training step; it then scores only trajectories that hold theirs."""
        sure = [getattr(self._judge, "deterministic", isinstance(self._judge, RuleJudge))]
        self.repeatable: bool = all([*sure, *(getattr(own, "deterministic", True) for own in self._components.values())])
        """Whether it says the same when it is asked again, at no cost; judges and components may say so themselves (`deterministic`)."""
        self._latest: tuple[int | None, Node] = (None, self._tree)
        versions = [*_OWN, expert_plans(), self._judge.version, *(f"{name}/{own.whole}" for name, own in self._components.items())]
        self.version: str = blake2b("|".join([self.expression, *versions]).encode(), digest_size=6).hexdigest()
        """Digest of the expression and of the versions of all that scores."""

    def __repr__(self) -> str:
        return f"LtrReward({self.expression!r})"

    def __call__(self, trajectory: Trajectory) -> RewardBreakdown:
        """The reward and its parts.

        Raises `RewardUnavailable` where a judge or infrastructure fails, or where nothing in the expression applies to the
        task: the sample is to be masked, never to be scored 0. Nothing that the policy wrote raises. Raises `ConfigError` where
        the expression has a schedule and the trajectory no training step.
        """
        tree, step = self._at(trajectory)
        try:
            parts, values = self._parts(trajectory)
        except (JudgeError, PluginError) as error:
            raise RewardUnavailable(f"reward {self.expression!r}: {type(error).__name__}: {error}", trajectory) from error
        total = evaluate(tree, values)
        if total is None:
            raise RewardUnavailable(
                f"reward {self.expression!r}{'' if step is None else f' at step {step}'}: none of its parts that weigh anything applies "
                f"to the task {trajectory.task.id!r}; add one that always does, for example mean(…, result)",
                trajectory,
            )
        if not math.isfinite(total):
            raise ConfigError(f"reward={self.expression!r}: comes to {total!r} for the trajectory {trajectory.id!r}; use smaller numbers")
        return RewardBreakdown(total=total, expression=self.expression, parts=parts, step=step)

    def score_many(self, trajectories: Iterable[Trajectory]) -> list[RewardBreakdown | RewardUnavailable]:
        """Breakdowns in order; where a reward is unavailable, the error stands in its place and the others are kept.

        With a judge that waits (see `concurrency`) several are scored at a time, in threads.
        """
        return list(overlapped(self._tried, trajectories, self.concurrency))

    def _tried(self, trajectory: Trajectory) -> RewardBreakdown | RewardUnavailable:
        try:
            return self(trajectory)
        except RewardUnavailable as error:
            return error

    @property
    def concurrency(self) -> int:
        """Trajectories that are worth scoring at a time: what its judge says, 1 where that does not wait for something outside."""
        return places(self._judge)

    @property
    def usage(self) -> object | None:
        """What its judge has used (see `rewards.judges.Usage`); None where it counts nothing."""
        return getattr(self._judge, "usage", None)

    def recompute(self, breakdown: RewardBreakdown) -> float:
        """The total of a breakdown from its parts alone; raises `ConfigError` for a breakdown of another expression."""
        if replace(parse(breakdown.expression), PRESETS) != self._tree:
            raise ConfigError(
                f"the breakdown is of {breakdown.expression!r}, this reward is {self.expression!r}: expected one of this reward; "
                "score its trajectory again, or take rewards.recompute(breakdown), which reads the expression from the breakdown"
            )
        return recompute(breakdown)

    def _at(self, trajectory: Trajectory) -> tuple[Node, int | None]:
        """The expression as it is at the trajectory's training step, and that step where there is a schedule to read it."""
        if not self.scheduled:
            return self._tree, None
        step = trajectory.step
        if step is None:
            raise ConfigError(
                f"reward={self.expression!r} changes with the training step, and the trajectory {trajectory.id!r} holds none: "
                "play it with options={'step': n}, or score it with `visgen score --step N`"
            )
        latest, tree = self._latest
        if latest != step:
            tree = at(self._tree, step)
            self._latest = (step, tree)  # members of a batch share their step
        return tree, step

    def _parts(self, trajectory: Trajectory) -> tuple[dict[str, Score | None], dict[str, float | None]]:
        """All parts, in order, and their values."""
        record = Record(trajectory)
        found: dict[str, Score | None] = dict(zip(_RESULTS, results(record).values(), strict=True))
        found["consistency"] = consistent(record)
        found["plan.delivered"] = there = delivered(record)
        found["plan.requirement"] = requirement(there, {name: found[name] for name in _ASKED})
        readable = self._judged(record, found)
        worst, turns = formatted(record)
        found["format"] = worst if readable is None else Score(value=0.0, reason=readable, version=FORMAT)
        found["format.turns"] = turns
        found["tool"] = tool(record)
        values = _values(found)
        for name, definition in DEFINITIONS.items():
            found[name] = _defined(name, definition, found, values)
        parts = {name: found[name] for name in PARTS}
        for name, own in self._components.items():
            with plugins.foreign(f"component {name!r}", JudgeError):  # its failure masks the sample, it is not the policy's
                parts[name] = score = own.score(trajectory)
                values[name] = None if score is None else score.value
        return parts, values

    def _ask(self, questions: list[Question]) -> Sequence[Score]:
        """Put questions to the judge; whatever else it raises is a failed judge."""
        with plugins.foreign(f"judge {self._judge.version!r}", JudgeError):
            return self._judge(questions)

    def _judged(self, record: Record, found: dict[str, Score | None]) -> str | None:
        """Ask the judge about the first valid plan; returns why it cannot be read, if the policy's words break the judge."""
        plan, reason = record.plan, "no valid plan"
        if plan is not None:
            questions = [Question(facet, plan, record.task, record.tools) for facet in FACETS]
            questions.append(Question("trajectory", plan, record.task, record.tools, record))
            try:
                scores = self._ask(questions)
            except UnreadablePlan as error:
                reason = f"the plan breaks the judge: {error}"
            else:
                _check(scores, self._judge)
                found.update(zip(_JUDGED, scores, strict=True))
                return None
        nothing = Score(value=0.0, reason=reason[:300], version=self._judge.version)
        found.update(dict.fromkeys(_JUDGED, nothing))
        return None if plan is None else reason


def reward(expression: str = "ltr", *, judge: str | Judge = "rules") -> LtrReward:
    """A reward from an expression, a preset's name, or a "module:attribute" that holds an `LtrReward`.

    `judge` reads the plans: "rules", a registered judge, "module:attribute", or the judge itself. Raises `ConfigError` for
    a wrong expression, with the position and what was expected there, and for a judge beside an `LtrReward`, which has its own.
    """
    tree = parse(expression)
    if isinstance(tree, Name) and ":" in tree.name:
        held = plugins.load("rewards", tree.name)
        if isinstance(held, LtrReward):
            if judge != "rules":
                raise ConfigError(f"judge={judge!r}: reward={expression!r} holds an LtrReward, which has its judge; leave one of them out")
            return held
    if isinstance(judge, str):
        judge = named_judge(judge)
    elif not callable(judge) or not isinstance(getattr(judge, "version", None), str):
        raise ConfigError(f"judge={plugins.shown(judge)}: expected a name, or a callable from questions to scores with a version (str)")
    return LtrReward(expression, judge)


def recompute(breakdown: RewardBreakdown) -> float:
    """The total of a breakdown from its parts and its training step alone; equal to `breakdown.total` to the last bit.

    Raises `ConfigError` where the expression has a schedule and the breakdown no step.
    """
    tree = parse(breakdown.expression)
    if scheduled(tree):
        if breakdown.step is None:
            raise ConfigError(f"reward={breakdown.expression!r} changes with the training step, the breakdown holds none; score it again")
        tree = at(tree, breakdown.step)
    total = evaluate(tree, _values(breakdown.parts))
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


def _resolve(tree: Node, text: str) -> dict[str, component.Checked]:
    """The user's components in an expression, by the name that stands there; a name of ours is ours, whatever is installed."""
    found: dict[str, component.Checked] = {}
    named = list(names(tree))
    if not named:
        raise ConfigError(f"reward={text!r}: names nothing that is measured; expected a part such as {', '.join(PARTS[:2])}")
    if not weighs(tree):
        raise ConfigError(
            f"reward={text!r}: nothing that is measured weighs anything in it, every part is multiplied by 0; "
            "expected a part with a weight that is not 0, at some step at least"
        )
    for own in names(parse(text)):  # as the user wrote it: a preset's own text is none of theirs
        if own.name in PARTS or own.name in PRESETS or plugins.has_own("rewards", own.name):
            _tell_others(own.name)
    for own in named:
        if own.name in PARTS or own.name in found:
            continue
        if not component.exists(own.name):
            raise ConfigError(_unknown(own, text))
        found[own.name] = component.load(own.name)
    return found


@cache
def _tell_others(name: str) -> None:
    """Warn, once, of those who registered a name of ours."""
    for package, target in plugins.foreign_names("rewards", name):
        told = f"{name!r} in a reward is VisGenEnv's own; {package} has another component of that name: write that one as {target!r}"
        warnings.warn(told, UserWarning, stacklevel=2)


def _unknown(own: Name, text: str) -> str:
    known = list(dict.fromkeys([*PARTS, *_PRESETS, *plugins.names("rewards")]))
    hint = did_you_mean(own.name, known)
    return (
        f"reward={text!r}, at character {own.position}: {own.name!r} is no part, preset or registered component{hint}"
        f'{" Expected" if hint else "; expected"} one of {", ".join(known)}, or your own as "module:attribute"'
    )


def _check(scores: object, judge: Judge) -> None:
    """A judge that answers nonsense has failed."""
    good = isinstance(scores, list | tuple) and len(scores) == len(_JUDGED)
    if not good or not all(isinstance(score, Score) and 0 <= score.value <= 1 for score in scores):  # type: ignore[attr-defined]
        raise JudgeError(f"judge {judge.version!r} answered {plugins.shown(scores)}; expected {len(_JUDGED)} scores with values in [0, 1]")
