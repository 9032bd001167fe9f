"""What the policy is told before it acts: the system prompt and the task as a message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from visgenenv.tools.spec import ToolSpec
from visgenenv.types import Asset, Task

GRAMMAR = """You make images and videos by calling tools.

Each of your turns is <think>…</think> followed by calls; the first turn also holds a plan.
First turn: <think>what is asked, and a to-do list</think><plan>{"steps":[{"id":1,"tool":"…","goal":"…","n":1,"after":[]}]}</plan>\
<tool_call>{"name":"…","arguments":{…}}</tool_call>
Later turns: <think>…</think>, <plan>…</plan> only to revise it, and one or more <tool_call>…</tool_call>.
Last turn: <think>…</think><answer>{"deliverables":["vid_7"],"checks":["…"]}</answer>

Each call is answered by a <tool_response>. Outputs have handles such as img_1, vid_2, aud_1, txt_3; a call may name only \
handles of earlier turns. Calls of one turn run at the same time. When a call fails, read why, and repair it."""


def system_prompt(style: str, tools: Mapping[str, ToolSpec[Any]]) -> str | None:
    """The system message: `full` with every schema, `names` with the tools' names, `none` without."""
    return _system_prompt(style, tuple(tools.values()))


@lru_cache(maxsize=32)
def _system_prompt(style: str, tools: tuple[ToolSpec[Any], ...]) -> str | None:
    if style == "none":
        return None
    if style == "names":
        return f"{GRAMMAR}\n\nTools: {', '.join(tool.name for tool in tools)}."
    lines = (msgspec.json.encode(tool.schema["function"]).decode() for tool in tools)
    return GRAMMAR + "\n\nTools, a line each:\n" + "\n".join(lines)


def task_message(task: Task, inputs: Iterable[Asset]) -> str:
    """The first observation: the task's words and the handles of what it brings along."""
    lines = [task.prompt]
    for asset in inputs:
        size = [f"{asset.width}x{asset.height}"] if asset.width else []
        length = [f"{asset.duration_ms / 1000:g} s"] if asset.duration_ms else []
        lines.append(f"[{asset.handle}: {', '.join(size + length) or 'text'}, {asset.caption}]")
    return "\n".join(lines)
