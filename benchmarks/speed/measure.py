"""Times of reset, of one text step, of a fork, of a score, and of the floor, measured in one process on inputs never repeated."""

from __future__ import annotations

import gc
import os
import platform
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np

from rewards import reward
from visgenenv.env import VisGenEnv
from visgenenv.episodes import make
from visgenenv.forks import fork
from visgenenv.turns import render
from visgenenv.types import Answer, JSONObject, Plan, PlanStep, Requirements, Task, ToolCall, Trajectory
from visgenenv.vector import VisGenVectorEnv
from visgenenv.words import plain

_WORDS = ("red", "old", "tiny", "brass", "glass", "lamp", "boat", "cat", "clock", "tree", "sea", "night", "forest", "street", "room")
_WARM_UP = 300
_STEPS_OF_AN_EPISODE = 12
_SCORED_TURNS = 20


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """One thing timed many times, in microseconds."""

    p50: float
    p99: float
    n: int


class Speed(msgspec.Struct, frozen=True, kw_only=True):
    """All that `visgen bench speed` prints."""

    floor: Timing
    """Parse and validate one typed call, update a dict of state, write a reply: the least a step can do."""
    step: Timing
    """One turn's text with one fresh call, through grammar, luck, law, provenance and record, to the reply."""
    last_step: Timing
    """The turn that answers: success, hash and reward of an episode of four calls."""
    score: Timing
    """The reward `ltr` of an episode of 20 turns, 19 pictures and the answer, whose words nothing has read before."""
    reset: Timing
    """With a new task of the generator each time, one reset after the other."""
    reset_between: Timing
    """The same after an episode that was played and scored, which has pushed everything out of the caches."""
    fork: Timing
    vector: Timing
    """A step of one of 1,024 episodes in the native vector environment, on fresh calls."""
    ratio: float
    """Step over floor, medians."""
    episode_bytes: int
    """Python memory of an episode that has begun and waits."""
    machine: str
    seed: int


class _Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The floor's one tool."""

    prompt: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
    aspect_ratio: str = "1:1"
    num_images: Annotated[int, msgspec.Meta(ge=1, le=4)] = 1


