"""Conformance kits for what users write: a tool, a source of tasks, a reward component, a requirement, a backend, an environment.

Each kit takes the object itself, tries it on drawn input, and raises `AssertionError` with the first rule it breaks. The
kits are what our own tools and components pass; call them from a test of yours.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from numbers import Real
from typing import Any

import gymnasium
import msgspec
import numpy as np

from visgenenv import plugins
from visgenenv.answers import MOST_BYTES
from visgenenv.backends.simulated import SimulatedBackend
from visgenenv.conversation import Conversation
from visgenenv.env import VisGenEnv
from visgenenv.episodes import make, rollout
from visgenenv.errors import VisGenError
from visgenenv.faults import FaultProfile
from visgenenv.forks import fork
from visgenenv.tasks.check import wrong
from visgenenv.tools.catalogue import PAPER36, toolset
from visgenenv.tools.draw import draw_arguments
from visgenenv.tools.execute import Backend, execute
from visgenenv.tools.spec import ToolSpec
from visgenenv.turns import render
from visgenenv.types import Asset, CallRecord, Score, Task, ToolCall, Trajectory
from visgenenv.workspace import Workspace


class FakeIndex:
    """A media index that lends any file; its number tells from which bits it was drawn."""

    version = "fake"

    def sample(self, modality: str, width: int, height: int, duration_ms: int, bits: int) -> int | None:
        """One of a thousand files."""
        return bits % 1000


class Scripted:
    """A policy that says given turns, one after the other, and then an empty answer."""

    def __init__(self, *turns: str) -> None:
        self.turns = turns

    def act(self, conversations: Sequence[Conversation], /) -> list[str]:
        """A turn for each conversation."""
        return [self._turn(conversation) for conversation in conversations]

    def _turn(self, conversation: Conversation) -> str:
        number = sum(message["role"] == "assistant" for message in conversation.messages)
        return self.turns[number] if number < len(self.turns) else '<think>done</think><answer>{"deliverables":[]}</answer>'


def workbench(seed: int = 0) -> tuple[Workspace, dict[str, list[str]]]:
    """An episode's workspace with a few assets of each modality in it, and their handles by modality."""
    workspace = Workspace(seed)
    drafts = (
        Asset(modality="image", width=1024, height=1024, caption="a red ball"),
        Asset(modality="image", width=1344, height=768, caption="a boat", drawn=("PAID",)),
        Asset(modality="video", width=1280, height=720, frames=192, fps_milli=24_000, duration_ms=8000, audio=("sound",), caption="waves"),
        Asset(modality="video", width=720, height=1280, frames=240, fps_milli=24_000, duration_ms=10_000, cuts=(96,), caption="a walk"),
        Asset(modality="audio", kind="music", duration_ms=60_000, bpm_milli=120_000, audio=("music",), caption="jazz"),
        Asset(modality="audio", kind="speech", duration_ms=2000, audio=("narration",), spoken=("Home again.",), caption="a voice"),
        Asset(modality="text", kind="script", text="A boat comes home.", caption="script"),
        Asset(modality="text", kind="answer", text="A red ball.", caption="answer"),
    )
    handles: dict[str, list[str]] = {}
    for draft in drafts:
        handles.setdefault(draft.modality, []).append(workspace.mint(draft, parents=(), turn=-1, call=-1).handle)
    board = execute(workspace, _STORYBOARD, toolset("tool_video_shot_gen"), SimulatedBackend(FakeIndex()), FaultProfile())  # type: ignore[arg-type]
    workspace.end_turn((board,))
    handles["text"] += board.outputs
    return workspace, handles


_STORYBOARD = ToolCall(name="tool_video_shot_gen", arguments={"script": "A boat comes home."})


