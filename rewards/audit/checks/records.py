"""What the records themselves say: crashes, rewards that are no numbers, one text with two rewards, mixed versions."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import lru_cache

import numpy as np

from rewards.audit.check import Check, answer, graded, listed, many, skipped
from rewards.audit.frame import EVEN, Frame
from rewards.audit.readers.messages import digest
from rewards.compose import scheduled
from rewards.grammar import parse
from visgenenv.errors import ConfigError


def crashes(frame: Frame) -> Check:
    """Crashes that have a reward."""
    name, meaning = "crashes scored", "Do samples that crashed have a reward, where they should be masked?"
    broken = [at for at, sample in enumerate(frame.samples) if sample.error is not None]
    scored = [at for at in broken if frame.known[at]]
    if not broken and not frame.tells_errors:
        return skipped(name, meaning, "the format does not tell of crashes: a reward function that failed may stand there as a 0")
    if not broken:
        return answer(name, meaning, "ok", 0, len(frame.samples), "no sample notes an error")
    pushed = sum(1 for at in scored if frame.signs[at] != 0)
    values = sorted({float(frame.rewards[at]) for at in scored})
    told = f"{len(broken)} crashed, {len(broken) - len(scored)} of them masked"
    if scored:
        told += f"; the others have rewards such as {listed((f'{value:g}' for value in values), 3)}, and {pushed} of them an advantage"
        told += ": a crash teaches the policy something, and moves the baseline of its group"
    return answer(name, meaning, "bad" if scored else "ok", len(scored), len(frame.samples), told, frame.ids(scored))


def numbers(frame: Frame) -> Check:
    """Rewards that are NaN, infinite or missing."""
    name, meaning = "rewards that are no numbers", "Are rewards or components NaN, infinite or missing without a mask?"
    logged = frame.rewards
    infinite = np.isinf(logged)
    spoilt = np.array([sample.reward is not None and bool(np.isnan(sample.reward)) for sample in frame.samples])
    missing = np.isnan(logged) & ~spoilt & ~frame.masked
    nan = np.array([any(value is not None and np.isnan(value) for value in sample.parts.values()) for sample in frame.samples])
    parts = nan | np.isinf(frame.parts).any(axis=1)
    wrong = infinite | spoilt | missing | parts
    told = {"NaN": spoilt, "infinite": infinite, "missing": missing, "with such a component": parts}
    said = ", ".join(f"{int(marks.sum())} {what}" for what, marks in told.items() if marks.any())
    masked = int(frame.masked.sum())
    said = "; ".join(part for part in (said, f"{masked} masked" if masked else "") if part)
    at = np.flatnonzero(wrong)
    return answer(name, meaning, "bad" if len(at) else "ok", len(at), len(frame.samples), said, frame.ids(at))


def function(frame: Frame) -> Check:
    """The same prompt and completion with different rewards, under one expression and, where it has a schedule, at one step."""
    name, meaning = "one text, two rewards", "Does the same completion of the same prompt get different rewards?"
    found: dict[tuple[str | int | None, ...], list[int]] = defaultdict(list)
    for at in map(int, np.flatnonzero(frame.known)):
        sample = frame.samples[at]
        step = sample.step if sample.expression is not None and _scheduled(sample.expression) else None
        found[sample.prompt, sample.completion, sample.conversation, sample.expression, step].append(at)
    again = [members for members in found.values() if len(members) > 1]
    if not again:
        return skipped(name, meaning, "no completion of a prompt stands there twice")
    gaps = [(float(np.ptp(frame.rewards[members])), members) for members in again]
    differing = sorted((pair for pair in gaps if pair[0] > EVEN * 1e3), key=lambda pair: -pair[0])
    told = f"{many(len(again), 'text')} there more than once"
    if differing:
        told += f"; up to {differing[0][0]:g} lies between the rewards of one text: noise in the judge, or something it looks at beside it"
    share = len(differing) / len(again)
    worst = [one for _, members in differing for one in frame.ids(_ends(frame, members))]
    return answer(name, meaning, graded(share, 0.0, 0.05), len(differing), len(again), told, worst)


@lru_cache(maxsize=256)
def _scheduled(expression: str) -> bool:
    """Whether it hangs on the training step; not, where it cannot be read."""
    try:
        return scheduled(parse(expression))
    except ConfigError:
        return False


def _ends(frame: Frame, members: list[int]) -> list[int]:
    """The best and the worst paid."""
    return [max(members, key=lambda at: frame.rewards[at]), min(members, key=lambda at: frame.rewards[at])]


def versions(frame: Frame) -> Check:
    """Versions that differ within what was read."""
    name, meaning = "mixed versions", "Were all samples played and scored by the same versions?"
    if not any(sample.versions for sample in frame.samples):
        return skipped(name, meaning, "the format keeps no versions")
    keys = list(dict.fromkeys(key for sample in frame.samples for key in sample.versions))
    counts = {key: Counter(sample.versions.get(key, "none") for sample in frame.samples) for key in keys}
    mixed = {key: count for key, count in counts.items() if len(count) > 1}
    expressions = Counter(sample.expression for sample in frame.samples if sample.expression is not None)
    if len(expressions) > 1:
        mixed["expression"] = Counter({str(text): number for text, number in expressions.items()})
    rare = [
        at
        for at, sample in enumerate(frame.samples)
        if any(
            (sample.expression if key == "expression" else sample.versions.get(key, "none")) not in (None, count.most_common(1)[0][0])
            for key, count in mixed.items()
        )
    ]
    said = "; ".join(
        f"{key}: {listed((f'{value} ({number})' for value, number in count.most_common()), 3)}" for key, count in mixed.items()
    )
    serious = "reward" in mixed or "expression" in mixed
    return answer(name, meaning, "bad" if serious else "look" if mixed else "ok", len(rare), len(frame.samples), said, frame.ids(rare))


def duplicates(frame: Frame) -> Check:
    """Whole records that stand there twice."""
    name, meaning = "records twice", "Does the same record stand there more than once?"
    seen: set[str] = set()
    elsewhere: dict[str, str] = {}
    again, copied = [], []
    for at, sample in enumerate(frame.samples):
        said = (sample.completion, sample.conversation, repr((sample.reward, sample.advantage, sample.parts)))
        key = digest(sample.id, sample.group, *said)
        across = digest(sample.case, sample.prompt, *said)
        if key in seen:
            again.append(at)
        elif elsewhere.setdefault(across, sample.file) != sample.file:
            copied.append(at)
        seen.add(key)
    found = sorted([*again, *copied])
    told = [f"{len(again)} under the same id of the same file: written twice, or members of a group that said the same"] if again else []
    if copied:
        told.append(
            f"{len(copied)} with text, reward and group of a record in another file: copies, which count twice in everything here, or runs "
            "that did the same"
        )
    return answer(name, meaning, "look" if found else "ok", len(found), len(frame.samples), "; ".join(told), frame.ids(found))
