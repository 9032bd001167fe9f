"""Where an episode stands: its task, its record so far and its workspace; copied for forks, snapshots and replays."""

from __future__ import annotations

from dataclasses import dataclass, field

from visgenenv.types import JSONObject, Task, TurnRecord
from visgenenv.workspace import Workspace


@dataclass(slots=True)
class EpisodeState:
    """Everything that a step reads or changes; picklable once its assets have been lent their files (see `snapshot`)."""

    seed: int
    task: Task
    workspace: Workspace
    opening: str
    """The first observation."""
    environment: JSONObject
    """The arguments of the environment it runs in."""
    media: str
    """Version of the media index it runs with."""
    turns: list[TurnRecord] = field(default_factory=list)
    forks: list[JSONObject] = field(default_factory=list)
    """Until which turn which luck held, where it was changed on the way."""
    parsed_once: bool = False
    """Whether a turn has parsed, so that the next is not the first."""
    done: bool = False
    step: int | None = None
    """Training step at which it is played."""

    def copy(self) -> EpisodeState:
        """An independent copy; records and assets are shared, being frozen."""
        return EpisodeState(
            self.seed,
            self.task,
            self.workspace.fork(),
            self.opening,
            self.environment,
            self.media,
            self.turns.copy(),
            self.forks.copy(),
            self.parsed_once,
            self.done,
            self.step,
        )

    @property
    def first_luck(self) -> int:
        """The chance seed that the episode began with."""
        return int(self.forks[0]["chance_seed"]) if self.forks else self.workspace.chance_seed

    def with_luck(self, chance_seed: int) -> None:
        """Go on with other luck, and remember until when the old one held."""
        self.forks.append({"turn": self.workspace.turn, "chance_seed": self.workspace.chance_seed})
        self.workspace.chance_seed = chance_seed
