"""The grammar of a turn (UTPC): a policy's text in, thoughts, plan, calls and answer out.

First turn:  <think>…</think> <plan>{"steps": […]}</plan> <tool_call>{…}</tool_call> …
Later turns: <think>…</think> [<reflect>…</reflect>] [<plan>…</plan>] <tool_call>{…}</tool_call> …
Last turn:   <think>…</think> <answer>{"deliverables": […], "checks": […]}</answer>

A turn runs whole or not at all: what does not parse is an *error* and none of its calls runs. A turn that parses but
breaks a rule of the order (no thought, no plan in the first turn) is a *violation*: it runs, and its format suffers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from visgenenv.errors import ConfigError
from visgenenv.types import Answer, JSONObject, ParsedTurn, Plan, ToolCall

MAX_CHARS = 65_536
"""Longest text that is read as a turn."""
MAX_CALLS = 64
"""Most calls of one turn."""
MAX_DEPTH = 32
"""Deepest nesting of lists and objects in one block."""
MAX_ERRORS = 8
"""Most errors that are told of one turn."""
_TAG = re.compile(r"<(/?)(think|reflect|plan|tool_call|answer|tool_response)>")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONG_NUMBER = re.compile(r"\d{19}")
_PLAN = msgspec.json.Decoder(Plan)
_CALL = msgspec.json.Decoder(ToolCall)
_ANSWER = msgspec.json.Decoder(Answer)
_PACK = msgspec.msgpack.Encoder()
_SHAPES = {
    "plan": '{"steps": [{"id": 1, "tool": "…", "goal": "…", "n": 1, "after": []}]}',
    "tool_call": '{"name": "…", "arguments": {…}}',
    "answer": '{"deliverables": ["vid_7"], "checks": ["…"]}',
}
_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {"plan": _PLAN, "tool_call": _CALL, "answer": _ANSWER}
_ORDER = {"think": 0, "reflect": 1, "plan": 2, "tool_call": 3, "answer": 3}


def excerpt(text: str, limit: int = 60) -> str:
    """A short, printable quotation of any text."""
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")


def encodable(text: str) -> str:
    """The text with every lone surrogate read as U+FFFD, since no file and no network can hold one."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def parse(text: str, first: bool) -> ParsedTurn:
    """Read one text as a turn; never raises, whatever the text.

    `first`: whether it opens the episode, where a plan is due. Lone surrogates are read as U+FFFD (see `encodable`).
    """
    return parse_usual(text, first) or parse_any(text, first)


_USUAL = re.compile(
    r"\s*<think>([^<]*)</think>\s*(?:<plan>([^<]*)</plan>\s*)?<tool_call>([^<]*)</tool_call>\s*((?:<tool_call>[^<]*</tool_call>\s*)*)"
)


def parse_usual(text: str, first: bool) -> ParsedTurn | None:
    """What `parse_any` would say of a turn of the usual form (a thought, perhaps a plan, calls), several times as fast.

    None for every text of another form, and for those in which anything is amiss; all that its calls hold can be recorded.
    """
    found = _USUAL.fullmatch(text)
    if found is None or len(text) > MAX_CHARS or not (text.isascii() or encodable(text) is text):
        return None
    thought, plan_body, body, further = found.groups()
    think = thought.strip()
    if not think or text.count("[") + text.count("{") > MAX_DEPTH:
        return None
    try:
        calls = [_CALL.decode(body)]
        if further:
            calls += [_CALL.decode(body[: body.rindex("</tool_call>")]) for body in further.split("<tool_call>")[1:]]
            if len(calls) > MAX_CALLS:
                return None
        plan = None if plan_body is None else _PLAN.decode(plan_body)
        packed = _PACK.encode((calls, plan))
    except (msgspec.DecodeError, UnicodeError, RecursionError, OverflowError):
        return None
    if b"\xcf" in packed:  # an integer of more than 32 bits (or a letter that looks so): the long way measures it
        return None
    return ParsedTurn(think=think, plan=plan, calls=tuple(calls), violations=_NO_PLAN if first and plan is None else ())


_NO_PLAN = ("no <plan>…</plan> in the first turn",)


