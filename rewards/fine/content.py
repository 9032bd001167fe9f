"""Content: are the things that the task names in the words that made the deliverables?"""

from __future__ import annotations

from typing import Any

from rewards.record import Record, Tools
from rewards.words import named, plain
from visgenenv.types import CallRecord

_NOT_SHOWN = frozenset(("negative_prompt",))


def contents(record: Record) -> tuple[float, str]:
    """Share of the declared entities found in the arguments of the calls along the deliverables' provenance.

    Only words that shape what is seen count: those of sounds do not, nor what a prompt asks to leave out, nor, of editing
    tools, anything but a prompt (a subtitle names things without showing them).
    """
    entities = record.asked.entities or ()
    if not entities:
        return 1.0, "no content asked"
    words = plain(" ".join(text for call in record.origins(record.delivered) for text in _shown(call, record.tools)))
    missing = [entity for entity in entities if not named(entity, words)]
    reason = f"never named: {', '.join(missing)}" if missing else f"all {len(entities)} named"
    return 1 - len(missing) / len(entities), reason[:300]


def _shown(call: CallRecord, tools: Tools) -> list[str]:
    spec = tools.get(call.tool)
    category = spec.category if spec is not None else "other"
    if category == "audio_generation":
        return []
    if category == "editing":
        prompt = call.arguments.get("prompt")
        return [prompt] if isinstance(prompt, str) else []
    return [text for name, value in call.arguments.items() if name not in _NOT_SHOWN for text in _strings(value)]


def _strings(value: Any) -> list[str]:
    """All texts inside an argument; it has passed its tool's own type, so it is as deep as that type."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _strings(item)]
    return [text for item in value for text in _strings(item)] if isinstance(value, list) else []
