"""Content: are the things that the task names in the words that made the deliverables?"""

from __future__ import annotations

from typing import Any

from rewards.record import Record, Tools
from rewards.words import named, plain
from visgenenv.types import CallRecord

_SAYS = frozenset(("tool_tts_generation",))


def contents(record: Record) -> tuple[float, str]:
    """Share of the declared entities found in the arguments of the calls along the deliverables' provenance.

    What a prompt asks to leave out does not count; nor do the words that are spoken or laid over a film, which name things
    without showing them.
    """
    entities = record.asked.entities or ()
    if not entities:
        return 1.0, "no content asked"
    words = plain(" ".join(text for call in record.origins(record.delivered) for text in _shown(call, record.tools)))
    missing = [entity for entity in entities if not named(entity, words)]
    reason = f"never named: {', '.join(missing)}" if missing else f"all {len(entities)} named"
    return 1 - len(missing) / len(entities), reason[:300]


def _shown(call: CallRecord, tools: Tools) -> list[str]:
    """Texts of a call that shape what is seen or heard; of editing and of speech only the prompt does."""
    spec = tools.get(call.tool)
    if call.tool in _SAYS or (spec is not None and spec.category == "editing"):
        prompt = call.arguments.get("prompt")
        return [prompt] if isinstance(prompt, str) else []
    return [text for name, value in call.arguments.items() if name != "negative_prompt" for text in _strings(value)]


def _strings(value: Any) -> list[str]:
    """All texts inside an argument; it has passed its tool's own type, so it is as deep as that type."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _strings(item)]
    return [text for item in value for text in _strings(item)] if isinstance(value, list) else []
