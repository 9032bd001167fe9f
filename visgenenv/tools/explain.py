"""What is wrong with a call's arguments, said as `field=value: rule`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from visgenenv.types import JSONObject, ToolCall

_AT = re.compile(r" - at `\$([^`]*)`$")
_NAMED = re.compile(r"(unknown|missing required) field `(.*)`$", re.DOTALL)
_STEP = re.compile(r"\[(\d+|\.\.\.)\]|\.?([^.\[\]]+)")
_PACK = msgspec.msgpack.Encoder()


def recordable(value: object) -> bool:
    """Whether a value can be written into a record: integers of 64 bits, whole Unicode, bounded nesting."""
    try:
        _PACK.encode(value)
    except (UnicodeError, OverflowError, RecursionError, ValueError, TypeError):
        return False
    return True


def cleaned(call: ToolCall) -> tuple[ToolCall, str]:
    """A call that cannot be recorded without what stands in the way, and what that is, as `field=value: rule`."""
    name = call.name if recordable(call.name) else call.name.encode("utf-8", "replace").decode()
    kept = {field: value for field, value in call.arguments.items() if recordable({field: value})}
    field = next((field for field in call.arguments if field not in kept), "name")
    value = call.arguments.get(field, call.name)
    rule = "holds a number past 64 bits, half a surrogate pair, or lists nested too deep; expected plain JSON"
    return ToolCall(name=name, arguments=kept), f"{shown(field, 80)[1:-1]}={shown(value)}: {rule}"


def shown(value: object, limit: int = 60) -> str:
    """A short, printable quotation of any value."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits, or lists nested too deep
        text = f"a {type(value).__name__} too large to show"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def explain(message: str, arguments: JSONObject, kind: Any) -> str:
    """Turn msgspec's message on arguments that do not fit a tool's type into `field=value: rule`."""
    at = _AT.search(message)
    rule, path = (message[: at.start()], at.group(1).lstrip(".")) if at else (message, "")
    named = _NAMED.search(rule)
    if named:
        owner = _owner(kind, path)
        known = ", ".join(field.encode_name for field in msgspec.structs.fields(owner)) if owner else ""
        field = f"{path}.{named.group(2)}" if path else named.group(2)
        if named.group(1) == "unknown":
            found = _value(arguments, path)
            value = found.get(named.group(2)) if isinstance(found, dict) else None
            return f"{shown(field, 80)[1:-1]}={shown(value)}: unknown; expected only {known}"
        return f"{field}=(missing): required; expected {_expected(_type_at(kind, field))}"
    allowed = list(_choices(_type_at(kind, path)))
    if rule.startswith("Invalid enum value") and allowed:
        rule = f"expected one of {', '.join(repr(choice) for choice in allowed)}"
    elif rule.startswith("Number out of range"):
        rule = f"number out of range; expected {_expected(_type_at(kind, path))}"
    return f"{path or 'arguments'}={shown(_value(arguments, path))}: {rule[0].lower()}{rule[1:]}"


def _value(arguments: Any, path: str) -> Any:
    """The value a path leads to; where it leaves the arguments, the last value on it."""
    for number, name in _STEP.findall(path):
        if isinstance(arguments, dict) and name in arguments:
            arguments = arguments[name]
        elif isinstance(arguments, list) and number.isdigit() and int(number) < len(arguments):
            arguments = arguments[int(number)]
        else:
            break
    return arguments


def _parts(kind: Any) -> Iterator[Any]:
    """The plain types inside a union or an annotation."""
    inner = getattr(kind, "__origin__", None) if hasattr(kind, "__metadata__") else None
    if inner is not None:
        yield from _parts(inner)
    elif get_args(kind) and get_origin(kind) not in (list, tuple, dict, Literal):
        for part in get_args(kind):
            yield from _parts(part)
    else:
        yield kind


@lru_cache(maxsize=1024)
def _fields(kind: type[msgspec.Struct]) -> JSONObject:
    """Types of a struct's fields, by name."""
    return get_type_hints(kind, include_extras=True)


def _type_at(kind: Any, path: str) -> Any:
    """The type a path leads to in a struct's type, None where it leads out of it."""
    for number, name in _STEP.findall(path):
        following = None
        for part in _parts(kind):
            if number and get_origin(part) in (list, tuple):
                following = get_args(part)[0]
            elif name and isinstance(part, type) and issubclass(part, msgspec.Struct):
                following = _fields(part).get(name)
        if following is None:
            return None
        kind = following
    return kind


def _owner(kind: Any, path: str) -> Any:
    found = _type_at(kind, path)
    return next((part for part in _parts(found) if isinstance(part, type) and issubclass(part, msgspec.Struct)), None)


def _choices(kind: Any) -> Iterator[Any]:
    for part in _parts(kind):
        if get_origin(part) is Literal:
            yield from get_args(part)


_NAMES = {str: "a string", int: "an integer", float: "a number", bool: "true or false", list: "a list", tuple: "a list", dict: "an object"}


def _expected(kind: Any) -> str:
    """A type in words."""
    words = []
    for part in _parts(kind):
        if get_origin(part) is Literal:
            words.append("one of " + ", ".join(repr(choice) for choice in get_args(part)))
        elif part is not type(None):
            words.append(_NAMES.get(get_origin(part) or part, "an object"))
    return " or ".join(dict.fromkeys(words)) or "a value"
