"""A turn of `verifiers` and a turn of ours, in one process and in turns; run by `visgen bench peer` where both are installed.

The peer plays its own `ToolEnv` with one typed tool that does next to nothing, and a model that has its answers ready:
what is timed is all that its rollout loop does from one call of the model to the next. Ours is one `env.step` on the text
of the same call, with everything the simulation does.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import verifiers as vf
from datasets import Dataset
from verifiers.clients import Client
from verifiers.types import Response, ResponseMessage, ToolCall

from benchmarks.speed.measure import fresh
from visgenenv.episodes import make

TURNS = 10
"""Of an episode, on either side; the conversation grows as it does in use."""


def text2image(prompt: str, aspect_ratio: str = "1:1", num_images: int = 1) -> str:
    """Pictures from words."""
    return f'{{"status":"success","outputs":{num_images},"aspect_ratio":"{aspect_ratio}","prompt":"{prompt[:20]}"}}'


class Canned(Client):  # type: ignore[misc]
    """A model that has its answers ready, and notes when it is asked."""

    def __init__(self, responses: Sequence[Response]) -> None:
        super().__init__(None)
        self.responses = iter(responses)
        self.asked_ns: list[int] = []

    async def get_response(self, *_: Any, **__: Any) -> Response:
        self.asked_ns.append(time.perf_counter_ns())
        return next(self.responses)

    def setup_client(self, config: Any) -> None:
        return None

    async def to_native_tool(self, tool: Any) -> Any:
        return tool

    async def to_native_prompt(self, messages: Any) -> Any:
        return messages, {}

    async def get_native_response(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError("get_response answers by itself; nothing native is ever asked")

    async def raise_from_native_response(self, response: Any) -> None:
        return None

    async def from_native_response(self, response: Any) -> Any:
        return response

    async def close(self) -> None:
        return None


def main(seed: int, episodes: int) -> None:
    """Print the medians as JSON."""
    generator = np.random.default_rng(seed)
    peer = vf.ToolEnv(
        tools=[text2image],
        dataset=Dataset.from_list([{"prompt": [{"role": "user", "content": "Pictures."}], "answer": ""}]),
        rubric=vf.Rubric(),
        max_turns=-1,
    )
    env = make(system_prompt="none", max_turns=TURNS + 1)
    theirs: list[int] = []
    ours: list[int] = []
    for number in range(episodes + 5):
        calls = [fresh(generator, number * TURNS + i)["arguments"] for i in range(TURNS)]
        theirs_now, ours_now = asyncio.run(_verifiers(peer, calls)), _visgenenv(env, calls, number)
        if number >= 5:
            theirs += theirs_now
            ours += ours_now
    found = {
        "verifiers_us": float(np.median(theirs)) / 1000,
        "visgenenv_us": float(np.median(ours)) / 1000,
        "ratio": float(np.median(theirs) / np.median(ours)),
        "turns": len(ours),
        "verifiers": vf.__version__,
    }
    print(msgspec.json.encode(found).decode())


async def _verifiers(peer: Any, calls: Sequence[dict[str, Any]]) -> list[int]:
    """Nanoseconds of each turn but the first, which begins the episode."""
    responses = [
        _response([ToolCall(id=f"call_{i}", name="text2image", arguments=msgspec.json.encode(call).decode())])
        for i, call in enumerate(calls)
    ]
    model = Canned([*responses, _response(None)])
    row = {"prompt": [{"role": "user", "content": "Pictures."}], "answer": "", "example_id": 0}
    state = await peer.rollout(row, model, "canned", {})
    if state.get("error") is not None or len(state["trajectory"]) != len(calls) + 1:
        raise RuntimeError(f"the peer's episode broke off: {state.get('error')!r}")
    return [after - before for before, after in zip(model.asked_ns, model.asked_ns[1:], strict=False)]


def _response(calls: list[ToolCall] | None) -> Response:
    message = ResponseMessage(content="next", tool_calls=calls, finish_reason="tool_calls" if calls else "stop", is_truncated=False)
    return Response(id="r", created=0, model="canned", message=message)


def _visgenenv(env: Any, calls: Sequence[dict[str, Any]], seed: int) -> list[int]:
    turns = [
        f'<think>next</think><tool_call>{{"name":"tool_text2image_gemini","arguments":{msgspec.json.encode(call).decode()}}}</tool_call>'
        for call in calls
    ]
    env.reset(seed=seed)
    times = []
    for turn in turns:
        start = time.perf_counter_ns()
        env.step(turn)
        times.append(time.perf_counter_ns() - start)
    return times


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
