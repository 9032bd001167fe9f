"""Result: how far do the deliverables meet each requirement that the task declares?

VisionCreator, R_result; tolerances and grades are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from rewards.fine.content import contents, of_their_own
from rewards.fine.rhythm import on_beat
from rewards.record import Record
from rewards.words import heard
from visgenenv.tasks.own import unmet_own
from visgenenv.types import Asset, Score
from visgenenv.words import named, plain, wording
from visgenenv.workspace import SEEN, ancestors

VERSION = "result/11"
ASPECT_TOLERANCE = 0.03
BPM_TOLERANCE = 0.02


def results(record: Record) -> dict[str, Score | None]:
    """One score a requirement, None where it is not declared; `modality` always applies.

    Everything is measured on what was delivered (own, made in this episode, of the task's modality). What every
    deliverable must be is a mean over them, those that are missing counting as 0; so nothing delivered is 0 everywhere.
    """
    asked = record.asked
    found: dict[str, Score | None] = dict.fromkeys(NAMES)
    found["modality"] = _modality(record)
    for (name, measure), declared in zip(_MEASURES.items(), _DECLARED(asked), strict=True):
        if declared is None or declared is False or (name == "aspect" and _ratio_of(declared) is None):
            continue
        if not record.delivered:
            found[name] = Score(value=0.0, reason="nothing delivered", version=VERSION)
        else:
            value, reason = measure(record)
            missing = (asked.count or 1) - len(record.delivered)
            reason += f"; {missing} more missing" if missing > 0 and name != "count" else ""
            found[name] = Score(value=value, reason=reason, version=VERSION)
    return found


def duration_grade(given_s: float, asked_s: float) -> float:
    """1 within ±max(1 s, 10 %) of what was asked, then linear to 0 at max(2 s, 50 %)."""
    off, full, none = abs(given_s - asked_s), max(1.0, 0.1 * asked_s), max(2.0, 0.5 * asked_s)
    return 1.0 if off <= full + 1e-9 else max(0.0, (none - off) / (none - full))


def _modality(record: Record) -> Score:
    answer = record.trajectory.answer
    good, given = len(record.delivered), len(answer.deliverables) if answer is not None else 0
    value = good / given if given else 0.0
    reason = f"{good} of {given} answered handles are {record.task.modality} made here" if given else "nothing delivered"
    return Score(value=value, reason=reason, version=VERSION)


def _each(record: Record, grade: Callable[[Asset], float]) -> float:
    """Mean over deliverables; those still missing count as 0."""
    return sum([grade(asset) for asset in record.delivered]) / max(len(record.delivered), record.asked.count or 1)


def _ratio(given: float, asked: float) -> float:
    return min(given, asked) / max(given, asked) if max(given, asked) > 0 else 1.0


def _count(record: Record) -> tuple[float, str]:
    given, asked = len(record.delivered), record.asked.count or 0
    return _ratio(given, asked), f"{given} of {asked}"


def _ratio_of(aspect: str) -> float | None:
    """Width over height of `16:9`; None for words that say no ratio, which nothing can be measured by."""
    width, _, height = aspect.partition(":")
    try:
        ratio = float(width) / float(height)
    except (ValueError, ZeroDivisionError):
        return None
    return ratio if ratio > 0 else None


def _aspect(record: Record) -> tuple[float, str]:
    text = record.asked.aspect or ""
    wanted = _ratio_of(text) or 1.0

    def grade(asset: Asset) -> float:
        return float(asset.height > 0 and abs(asset.width / asset.height / wanted - 1) <= ASPECT_TOLERANCE)

    first = record.delivered[0]
    return _each(record, grade), f"{first.width}x{first.height} for {text}"


def _min_side(record: Record) -> tuple[float, str]:
    asked = record.asked.min_side or 0
    value = _each(record, lambda asset: min(1.0, min(asset.width, asset.height) / asked) if asked > 0 else 1.0)
    return value, f"shorter side {min(min(asset.width, asset.height) for asset in record.delivered)} of {asked} pixels"


def _duration(record: Record) -> tuple[float, str]:
    asked = record.asked.duration_s or 0.0
    value = _each(record, lambda asset: duration_grade(asset.duration_ms / 1000, asked))
    return value, f"{record.delivered[0].duration_ms / 1000:g} s of {asked:g} s"


def _shots(record: Record) -> tuple[float, str]:
    asked = record.asked.shots or 0
    shots = {asset.handle: record.shots(asset) for asset in record.delivered}
    return _each(record, lambda asset: _ratio(shots[asset.handle], asked)), f"{shots[record.delivered[0].handle]} of {asked} shots"


def _shot_s(record: Record) -> tuple[float, str]:
    """Mean over the shots of every deliverable of `duration_grade`."""
    asked = record.asked.shot_s or 0.0

    def grade(asset: Asset) -> float:
        grades = [duration_grade(seconds, asked) for seconds in asset.shot_lengths_s]
        return sum(grades) / max(len(grades), 1)

    lengths = ", ".join(f"{seconds:.3g}" for seconds in record.delivered[0].shot_lengths_s[:12])
    return _each(record, grade), f"shots of {lengths} s; {asked:g} s each asked"


def _audio(record: Record) -> tuple[float, str]:
    asked = set(record.asked.audio or ())
    value = _each(record, lambda asset: len(asked & set(asset.audio)) / len(asked) if asked else 1.0)
    return value, f"{', '.join(record.delivered[0].audio) or 'silent'} for {', '.join(sorted(asked)) or 'nothing'}"


def _narration(record: Record) -> tuple[float, str]:
    line = record.asked.narration or ""
    return _texts((line,), [text for asset in record.delivered for text in asset.spoken], "spoken")


def _subtitles(record: Record) -> tuple[float, str]:
    return _texts(record.asked.subtitles or (), [text for asset in record.delivered for text in asset.subtitles], "laid over")


def _drawn(record: Record) -> tuple[float, str]:
    return _texts(record.asked.drawn or (), [text for asset in record.delivered for text in asset.drawn], "drawn")


def _texts(lines: tuple[str, ...], texts: list[str], how: str) -> tuple[float, str]:
    """Mean over the lines of how far some text says them."""
    if not lines:
        return 1.0, "no words asked"
    grades = [heard(line, texts) for line in lines]
    missing = next((line for line, grade in zip(lines, grades, strict=True) if grade < 1), None)
    reason = f"all {len(lines)} texts {how}" if missing is None else f"not {how} as asked: {missing[:80]!r}"
    return sum(grades) / len(grades), reason


def _moving(record: Record) -> tuple[float, str]:
    """Share of the shots that move."""

    def grade(asset: Asset) -> float:
        stills = {source.handle for _, sources in record.edits(asset) for source in sources if source.modality == "image"}
        return 1 - min(1.0, len(stills) / max(asset.shots, 1))

    value = _each(record, grade)
    return value, f"{value:.0%} of the shots move"


def _music(record: Record) -> tuple[float, str]:
    """Share of the words for the music that are in what made the music of a deliverable."""
    asked = record.asked.music or ()
    if not asked:
        return 1.0, "no words for the music asked"

    def grade(asset: Asset) -> float:
        calls, given = _music_of(asset, record)
        said = [plain(caption) for caption in given]
        return sum(not calls.isdisjoint(record.page.naming(word)[1]) or named(word, said) for word in asked) / len(asked)

    return _each(record, grade), f"music asked: {', '.join(asked)}"


def _music_of(asset: Asset, record: Record) -> tuple[set[int], list[str]]:
    """Indices of the calls by which music came in, and the captions of music that was given."""
    calls: set[int] = set()
    given: list[str] = []
    for handle in record.lineage(asset.handle):
        source = record.assets.get(handle)
        if source is None or "music" not in source.audio:
            continue
        if any("music" in record.assets[parent].audio for parent in source.parents if parent in record.assets):
            continue
        if source.call < 0:
            given.append(source.caption)
        else:
            calls.add(source.call)
    return calls, given


def _bpm(record: Record) -> tuple[float, str]:
    """1 within 2 % of the tempo asked, then linear to 0 at 25 %."""
    asked = record.asked.bpm or 1

    def grade(asset: Asset) -> float:
        off = abs(asset.bpm_milli / 1000 - asked)
        return 1.0 if off <= BPM_TOLERANCE * asked + 1e-9 else max(0.0, (0.25 - off / asked) / (0.25 - BPM_TOLERANCE))

    return _each(record, grade), f"{record.delivered[0].bpm_milli / 1000:g} beats a minute of {asked}"


def _from_inputs(record: Record) -> tuple[float, str]:
    given = {handle for handle, asset in record.assets.items() if asset.call < 0}
    value = _each(record, lambda asset: float(not given.isdisjoint(ancestors(record.assets, asset.handle, SEEN))))
    return value, f"{value:.0%} of the deliverables descend from what was given"


def _variety(record: Record) -> tuple[float, str]:
    """Share of the deliverables that were made by words of their own; one that repeats another's is no further one."""
    said = {frozenset(plain(text) for call in record.origins([asset]) for text in wording(call.arguments)) for asset in record.delivered}
    asked = max(len(record.delivered), record.asked.count or 1)
    return len(said) / asked, f"{len(said)} of {asked} made by words of their own"


def _own(record: Record) -> tuple[float, str]:
    """Share of the requirements of the user's own that are met."""
    found = list(unmet_own(record.delivered, record.trajectory))
    missing = [f"{name}: {reason}" for name, reason in found if reason is not None]
    share = 1 - len(missing) / len(found) if found else 1.0
    return share, missing[0][:200] if missing else f"all {len(found)} met"


_MEASURES: dict[str, Callable[[Record], tuple[float, str]]] = {
    "count": _count,
    "aspect": _aspect,
    "min_side": _min_side,
    "duration_s": _duration,
    "shots": _shots,
    "shot_s": _shot_s,
    "audio": _audio,
    "narration": _narration,
    "subtitles": _subtitles,
    "drawn": _drawn,
    "entities": contents,
    "each": of_their_own,
    "moving": _moving,
    "music": _music,
    "bpm": _bpm,
    "beat": on_beat,
    "from_inputs": _from_inputs,
    "variety": _variety,
    "own": _own,
}
"""By the field of `types.Requirements`; consistency is a component of its own."""
_DECLARED = attrgetter(*_MEASURES)
NAMES: tuple[str, ...] = ("modality", *_MEASURES)