def measure(seed: int = 0, n: int = 4000) -> Speed:
    """Time floor and step `n` times, in turns so that both meet the same machine, and the rest less often.

    Calls of timed steps are never repeated; last steps all say the same answer, forks are of one episode.
    """
    generator = np.random.default_rng(seed)
    calls = [fresh(generator, i) for i in range(n + _WARM_UP)]
    bodies = [msgspec.json.encode(call["arguments"]).decode() for call in calls]
    turns = [f"<think>next</think><tool_call>{msgspec.json.encode(call).decode()}</tool_call>" for call in calls]
    gc.collect()
    gc.disable()  # a pause of the collector belongs to nobody's step; memory of a run this short stays small
    try:
        floor, step = _alternating((_floor(), bodies), (_Stepper(), turns))
        last, between = _episodes(calls, n // 8)
        score = _scores(generator, n // 20)
        reset = _resets(n // 2)
        forks = _forks(n // 8)
        vector = _vector(generator, 1024, max(2, n // 256))
    finally:
        gc.enable()
    return Speed(
        floor=floor,
        step=step,
        last_step=last,
        score=score,
        reset=reset,
        reset_between=between,
        fork=forks,
        vector=vector,
        ratio=step.p50 / floor.p50,
        episode_bytes=_episode_bytes(1000),
        machine=machine(),
        seed=seed,
    )


def fresh(generator: np.random.Generator, i: int) -> JSONObject:
    """A call that draws pictures; its number makes it like no other."""
    words = [_WORDS[j] for j in generator.integers(0, len(_WORDS), 12)]
    arguments = {"prompt": f"{' '.join(words)} {i}", "aspect_ratio": ("1:1", "16:9", "9:16")[i % 3], "num_images": 1 + i % 2}
    return {"name": "tool_text2image_gemini", "arguments": arguments}


def _floor() -> Callable[[str], object]:
    decoder = msgspec.json.Decoder(_Call)
    encoder = msgspec.json.Encoder()
    state: dict[str, _Call] = {}

    def run(body: str) -> object:
        call = decoder.decode(body)
        handle = f"img_{len(state) + 1}"
        state[handle] = call
        return encoder.encode({"handle": handle, "size": "1024x1024"}).decode()

    return run


class _Stepper:
    """Steps one episode after another; a new one begins outside the time taken."""

    def __init__(self) -> None:
        self._env = make(system_prompt="none")
        self._left = 0
        self._episode = 0

    def prepare(self) -> None:
        """Begin a new episode where the last one has had its steps."""
        if self._left == 0:
            self._env.reset(seed=self._episode)
            self._episode += 1
            self._left = _STEPS_OF_AN_EPISODE
        self._left -= 1

    def __call__(self, turn: str) -> object:
        return self._env.step(turn)


def _alternating(*subjects: tuple[Callable[[str], object], Sequence[str]]) -> list[Timing]:
    """Each subject's time on its own inputs, one input each in turn."""
    clock = time.perf_counter_ns
    taken: list[list[int]] = [[] for _ in subjects]
    for i in range(len(subjects[0][1])):
        for (run, inputs), times in zip(subjects, taken, strict=True):
            given = inputs[i]
            if isinstance(run, _Stepper):
                run.prepare()
            start = clock()
            run(given)
            times.append(clock() - start)
    return [_timing(times[_WARM_UP:]) for times in taken]


def _episodes(calls: Sequence[JSONObject], n: int) -> tuple[Timing, Timing]:
    env = make(system_prompt="none")
    last, reset = [], []
    for i in range(n + 20):
        start = time.perf_counter_ns()
        env.reset(seed=i)
        reset.append(time.perf_counter_ns() - start)
        _play(env, calls, i)
        answer = '<think>done</think><answer>{"deliverables":["img_1"],"checks":[]}</answer>'
        start = time.perf_counter_ns()
        env.step(answer)
        last.append(time.perf_counter_ns() - start)
    return _timing(last[20:]), _timing(reset[20:])


def _scores(generator: np.random.Generator, n: int) -> Timing:
    score = reward("ltr")
    times = []
    for i in range(n + 20):
        trajectory = long_episode(generator, i)
        plain.cache_clear()  # the episode's own last step has read the words
        start = time.perf_counter_ns()
        score(trajectory)
        times.append(time.perf_counter_ns() - start)
    return _timing(times[20:])


def long_episode(generator: np.random.Generator, i: int) -> Trajectory:
    """A good episode of 20 turns: a picture of one subject in each of 19 places, all from the first, then the answer."""
    subject = f"{_WORDS[i % len(_WORDS)]} {i}"
    places = [f"{_WORDS[j]} place {number}" for number, j in enumerate(generator.integers(0, len(_WORDS), _SCORED_TURNS - 1))]
    asked = Requirements(
        count=len(places),
        aspect="16:9",
        entities=(subject, *places),
        each=tuple((place, subject) for place in places),
        consistency="object",
    )
    first = PlanStep(id=1, tool="tool_text2image_gemini", goal="the subject in its first place")
    others = PlanStep(id=2, tool="tool_image_edit_gemini", goal="the subject elsewhere", n=len(places) - 1, after=(1,))
    env = make(task=Task(id="long", modality="image", prompt=f"{subject} in {', '.join(places)}", requirements=asked), system_prompt="none")
    env.reset(seed=i)
    for number, place in enumerate(places):
        more: JSONObject = {"images": ["img_1"]} if number else {"aspect_ratio": "16:9"}
        call = ToolCall(name=(others if number else first).tool, arguments={"prompt": f"{subject}, {place}", **more})
        env.step(render("next", plan=None if number else Plan(steps=(first, others)), calls=(call,)))
    answer = Answer(deliverables=tuple(f"img_{number + 1}" for number in range(len(places))))
    trajectory: Trajectory = env.step(render("done", answer=answer))[4]["trajectory"]
    return trajectory


def _resets(n: int) -> Timing:
    env = make(system_prompt="none")
    times = []
    for i in range(n + _WARM_UP):
        start = time.perf_counter_ns()
        env.reset(seed=1_000_000 + i)
        times.append(time.perf_counter_ns() - start)
    return _timing(times[_WARM_UP:])


def _play(env: VisGenEnv, calls: Sequence[JSONObject], i: int) -> None:
    for k in range(4):
        call = msgspec.json.encode(calls[(4 * i + k) % len(calls)]).decode()
        env.step(f"<think>next</think><tool_call>{call}</tool_call>")


def _forks(n: int) -> Timing:
    env = make(system_prompt="none")
    env.reset(seed=0)
    _play(env, [fresh(np.random.default_rng(1), i) for i in range(4)], 0)
    times = []
    for _ in range(n + 20):
        start = time.perf_counter_ns()
        fork(env)
        times.append(time.perf_counter_ns() - start)
    return _timing(times[20:])


def _vector(generator: np.random.Generator, episodes: int, steps: int) -> Timing:
    """Times of a whole step over the number of episodes, which are reset now and then as those of a single step are."""
    env = VisGenVectorEnv(episodes, system_prompt="none")
    times = []
    for number in range(steps + _STEPS_OF_AN_EPISODE):
        if number % _STEPS_OF_AN_EPISODE == 0:
            env.reset(seed=episodes * number)
        calls = (fresh(generator, episodes * number + i) for i in range(episodes))
        turns = [f"<think>next</think><tool_call>{msgspec.json.encode(call).decode()}</tool_call>" for call in calls]
        start = time.perf_counter_ns()
        env.step(turns)
        times.append((time.perf_counter_ns() - start) // episodes)
    return _timing(times[_STEPS_OF_AN_EPISODE:])  # the first episodes take memory that the later ones find there


def _episode_bytes(episodes: int) -> int:
    env = VisGenVectorEnv(episodes, system_prompt="none")
    env.reset(seed=0)
    gc.collect()
    tracemalloc.start()
    env.reset(seed=episodes)  # the old episodes go, new ones come; what is traced is the new ones alone
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held // episodes


def _timing(nanoseconds: Sequence[int]) -> Timing:
    values: Any = np.asarray(nanoseconds, np.float64) / 1000
    p50, p99 = np.percentile(values, [50, 99])
    return Timing(p50=round(float(p50), 2), p99=round(float(p99), 2), n=len(values))


def machine() -> str:
    """Processor, cores, Python: what a time without its machine lacks."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
