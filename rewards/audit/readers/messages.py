"""Chat messages as text: what was asked, and what the policy itself wrote."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

_POLICY = ("assistant", "text")
"""Roles under which a policy writes; `text` is what verifiers calls a completion without a chat."""


def asked(value: Any) -> str:
    """A prompt, text or messages, as one text."""
    if isinstance(value, list):
        return "\n\n".join(text for message in value if (text := _said(message)))
    return value if isinstance(value, str) else ""


def written(value: Any) -> tuple[str, int, str]:
    """A completion as the policy's own words, the number of its turns, and a digest of the whole where others speak in it."""
    if not isinstance(value, list):
        return (value, 1, "") if isinstance(value, str) else ("", 0, "")
    own = [message for message in value if not isinstance(message, dict) or message.get("role", "assistant") in _POLICY]
    text = "\n\n".join(said for message in own if (said := _said(message)))
    return text, len(own), digest(*map(_said, value)) if len(own) < len(value) else ""


def digest(*texts: str) -> str:
    """64 bits over texts and their order."""
    found = blake2b(digest_size=8)
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        found.update(b"%d:" % len(data) + data)
    return found.hexdigest()


def _said(message: Any) -> str:
    """Thoughts, content and calls of one message; ids of calls are left out, since they are drawn anew each time."""
    if not isinstance(message, dict):
        return message if isinstance(message, str) else ""
    parts = [message.get("reasoning_content"), *_content(message.get("content")), *map(_call, message.get("tool_calls") or ())]
    return "\n".join(part for part in parts if isinstance(part, str) and part)


def _content(content: Any) -> list[Any]:
    if not isinstance(content, list):
        return [content]
    return [
        part if isinstance(part, str) else part.get("text") or part.get("reasoning") for part in content if isinstance(part, str | dict)
    ]


def _call(call: Any) -> str:
    if isinstance(call, str):
        try:
            call = json.loads(call)
        except ValueError:
            return str(call)
    if isinstance(call, dict):
        call = {key: value for key, value in call.items() if key != "id" and value is not None}
    return json.dumps(call, ensure_ascii=False, sort_keys=True)
