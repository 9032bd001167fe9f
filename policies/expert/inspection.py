"""Looking before going on: what a service made is compared with what it said it made, and made again where they differ."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from policies.expert.recipe import Made, Recipe, made_in

_MAKERS = {
    "image": ("tool_text2image_gemini", "tool_text2image_seed", "tool_image_edit_gemini", "tool_image_edit_qwen"),
    "video": (
        "tool_text2video_veo",
        "tool_image2video_veo3",
        "tool_image2video_keling",
        "tool_video_composite",
        "tool_video_trim_edit",
        "tool_video_speed_adjust",
        "tool_subtitle_add_text",
    ),
}
_LOOKS = {"image": ("tool_image_analysis", "images", 16), "video": ("tool_video_analysis", "video", 10)}
"""By what is looked at: the tool, its argument, and how many it takes at a time."""
_SEEN: dict[str, Any] = {"properties": {"width": {}, "height": {}, "seconds": {}, "audio": {}}}


def with_inspection(plan: Recipe, tools: Collection[str]) -> Recipe:
    """The same recipe, with a look at the pictures and films of each step before anything is made of them.

    `tools`: the names there are; what no tool looks at is used as it comes.
    """
    found = Recipe()
    moved: dict[int, int] = {}
    looks: dict[int, int] = {}
    for number, step in enumerate(plan.steps):
        after = tuple(looks[need] for need in step.needs if need in looks)
        moved[number] = len(found.steps)
        made = found.add(step.tool, step.goal, *(_moved(call, moved) for call in step.calls), after=after)
        kind = next((kind for kind, makers in _MAKERS.items() if step.tool in makers), None)
        if kind is not None and _LOOKS[kind][0] in tools:
            tool, argument, most = _LOOKS[kind]
            looks[number] = len(found.steps)
            groups = _groups(made, [_outputs(call) for call in step.calls], most)
            found.add(tool, f"check {step.goal}", *({argument: group, "json_schema": _SEEN} for group in groups))
    found.deliver = [Made(moved[made.step], made.call) for made in plan.deliver]
    return found


def _outputs(call: dict[str, Any]) -> int:
    """How many pictures a call makes."""
    return int(call.get("num_images") or call.get("max_images") or 1)


def _groups(made: Sequence[Made], outputs: Sequence[int], most: int) -> list[list[Made]]:
    """Calls whose outputs are looked at together, at most so many outputs a group."""
    groups: list[list[Made]] = [[]]
    held = 0
    for one, n in zip(made, outputs, strict=True):
        if groups[-1] and held + n > most:
            groups.append([])
            held = 0
        groups[-1].append(one)
        held += n
    return groups


def is_look(tool: str) -> bool:
    """Whether a tool only looks."""
    return any(tool == name for name, _, _ in _LOOKS.values())


def differs(claimed: dict[str, Any], seen: dict[str, Any]) -> bool:
    """Whether an output is not what its response said: another size, another length, its sound missing."""
    size = f"{seen.get('width')}x{seen.get('height')}"
    if claimed.get("size", size) != size or claimed.get("seconds") != seen.get("seconds"):
        return True
    return list(claimed.get("audio", ())) != list(seen.get("audio") or ())


def answers(response: dict[str, Any]) -> list[dict[str, Any]]:
    """What a look found, one an asset, in the order in which they were named."""
    found: list[dict[str, Any]] = msgspec.json.decode(response["outputs"][0]["text"])["answer"]
    return found


def _moved(value: Any, moved: dict[int, int]) -> Any:
    if isinstance(value, Made):
        return Made(moved[value.step], value.call)
    if not made_in(value):
        return value
    if isinstance(value, dict):
        return {name: _moved(item, moved) for name, item in value.items()}
    return [_moved(item, moved) for item in value]
