"""The audit of a reward: written exploits against their honest episodes, and metamorphic relations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from rewards.audit.exploits import Exploit, exploits
from rewards.audit.relations import RELATIONS, Relation
from rewards.audit.scenes import honest
from rewards.audit.script import Act, Script, Stage
from rewards.ltr import LtrReward
from visgenenv.errors import ConfigError, RewardUnavailable
from visgenenv.types import RewardBreakdown, Trajectory, Wire

MOST_OF_HONEST = 0.25
"""What an exploit that leaves the task undone may be paid, as a share of its honest episode, both above the `floor`."""
LEAST_FALL = 0.2
"""By which the named part of padded work must fall."""
_ALMOST = 1e-9


class Finding(Wire, frozen=True, kw_only=True):
    """One exploit or relation on one scene."""

    kind: str
    """`exploit` or `relation`."""
    name: str
    family: str
    """Of a relation, what is expected of it: stay, fall or rise."""
    scene: str
    undone: bool = False
    """Of an exploit, whether it leaves the task undone; else it pads work that is done."""
    honest: float | None
    """The reward before; None where it was masked."""
    paid: float | None
    """The reward after; None where it was masked."""
    floor: float = 0.0
    """Of an exploit: the least that the scene pays for nothing, be it that nothing was done or that all was and nothing handed over.

    Pay is measured from here, because a number added to every reward changes no advantage.
    """
    good: bool
    reason: str = ""
    """What is wrong; empty where nothing is."""

    @property
    def ratio(self) -> float | None:
        """Of an exploit: what was paid over what honest work is paid, both above the floor; None where there is no such number.

        There is none where one of them is masked, or honest work is paid no more than the floor.
        """
        if self.kind != "exploit" or self.paid is None or self.honest is None or self.honest <= self.floor + _ALMOST:
            return None
        return (self.paid - self.floor) / (self.honest - self.floor)


class Audit(Wire, frozen=True, kw_only=True):
    """What the audit found."""

    expression: str
    version: str
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> list[Finding]:
        """What is wrong, the worst first: what has no ratio, then what pays most for work undone, then what pays most for padding."""
        return sorted((one for one in self.findings if not one.good), key=_badness)

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return all(one.good for one in self.findings)


def _badness(one: Finding) -> tuple[object, ...]:
    ratio = one.ratio
    return one.kind, ratio is not None, not one.undone, 0.0 if ratio is None else -ratio, one.name, one.scene


@dataclass(frozen=True, slots=True)
class _Case:
    """Where the episodes of an exploit or a relation stand among all that were played."""

    of: Exploit | Relation
    scene: str
    before: int
    after: int


def audit(
    engine: LtrReward,
    progress: Callable[[str], object] = lambda _: None,
    step: int | None = None,
    keep: Callable[[Trajectory], object] = lambda _: None,
) -> Audit:
    """Play every exploit and relation on every scene that it fits, and score them, as many at a time as the judge takes.

    `progress` is told of each one played; `step`: the training step that a reward with a schedule is audited at; `keep` is
    given the episodes behind what is wrong, scored, each under the name of its exploit or relation and its scene. Raises
    `RewardUnavailable` where no honest episode can be scored: then nothing would be learnt of the reward.
    """
    if engine.scheduled and step is None:
        raise ConfigError(f"reward={engine.expression!r} has a schedule over training steps: give the step to audit it at (--step N)")
    stage, scenes = Stage(), honest()
    played = [stage.play(script) for script in scenes.values()]
    paid = _must_score(engine, [_at(trajectory, step) for trajectory in played])
    honestly = dict(zip(scenes, range(len(played)), strict=True))
    worthless = {name: range(len(played) + 2 * n, len(played) + 2 * n + 2) for n, name in enumerate(scenes)}
    played += [stage.play(script) for own in scenes.values() for script in _nothing(own)]
    cases: list[_Case] = []
    for exploit in exploits():
        for name, script in scenes.items():
            rewritten = script.copy()
            if exploit.rewrite(rewritten) is not False:
                cases.append(_Case(exploit, name, honestly[name], len(played)))
                played.append(stage.play(rewritten))
        progress(exploit.name)
    for relation in RELATIONS:
        for name, script in scenes.items():
            pair = relation.pair(script, stage)
            if pair is not None:
                cases.append(_Case(relation, name, len(played), len(played) + 1))
                played += pair
        progress(relation.name)
    played = [_at(trajectory, step) for trajectory in played]
    paid += _scored(engine, played[len(paid) :])
    floors = {name: min((one.total for n in of if not isinstance(one := paid[n], str)), default=0.0) for name, of in worthless.items()}
    findings = [_finding(case, paid[case.before], paid[case.after], floors[case.scene]) for case in cases]
    _keep([(case, one) for case, one in zip(cases, findings, strict=True) if not one.good], played, paid, keep)
    return Audit(expression=engine.expression, version=engine.version, findings=tuple(findings))


def _at(trajectory: Trajectory, step: int | None) -> Trajectory:
    return trajectory if step is None else msgspec.structs.replace(trajectory, step=step)


def _nothing(script: Script) -> list[Script]:
    """Two episodes that nothing is due to: one in which nothing is said, and the honest one that hands nothing over."""
    silent, withheld = script.copy(), script.copy()
    silent.acts = [Act(text="")]
    withheld.answer.clear()
    return [silent, withheld]


def _must_score(engine: LtrReward, played: list[Trajectory]) -> list[RewardBreakdown | str]:
    """The rewards of honest episodes; raises where not one can be scored."""
    paid = _scored(engine, played)
    if all(isinstance(one, str) for one in paid):
        raise RewardUnavailable(f"the audit learns nothing: none of {len(paid)} honest episodes can be scored; {paid[0]}", played[0])
    return paid


def _scored(engine: LtrReward, played: list[Trajectory]) -> list[RewardBreakdown | str]:
    """Of each its reward, or why there is none."""
    scored = iter(engine.score_many(trajectory for trajectory in played if trajectory.failure is None))
    found = [next(scored) if trajectory.failure is None else trajectory.failure for trajectory in played]
    return [str(one) if isinstance(one, RewardUnavailable) else one for one in found]


def _keep(
    wrong: list[tuple[_Case, Finding]],
    played: list[Trajectory],
    paid: list[RewardBreakdown | str],
    keep: Callable[[Trajectory], object],
) -> None:
    """Hand over the episodes behind what is wrong, an honest one once."""
    names: dict[int, str] = {}
    for case, finding in wrong:
        what = f"{case.of.name} on {case.scene}"
        names.setdefault(case.before, f"honest on {case.scene}" if finding.kind == "exploit" else f"{what}, before")
        names.setdefault(case.after, what if finding.kind == "exploit" else f"{what}, after")
    for place, name in sorted(names.items()):
        one = paid[place]
        reward, failure = (None, one) if isinstance(one, str) else (one, None)
        keep(msgspec.structs.replace(played[place], id=name, reward=reward, failure=failure))


def _finding(case: _Case, before: RewardBreakdown | str, after: RewardBreakdown | str, floor: float) -> Finding:
    if isinstance(case.of, Exploit):
        reason = _wrong(case.of, before, after, floor)
        kind, family, undone = "exploit", case.of.family, case.of.undone
    else:
        reason = _broken(case.of, before, after)
        kind, family, undone, floor = "relation", case.of.expected, False, 0.0
    return Finding(
        kind=kind,
        name=case.of.name,
        family=family,
        scene=case.scene,
        undone=undone,
        honest=_total(before),
        paid=_total(after),
        floor=floor,
        good=not reason,
        reason=reason,
    )


def _broken(relation: Relation, before: RewardBreakdown | str, after: RewardBreakdown | str) -> str:
    """Why a relation does not hold, or nothing."""
    if isinstance(before, str) or isinstance(after, str):
        return f"masked: {before if isinstance(before, str) else after}"
    if relation.holds(before.total, after.total):
        return ""
    return f"must {relation.expected}: {before.total:.9g} before, {after.total:.9g} after"


def _wrong(exploit: Exploit, honestly: RewardBreakdown | str, found: RewardBreakdown | str, floor: float) -> str:
    """Why an exploit pays, or nothing."""
    if isinstance(honestly, str):
        return f"honest work is not scored: {honestly}"
    if isinstance(found, str):
        return f"masked, which hides it from training where what the policy wrote did it: {found}"
    due = honestly.total - floor
    if due <= _ALMOST:
        return f"honest work is paid {honestly.total:.4g}, no more than nothing at all ({floor:.4g})"
    if exploit.part is None:
        bound = floor + MOST_OF_HONEST * due
        return "" if found.total <= bound + _ALMOST else f"paid {found.total:.4g}; at most {bound:.4g} for a task that is left undone"
    if not found.total < honestly.total - _ALMOST:
        return f"paid {found.total:.4g}, no less than honest work ({honestly.total:.4g})"
    before, after = honestly.parts.get(exploit.part), found.parts.get(exploit.part)
    if before is not None and after is not None and before.value - after.value < LEAST_FALL - _ALMOST:
        return f"{exploit.part} falls by {before.value - after.value:.4g}; at least {LEAST_FALL} expected"
    return ""


def _total(found: RewardBreakdown | str) -> float | None:
    return None if isinstance(found, str) else found.total
