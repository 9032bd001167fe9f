"""Whether an episode did all that its task asked: a checker of its own, which no reward imports.

Success is strict: every requirement the task declares is met, every turn parses, and only media of the right kind that
this episode made are answered (design: "Success"). What is asked is read from `types.Requirements`; what happened, from
the record alone, never from the policy's words about itself.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from visgenenv.matching import served
from visgenenv.tasks.delivery import Delivery
from visgenenv.tasks.own import unmet_own
from visgenenv.types import Requirements, Trajectory
from visgenenv.words import named, plain, said, shown
from visgenenv.workspace import SEEN

ASPECT_TOLERANCE = 0.03
"""Relative; the fixed sizes of picture models miss their own nominal ratio by up to 2.9 %."""
BPM_TOLERANCE = 0.02
"""Relative."""
BEAT_TOLERANCE_S = 0.05
"""A frame at 24 a second and a little: shots are whole frames."""


def is_success(trajectory: Trajectory) -> bool:
    """Whether nothing is unmet; raises nothing but the `PluginError` of a requirement of one's own that breaks."""
    return next(_reasons(trajectory), None) is None


def unmet(trajectory: Trajectory) -> list[str]:
    """Why the episode is no success, a sentence a reason; empty for a success. Raises as `is_success` does."""
    return list(_reasons(trajectory))


def duration_tolerance(seconds: float) -> float:
    """Seconds by which a duration may miss what was asked: max(1 s, 10 %)."""
    return max(1.0, 0.1 * seconds)


def _reasons(trajectory: Trajectory) -> Iterator[str]:
    for number, turn in enumerate(trajectory.turns):
        if turn.parsed.errors:
            yield f"turn {number} does not parse: {turn.parsed.errors[0]}"
    if trajectory.answer is None:
        yield "there is no answer"
        return
    assets = {asset.handle: asset for asset in trajectory.assets}
    answered = trajectory.answer.deliverables
    if not answered:
        yield "the answer names no deliverable"
        return
    if len(set(answered)) != len(answered):
        yield f"the answer names a deliverable twice: {', '.join(answered)}"
    delivered = []
    modality = trajectory.task.modality
    for handle in dict.fromkeys(answered):
        asset = assets.get(handle)
        if asset is None:
            yield f"{handle!r} names no asset of this episode"
        elif asset.turn < 0:
            yield f"{handle} came with the task; a deliverable is made"
        elif asset.kind == "reference":
            yield f"{handle} was found by a search; a deliverable is made"
        elif asset.modality != modality:
            yield f"{handle} is {asset.modality}; the task asks for {modality}"
        else:
            delivered.append(asset)
    if delivered:
        yield from _unmet(Delivery(trajectory, assets, delivered), trajectory.task.requirements)


def _unmet(delivery: Delivery, asked: Requirements) -> Iterator[str]:
    for name, check in _CHECKS:
        value = getattr(asked, name)
        if value is not None and value is not False:
            reason = check(delivery, value)
            if reason is not None:
                yield f"{name}: {reason}"
    for name, reason in unmet_own(delivery.delivered, delivery.trajectory):
        if reason is not None:
            yield f"own: {name}: {reason}"


def _first_missing(wanted: Iterable[str], texts: Iterable[str]) -> str | None:
    """The first wanted line that no text holds, word by word."""
    held = list(texts)
    return next((line for line in wanted if not any(said(line, text) for text in held)), None)


def _count(delivery: Delivery, asked: int) -> str | None:
    given = len(delivery.delivered)
    return None if given == asked else f"{given} delivered; {asked} asked"


def _aspect(delivery: Delivery, asked: str) -> str | None:
    left, _, right = asked.partition(":")
    try:
        wanted = float(left) / float(right)
    except (ValueError, ZeroDivisionError):
        wanted = 0.0
    if not 0 < wanted < math.inf:
        return f"{asked!r} is no ratio"
    for asset in delivery.delivered:
        if not asset.height or not abs(asset.width / asset.height - wanted) <= ASPECT_TOLERANCE * wanted:
            return f"{asset.handle} is {asset.width}x{asset.height}; {asked} asked"
    return None


def _min_side(delivery: Delivery, asked: int) -> str | None:
    for asset in delivery.delivered:
        if min(asset.width, asset.height) < asked:
            return f"{asset.handle} is {asset.width}x{asset.height}; a shorter side of {asked} asked"
    return None


