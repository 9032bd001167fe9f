"""What an episode delivered, with all it descends from: the facts that success is judged by. No reward imports it."""

from __future__ import annotations

from visgenenv.types import Asset, CallRecord, JSONObject, Modality, Trajectory
from visgenenv.words import plain, shown, wording
from visgenenv.workspace import SEEN, ancestors


class Delivery:
    """The deliverables with all they descend from."""

    def __init__(self, trajectory: Trajectory, assets: dict[str, Asset], delivered: list[Asset]) -> None:
        self.trajectory = trajectory
        self.assets = assets
        self.delivered = delivered
        self.video = trajectory.task.modality == "video"
        self._origins: dict[tuple[str, object], set[str]] = {}
        self.made_by: dict[int, CallRecord] = {call.index: call for call in trajectory.calls}

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
            if isinstance(call.arguments.get("clips"), list):
                found += filter(self._is_image, _listed(call.arguments))
            elif not any(self.assets[parent].modality == "video" for parent in asset.parents if parent in self.assets):
                found.append(handle)
        return {handle for handle in found if self.assets[handle].kind != "reference"}

    def shots(self, asset: Asset) -> int:
        """Shots of a delivered video, at most as many as its distinct sources hold: a clip shown twice is no second shot."""
        given = {h for h in self.behind(asset.handle) if self.assets[h].turn < 0 and self.assets[h].modality == "video"}
        return min(asset.shots, sum(self.assets[handle].shots or 1 for handle in self.clips(asset.handle) | given))

    def words(self, handle: str) -> frozenset[str]:
        """What the calls say that made an asset, word by word."""
        calls = (self.call_of(origin) for origin in self.origins(handle) | {handle})
        return frozenset(plain(text) for call in calls if call is not None for text in wording(call.arguments))

    def behind(self, handle: str) -> list[str]:
        """An asset and what is seen of all that it was made from; of a sound all that it was made from."""
        through = None if self.assets[handle].modality == "audio" else SEEN
        origins = (origin for origin in self.origins(handle, through) if through is None or self.assets[origin].modality in through)
        return [handle, *origins]

    def calls_behind(self, handle: str) -> list[CallRecord]:
        """The calls that made a picture or clip and what it was made from, the last first; no search."""
        made = {self.assets[origin].call for origin in self.behind(handle) if self.assets[origin].kind != "reference"}
        return [self.made_by[index] for index in sorted(made, reverse=True) if index in self.made_by]

    def tunes(self, handle: str) -> list[str]:
        """The words by which the music of an asset was made, word by word: what made sound with music out of what had none."""
        found = []
        for origin in self.origins(handle) | {handle}:
            asset, call = self.assets[origin], self.call_of(origin)
            if "music" in asset.audio and not any("music" in self.assets[p].audio for p in asset.parents if p in self.assets):
                found += [plain(asset.caption)] if call is None else [plain(text) for text in shown(call.arguments)]
        return found

    def stills(self, delivered: str) -> list[str]:
        """Pictures that were put straight into a delivered video, found ones too."""
        calls = (self.call_of(handle) for handle in self.behind(delivered) if self.assets[handle].modality == "video")
        return sorted({clip for call in calls if call is not None for clip in _listed(call.arguments) if self._is_image(clip)})

    def lost_shots(self, delivered: str) -> int:
        """Shots that were in what a video was edited from, on its way, and are no longer in it."""
        lost = 0
        for handle in self.behind(delivered):
            asset, call = self.assets[handle], self.call_of(handle)
            if asset.modality == "video" and call is not None:
                videos = [parent for parent in asset.parents if parent in self.assets and self.assets[parent].modality == "video"]
                edited = [clip for clip in _listed(call.arguments) if clip in self.assets] or (videos if len(videos) == 1 else [])
                lost += max(0, sum(max(self.assets[source].shots, 1) for source in edited) - asset.shots)
        return lost

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


def _listed(arguments: JSONObject) -> list[str]:
    """What a call names as its clips, in their order."""
    clips = arguments.get("clips")
    return [clip for clip in clips if isinstance(clip, str)] if isinstance(clips, list) else []