def check_tool(spec: ToolSpec[Any], calls: int = 200, seed: int = 0, backend: Backend | None = None) -> None:
    """A tool: its schema is JSON, drawn calls never break it, the same call gives the same bytes, wrong types are refused."""
    assert isinstance(spec, ToolSpec), f"{spec!r} is no ToolSpec"
    schema = json.loads(json.dumps(spec.schema))
    assert schema["function"]["parameters"].get("type") == "object", f"{spec.name}: its schema describes no object"
    assert (spec.args.__doc__ or "").strip(), f"{spec.name}: its arguments have no docstring; a model reads it"
    generator = np.random.default_rng(seed)
    runs = 0
    for number in range(calls):
        _, handles = workbench()
        arguments = draw_arguments(spec, generator, handles)
        first, second = (_run(spec, arguments, number, backend) for _ in range(2))
        assert msgspec.json.encode(first) == msgspec.json.encode(second), f"{spec.name}{arguments}: the same call came out otherwise"
        size = len(first.response.encode())
        assert size <= MOST_BYTES, f"{spec.name}{arguments}: its response has {size} bytes"
        json.loads(first.response)
        if first.fault is None:
            runs += 1
            assert first.latency_ms >= 0, f"{spec.name}{arguments}: latency {first.latency_ms}"
            assert first.price_microusd >= 0, f"{spec.name}{arguments}: price {first.price_microusd}"
        else:
            assert first.fault.code == "bad_arguments", f"{spec.name}{arguments}: {first.fault.code}: {first.fault.message}"
    advice = "is `check` too strict, an argument's type too wide, or a pattern without Meta(examples=…)?"
    assert runs, f"{spec.name}: none of {calls} drawn calls went well; {advice}"
    nulls = dict.fromkeys(entry.encode_name for entry in msgspec.structs.fields(spec.args) if entry.required)
    for arguments, what in (({"no_such_argument": 1}, "an unknown argument"), (nulls, "null for what is required")):
        if arguments:
            record = _run(spec, arguments, 0, backend)
            assert record.fault is not None, f"{spec.name}: takes {what}"
            assert record.fault.code == "bad_arguments", f"{spec.name}: answers {what} with {record.fault.code}"


_MAKES = {
    **dict.fromkeys(("text_to_image", "image_to_image"), "image"),
    **dict.fromkeys(("text_to_video", "image_to_video"), "video"),
    **dict.fromkeys(("text_to_text", "understanding"), "text"),
    "audio_generation": "audio",
}
"""What tools of a category make, where it is one thing."""


def _run(spec: ToolSpec[Any], arguments: dict[str, Any], seed: int, backend: Backend | None) -> CallRecord:
    workspace, _ = workbench(seed)
    there = set(workspace.assets)
    call = ToolCall(name=spec.name, arguments=json.loads(msgspec.json.encode(arguments)))
    own = SimulatedBackend(FakeIndex()) if backend is None else backend  # type: ignore[arg-type]
    try:
        record = execute(workspace, call, {spec.name: spec}, own, FaultProfile())
    except Exception as error:  # somebody else's effect or backend may raise anything; the kit says which call it was
        raise AssertionError(f"{spec.name}{arguments}: its effect raises {type(error).__name__}: {error}") from error
    for handle in record.outputs:
        asset = workspace.assets[handle]
        assert handle not in there, f"{spec.name}: gives back {handle}, which was there before"
        msgspec.convert(msgspec.to_builtins(asset), Asset)
        sides = (asset.width, asset.height, asset.frames, asset.fps_milli, asset.duration_ms)
        wanted = _MAKES.get(spec.category)
        assert wanted in (None, asset.modality), (
            f"{spec.name}{arguments}: {handle} is {asset.modality}; a {spec.category} tool makes {wanted}"
        )
        assert min(sides) >= 0, f"{spec.name}{arguments}: {handle} has a negative size or length {sides}"
        if asset.modality in ("image", "video"):
            assert asset.width, f"{spec.name}{arguments}: {handle} is an {asset.modality} without a width"
            assert asset.height, f"{spec.name}{arguments}: {handle} is an {asset.modality} without a height"
        if asset.modality == "video":
            assert asset.frames, f"{spec.name}{arguments}: {handle} is a video without frames"
            assert all(0 < cut < asset.frames for cut in asset.cuts), f"{spec.name}{arguments}: {handle} has a cut outside its frames"
    return record


def check_source(source: Callable[[int], Task], seeds: int = 200) -> None:
    """A source of tasks: every seed gives a task that can be played, the same one each time, with an id of its own."""
    seen: dict[str, Task] = {}
    for seed in range(seeds):
        task, again = source(seed), source(seed)
        assert isinstance(task, Task), f"seed {seed}: gives {task!r}; expected a visgenenv.Task"
        assert task == again, f"seed {seed}: gives another task the second time"
        reason = wrong(task)
        assert reason is None, f"seed {seed}: {reason}"
        other = seen.setdefault(task.id, task)
        assert not task.id or other == task, f"seed {seed}: the id {task.id!r} is that of another task"
    (played,) = rollout(Scripted(), tasks=[source(0)], max_turns=1)
    assert played.failure is None, f"seed 0: {played.failure}"


