"""What a policy can read in its messages: the handles that came with the task, and the answers to its last calls."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from visgenenv.sight import text_of
from visgenenv.types import PREFIX, JSONObject

_INPUT = re.compile(r"^\[((?:img|vid|aud|txt)_\d+): ", re.MULTILINE)
_OPEN, _CLOSE = "<tool_response>", "</tool_response>"
_MODALITY = {prefix: modality for modality, prefix in PREFIX.items()}


def opening(messages: Sequence[JSONObject]) -> str:
    """The first message of the user: the task's words and what came with them."""
    return next((text_of(message) for message in messages if message["role"] == "user"), "")


def given_handles(messages: Sequence[JSONObject]) -> list[str]:
    """Handles of the task's inputs, in order."""
    return _INPUT.findall(opening(messages))


def responses(messages: Sequence[JSONObject]) -> list[dict[str, Any]]:
    """The answers to the calls of the last turn, in call order; empty before the first turn."""
    return _answers(messages[-1]) if messages else []


def outputs(response: dict[str, Any]) -> tuple[str, ...]:
    """Handles that one answered call made; empty where it failed."""
    return tuple(output["handle"] for output in response.get("outputs", ()))


def modality_of(handle: str) -> str:
    """`img_3` is an image."""
    return _MODALITY.get(handle.partition("_")[0], "text")


def all_handles(messages: Sequence[JSONObject]) -> dict[str, list[str]]:
    """Every handle seen so far, by modality, in the order of their making."""
    made = [handle for message in messages for answer in _answers(message) for handle in outputs(answer)]
    found: dict[str, list[str]] = {}
    for handle in (*given_handles(messages), *made):
        found.setdefault(modality_of(handle), []).append(handle)
    return found


def _answers(message: JSONObject) -> list[dict[str, Any]]:
    # An answer is a line: its JSON holds no line end, but may well hold a tag.
    if message["role"] != "user":
        return []
    lines = (line for line in text_of(message).split("\n") if line.startswith(_OPEN) and line.endswith(_CLOSE))
    return [msgspec.json.decode(line[len(_OPEN) : -len(_CLOSE)]) for line in lines]
