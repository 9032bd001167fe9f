"""One rollout as the audit sees it, whoever wrote it down."""

from __future__ import annotations

import msgspec

from visgenenv.types import RewardBreakdown, Score


class RunSample(msgspec.Struct, frozen=True, kw_only=True):
    """One scored text of a policy; what a format does not hold is None."""

    id: str
    """Where to find it again: a trajectory's id, an example and its nth rollout, a step and a row, a sample and an epoch;
    of several files, a file's path stands before."""
    group: str
    """Members of a group share it, and nobody else does: one task or prompt of one run, at one step."""
    file: str = ""
    """What it was read from, where there are several."""
    case: str = ""
    """What it was asked, by the name that its own file has for it: the same in a copy of the file."""
    prompt: str = ""
    completion: str = ""
    """What the policy wrote, of all its turns; what the environment answered is left out."""
    step: int | None = None
    """Of training."""
    turns: int = 1
    reward: float | None = None
    """As it was logged: it may be NaN or infinite."""
    parts: dict[str, float | None] = {}
    """Components by name, without their weights; None: does not apply."""
    expression: str | None = None
    """Ours alone: how the parts make the reward."""
    advantage: float | None = None
    error: str | None = None
    """A crash that the record tells of."""
    truncated: bool | None = None
    masked: bool | None = None
    """Left out of training; None where the format does not say."""
    tokens: int | None = None
    """Of the completion."""
    conversation: str = ""
    """A digest of all that was said, what the environment answered included; empty where the completion is all of it."""
    success: bool | None = None
    """As a checker of its own says, which the reward does not look at."""
    versions: dict[str, str] = {}
    """Of what played and scored it."""

    @property
    def breakdown(self) -> RewardBreakdown:
        """Ours alone: the reward as it was recorded, without reasons; only where there is an `expression`."""
        assert self.expression is not None
        parts = {name: None if value is None else Score(value=value) for name, value in self.parts.items()}
        total = float("nan") if self.reward is None else self.reward
        return RewardBreakdown(total=total, expression=self.expression, parts=parts, step=self.step)


class Rollouts(msgspec.Struct, frozen=True, kw_only=True):
    """What was read."""

    format: str
    """Its name."""
    summed: bool = False
    """Whether a total is a sum of parts by weights (verifiers, TRL), not an expression (ours) nor one part of several (Inspect)."""
    tells_errors: bool = True
    """Whether a record would tell of a crash; TRL's do not."""
    samples: tuple[RunSample, ...]
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What was left out, and why."""