def _duration(delivery: Delivery, asked: float) -> str | None:
    for asset in delivery.delivered:
        if not abs(asset.duration_ms / 1000 - asked) <= duration_tolerance(asked) + 1e-9:
            return f"{asset.handle} lasts {asset.duration_ms / 1000:g} s; {asked:g} s asked"
    return None


def _shots(delivery: Delivery, asked: int) -> str | None:
    for asset in delivery.delivered:
        shots = delivery.shots(asset)
        if shots != asked:
            repeated = " of its own, the rest is repeated" if shots < asset.shots else ""
            return f"{asset.handle} has {shots} shots{repeated}; {asked} asked"
    return None


def _shot_s(delivery: Delivery, asked: float) -> str | None:
    for asset in delivery.delivered:
        for seconds in asset.shot_lengths_s or (0.0,):
            if not abs(seconds - asked) <= duration_tolerance(asked) + 1e-9:
                return f"{asset.handle} has a shot of {seconds:.3g} s; {asked:g} s each asked"
    return None


def _audio(delivery: Delivery, asked: tuple[str, ...]) -> str | None:
    for asset in delivery.delivered:
        for kind in asked:
            if kind not in asset.audio:
                return f"{asset.handle} has no {kind}"
    return None


def _narration(delivery: Delivery, asked: str) -> str | None:
    missing = _first_missing((asked,), (text for asset in delivery.delivered for text in asset.spoken))
    return None if missing is None else f"{missing!r} is not spoken"


def _subtitles(delivery: Delivery, asked: tuple[str, ...]) -> str | None:
    missing = _first_missing(asked, (text for asset in delivery.delivered for text in asset.subtitles))
    return None if missing is None else f"{missing!r} is no subtitle"


def _drawn(delivery: Delivery, asked: tuple[str, ...]) -> str | None:
    missing = _first_missing(asked, (text for asset in delivery.delivered for text in asset.drawn))
    return None if missing is None else f"{missing!r} is not drawn"


def _entities(delivery: Delivery, asked: tuple[str, ...]) -> str | None:
    words: list[str] = []
    for asset in delivery.delivered:
        words += [plain(text) for call in delivery.calls_behind(asset.handle) for text in shown(call.arguments)]
    missing = next((entity for entity in asked if not named(entity, words)), None)
    return None if missing is None else f"{missing!r} is in no call that made the deliverables"


def _each(delivery: Delivery, asked: tuple[tuple[str, ...], ...]) -> str | None:
    """Each is shown by a picture or clip of its own, made by words of its own; by several pictures where `count` asks for more.

    What a picture or clip shows is told by the last call on its way that names any of the things (the first words of
    `asked`); further words may come from any call on its way, and those that `drawn` asks for stand in that very
    picture. A text counts for one thing, whatever else it names, and for none where it names three or more and most of them:
    the whole list makes no picture of a part of it.
    """
    for asset in delivery.delivered if delivery.video else ():
        lost = delivery.lost_shots(asset.handle)
        if lost:
            return f"{lost} of the shots made for {asset.handle} are cut away; nobody can tell which"
    texts: list[list[tuple[int, int]]] = [[] for _ in asked]
    pictures = [0] * len(asked)
    lines = frozenset(delivery.trajectory.task.requirements.drawn or ())
    for handle in delivery.members():
        behind = [(call.index, [plain(text) for text in shown(call.arguments)]) for call in delivery.calls_behind(handle)]
        drawn = [plain(text) for text in delivery.assets[handle].drawn]
        words = [text for _, own in behind for text in own] + drawn
        for index, own in behind:
            there = [(number, n) for number, part in enumerate(asked) for n, text in enumerate(own) if named(part[0], [text])]
            things = Counter(n for _, n in there)
            telling = [(number, n) for number, n in there if things[n] < 3 or 2 * things[n] <= len(asked)]
            for number in {number for number, _ in telling}:
                if all(named(word, drawn if word in lines else words) for word in asked[number]):
                    pictures[number] += 1
                    texts[number] += [(index, n) for other, n in telling if other == number]
            if there:
                break
    met = served(texts)
    copies = 1 if delivery.video else (delivery.trajectory.task.requirements.count or 0) // max(len(asked), 1)
    for number, part in enumerate(asked):
        thing = " with ".join(map(repr, part))
        if number not in met:
            return f"{thing} {'shares its words with another' if texts[number] else 'is shown by none'}; a picture or shot of its own asked"
        if pictures[number] < copies:
            return f"{thing} is shown by {pictures[number]} of the pictures; {copies} asked"
    return None


