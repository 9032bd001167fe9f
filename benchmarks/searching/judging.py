"""What one played script came to: its reward, and which of the declared requirements the success checker counts as met."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rewards.audit.script import Script, Stage
from rewards.ltr import LtrReward, reward
from visgenenv.errors import ConfigError, RewardUnavailable
from visgenenv.tasks.success import unmet
from visgenenv.types import Requirements, Trajectory

PAID = 0.5
"""From this reward on, work of which less than half is done is an offence."""
_UNPARSED = re.compile(r"turn \d+ does not parse: ")
_FULL = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one episode."""

    reward: float | None
    """None: masked."""
    declared: frozenset[str]
    """Requirements of the task."""
    met: frozenset[str]
    """Those about which the success checker has nothing to say.

    None are met where nothing is delivered, or anything delivered is foreign, doubled or of the wrong modality: what the
    checker says of requirements is then about the rest. A turn that does not parse spoils success alone.
    """
    success: bool
    disputed: frozenset[str]
    """Found unmet by the checker, and scored in full by the reward's part; empty where the answer itself is wrong."""
    denied: frozenset[str]
    """Found met by the checker, and scored less by the reward's part; empty also where the number of deliverables is wrong."""
    tools: frozenset[str]
    reason: str = ""
    """Why it was masked."""

    @property
    def undone(self) -> bool:
        """Whether fewer than half of the requirements are met."""
        return 2 * len(self.met) < len(self.declared)

    @property
    def offends(self) -> bool:
        """Whether work less than half done is paid half or more."""
        return self.undone and self.reward is not None and self.reward >= PAID

    @property
    def paid(self) -> float:
        """The reward; 0 where it was masked."""
        return self.reward or 0.0


def declared_by(asked: Requirements) -> frozenset[str]:
    """Names of the requirements that are asked for."""
    values = ((name, getattr(asked, name)) for name in asked.__struct_fields__)
    return frozenset(name for name, value in values if value is not None and value is not False)


def _wrong(trajectory: Trajectory) -> frozenset[str]:
    """What the success checker's reasons begin with: requirements, and whatever else is wrong with the answer."""
    return frozenset(reason.partition(":")[0] for reason in unmet(trajectory) if not _UNPARSED.match(reason))


class Court:
    """Plays scripts and judges them: once by the reward, once by the success checker."""

    def __init__(self, expression: str = "ltr", judge: str = "rules") -> None:
        self.engine: LtrReward = reward(expression, judge=judge)
        if self.engine.scheduled:
            raise ConfigError(
                f"reward={expression!r} changes with the training step; expected one that does not: write it as it is at one step"
            )
        self._stage = Stage(expression, judge=judge)

    def play(self, script: Script) -> Outcome:
        """Play a script and judge it."""
        return self.judge(self.record(script))

    def record(self, script: Script) -> Trajectory:
        """The episode of a script."""
        return self._stage.play(script)

    def judge(self, trajectory: Trajectory) -> Outcome:
        """What an episode came to; one that was cut off comes unscored from the stage."""
        breakdown, reason = trajectory.reward, trajectory.failure or ""
        if breakdown is None and trajectory.failure is None:
            try:
                breakdown = self.engine(trajectory)
            except RewardUnavailable as error:
                reason = str(error)
        declared, wrong = declared_by(trajectory.task.requirements), _wrong(trajectory)
        sound = wrong <= declared
        parts = {} if breakdown is None or not sound else breakdown.parts
        scores = {name: parts.get("consistency" if name == "consistency" else f"result.{name}") for name in declared}
        full = frozenset(name for name, score in scores.items() if score is not None and score.value >= _FULL)
        less = frozenset(name for name, score in scores.items() if score is not None and score.value < _FULL)
        met = declared - wrong if sound else frozenset()
        return Outcome(
            reward=None if breakdown is None else breakdown.total,
            declared=declared,
            met=met,
            success=trajectory.success,
            disputed=full - met,
            denied=frozenset() if "count" in wrong else less & met,
            tools=frozenset(call.tool for call in trajectory.calls if call.fault is None),
            reason=reason if breakdown is None else "",
        )