def parse_any(text: str, first: bool) -> ParsedTurn:
    """Read one text of any form as a turn; what `parse` says of it too."""
    violations: list[str] = []
    clean = encodable(text)
    if clean is not text:
        lone = _SURROGATE.search(text)
        assert lone is not None
        violations.append(f"the lone surrogate {lone.group()!r} at character {lone.start()} is no character; it is read as U+FFFD")
        text = clean
    if len(text) > MAX_CHARS:
        return ParsedTurn(
            errors=(f"the turn has {len(text)} characters; at most {MAX_CHARS} are read: say less",), violations=tuple(violations)
        )
    blocks, errors, stray = _blocks(text)
    found: dict[str, Any] = {}
    calls: list[ToolCall] = []
    if stray is not None:
        violations.append(f"text outside the tags at character {stray[0]}: {excerpt(stray[1])}; put thoughts inside <think>…</think>")
    rank = -1
    for tag, body, start in blocks:
        if len(errors) >= MAX_ERRORS:
            break
        if tag == "tool_response":
            errors.append(f"<tool_response> at character {start} is the environment's word; a policy does not write it")
            continue
        if _ORDER[tag] < rank:
            violations.append(f"<{tag}> at character {start} comes too late; the order is think, reflect, plan, tool_call or answer")
        rank = max(rank, _ORDER[tag])
        if tag in found:
            errors.append(f"a second <{tag}> at character {start}; a turn has one")
            continue
        if tag in ("think", "reflect"):
            found[tag] = body.strip()
            continue
        try:
            value = _DECODERS[tag].decode(body)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            told = str(error)  # it may quote the name of a field, however long that is
            told = told if len(told) <= 200 else told[:199] + "…"
            errors.append(f"<{tag}> at character {start} holds {excerpt(body.strip())}: {told}; expected {_SHAPES[tag]}")
            continue
        if (body.count("[") + body.count("{") > MAX_DEPTH or _LONG_NUMBER.search(body)) and (reason := _unstorable(value)):
            errors.append(f"<{tag}> at character {start} holds {excerpt(body.strip())}: {reason}")
            continue
        if tag == "tool_call":
            calls.append(value)
        else:
            found[tag] = value
    if len(calls) > MAX_CALLS:
        errors.append(f"{len(calls)} tool calls in one turn; at most {MAX_CALLS} are run")
    if calls and "answer" in found:
        errors.append("both <tool_call> and <answer> in one turn; answer in a turn of its own, after the last tool response")
    if not calls and "answer" not in found and not errors:
        given = excerpt(text.strip()) if text.strip() else "an empty text"
        errors.append(f"neither <tool_call> nor <answer>: given {given}; expected <tool_call>{_SHAPES['tool_call']}</tool_call>")
    if not found.get("think"):
        violations.append("no <think>…</think> before acting")
    if first and "plan" not in found:
        violations += _NO_PLAN
    return ParsedTurn(
        think=found.get("think"),
        reflect=found.get("reflect"),
        plan=found.get("plan"),
        calls=tuple(calls),
        answer=found.get("answer"),
        errors=tuple(errors),
        violations=tuple(violations),
    )


def _blocks(text: str) -> tuple[list[tuple[str, str, int]], list[str], tuple[int, str] | None]:
    """Cut a text into (tag, body, position) blocks; also the errors, and the first stray text outside all tags."""
    blocks: list[tuple[str, str, int]] = []
    errors: list[str] = []
    stray: tuple[int, str] | None = None
    position = 0
    opened: re.Match[str] | None = None
    for tag in _TAG.finditer(text):
        closing, name = tag.group(1), tag.group(2)
        if opened is None:
            between = text[position : tag.start()]
            if stray is None and between.strip():
                stray = (position, between.strip())
            if closing:
                errors.append(f"</{name}> at character {tag.start()} closes nothing; expected <{name}> before it")
                position = tag.end()
            else:
                opened = tag
        elif closing and name == opened.group(2):
            blocks.append((name, text[opened.end() : tag.start()], opened.start()))
            opened, position = None, tag.end()
        elif not closing and name == opened.group(2):
            errors.append(f"<{name}> at character {opened.start()} is opened again at {tag.start()}; expected </{name}> first")
            opened = tag
        elif opened.group(2) not in ("think", "reflect"):
            inner = opened.group(2)
            errors.append(f"<{inner}> at character {opened.start()}: expected </{inner}> before <{closing}{name}> at {tag.start()}")
            opened = None if closing else tag
            position = tag.end()
    if opened is not None:
        errors.append(f"<{opened.group(2)}> at character {opened.start()} is never closed; expected </{opened.group(2)}>")
    elif stray is None and text[position:].strip():
        stray = (position, text[position:].strip())
    return blocks, errors[:MAX_ERRORS], stray