def drawn_trajectories(tasks: int = 6, seed: int = 0) -> list[Trajectory]:
    """Trajectories of every sort, for whoever scores; each task is played in five ways.

    Random turns with an answer, one among them that does not parse, nothing but an empty answer, nothing that parses, and
    a foreign handle; half of them under severe faults.
    """
    space = make(system_prompt="none").action_space
    space.seed(seed)
    deliver = '<think>done</think><answer>{"deliverables":["img_1"]}</answer>'
    scripts = [(space.sample(), space.sample(), deliver), (space.sample(), "not a turn", deliver), (), ("not a turn",), (deliver,)]
    found: list[Trajectory] = []
    for number in range(tasks):
        for nth, script in enumerate(scripts):
            faults = ("none", "severe")[(number + nth) % 2]
            found += rollout(Scripted(*script), 1, seed + number, faults=faults, system_prompt="none", max_turns=4)
    return found


def check_component(component: Any, trajectories: Iterable[Trajectory] | None = None) -> None:
    """A reward component, or a plain function of a trajectory: in [0, 1] or None, twice the same, None by the task alone."""
    assert not isinstance(component, type), f"{component!r} is a class; make one first: {component.__name__}(…)"
    score = component.score if hasattr(component, "score") else component
    rule = "expected a number from 0 to 1, or None"
    by_task: dict[bytes, bool] = {}
    for trajectory in drawn_trajectories() if trajectories is None else trajectories:
        found, again = (_answer(partial(score, trajectory), trajectory, rule) for _ in range(2))
        value = found.value if isinstance(found, Score) else found
        number: Any = value if isinstance(value, Real | np.bool_) else None
        assert value is None or (number is not None and 0 <= number <= 1), f"{trajectory.id}: scores {plugins.shown(value)}; {rule}"
        assert found == again, f"{trajectory.id}: scores {found!r}, then {again!r}"
        applies = by_task.setdefault(msgspec.json.encode(trajectory.task), value is not None)
        assert applies == (value is not None), f"{trajectory.id}: whether it applies depends on more than the task"


def _answer(ask: Callable[[], Any], trajectory: Trajectory, rule: str) -> Any:
    """What somebody else's code answers; an error of ours, such as an endpoint's that is down, breaks no rule and passes on."""
    try:
        return ask()
    except VisGenError:
        raise
    except Exception as error:  # it may raise anything; the kit says which trajectory it was
        raise AssertionError(f"{trajectory.id}: raises {type(error).__name__}: {error}; {rule}") from error


def check_requirement(requirement: Any, asked: Any, trajectories: Iterable[Trajectory] | None = None) -> None:
    """A requirement of one's own: None or a reason, twice the same, whatever was delivered."""
    for trajectory in drawn_trajectories() if trajectories is None else trajectories:
        delivered = [asset for asset in trajectory.assets if asset.turn >= 0 and asset.modality == trajectory.task.modality][:2]
        ask = partial(requirement, delivered, asked, trajectory)
        found, again = (_answer(ask, trajectory, "expected None or a reason") for _ in range(2))
        assert found == again, f"{trajectory.id}: says {found!r}, then {again!r}"
        assert found is None or (isinstance(found, str) and found), f"{trajectory.id}: says {found!r}; expected None or a reason"


def check_backend(backend: Backend, tools: Sequence[ToolSpec[Any]] = PAPER36, calls: int = 10, seed: int = 0) -> None:
    """A backend: it has a name, and runs drawn calls of every tool as `check_tool` demands."""
    assert not isinstance(backend, type), f"{backend!r} is a class; make one first: {backend.__name__}(…)"
    assert isinstance(getattr(backend, "name", None), str), f"{backend!r} has no name (str)"
    for spec in tools:
        check_tool(spec, calls, seed, backend)


def check_environment(id: str, seeds: int = 4, **arguments: Any) -> None:
    """An environment under an id: Gymnasium's own checks, the same hash for the same seed and turns, forks, pickled specs."""
    from gymnasium.utils.env_checker import check_env

    env = make(id, **arguments)
    check_env(env, skip_render_check=True)
    spec = pickle.loads(pickle.dumps(gymnasium.spec(id)))  # noqa: S301 - what was pickled a moment ago
    for seed in range(seeds):
        space = make(id, **arguments).action_space
        space.seed(seed)
        turns = [space.sample(), render("no plan", calls=(ToolCall(name="no_such_tool"),)), "not a turn"]
        hashes = set()
        again = gymnasium.make(spec, disable_env_checker=True, **arguments).unwrapped
        assert isinstance(again, VisGenEnv), f"{id} is no VisGenEnv"
        for other in (env, again):
            other.reset(seed=seed)
            for turn in turns:
                other.step(turn)
            hashes.add(other.trajectory().hash)
            twin = fork(other)
            hashes.add(twin.trajectory().hash)
        assert len(hashes) == 1, f"seed {seed}: the same turns gave {len(hashes)} different hashes"
