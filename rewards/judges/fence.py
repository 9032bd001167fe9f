"""What a judge's model sees of a candidate: plans and calls as data behind a fence, without the policy's words to the judge."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable
from functools import lru_cache
from hashlib import blake2b
from itertools import count, groupby, pairwise
from typing import Any

import msgspec

from rewards.judges.praise import speaks_to_the_judge
from rewards.record import Record
from visgenenv.types import CallRecord, JSONObject, Plan

VERSION = "fence/2"
MARK = "[…]"
"""Stands for words that were taken out."""
MOST_CHARS = 240
"""Of one text of the policy."""
WORD_CHARS = 12
"""Of a line that is a single word."""
MOST_STEPS, MOST_CALLS, MOST_ITEMS, MOST_DEPTH = 60, 100, 16, 4
_ANGLES = str.maketrans("<>＜＞﹤﹥", "‹›‹›‹›")
_SENTENCE = re.compile(r"([!?;。！？；\n]+|\.(?=\s|$))")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]")
"""Characters that show nothing and yet are no format characters."""


def neutral(text: str, most: int) -> str:
    """A text as one line without tags, control, direction and invisible characters, shortened in its middle to `most` characters."""
    shown = "".join(_visible(character) for character in _SELECTORS.sub("", text[: 4 * most]).translate(_ANGLES))
    shown = " ".join(shown.split())
    if len(shown) <= most and len(text) <= 4 * most:
        return shown
    mark = f" … ({len(text)} characters) … "
    room = most - len(mark)
    head, tail = shown[: room * 2 // 3], shown[room * 2 // 3 :][-(room // 3) :]
    return f"{head.rstrip()}{mark}{tail.lstrip()}"


def _visible(character: str) -> str:
    if character in "\n\t\r\v\f\x85\u2028\u2029":
        return " "
    return "" if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn") else character


@lru_cache(maxsize=4096)
def cleaned(text: str, most: int = MOST_CHARS, task: str = "") -> str:
    """A text of the policy, `neutral`, with `MARK` in place of each sentence that praises itself or speaks to the judge.

    Words that the `task` uses itself stay.
    """
    parts = _SENTENCE.split(text[: 8 * most].replace("\r", "\n"))
    bare = [neutral(part, len(part)) for part in parts]
    out: set[int] = set()
    for first, last, sentences in _stretches(bare):
        said = "".join(parts[first : last + 1])
        if speaks_to_the_judge(neutral(said, len(said)), task, sentences):
            out.update(range(first, last + 1, 2))
    return neutral("".join(MARK if number in out else part for number, part in enumerate(parts)), most)


def _stretches(parts: list[str]) -> Iterable[tuple[int, int, int]]:
    """First and last of the parts to be read together, and as how many sentences.

    Each stands alone and beside its neighbour; what is written a word a line is one sentence.
    """
    said = [number for number in range(0, len(parts), 2) if parts[number]]
    yield from ((number, number, 1) for number in said)
    yield from ((one, other, 2) for one, other in pairwise(said))
    for short, run in groupby(said, lambda number: " " not in parts[number] and len(parts[number]) <= WORD_CHARS):
        numbers = list(run)
        if short and len(numbers) > 1:
            yield numbers[0], numbers[-1], 1


def plan_seen(plan: Plan, task: str = "") -> list[JSONObject]:
    """A plan's steps, with what they say cleaned of all but the words of the `task`; of very long plans the first steps."""
    steps: list[JSONObject] = [
        {
            "id": _number(step.id),
            "tool": cleaned(step.tool, 80),
            "goal": cleaned(step.goal, MOST_CHARS, task),
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
    task = record.task.prompt
    for number, turn in enumerate(record.trajectory.turns):
        seen: JSONObject = {"turn": number + 1}
        plan = record.plans.get(number)
        if plan is not None:
            seen["plan"] = plan_seen(plan, task)
        if turn.calls:
            seen["calls"] = [_call(call, task) for call in turn.calls[:left]]
            if len(turn.calls) > left:
                seen["further_calls"] = len(turn.calls) - left
            left = max(left - len(turn.calls), 0)
        if len(seen) > 1:
            found.append(seen)
    return found


def wordless(seen: Any, tools: Container[str]) -> Any:
    """What `plan_seen` or `deeds_seen` shows, without the policy's words: no goals, no arguments, no tools but those there are."""
    if isinstance(seen, list):
        return [wordless(one, tools) for one in seen]
    if not isinstance(seen, dict):
        return seen
    left = {name: wordless(one, tools) for name, one in seen.items() if name not in ("goal", "arguments")}
    return left | {"tool": "…"} if "tool" in left and left["tool"] not in tools else left


def _call(call: CallRecord, task: str) -> JSONObject:
    outcome = {"made": list(call.outputs[:MOST_ITEMS])} if call.fault is None else {"fault": call.fault.code}
    return {"tool": cleaned(call.tool, 80), "arguments": _value(call.arguments, task), **outcome}


def _value(value: Any, task: str, depth: int = 0) -> Any:
    """An argument's value as it is shown: texts cleaned, long lists and deep nestings cut."""
    if isinstance(value, str):
        return cleaned(value, MOST_CHARS // 2, task)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return _number(value)
    if depth >= MOST_DEPTH:
        return "…"
    if isinstance(value, dict):
        some = list(value.items())[:MOST_ITEMS]
        return {cleaned(str(name), 60): _value(one, task, depth + 1) for name, one in some} | _rest(len(value))
    if isinstance(value, list | tuple):
        rest = _rest(len(value))
        return [_value(one, task, depth + 1) for one in value[:MOST_ITEMS]] + ([rest] if rest else [])
    return cleaned(str(value), MOST_CHARS // 2, task)


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
