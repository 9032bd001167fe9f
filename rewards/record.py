"""A trajectory made ready for scoring: what was answered, from what it descends, which plans stood and which tools were there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Any

from rewards.words import Page
from visgenenv.tools.catalogue import toolset
from visgenenv.tools.spec import ToolSpec
from visgenenv.types import Asset, CallRecord, JSONObject, Modality, Plan, Trajectory
from visgenenv.workspace import SEEN, ancestors

Tools = dict[str, ToolSpec[Any]]
Edit = tuple[Asset, list[Asset]]
"""A video, and what was put in, in order and repeated as it was."""


class Record:
    """Facts of one trajectory that several components need; built once a scoring, each worked out once, when it is first asked for."""

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
        self._origins: dict[tuple[object, object], set[str]] = {}
        self._origins_made: dict[tuple[object, object], list[int]] = {}
        self._makers: dict[str, list[int]] = {}
        self._clips: dict[str, list[str]] = {}
        self._edits: dict[str, list[Edit]] = {}

    @property
    def plan(self) -> Plan | None:
        """The first valid plan: the one the plan judges read."""
        return next(iter(self.plans.values()), None)

    def lineage(self, handle: str, through: tuple[Modality, ...] | None = None) -> set[str]:
        """An asset and all it descends from; through what is `SEEN` alone, a film that lent only its sound gives nothing."""
        asset = self.assets.get(handle)
        return {handle} if asset is None or not asset.parents else {handle, *self._ancestors(asset, through)}

    def _ancestors(self, asset: Asset, through: tuple[Modality, ...] | None) -> set[str]:
        """Kept by the parents, which the pictures of a group share."""
        found = self._origins.get((asset.parents, through))
        if found is None:
            found = self._origins[asset.parents, through] = ancestors(self.assets, asset.handle, through)
        return found

    def descent(self, handles: Iterable[str]) -> dict[str, int]:
        """By handle: how many of some assets, each given once, descend from it; each from itself too."""
        found = dict.fromkeys(handles, 1)
        kin: dict[tuple[str, ...], list[str]] = {}
        for handle in found:
            kin.setdefault(self.assets[handle].parents, []).append(handle)
        for parents, children in kin.items():
            own = set(children)
            for origin in self._ancestors(self.assets[children[0]], None) if parents else ():
                # A file of somebody else's may say that an asset descends from itself.
                found[origin] = found.get(origin, 0) + len(children) - (origin in own)
        return found

    @cached_property
    def members(self) -> list[str]:
        """What the deliverables are put together from, each once: a picture itself; of a video the clips that were generated.

        A clip is generated when it was made from no other video; stills put straight into a composite count too.
        """
        return list(dict.fromkeys(member for asset in self.delivered for member in self.clips(asset) or (asset.handle,)))

    def clips(self, asset: Asset) -> list[str]:
        """The clips of a video that were generated, and the stills put straight in; of anything else none."""
        if asset.modality != "video":
            return []
        found = self._clips.get(asset.handle)
        if found is None:
            found = self._clips[asset.handle] = self._generated(asset)
        return found

    def _generated(self, asset: Asset) -> list[str]:
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
        return min(asset.shots, sum(self.assets[handle].shots or 1 for handle in {*self.clips(asset), *given}))

    def edits(self, asset: Asset) -> list[Edit]:
        """The videos on the way to a deliverable that were made from others."""
        found = self._edits.get(asset.handle)
        if found is None:
            on_the_way = (self.assets[handle] for handle in self.seen_in(asset.handle))
            films = (made for made in on_the_way if made.modality == "video" and 0 <= made.call < len(self.calls))
            found = self._edits[asset.handle] = [(made, self._put_in(made)) for made in films]
        return found

    def _put_in(self, made: Asset) -> list[Asset]:
        named = self.calls[made.call].arguments.get("clips")
        if not isinstance(named, list):
            films = [parent for parent in made.parents if self._is(parent, "video")]
            named = films if len(films) == 1 else []
        return [self.assets[one] for one in named if isinstance(one, str) and one in self.assets]

    def seen_in(self, handle: str) -> set[str]:
        """An asset and what there is to see in what it was made from; of a sound, all of that."""
        if self._is(handle, "audio"):
            return self.lineage(handle)
        return {origin for origin in self.lineage(handle, SEEN) if origin == handle or self.assets[origin].modality in SEEN}

    def makers(self, asset: Asset) -> list[int]:
        """Indices of the calls by which a picture or clip came about, the last first; what a search found was not made."""
        found = self._makers.get(asset.handle)
        if found is None:
            found = self._makers_behind(asset) if asset.parents else []
            if self._made(asset) and asset.call not in found:
                found = [asset.call, *found]
                if len(found) > 1 and found[0] < found[1]:
                    found.sort(reverse=True)
            self._makers[asset.handle] = found
        return found

    def _makers_behind(self, asset: Asset) -> list[int]:
        """Kept by the parents as well; of what an asset was made from, the last first."""
        through = None if asset.modality == "audio" else SEEN
        key = (asset.parents, through)
        found = self._origins_made.get(key)
        if found is None:
            origins = (self.assets[handle] for handle in self._ancestors(asset, through))
            made = {one.call for one in origins if (through is None or one.modality in through) and self._made(one)}
            found = self._origins_made[key] = sorted(made, reverse=True)
        return found

    def _made(self, asset: Asset) -> bool:
        return 0 <= asset.call < len(self.calls) and asset.kind != "reference"

    @cached_property
    def page(self) -> Page:
        """What the calls say that made something."""
        made = sorted({asset.call for asset in self.assets.values()})
        return Page((index, self.calls[index]) for index in made if 0 <= index < len(self.calls))

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
