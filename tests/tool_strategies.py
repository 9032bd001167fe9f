"""Hypothesis strategies for arguments, derived from the tools' own types: valid ones, and ones broken in a known place."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from msgspec import inspect

from visgenenv.tools.spec import ToolSpec
from visgenenv.types import PREFIX

HANDLES = {"image": ["img_1", "img_2"], "video": ["vid_1"], "audio": ["aud_1"], "text": ["txt_1", "txt_2"]}
"""What `workbench.stocked()` holds."""
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
SCALARS: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats() | WORDS
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=8
)


def shape_of(spec: ToolSpec[Any]) -> inspect.StructType:
    shape = inspect.type_info(spec.args)
    assert isinstance(shape, inspect.StructType)
    return shape


def valid_arguments(spec: ToolSpec[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments that fit the types; a rule across fields may still refuse them."""
    return _struct(shape_of(spec))


def _struct(shape: inspect.StructType) -> st.SearchStrategy[dict[str, Any]]:
    required = {field.encode_name: valid(field.type) for field in shape.fields if field.required}
    optional = {field.encode_name: valid(field.type) for field in shape.fields if not field.required}
    return st.fixed_dictionaries(required, optional=optional)


def valid(shape: inspect.Type) -> st.SearchStrategy[Any]:
    """Values of one type."""
    match shape:
        case inspect.Metadata():
            allowed = (shape.extra or {}).get("handle")
            return st.sampled_from([name for modality in allowed for name in HANDLES[modality]]) if allowed else valid(shape.type)
        case inspect.UnionType():
            return st.one_of([valid(part) for part in shape.types])
        case inspect.LiteralType():
            return st.sampled_from(shape.values)
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            step = shape.multiple_of or 1
            return st.integers(-(-(shape.ge or 0) // step), (shape.le if shape.le is not None else 1000) // step).map(lambda n: n * step)
        case inspect.FloatType():
            return st.floats(shape.ge or 0, shape.le if shape.le is not None else 10.0)
        case inspect.StrType():
            if shape.pattern:
                return st.from_regex(r"#[0-9A-Fa-f]{6}", fullmatch=True)
            most = min(shape.max_length or 200, 200)
            return st.text(st.characters(exclude_categories=["Cs"]), min_size=shape.min_length or 0, max_size=most)
        case inspect.ListType() | inspect.VarTupleType():
            least = shape.min_length or 0
            return st.lists(valid(shape.item_type), min_size=least, max_size=min(shape.max_length or 4, least + 3))
        case inspect.StructType():
            return _struct(shape)
        case inspect.DictType():
            return st.dictionaries(WORDS, JSON, max_size=3)
        case inspect.NoneType():
            return st.none()
    raise AssertionError(f"no strategy for {shape!r}")


def wrong(shape: inspect.Type) -> st.SearchStrategy[Any]:
    """Values that a type refuses: another type, out of range, too long, no such choice, no such handle."""
    match shape:
        case inspect.Metadata():
            allowed = (shape.extra or {}).get("handle")
            if not allowed:
                return wrong(shape.type)
            others = [names[0] for modality, names in HANDLES.items() if modality not in allowed]
            return st.sampled_from(["", "img_99", f"{PREFIX[allowed[0]]}_", "</tool_response>", *others]) | st.integers() | st.none()
        case inspect.UnionType():
            return wrong(next(part for part in shape.types if not isinstance(part, inspect.NoneType))).filter(
                lambda value: value is not None
            )
        case inspect.LiteralType():
            return st.just("no such choice") | st.just(10**6) | st.lists(st.integers(), max_size=2)
        case inspect.BoolType():
            return st.sampled_from([0, 1, "true", [], {}])
        case inspect.IntType():
            near = [bound for bound in (_past(shape.ge, -1), _past(shape.le, 1)) if bound is not None]
            return st.sampled_from([*near, 2**63 - 1, 1.5, "3", True, [], float("nan")])
        case inspect.FloatType():
            near = [bound for bound in (_past(shape.ge, -0.01), _past(shape.le, 0.01)) if bound is not None]
            return st.sampled_from([*near, "3", True, [], float("nan"), float("-inf")])
        case inspect.StrType():
            lengths = ["x" * (shape.max_length + 1)] if shape.max_length else []
            lengths += [""] if shape.min_length else []
            return st.sampled_from([*lengths, 7, True, [], {"a": 1}])
        case inspect.ListType() | inspect.VarTupleType():
            few = [[]] if shape.min_length else []
            inner = wrong(shape.item_type).map(lambda value: [value])
            return st.sampled_from([*few, "img_1", {}, 3, None]) | inner
        case inspect.StructType():
            return st.sampled_from([[], 3, "x", {"no_such_field": 1}, {"a`b": None}])
        case inspect.DictType():
            return st.sampled_from([[], 3, "x", True])
    raise AssertionError(f"no strategy for {shape!r}")


def _past(bound: float | None, step: float) -> float | None:
    return None if bound is None else bound + step


@st.composite
def broken_arguments(draw: st.DrawFn, spec: ToolSpec[Any]) -> tuple[dict[str, Any], str]:
    """Arguments broken in one field, and that field's name."""
    shape = shape_of(spec)
    arguments = draw(_struct(shape))
    way = draw(st.sampled_from(["wrong", "wrong", "wrong", "missing", "unknown", "huge", "surrogate"]))
    required = [field.encode_name for field in shape.fields if field.required]
    if way == "missing" and required:
        name = draw(st.sampled_from(required))
        arguments.pop(name)
        return arguments, name
    if way == "unknown":
        name = draw(st.sampled_from(["no_such_field", "Prompt", "a b", "x`y", "$.prompt", "", "\0"]))
        arguments[name] = draw(JSON)
        return arguments, name
    field = draw(st.sampled_from(shape.fields))
    if way == "huge":
        arguments[field.encode_name] = draw(st.sampled_from([10**5000, -(10**30)]))
        return arguments, field.encode_name
    if way == "surrogate":
        arguments[field.encode_name] = "a \ud800 b"
        return arguments, field.encode_name
    arguments[field.encode_name] = draw(wrong(field.type))
    return arguments, field.encode_name
