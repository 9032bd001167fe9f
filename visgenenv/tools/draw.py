"""Random valid arguments for any tool, drawn from its own types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import inspect

from visgenenv.tools.spec import ToolSpec
from visgenenv.types import PREFIX, JSONObject

_WORDS = ("a", "red", "bicycle", "by", "the", "sea", "at", "dawn", "copper", "lantern", "in", "soft", "light", "with", "two", "birds")
_OPTIONAL = 0.3
"""How often an argument with a default is given."""
_MORE = 3
"""Most entries a list is given beyond its least."""


def draw_arguments(spec: ToolSpec[Any], generator: np.random.Generator, handles: Mapping[str, Sequence[str]]) -> JSONObject:
    """Arguments that fit the tool's types; rules across fields (`ToolArgs.check`) may still refuse them.

    A field with `Meta(examples=[…])` is given one of these; one with a `pattern` other than a colour's needs them.

    `handles` lists own handles by modality; where a required one has none to choose from, one is made up (`img_1`).
    """
    drawn: JSONObject = _struct(spec.shape, generator, handles)
    return drawn


def _struct(shape: inspect.StructType, generator: np.random.Generator, handles: Mapping[str, Sequence[str]]) -> JSONObject:
    drawn: JSONObject = {}
    for field in shape.fields:
        if field.required or (generator.random() < _OPTIONAL and _can_be_had(field.type, handles)):
            drawn[field.encode_name] = _value(field.type, generator, handles)
    return drawn


def _value(shape: inspect.Type, generator: np.random.Generator, handles: Mapping[str, Sequence[str]]) -> Any:
    match shape:
        case inspect.Metadata():
            allowed, examples = (shape.extra or {}).get("handle"), (shape.extra_json_schema or {}).get("examples")
            if examples:
                return examples[generator.integers(len(examples))]
            return _handle(allowed, generator, handles) if allowed else _value(shape.type, generator, handles)
        case inspect.UnionType():
            return _value(shape.types[generator.integers(len(shape.types))], generator, handles)
        case inspect.LiteralType():
            return shape.values[generator.integers(len(shape.values))]
        case inspect.EnumType():
            members = list(shape.cls)
            return members[generator.integers(len(members))].value
        case inspect.BoolType():
            return bool(generator.integers(2))
        case inspect.IntType():
            return _integer(shape, generator)
        case inspect.FloatType():
            return _number(shape, generator)
        case inspect.StrType():
            return "#336699" if shape.pattern else _words(shape, generator)
        case inspect.ListType() | inspect.VarTupleType():
            least = shape.min_length or 0
            most = least + _MORE if shape.max_length is None else min(shape.max_length, least + _MORE)
            count = int(generator.integers(least, most + 1))
            return [_value(shape.item_type, generator, handles) for _ in range(count)]
        case inspect.StructType():
            return _struct(shape, generator, handles)
        case inspect.DictType():
            return {}
        case inspect.NoneType():
            return None
    return _words(inspect.StrType(), generator)


def _can_be_had(shape: inspect.Type, handles: Mapping[str, Sequence[str]]) -> bool:
    """Whether an argument needs no handle, or there is one to give."""
    match shape:
        case inspect.Metadata():
            allowed = (shape.extra or {}).get("handle")
            return any(handles.get(modality) for modality in allowed) if allowed else _can_be_had(shape.type, handles)
        case inspect.ListType() | inspect.VarTupleType():
            return _can_be_had(shape.item_type, handles)
        case inspect.UnionType():
            return all(_can_be_had(part, handles) for part in shape.types)
    return True


def _handle(allowed: Sequence[str], generator: np.random.Generator, handles: Mapping[str, Sequence[str]]) -> str:
    own = [handle for modality in allowed for handle in handles.get(modality, ())]
    return own[generator.integers(len(own))] if own else f"{PREFIX[allowed[0]]}_1"


def _integer(shape: inspect.IntType, generator: np.random.Generator) -> int:
    low = shape.ge if shape.ge is not None else shape.gt + 1 if shape.gt is not None else 0
    high = shape.le if shape.le is not None else shape.lt - 1 if shape.lt is not None else low + 100
    step = shape.multiple_of or 1
    return int(generator.integers(-(-low // step), high // step + 1)) * step


def _number(shape: inspect.FloatType, generator: np.random.Generator) -> float:
    low = shape.ge if shape.ge is not None else shape.gt if shape.gt is not None else 0.0
    high = shape.le if shape.le is not None else shape.lt if shape.lt is not None else low + 10.0
    drawn = round(float(generator.uniform(low, high)), 2)
    return min(max(drawn, low), high) if shape.gt is None and shape.lt is None else (low + high) / 2


def _words(shape: inspect.StrType, generator: np.random.Generator) -> str:
    words = " ".join(_WORDS[n] for n in generator.integers(0, len(_WORDS), int(generator.integers(2, 9))))
    while shape.min_length is not None and len(words) < shape.min_length:
        words += " " + words
    return words if shape.max_length is None else words[: shape.max_length]
