"""What there is to tell of a trajectory, in words, whatever it is shown on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from visgenenv.types import Asset, CallRecord, Plan, PlanStep, Score, Trajectory


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement of the task, and whether it was met."""

    name: str
    wanted: str
    met: bool
    reason: str
    """Why not; empty where it is met."""


def checks(trajectory: Trajectory) -> tuple[list[Check], list[str]]:
    """Every declared requirement with its verdict, and the further reasons why the episode is no success.

    The verdicts are the success checker's, which knows nothing of the reward.
    """
    from visgenenv.tasks.success import unmet

    failed: dict[str, str] = {}
    general = []
    names = {field for field, _ in _declared(trajectory)}
    for reason in unmet(trajectory):
        name, separator, rest = reason.partition(": ")
        if separator and name in names:
            failed.setdefault(name, rest)
        else:
            general.append(reason)
    delivered = _delivers(trajectory)
    found = []
    for name, value in _declared(trajectory):
        reason = failed.get(name, "" if delivered else "nothing of the right kind was delivered")
        found.append(Check(name, _words(name, value), not reason, reason))
    return found, general


def _delivers(trajectory: Trajectory) -> bool:
    """Whether an own asset of the task's modality is answered: only then are the requirements looked at."""
    assets = {asset.handle: asset for asset in trajectory.assets}
    named = trajectory.answer.deliverables if trajectory.answer else ()
    answered = (assets[handle] for handle in named if handle in assets)
    return any(asset.turn >= 0 and asset.kind != "reference" and asset.modality == trajectory.task.modality for asset in answered)


def _declared(trajectory: Trajectory) -> Iterator[tuple[str, Any]]:
    for name, value in msgspec.structs.asdict(trajectory.task.requirements).items():
        if value is not None and value is not False:
            yield name, value


_PHRASES = {
    "count": "{} to deliver",
    "aspect": "aspect {}",
    "min_side": "shorter side of {} px or more",
    "duration_s": "{:g} s long",
    "shots": "{} shots",
    "shot_s": "{:g} s each shot",
    "consistency": "the same {} throughout",
    "narration": "narration “{}”",
    "bpm": "{} beats a minute",
}
_SAID = {
    "beat": "cut on the beat",
    "from_inputs": "made from the given input",
    "variety": "no two alike",
    "moving": "every shot moving",
}


def _words(name: str, value: Any) -> str:
    if name in _PHRASES:
        return _PHRASES[name].format(value)
    if name in _SAID:
        return _SAID[name]
    if name == "each":
        return f"one each: {', '.join(' with '.join(part) for part in value)}"
    if name == "own":
        return ", ".join(f"{own} {asked!r}" for own, asked in value.items())
    quote = name in ("subtitles", "drawn")
    listed = ", ".join(f"“{item}”" if quote else str(item) for item in value)
    return f"{ {'audio': 'sound', 'drawn': 'written in the picture', 'entities': 'shows'}.get(name, name) }: {listed}"


def shape(asset: Asset) -> str:
    """An asset's attributes in a line."""
    parts = [f"{asset.width}×{asset.height}"] if asset.width else []
    if asset.duration_ms:
        parts.append(f"{asset.duration_ms / 1000:g} s")
    if asset.modality == "video":
        parts.append("1 shot" if asset.shots == 1 else f"{asset.shots} shots")
        parts.append(" + ".join(asset.audio) if asset.audio else "silent")
    elif asset.modality == "audio":
        parts += list(asset.audio)
    if asset.bpm_milli:
        parts.append(f"{asset.bpm_milli / 1000:g} bpm")
    if asset.modality == "text":
        parts.append(asset.kind or "text")
    return " · ".join(parts)


def cost(call: CallRecord) -> str:
    """A call's virtual time and price in a line."""
    return f"{call.latency_ms / 1000:.1f} s · ${call.price_microusd / 1e6:.3f}"


def levels(plan: Plan) -> list[list[PlanStep]]:
    """Steps by what they wait for: a level holds the steps whose needs all lie in earlier ones.

    Steps that wait for each other, or for what is not there, stand in the last level.
    """
    rest = list(plan.steps)
    done: set[int] = set()
    found: list[list[PlanStep]] = []
    while rest:
        ready = [step for step in rest if set(step.after) <= done]
        if not ready:
            return [*found, rest]
        found.append(ready)
        done |= {step.id for step in ready}
        rest = [step for step in rest if not any(step is other for other in ready)]
    return found


def parts(trajectory: Trajectory) -> Iterator[tuple[str, int, Score | None]]:
    """Parts of the reward as (name, depth, score), each directly under the part it belongs to."""
    if trajectory.reward is None:
        return
    given = trajectory.reward.parts
    for name in given:
        if "." not in name:
            yield name, 0, given[name]
            for inner, score in given.items():
                if inner.startswith(f"{name}."):
                    yield inner, 1, score
    for name, score in given.items():
        if "." in name and name.partition(".")[0] not in given:
            yield name, 0, score


def clipped(text: str, limit: int) -> str:
    """A text, or its beginning and how much more there is."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit} characters more)"


def verdict(trajectory: Trajectory) -> str:
    """How it ended, in a word or two."""
    if trajectory.failure is not None:
        return "masked"
    return "success" if trajectory.success else "cut off" if trajectory.truncated else "no success"