def _unstorable(value: object) -> str | None:
    """Why a decoded block cannot be written down: a number past 64 bits, or too deep a nesting."""
    todo: list[tuple[object, int]] = [(value, 0)]
    while todo:
        item, depth = todo.pop()
        if depth > MAX_DEPTH:
            return f"nested deeper than {MAX_DEPTH} lists and objects; expected plain arguments"
        if isinstance(item, int) and not -(2**63) <= item < 2**63:
            return f"the number {str(item)[:24]}… has more than 64 bits; expected a smaller one"
        if isinstance(item, msgspec.Struct):
            item = msgspec.structs.asdict(item)
        if isinstance(item, dict):
            todo += [(inner, depth + 1) for inner in item.values()]
        elif isinstance(item, list | tuple):
            todo += [(inner, depth + 1) for inner in item]
    return None


def render(
    think: str,
    *,
    plan: Plan | None = None,
    calls: tuple[ToolCall, ...] = (),
    answer: Answer | None = None,
    reflect: str | None = None,
) -> str:
    """Write a turn: the inverse of `parse`."""
    parts = [f"<think>{think}</think>"]
    if reflect is not None:
        parts.append(f"<reflect>{reflect}</reflect>")
    if plan is not None:
        parts.append(f"<plan>{_json(plan)}</plan>")
    parts += [f"<tool_call>{_json(call)}</tool_call>" for call in calls]
    if answer is not None:
        parts.append(f"<answer>{_json(answer)}</answer>")
    return "\n".join(parts)


def _json(value: object) -> str:
    return sealed(msgspec.json.encode(value).decode())


def sealed(body: str) -> str:
    """JSON in which no string can be taken for one of the grammar's tags: `<` of a tag is written as its code."""
    return _TAG.sub(lambda tag: "\\u003c" + tag.group()[1:], body) if "<" in body else body


def from_openai(message: Mapping[str, Any] | Any) -> str:
    """Turn one assistant message of the OpenAI chat API into a turn's text.

    `message` is a dict or the client's object with `content`, optionally `reasoning_content` and `tool_calls`. The
    reserved tools `submit_plan` and `submit_answer` become <plan> and <answer>; words become <think>. Arguments that are
    no JSON are handed on as they are, so that the environment answers with what is wrong and where. Raises `ConfigError`
    for what is no message.
    """
    if isinstance(message, str | bytes | list | None):
        raise ConfigError(f"message={str(message)[:60]!r}: expected one assistant message, a dict or the client's object with `content`")
    content = _words(_get(message, "content"))
    reasoning = _words(_get(message, "reasoning_content") or _get(message, "reasoning"))
    calls = [_openai_call(call) for call in _get(message, "tool_calls") or ()]
    if not calls and _TAG.search(content):
        return content if not reasoning or "<think>" in content else f"<think>{_plain(reasoning)}</think>\n{content}"
    words = _plain("\n".join(part for part in (reasoning, content) if part).strip())
    parts = [f"<think>{words}</think>"] if words else []
    parts += [f"<plan>{body}</plan>" for name, body in calls if name == "submit_plan"]
    for name, body in calls:
        if name not in ("submit_plan", "submit_answer"):
            parts.append(f'<tool_call>{{"name":{_json(encodable(name))},"arguments":{body}}}</tool_call>')
    parts += [f"<answer>{body}</answer>" for name, body in calls if name == "submit_answer"]
    return "\n".join(parts)


def _get(value: Mapping[str, Any] | Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def _words(content: Any) -> str:
    """The text of a message's content: a text, or a list of parts of which those with a text count."""
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(_get(part, "text") or "" for part in content)


def _plain(words: str) -> str:
    """Words in which no tag of the grammar stands."""
    return _TAG.sub(lambda tag: f"‹{tag.group()[1:-1]}›", words)


def _openai_call(call: Mapping[str, Any] | Any) -> tuple[str, str]:
    """Name and arguments as JSON; the client's object form, the dict form, and arguments already decoded all serve."""
    function = _get(call, "function") or {}
    name, body = _get(function, "name"), _get(function, "arguments")
    if body is None or isinstance(body, str):
        return str(name), sealed(body or "{}")
    return str(name), sealed(json.dumps(body, ensure_ascii=True))


def openai_tools() -> list[JSONObject]:
    """Function schemas of the two reserved tools through which a model with native function calling plans and answers."""
    (plan, answer), definitions = msgspec.json.schema_components([Plan, Answer], ref_template="#/$defs/{name}")
    schemas = []
    for name, schema, description in (
        ("submit_plan", plan, "Lay down the plan, or revise it; a reward that judges plans gives nothing without one."),
        ("submit_answer", answer, "End the task: name the deliverables by handle, in order."),
    ):
        parameters = dict(definitions[schema["$ref"].rsplit("/", 1)[1]])
        if name == "submit_plan":
            parameters["$defs"] = {"PlanStep": definitions["PlanStep"]}
        schemas.append({"type": "function", "function": {"name": name, "description": description, "parameters": parameters}})
    return schemas
