"""The values that cross a boundary: tasks, turns, calls, assets, trajectories, scores."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import Any, Literal

import msgspec

JSONObject = dict[str, Any]
Modality = Literal["text", "image", "video", "audio"]
AudioKind = Literal["music", "narration", "sound"]
FaultCode = Literal[
    "unknown_tool",
    "bad_arguments",
    "unknown_handle",
    "wrong_modality",
    "quota",
    "rate_limited",
    "timeout",
    "content_policy",
    "malformed_output",
    "internal_error",
    "silently_wrong",
]
"""What can go wrong with a call; `silently_wrong` is no fault that anybody is told of (see `Asset.claims`)."""
PREFIX: dict[str, str] = {"text": "txt", "image": "img", "video": "vid", "audio": "aud"}
"""The first part of a handle, by modality."""
ENVIRONMENT_FAULTS: frozenset[str] = frozenset({"rate_limited", "timeout", "malformed_output", "internal_error"})
"""Codes that are not the policy's doing; `content_policy` is answered by another prompt and counts as the policy's."""


class Wire(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value that crosses a process, a file or a network."""


class Asset(Wire, frozen=True, kw_only=True):
    """One piece of media or text of an episode; its attributes follow the call that made it, not the sampled file."""

    handle: str = ""
    """`img_1`: what the policy sees and says; empty until the workspace mints it."""
    modality: Modality
    kind: str = ""
    """What sort of thing: `prompt`, `script`, `storyboard`, `answer`, `todo`, `html`, `music`, `speech`…; empty for plain media."""
    width: int = 0
    """Pixels."""
    height: int = 0
    """Pixels."""
    frames: int = 0
    """Video only."""
    fps_milli: int = 0
    """Frames per 1000 seconds; 24 fps is 24000."""
    duration_ms: int = 0
    """Of a video its frames over its frame rate, rounded half up; of a sound its length."""
    cuts: tuple[int, ...] = ()
    """Frames at which a new shot starts, the first shot's 0 left out; a video has `len(cuts) + 1` shots."""
    audio: tuple[AudioKind, ...] = ()
    """Kinds of sound in it, sorted; empty is silent."""
    spoken: tuple[str, ...] = ()
    """Texts spoken in it."""
    subtitles: tuple[str, ...] = ()
    """Texts laid over it as subtitles."""
    drawn: tuple[str, ...] = ()
    """Texts drawn in the picture: what the prompt had between quotation marks."""
    bpm_milli: int = 0
    """Tempo of music in beats per 1000 minutes; 0 where there is none."""
    alpha: bool = False
    text: str = ""
    """Content of a text asset."""
    parents: tuple[str, ...] = ()
    """Handles it was made from; provenance is the graph of these."""
    turn: int = -1
    """Turn that made it, from 0; -1 for a task's input."""
    call: int = -1
    """Index into the trajectory's calls, in call order; -1 for a task's input."""
    media_id: int | None = None
    """Row of the sampled file in the media index; its own attributes play no part."""
    caption: str = ""
    """What an input shows, or the prompt that made it."""
    claims: JSONObject = {}
    """Of a silently wrong asset what its response said of it; its attributes are what it really is. Empty for all others."""

    @property
    def shots(self) -> int:
        """Number of shots of a video, else 0."""
        return len(self.cuts) + 1 if self.modality == "video" else 0

    @property
    def shot_lengths_s(self) -> tuple[float, ...]:
        """Seconds that each shot of a video lasts, else none."""
        if self.modality != "video" or not self.fps_milli:
            return ()
        return tuple((end - start) * 1000 / self.fps_milli for start, end in pairwise((0, *self.cuts, self.frames)))


class PlanStep(Wire, frozen=True, kw_only=True):
    id: int
    tool: str
    goal: str = ""
    n: int = 1
    """How many calls the step means to make."""
    after: tuple[int, ...] = ()
    """Ids of the steps it needs."""


