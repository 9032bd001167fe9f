"""What a judge's model sees of a candidate: plans and calls as data behind a fence, without the policy's words to the judge."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from itertools import count
from typing import Any

import msgspec

from rewards.judges.praise import speaks_to_the_judge
from rewards.record import Record
from visgenenv.types import CallRecord, JSONObject, Plan

VERSION = "fence/1"
MARK = "[…]"
"""Stands for words that were taken out."""
MOST_CHARS = 240
"""Of one text of the policy."""
MOST_STEPS, MOST_CALLS, MOST_ITEMS, MOST_DEPTH = 60, 100, 16, 4
_ANGLES = str.maketrans("<>＜＞﹤﹥", "‹›‹›‹›")
_SENTENCE = re.compile(r"([!?;。！？；\n]+|\.(?=\s|$))")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]")
"""Characters that show nothing and yet are no format characters."""


def neutral(text: str, most: int) -> str:
    """A text as one line without tags, control, direction and invisible characters, shortened in its middle to `most` characters."""
    shown = "".join(_visible(character) for character in _SELECTORS.sub("", text[: 4 * most]).translate(_ANGLES))
    shown = " ".join(shown.split())
    cut = max(len(shown) - most, len(text) - 4 * most)
    if cut <= 0:
        return shown
    return f"{shown[: most * 2 // 3].rstrip()} … ({len(text)} characters) … {shown[most * 2 // 3 :][-most // 3 :].lstrip()}"


def _visible(character: str) -> str:
    if character in "\n\t\r\v\f\x85\u2028\u2029":
        return " "
    return "" if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn") else character


@lru_cache(maxsize=4096)
def cleaned(text: str, most: int = MOST_CHARS) -> str:
    """A text of the policy, `neutral`, with `MARK` in place of each sentence that praises itself or speaks to the judge."""
    text = text[: 8 * most].replace("\r", "\n")
    parts = _SENTENCE.split(text)
    kept = [MARK if number % 2 == 0 and speaks_to_the_judge(part) else part for number, part in enumerate(parts)]
    found = neutral("".join(kept), most)
    return MARK if speaks_to_the_judge(found) else found  # said over several sentences


def plan_seen(plan: Plan) -> list[JSONObject]:
    """A plan's steps, with what they say cleaned; of very long plans the first steps."""
    steps: list[JSONObject] = [
        {
            "id": _number(step.id),
            "tool": cleaned(step.tool, 80),
            "goal": cleaned(step.goal),
            "n": _number(step.n),
            "after": [_number(one) for one in step.after[:MOST_ITEMS]],
        }
        for step in plan.steps[:MOST_STEPS]
    ]
    if len(plan.steps) > MOST_STEPS:
        steps.append({"further_steps": len(plan.steps) - MOST_STEPS})
    return steps


def deeds_seen(record: Record) -> list[JSONObject]:
    """What was done, turn by turn: the plan where one was given, each call with its outcome; no thoughts, no answer."""
    found: list[JSONObject] = []
    left = MOST_CALLS
    for number, turn in enumerate(record.trajectory.turns):
        seen: JSONObject = {"turn": number + 1}
        plan = record.plans.get(number)
        if plan is not None:
            seen["plan"] = plan_seen(plan)
        if turn.calls:
            seen["calls"] = [_call(call) for call in turn.calls[:left]]
            if len(turn.calls) > left:
                seen["further_calls"] = len(turn.calls) - left
            left = max(left - len(turn.calls), 0)
        if len(seen) > 1:
            found.append(seen)
    return found


def _call(call: CallRecord) -> JSONObject:
    outcome = {"made": list(call.outputs[:MOST_ITEMS])} if call.fault is None else {"fault": call.fault.code}
    return {"tool": cleaned(call.tool, 80), "arguments": _value(call.arguments), **outcome}


def _value(value: Any, depth: int = 0) -> Any:
    """An argument's value as it is shown: texts cleaned, long lists and deep nestings cut."""
    if isinstance(value, str):
        return cleaned(value, MOST_CHARS // 2)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return _number(value)
    if depth >= MOST_DEPTH:
        return "…"
    if isinstance(value, dict):
        some = list(value.items())[:MOST_ITEMS]
        return {cleaned(str(name), 60): _value(one, depth + 1) for name, one in some} | _rest(len(value))
    if isinstance(value, list | tuple):
        rest = _rest(len(value))
        return [_value(one, depth + 1) for one in value[:MOST_ITEMS]] + ([rest] if rest else [])
    return cleaned(str(value), MOST_CHARS // 2)


def _rest(size: int) -> JSONObject:
    return {"further": size - MOST_ITEMS} if size > MOST_ITEMS else {}


def _number(value: float) -> float | str:
    """A number as it is, unless it is so long that it is a text of its own."""
    return value if abs(value) < 10**12 else "…"


def fenced(content: Any) -> str:
    """Something as JSON between two marks that cannot stand inside it, because they are derived from it."""
    text = encoded(content)
    return next(fence for fence in _fences(text) if fence is not None)


def _fences(text: str) -> Iterable[str | None]:
    for number in count():
        mark = "DATA-" + blake2b(f"{number}|{text}".encode("utf-8", "replace"), digest_size=8).hexdigest()
        yield None if mark in text else f"<<<{mark}\n{text}\n{mark}>>>"


def encoded(value: Any) -> str:
    """A value as JSON in which no tag can stand."""
    return msgspec.json.encode(value).decode().translate(_ANGLES)
