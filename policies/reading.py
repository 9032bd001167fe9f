"""What a policy can read in its messages: the handles that came with the task, and the answers to its last calls."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from visgenenv.types import PREFIX, JSONObject

_INPUT = re.compile(r"^\[((?:img|vid|aud|txt)_\d+): ", re.MULTILINE)
_RESPONSE = re.compile(r"<tool_response>(.*?)</tool_response>", re.DOTALL)
_MODALITY = {prefix: modality for modality, prefix in PREFIX.items()}


def opening(messages: Sequence[JSONObject]) -> str:
    """The first message of the user: the task's words and what came with them."""
    return next((str(message["content"]) for message in messages if message["role"] == "user"), "")


def given_handles(messages: Sequence[JSONObject]) -> list[str]:
    """Handles of the task's inputs, in order."""
    return _INPUT.findall(opening(messages))


def responses(messages: Sequence[JSONObject]) -> list[dict[str, Any]]:
    """The answers to the calls of the last turn, in call order; empty before the first turn."""
    last = messages[-1] if messages else None
    if last is None or last["role"] != "user":
        return []
    return [msgspec.json.decode(body) for body in _RESPONSE.findall(str(last["content"]))]


def outputs(response: dict[str, Any]) -> tuple[str, ...]:
    """Handles that one answered call made; empty where it failed."""
    return tuple(output["handle"] for output in response.get("outputs", ()))


def modality_of(handle: str) -> str:
    """`img_3` is an image."""
    return _MODALITY.get(handle.partition("_")[0], "text")


def all_handles(messages: Sequence[JSONObject]) -> dict[str, list[str]]:
    """Every handle seen so far, by modality, in the order of their making."""
    found: dict[str, list[str]] = {}
    made = [given_handles(messages)]
    made += [list(outputs(response)) for end in range(1, len(messages) + 1) for response in responses(messages[:end])]
    for handle in (handle for handles in made for handle in handles):
        found.setdefault(modality_of(handle), []).append(handle)
    return found