class Plan(Wire, frozen=True, kw_only=True):
    steps: tuple[PlanStep, ...]


class ToolCall(Wire, frozen=True, kw_only=True):
    name: str
    arguments: JSONObject = {}
    """Untrusted until the tool's own type has checked it."""


class Answer(Wire, frozen=True, kw_only=True):
    deliverables: tuple[str, ...]
    """Handles, in order."""
    checks: tuple[str, ...] = ()
    """The policy's own words on why the goal is met; no scorer believes them."""


class ParsedTurn(Wire, frozen=True, kw_only=True):
    """What the grammar found in one text."""

    think: str | None = None
    reflect: str | None = None
    plan: Plan | None = None
    calls: tuple[ToolCall, ...] = ()
    answer: Answer | None = None
    errors: tuple[str, ...] = ()
    """Why it does not parse: nothing of such a turn runs. Each says what was given, what was expected, and where."""
    violations: tuple[str, ...] = ()
    """Rules of the grammar broken by a turn that still parses (no thought, no plan in the first turn)."""


class ToolFault(Wire, frozen=True, kw_only=True):
    code: FaultCode
    message: str
    """Names field, value and rule."""
    retry_after_ms: int | None = None


class ToolResult(Wire, frozen=True, kw_only=True):
    """What a tool's effect gives back; its assets have no handles yet."""

    assets: tuple[Asset, ...] = ()
    text: str = ""
    """Further words for the policy; most tools have none."""
    latency_ms: int = 0
    """How long the call really took; 0 leaves it to the tool's own law."""
    price_microusd: int = 0
    """What it really cost; 0 leaves it to the tool's own price, which a quota of money goes by: only a tool that has one is refused."""
    fault: ToolFault | None = None


class CallRecord(Wire, frozen=True, kw_only=True):
    """One call as it happened."""

    index: int
    turn: int
    tool: str
    arguments: JSONObject
    outputs: tuple[str, ...] = ()
    """Handles it made."""
    fault: ToolFault | None = None
    started_ms: int = 0
    """Virtual time since reset."""
    latency_ms: int = 0
    price_microusd: int = 0
    response: str = ""
    """The JSON inside its `<tool_response>`."""
    attempt: int | None = None
    """The how manieth attempt of its tool this was, from 0, which its luck hangs on; None where it was refused before that."""


class TurnRecord(Wire, frozen=True, kw_only=True):
    """One text of the policy and what came of it."""

    text: str
    parsed: ParsedTurn
    calls: tuple[CallRecord, ...] = ()
    observation: str = ""
    """What the environment answered; never trained on."""


class Requirements(Wire, frozen=True, kw_only=True):
    """What a task's deliverables must be; a field left out is not asked for."""

    count: int | None = None
    """Number of deliverables of the task's modality."""
    aspect: str | None = None
    """`16:9`; met within 3 %."""
    min_side: int | None = None
    """Shorter side in pixels, at least."""
    duration_s: float | None = None
    """Of every deliverable; met within max(1 s, 10 %)."""
    shots: int | None = None
    """Of every deliverable video."""
    shot_s: float | None = None
    """Seconds of every single shot; met within max(1 s, 10 %)."""
    audio: tuple[AudioKind, ...] | None = None
    """Kinds of sound every deliverable must hold."""
    narration: str | None = None
    """Words that must be spoken in some deliverable."""
    subtitles: tuple[str, ...] | None = None
    """Words that must be laid over some deliverable."""
    drawn: tuple[str, ...] | None = None
    """Words that must be drawn in some deliverable's picture."""
    entities: tuple[str, ...] | None = None
    """Things to be seen: named in the arguments of the calls that made what is seen of the deliverables (of a sound, all of it)."""
    each: tuple[tuple[str, ...], ...] | None = None
    """What the single pictures or shots show: of each the thing first, then words that go with it, of which those in `drawn`
    are written in that very picture. Each wants a picture or clip of its own, made by words of its own (see
    `visgenenv.tasks.success`)."""
    consistency: Literal["character", "object", "scene", "style"] | None = None
    """The later pictures or shots must descend from one reference; with `from_inputs`, from what was given."""
    moving: bool | None = None
    """Every shot must be a moving clip; a still that is shown for a while is none."""
    music: tuple[str, ...] | None = None
    """Words that must be named where the music of every deliverable was made."""
    bpm: int | None = None
    """Beats a minute of the music of every deliverable; met within 2 %."""
    beat: bool | None = None
    """Cuts must lie on the detected beats of the music."""
    from_inputs: bool | None = None
    """Every deliverable must descend from one of the task's inputs."""
    variety: bool | None = None
    """No two deliverables may be made by calls of the same words."""
    own: dict[str, Any] | None = None
    """Kinds of one's own, each with what is asked of it: `{"mine:palette": 3}` (see `visgenenv.tasks.own`)."""

    @property
    def tune(self) -> tuple[str, ...]:
        """All the words for the music, its tempo among them."""
        return (*(self.music or ()), *((f"{self.bpm} bpm",) if self.bpm else ()))


