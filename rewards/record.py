"""A trajectory made ready for scoring: what was answered, from what it descends, which plans stood and which tools were there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from visgenenv.tools.catalogue import toolset
from visgenenv.tools.spec import ToolSpec
from visgenenv.types import Asset, CallRecord, JSONObject, Modality, Plan, Trajectory
from visgenenv.workspace import SEEN, ancestors

Tools = dict[str, ToolSpec[Any]]


class Record:
    """Facts of one trajectory that several components need; built once a scoring, in one pass."""

    def __init__(self, trajectory: Trajectory) -> None:
        self.trajectory = trajectory
        self.task = trajectory.task
        self.asked = trajectory.task.requirements
        self.tools = tools_of(trajectory.environment)
        self.assets: dict[str, Asset] = {asset.handle: asset for asset in trajectory.assets}
        self.calls: tuple[CallRecord, ...] = trajectory.calls
        answer = trajectory.answer
        self.answered: tuple[str, ...] = tuple(dict.fromkeys(answer.deliverables)) if answer is not None else ()
        """Handles of the answer, each once; foreign ones too."""
        self.delivered: tuple[Asset, ...] = tuple(
            asset
            for handle in self.answered
            if (asset := self.assets.get(handle)) is not None
            and asset.call >= 0
            and asset.modality == self.task.modality
            and asset.kind != "reference"
        )
        """What counts as delivered: own, made in this episode and neither brought along nor found by a search, of the task's modality."""
        self.plans: dict[int, Plan] = {
            number: turn.parsed.plan
            for number, turn in enumerate(trajectory.turns)
            if turn.parsed.plan is not None and turn.parsed.plan.steps and not turn.parsed.errors
        }
        """Valid plans by turn: they parse, their turn parses, and they have a step."""
        self._lineage: dict[tuple[str, object], set[str]] = {}

    @property
    def plan(self) -> Plan | None:
        """The first valid plan: the one the plan judges read."""
        return next(iter(self.plans.values()), None)

    def lineage(self, handle: str, through: tuple[Modality, ...] | None = None) -> set[str]:
        """An asset and all it descends from; through what is `SEEN` alone, a film that lent only its sound gives nothing."""
        found = self._lineage.get((handle, through))
        if found is None:
            found = self._lineage[handle, through] = {handle, *ancestors(self.assets, handle, through)}
        return found

    def members(self, asset: Asset) -> list[str]:
        """What one deliverable is put together from: a picture itself; of a video the clips that were generated.

        A clip is generated when it was made from no other video; stills put straight into a composite count too.
        """
        return self._clips(asset) or [asset.handle]

    def _clips(self, asset: Asset) -> list[str]:
        if asset.modality != "video":
            return []
        found = []
        lineage = self.lineage(asset.handle, SEEN)
        for handle, made in self.assets.items():
            if handle not in lineage or made.modality != "video" or not 0 <= made.call < len(self.calls):
                continue
            clips = self.calls[made.call].arguments.get("clips")
            if isinstance(clips, list):
                found += [clip for clip in clips if isinstance(clip, str) and self._is(clip, "image")]
            elif not any(self._is(parent, "video") for parent in made.parents):
                found.append(handle)
        return [handle for handle in found if self.assets[handle].kind != "reference"]

    def shots(self, asset: Asset) -> int:
        """Shots of a video, at most as many as its distinct sources hold: a clip shown twice is no second shot."""
        given = (handle for handle in self.seen_in(asset.handle) if self._is(handle, "video") and self.assets[handle].call < 0)
        return min(asset.shots, sum(self.assets[handle].shots or 1 for handle in {*self._clips(asset), *given}))

    def edits(self, asset: Asset) -> list[tuple[Asset, list[Asset]]]:
        """The videos on the way to a deliverable that were made from others, each with what was put in, in order and repeated as it was."""
        found = []
        for handle in self.seen_in(asset.handle):
            made = self.assets[handle]
            if made.modality == "video" and 0 <= made.call < len(self.calls):
                named = self.calls[made.call].arguments.get("clips")
                films = [parent for parent in made.parents if self._is(parent, "video")]
                put_in = named if isinstance(named, list) else films if len(films) == 1 else []
                found.append((made, [self.assets[one] for one in put_in if isinstance(one, str) and one in self.assets]))
        return found

    def seen_in(self, handle: str) -> set[str]:
        """An asset and what there is to see in what it was made from; of a sound, all of that."""
        if self._is(handle, "audio"):
            return self.lineage(handle)
        return {origin for origin in self.lineage(handle, SEEN) if origin == handle or any(self._is(origin, kind) for kind in SEEN)}

    def makers(self, handle: str) -> list[CallRecord]:
        """The calls by which a picture or clip came about, the last first; what a search found was not made."""
        made = (self.assets[origin] for origin in self.seen_in(handle) if origin in self.assets)
        indices = {asset.call for asset in made if asset.kind != "reference" and 0 <= asset.call < len(self.calls)}
        return [self.calls[index] for index in sorted(indices, reverse=True)]

    def _is(self, handle: str, modality: str) -> bool:
        asset = self.assets.get(handle)
        return asset is not None and asset.modality == modality

    def origins(self, assets: Sequence[Asset]) -> list[CallRecord]:
        """The calls that made these assets or what they descend from, in call order."""
        handles = set().union(*(self.lineage(asset.handle) for asset in assets)) if assets else set()
        made = {asset.call for handle in handles if (asset := self.assets.get(handle)) is not None and asset.call >= 0}
        return [self.calls[index] for index in sorted(made) if index < len(self.calls)]


def tools_of(environment: JSONObject) -> Tools:
    """The tools an episode had; those of the paper where the record does not say."""
    names = environment.get("tools", "paper36")
    return _toolset(names if isinstance(names, str) else tuple(names))


@lru_cache(maxsize=64)
def _toolset(names: str | tuple[str, ...]) -> Tools:
    return dict(toolset(names))
