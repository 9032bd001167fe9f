"""Whether an episode did all that its task asked: a checker of its own, which no reward imports.

Success is strict: every requirement the task declares is met, every turn parses, and only media of the right kind that
this episode made are answered (design: "Success"). What is asked is read from `types.Requirements`; what happened, from
the record alone, never from the policy's words about itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from visgenenv.matching import served
from visgenenv.tasks.own import unmet_own
from visgenenv.types import Asset, CallRecord, Modality, Requirements, Trajectory
from visgenenv.words import named, plain, said, shown, wording
from visgenenv.workspace import SEEN, ancestors

ASPECT_TOLERANCE = 0.03
"""Relative; the fixed sizes of picture models miss their own nominal ratio by up to 2.9 %."""
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
        yield from _Delivery(trajectory, assets, delivered).reasons(trajectory.task.requirements)


class _Delivery:
    """The deliverables with all they descend from."""

    def __init__(self, trajectory: Trajectory, assets: dict[str, Asset], delivered: list[Asset]) -> None:
        self.trajectory = trajectory
        self.assets = assets
        self.delivered = delivered
        self.video = trajectory.task.modality == "video"
        self._origins: dict[tuple[str, object], set[str]] = {}
        handles = [asset.handle for asset in delivered]
        self.lineage = set(handles).union(*map(self.origins, handles))
        self.made_by: dict[int, CallRecord] = {call.index: call for call in trajectory.calls}

    def reasons(self, asked: Requirements) -> Iterator[str]:
        for name, check in _CHECKS:
            value = getattr(asked, name)
            if value is not None and value is not False:
                reason = check(self, value)
                if reason is not None:
                    yield f"{name}: {reason}"
        for name, reason in unmet_own(self.delivered, self.trajectory):
            if reason is not None:
                yield f"own: {name}: {reason}"

    def origins(self, handle: str, through: tuple[Modality, ...] | None = None) -> set[str]:
        """All an asset descends from; through what is `SEEN` alone, a film that lent only its sound gives nothing."""
        if (handle, through) not in self._origins:
            self._origins[handle, through] = ancestors(self.assets, handle, through)
        return self._origins[handle, through]

    def call_of(self, handle: str) -> CallRecord | None:
        """The call that made an asset; None for an input."""
        return self.made_by.get(self.assets[handle].call)

    def members(self) -> list[str]:
        """What has to look alike: the pictures delivered; of films the clips generated and the stills put straight in;
        a film made of what was given alone stands for itself.

        A clip is generated when it was made from no other video; a composite of stills is told by its `clips`.
        """
        if not self.video:
            return [asset.handle for asset in self.delivered]
        return sorted(set().union(*(self.clips(asset.handle) or {asset.handle} for asset in self.delivered)))

    def clips(self, delivered: str) -> set[str]:
        """The clips and stills made for a delivered video, by handle; what a search found was not made."""
        found: list[str] = []
        for handle in self.origins(delivered, SEEN) | {delivered}:
            asset = self.assets[handle]
            call = self.call_of(handle)
            if asset.modality != "video" or call is None:
                continue
            clips = call.arguments.get("clips")
            if isinstance(clips, list):
                found += [clip for clip in clips if isinstance(clip, str) and self._is_image(clip)]
            elif not any(self.assets[parent].modality == "video" for parent in asset.parents if parent in self.assets):
                found.append(handle)
        return {handle for handle in found if self.assets[handle].kind != "reference"}

    def shots(self, asset: Asset) -> int:
        """Shots of a delivered video, at most as many as its distinct sources hold: a clip shown twice is no second shot."""
        sources = self.clips(asset.handle)
        sources |= {h for h in self.origins(asset.handle, SEEN) if self.assets[h].turn < 0 and self.assets[h].modality == "video"}
        return min(asset.shots, sum(self.assets[handle].shots or 1 for handle in sources))

    def words(self, handle: str) -> frozenset[str]:
        """What the calls say that made an asset, word by word."""
        calls = (self.call_of(origin) for origin in self.origins(handle) | {handle})
        return frozenset(plain(text) for call in calls if call is not None for text in wording(call.arguments))

    def calls_behind(self, handle: str) -> list[CallRecord]:
        """The calls that made a picture or clip and what it was made from, the last first; no search."""
        handles = self.origins(handle, SEEN) | {handle}
        made = {self.assets[origin].call for origin in handles if self.assets[origin].kind != "reference"}
        return [self.made_by[index] for index in sorted(made, reverse=True) if index in self.made_by]

    def detection(self, handle: str) -> Asset | None:
        """The beats by which the call that made an asset cut it, if they are those detected in its `bgm`."""
        call = self.call_of(handle)
        beats, music = (None, None) if call is None else (call.arguments.get("beats"), call.arguments.get("bgm"))
        if not isinstance(beats, str) or not isinstance(music, str) or beats not in self.assets or music not in self.assets:
            return None
        detector = self.call_of(beats)
        if detector is None or self.assets[beats].kind != "beats" or detector.arguments.get("audio") != music:
            return None
        return self.assets[beats] if self.assets[beats].bpm_milli else None

    def _is_image(self, handle: str) -> bool:
        return handle in self.assets and self.assets[handle].modality == "image"


def _first_missing(wanted: Iterable[str], texts: Iterable[str]) -> str | None:
    """The first wanted line that no text holds, word by word."""
    held = list(texts)
    return next((line for line in wanted if not any(said(line, text) for text in held)), None)


def _count(delivery: _Delivery, asked: int) -> str | None:
    given = len(delivery.delivered)
    return None if given == asked else f"{given} delivered; {asked} asked"


def _aspect(delivery: _Delivery, asked: str) -> str | None:
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


def _min_side(delivery: _Delivery, asked: int) -> str | None:
    for asset in delivery.delivered:
        if min(asset.width, asset.height) < asked:
            return f"{asset.handle} is {asset.width}x{asset.height}; a shorter side of {asked} asked"
    return None


def _duration(delivery: _Delivery, asked: float) -> str | None:
    for asset in delivery.delivered:
        if not abs(asset.duration_ms / 1000 - asked) <= duration_tolerance(asked) + 1e-9:
            return f"{asset.handle} lasts {asset.duration_ms / 1000:g} s; {asked:g} s asked"
    return None


def _shots(delivery: _Delivery, asked: int) -> str | None:
    for asset in delivery.delivered:
        shots = delivery.shots(asset)
        if shots != asked:
            repeated = " of its own, the rest is repeated" if shots < asset.shots else ""
            return f"{asset.handle} has {shots} shots{repeated}; {asked} asked"
    return None


def _shot_s(delivery: _Delivery, asked: float) -> str | None:
    for asset in delivery.delivered:
        for seconds in asset.shot_lengths_s or (0.0,):
            if not abs(seconds - asked) <= duration_tolerance(asked) + 1e-9:
                return f"{asset.handle} has a shot of {seconds:.3g} s; {asked:g} s each asked"
    return None


def _audio(delivery: _Delivery, asked: tuple[str, ...]) -> str | None:
    for asset in delivery.delivered:
        for kind in asked:
            if kind not in asset.audio:
                return f"{asset.handle} has no {kind}"
    return None


def _narration(delivery: _Delivery, asked: str) -> str | None:
    missing = _first_missing((asked,), (text for asset in delivery.delivered for text in asset.spoken))
    return None if missing is None else f"{missing!r} is not spoken"


def _subtitles(delivery: _Delivery, asked: tuple[str, ...]) -> str | None:
    missing = _first_missing(asked, (text for asset in delivery.delivered for text in asset.subtitles))
    return None if missing is None else f"{missing!r} is no subtitle"


def _drawn(delivery: _Delivery, asked: tuple[str, ...]) -> str | None:
    missing = _first_missing(asked, (text for asset in delivery.delivered for text in asset.drawn))
    return None if missing is None else f"{missing!r} is not drawn"


def _entities(delivery: _Delivery, asked: tuple[str, ...]) -> str | None:
    made_by = {delivery.assets[handle].call for handle in delivery.lineage}
    calls = (call for index, call in delivery.made_by.items() if index in made_by)
    words = [plain(text) for call in calls for text in shown(call.arguments)]
    missing = next((entity for entity in asked if not named(entity, words)), None)
    return None if missing is None else f"{missing!r} is in no call that made the deliverables"


def _each(delivery: _Delivery, asked: tuple[tuple[str, ...], ...]) -> str | None:
    """Each is shown by a picture or clip of its own, made by words of its own; by several pictures where `count` asks for more.

    What a picture or clip shows is told by the last call on its way that names any of the things (the first words of
    `asked`); further words may come from any call on its way. A text counts for one thing, whatever else it names.
    """
    texts: list[list[tuple[int, int]]] = [[] for _ in asked]
    pictures = [0] * len(asked)
    for handle in delivery.members():
        behind = [(call.index, [plain(text) for text in shown(call.arguments)]) for call in delivery.calls_behind(handle)]
        said = [text for _, own in behind for text in own] + [plain(text) for text in delivery.assets[handle].drawn]
        for index, own in behind:
            there = [(number, n) for number, part in enumerate(asked) for n, text in enumerate(own) if named(part[0], [text])]
            for number in {number for number, _ in there if all(named(word, said) for word in asked[number][1:])}:
                pictures[number] += 1
                texts[number] += [(index, n) for other, n in there if other == number]
            if there:
                break
    met = served(texts)
    copies = 1 if delivery.video else (delivery.trajectory.task.requirements.count or 0) // max(len(asked), 1)
    for number, part in enumerate(asked):
        words = " with ".join(map(repr, part))
        if number not in met:
            return f"{words} {'shares its words with another' if texts[number] else 'is shown by none'}; a picture or shot of its own asked"
        if pictures[number] < copies:
            return f"{words} is shown by {pictures[number]} of the pictures; {copies} asked"
    return None


def _consistency(delivery: _Delivery, asked: str) -> str | None:
    members = delivery.members()
    if not members:
        return "nothing there whose look could be compared"
    origins = {member: delivery.origins(member) for member in members}
    # Every reference that can serve is an ancestor of some member, or, with pictures, the member all others come from.
    for reference in set(members).union(*origins.values()):
        asset = delivery.assets[reference]
        is_reference = asset.modality == "image" or asset.turn < 0
        if is_reference and all(member == reference or reference in origins[member] for member in members):
            return None
    return f"no reference from which all of {', '.join(members)} descend ({asked})"


def _beat(delivery: _Delivery, asked: bool) -> str | None:
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


def _variety(delivery: _Delivery, asked: bool) -> str | None:
    """No two deliverables made by the same words, those of all the calls that each comes from taken together."""
    words: dict[frozenset[str], str] = {}
    for asset in delivery.delivered:
        other = words.setdefault(delivery.words(asset.handle), asset.handle)
        if other != asset.handle:
            return f"{other} and {asset.handle} were made by the same words"
    return None


def _from_inputs(delivery: _Delivery, asked: bool) -> str | None:
    for asset in delivery.delivered:
        if not any(delivery.assets[origin].turn < 0 for origin in delivery.origins(asset.handle, SEEN)):
            return f"{asset.handle} descends from none of the task's inputs"
    return None


_CHECKS: tuple[tuple[str, Callable[[_Delivery, Any], str | None]], ...] = (
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
    ("beat", _beat),
    ("from_inputs", _from_inputs),
    ("variety", _variety),
)
"""Every field of `types.Requirements` and its check, which says what is wrong, or None."""