def _consistency(delivery: Delivery, asked: str) -> str | None:
    members = delivery.members()
    if not members:
        return "nothing there whose look could be compared"
    given = delivery.trajectory.task.requirements.from_inputs
    origins = {member: delivery.origins(member) for member in members}
    # Every reference that can serve is an ancestor of some member, or, with pictures, the member all others come from.
    for reference in set(members).union(*origins.values()):
        asset = delivery.assets[reference]
        is_reference = asset.turn < 0 or (asset.modality == "image" and not given)
        if is_reference and all(member == reference or reference in origins[member] for member in members):
            return None
    return f"no {'input' if given else 'reference'} from which all of {', '.join(members)} descend ({asked})"


def _moving(delivery: Delivery, asked: bool) -> str | None:
    for asset in delivery.delivered:
        stills = delivery.stills(asset.handle)
        if stills:
            return f"{stills[0]} is a still in {asset.handle}; moving shots asked"
    return None


def _music(delivery: Delivery, asked: tuple[str, ...]) -> str | None:
    for asset in delivery.delivered:
        words = delivery.tunes(asset.handle)
        missing = next((word for word in asked if not named(word, words)), None)
        if missing is not None:
            return f"{missing!r} is not in the words that made the music of {asset.handle}"
    return None


def _bpm(delivery: Delivery, asked: int) -> str | None:
    for asset in delivery.delivered:
        if not abs(asset.bpm_milli / 1000 - asked) <= BPM_TOLERANCE * asked + 1e-9:
            return f"{asset.handle} has {asset.bpm_milli / 1000:g} beats a minute; {asked} asked"
    return None


def _beat(delivery: Delivery, asked: bool) -> str | None:
    """Detected in the music that was laid under, and the deliverable's own shots still whole beats of its own sound."""
    for asset in delivery.delivered:
        makers = sorted(delivery.origins(asset.handle) | {asset.handle}, key=lambda handle: delivery.assets[handle].call, reverse=True)
        detected = next(filter(None, map(delivery.detection, makers)), None)
        if detected is None:
            return f"{asset.handle} was not cut to the beats detected in its own music"
        if not asset.audio:
            return f"{asset.handle} is silent"
        beat_s = 60_000 / (asset.bpm_milli or detected.bpm_milli)
        for length_s in asset.shot_lengths_s[:-1]:
            if abs(length_s - max(1, round(length_s / beat_s)) * beat_s) > BEAT_TOLERANCE_S:
                return f"{asset.handle} has a shot of {length_s:.2f} s; its music has a beat every {beat_s:.2f} s"
    return None


def _variety(delivery: Delivery, asked: bool) -> str | None:
    """No two deliverables made by the same words, those of all the calls that each comes from taken together."""
    words: dict[frozenset[str], str] = {}
    for asset in delivery.delivered:
        other = words.setdefault(delivery.words(asset.handle), asset.handle)
        if other != asset.handle:
            return f"{other} and {asset.handle} were made by the same words"
    return None


def _from_inputs(delivery: Delivery, asked: bool) -> str | None:
    for asset in delivery.delivered:
        if not any(delivery.assets[origin].turn < 0 for origin in delivery.origins(asset.handle, SEEN)):
            return f"{asset.handle} descends from none of the task's inputs"
    return None


_CHECKS: tuple[tuple[str, Callable[[Delivery, Any], str | None]], ...] = (
    ("count", _count),
    ("aspect", _aspect),
    ("min_side", _min_side),
    ("duration_s", _duration),
    ("shots", _shots),
    ("shot_s", _shot_s),
    ("audio", _audio),
    ("narration", _narration),
    ("subtitles", _subtitles),
    ("drawn", _drawn),
    ("entities", _entities),
    ("each", _each),
    ("consistency", _consistency),
    ("moving", _moving),
    ("music", _music),
    ("bpm", _bpm),
    ("beat", _beat),
    ("from_inputs", _from_inputs),
    ("variety", _variety),
)
"""Every field of `types.Requirements` and its check, which says what is wrong, or None."""