class TaskInput(Wire, frozen=True, kw_only=True):
    """An asset the task brings along; its handle is minted at reset."""

    modality: Modality
    caption: str
    width: int = 0
    height: int = 0
    duration_s: float = 0.0


class Task(Wire, frozen=True, kw_only=True):
    """What is asked of the agent."""

    id: str = ""
    task_type: str = "custom"
    modality: Modality
    language: str = "en"
    prompt: str
    requirements: Requirements = Requirements()
    inputs: tuple[TaskInput, ...] = ()


class Score(Wire, frozen=True, kw_only=True):
    """One judgement of a trajectory, and why."""

    value: float
    """In [0, 1]; 1 is best."""
    reason: str = ""
    version: str = ""
    cached: bool | msgspec.UnsetType = msgspec.UNSET
    """True where a judge gave it earlier and nothing was asked anew; unset (and false) elsewhere, which no file has to hold."""


class RewardBreakdown(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """A reward and all it was made of; `parts` recompute to `total`."""

    total: float
    expression: str
    parts: dict[str, Score | None]
    """None: does not apply to this task."""
    step: int | None = None
    """Training step whose schedules it was worked out with; None, and left out of files, where the expression has none."""

    @property
    def cached(self) -> tuple[str, ...]:
        """Names of the parts that a judge had answered earlier."""
        return tuple(name for name, part in self.parts.items() if part is not None and part.cached)


class Trajectory(Wire, frozen=True, kw_only=True):
    """The record of one episode, and the only thing a reward may look at."""

    id: str
    task: Task
    seed: int
    """Of the episode: chooses the task where none was given."""
    chance_seed: int
    """Of the episode's luck; members of a group share it."""
    environment: JSONObject = {}
    """The arguments of `gymnasium.make` that matter to what happened."""
    opening: str = ""
    """The first observation."""
    turns: tuple[TurnRecord, ...] = ()
    assets: tuple[Asset, ...] = ()
    """Inputs first, then outputs in call order."""
    answer: Answer | None = None
    truncated: bool = False
    """Ended by the turn limit, without an answer."""
    step: int | None = None
    """Training step at which it was played, which the schedules in a reward read; None: played outside of any training."""
    virtual_ms: int = 0
    price_microusd: int = 0
    reward: RewardBreakdown | None = None
    """None: not scored, or masked."""
    success: bool = False
    failure: str | None = None
    """Why the sample is masked: a judge or infrastructure failed. None for every honest episode."""
    hash: str = ""
    """Of everything that happened, reward, training step and versions left out; same seed and actions, same hash."""
    versions: dict[str, str] = {}

    @property
    def calls(self) -> tuple[CallRecord, ...]:
        """All calls of the episode, in call order."""
        return tuple(chain.from_iterable([turn.calls for turn in self.turns]))
