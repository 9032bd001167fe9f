"""What a tool is: a name, typed arguments, a law, a price, a latency and its faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar

import msgspec

from visgenenv import chance
from visgenenv.errors import ConfigError
from visgenenv.types import Asset, FaultCode, JSONObject, ToolResult

Category = Literal[
    "text_to_text",
    "text_to_video",
    "text_to_image",
    "image_to_image",
    "image_to_video",
    "audio_generation",
    "editing",
    "understanding",
    "other",
]


class ToolArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Arguments of one tool; the docstring is what the model reads, ranges stand in `Annotated[..., Meta]`.

    A rule across fields goes into `check`.
    """

    def check(self, assets: Mapping[str, Asset]) -> None:
        """Raise `Refusal` where fields contradict each other or the assets they name."""


class Refusal(Exception):
    """Arguments that break a tool's rule: the policy's mistake, answered as the fault `bad_arguments`.

    `Refusal("clips[0].start", 9.5, "lies past the end")`: the field, what was given, what was expected.
    """

    def __init__(self, name: str, value: object, rule: str) -> None:
        shown = repr(value)
        super().__init__(f"{name}={shown if len(shown) <= 80 else shown[:79] + '…'}: {rule}")
        self.name, self.value, self.rule = name, value, rule


class Handle:
    """Type of an argument that names an asset: `Handle["image"]`, `Handle["image", "video"]`; `Handle["any"]` takes all."""

    def __class_getitem__(cls, modalities: str | tuple[str, ...]) -> Any:
        names = (modalities,) if isinstance(modalities, str) else modalities
        if unknown := [name for name in names if name not in ("any", "text", "image", "video", "audio")]:
            raise ConfigError(f"Handle[{unknown[0]!r}]: expected 'text', 'image', 'video', 'audio' or 'any'")
        allowed = ("text", "image", "video", "audio") if names == ("any",) else names
        return Annotated[str, msgspec.Meta(extra={"handle": allowed}, description=f"handle of an asset ({', '.join(allowed)})")]


def _handle(*modalities: str) -> msgspec.Meta:
    return msgspec.Meta(extra={"handle": modalities}, description=f"handle of an asset ({', '.join(modalities)})")


ImageHandle: TypeAlias = Annotated[str, _handle("image")]
VideoHandle: TypeAlias = Annotated[str, _handle("video")]
AudioHandle: TypeAlias = Annotated[str, _handle("audio")]
TextHandle: TypeAlias = Annotated[str, _handle("text")]
ClipHandle: TypeAlias = Annotated[str, _handle("video", "image")]
SoundHandle: TypeAlias = Annotated[str, _handle("audio", "video")]
AnyHandle: TypeAlias = Annotated[str, _handle("text", "image", "video", "audio")]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CANONICAL = msgspec.json.Encoder(order="sorted")
A = TypeVar("A", bound=ToolArgs)


class CallContext(msgspec.Struct, frozen=True):
    """All that an effect may touch."""

    seed: int
    """Chance seed of the episode."""
    tool: str
    """The tool's original name: under another name it has the same luck."""
    args: ToolArgs
    assets: Mapping[str, Asset]
    """All assets of the episode, by handle; arguments name those of earlier turns alone."""
    notes: dict[str, Any]
    """State that a tool with `keeps_notes` keeps through the episode (the to-do list): plain values, which a fork copies."""

    @property
    def key(self) -> tuple[int | str, ...]:
        """Episode seed, tool and canonical arguments: what the call's luck hangs on."""
        return (self.seed, self.tool, _CANONICAL.encode(self.args).decode())

    def bits(self, purpose: str) -> int:
        """64 keyed random bits for a named purpose."""
        return chance.bits(*self.key, purpose)

    def unit(self, purpose: str) -> float:
        """A keyed number in [0, 1)."""
        return chance.unit(*self.key, purpose)


@dataclass(frozen=True, eq=False)
class ToolSpec(Generic[A]):
    """One tool; schema, documentation, fuzzing, the random policy and every engine's tool list derive from it."""

    name: str
    args: type[A]
    effect: Callable[[A, CallContext], ToolResult]
    """Makes the outputs, by the tool's law; handles, parents and media are filled in by the workspace."""
    category: Category = "other"
    latency_s: tuple[float, float] = (0.0, 0.0)
    """Median and 95 % point of the log-normal latency, in seconds."""
    latency_scale: Callable[[A, CallContext], float] | None = None
    """Multiplies the latency (a longer text or film takes longer)."""
    price_microusd: Callable[[A, CallContext], int] | int = 0
    faults: Mapping[FaultCode, float] = field(default_factory=dict)
    """Rates by code under the `moderate` profile; estimates, with their source beside them."""
    renames: str = ""
    """Name of the tool that this one is under another name; scorers know it by that."""
    keeps_notes: bool = False
    """Whether its effect writes into `context.notes`; only then may it."""
    provenance: str = ""
    """Where the figures come from."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ConfigError(f"tool {self.name!r}: expected a name of at most 64 letters, figures, _ and -, as models are shown")
        for cls in _structs(self.shape):
            if not cls.__struct_config__.forbid_unknown_fields:
                advice = f"class {cls.__name__}(msgspec.Struct, forbid_unknown_fields=True)"
                raise ConfigError(f"tool {self.name!r}: its {cls.__name__} would take misspelt fields in silence; expected {advice}")

    @cached_property
    def original(self) -> str:
        """The name that laws, expert plans and scorers know it by."""
        return self.renames or self.name

    @cached_property
    def latencies_ms(self) -> tuple[int, ...]:
        """Its latency's law as 4096 equally likely milliseconds."""
        return chance.latencies_ms(*self.latency_s)

    @cached_property
    def shape(self) -> msgspec.inspect.StructType:
        """The type of the arguments, field by field."""
        shape = msgspec.inspect.type_info(self.args)
        assert isinstance(shape, msgspec.inspect.StructType)
        return shape

    @cached_property
    def handles(self) -> tuple[msgspec.inspect.Field, ...]:
        """Fields that name assets, themselves or somewhere inside."""
        return tuple(entry for entry in self.shape.fields if any(_modalities(entry.type)))

    @cached_property
    def needs(self) -> tuple[frozenset[str], ...]:
        """Assets a call cannot do without: for each field that must be given, the modalities that will do."""
        needed = (frozenset(chain(*_modalities(entry.type, False))) for entry in self.handles if entry.required)
        return tuple(filter(None, needed))

    def named(self, args: A) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Every handle that the arguments of a call name: where, which, and the modalities it may have."""
        for entry in self.handles:
            yield from _named(getattr(args, entry.name), entry.type, entry.encode_name)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Fields that hold free text, which a content policy reads: neither handles nor choices nor figures."""
        return tuple(entry.name for entry in self.shape.fields if _is_text(entry.type))

    @property
    def description(self) -> str:
        """What the model reads of the tool: the docstring of its arguments."""
        return " ".join((self.args.__doc__ or self.name).split())

    @cached_property
    def parameters(self) -> JSONObject:
        """JSON Schema of the arguments."""
        (root,), definitions = msgspec.json.schema_components([self.args], ref_template="#/$defs/{name}")
        name = root["$ref"].rsplit("/", 1)[1]
        schema = {key: value for key, value in definitions.pop(name).items() if key not in ("title", "description")}
        # Through JSON, so that what Python has as a tuple is the list that everybody reads.
        plain: JSONObject = msgspec.json.decode(msgspec.json.encode({**schema, "$defs": definitions} if definitions else schema))
        return plain

    @property
    def schema(self) -> JSONObject:
        """OpenAI function schema."""
        return {"type": "function", "function": {"name": self.name, "description": self.description, "parameters": self.parameters}}


def _is_text(kind: msgspec.inspect.Type) -> bool:
    """Whether a field's type holds text of the policy's own, looking through lists, tuples, unions and structs."""
    match kind:
        case msgspec.inspect.Metadata(type=inner, extra=extra):
            return "handle" not in (extra or {}) and _is_text(inner)
        case msgspec.inspect.StrType(pattern=pattern):
            return pattern is None
        case msgspec.inspect.ListType(item_type=inner) | msgspec.inspect.VarTupleType(item_type=inner):
            return _is_text(inner)
        case msgspec.inspect.UnionType(types=kinds):
            return any(map(_is_text, kinds))
        case msgspec.inspect.StructType(fields=fields):
            return any(_is_text(entry.type) for entry in fields)
    return False


def _inner(kind: msgspec.inspect.Type) -> tuple[msgspec.inspect.Type, ...]:
    """The types that a type is made of."""
    match kind:
        case msgspec.inspect.Metadata(type=inner):
            return (inner,)
        case msgspec.inspect.ListType(item_type=inner) | msgspec.inspect.VarTupleType(item_type=inner):
            return (inner,)
        case msgspec.inspect.DictType(value_type=inner):
            return (inner,)
        case msgspec.inspect.UnionType(types=kinds) | msgspec.inspect.TupleType(item_types=kinds):
            return kinds
        case msgspec.inspect.StructType(fields=fields):
            return tuple(entry.type for entry in fields)
    return ()


def _structs(kind: msgspec.inspect.Type, within: tuple[type, ...] = ()) -> Iterator[Any]:
    """The classes of all structs in a type; a struct may hold itself."""
    if isinstance(kind, msgspec.inspect.StructType):
        if kind.cls in within:
            return
        yield kind.cls
        within = (*within, kind.cls)
    for inner in _inner(kind):
        yield from _structs(inner, within)


def _modalities(kind: msgspec.inspect.Type, structs: bool = True, within: tuple[type, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The modalities of every handle that a type holds; those inside structs, which may well be left out, only where asked."""
    if isinstance(kind, msgspec.inspect.Metadata) and kind.extra and "handle" in kind.extra:
        yield tuple(kind.extra["handle"])
        return
    if isinstance(kind, msgspec.inspect.StructType):
        if not structs or kind.cls in within:
            return
        within = (*within, kind.cls)
    for inner in _inner(kind):
        yield from _modalities(inner, structs, within)


def _named(value: Any, kind: msgspec.inspect.Type, at: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The handles in a value of a type, with the path that leads to each; of a plain list the list's own."""
    match kind:
        case msgspec.inspect.Metadata(type=inner, extra=extra):
            if not (extra and "handle" in extra):
                yield from _named(value, inner, at)
            elif isinstance(value, str):
                yield at, value, tuple(extra["handle"])
        case msgspec.inspect.ListType(item_type=inner) | msgspec.inspect.VarTupleType(item_type=inner):
            plain = isinstance(inner, msgspec.inspect.Metadata)
            for number, item in enumerate(value if isinstance(value, list | tuple) else ()):
                yield from _named(item, inner, at if plain else f"{at}[{number}]")
        case msgspec.inspect.TupleType(item_types=kinds):
            for number, (item, inner) in enumerate(zip(value, kinds, strict=True) if isinstance(value, tuple) else ()):
                yield from _named(item, inner, f"{at}[{number}]")
        case msgspec.inspect.DictType(value_type=inner):
            for key, item in value.items() if isinstance(value, dict) else ():
                yield from _named(item, inner, f"{at}.{key}")
        case msgspec.inspect.UnionType(types=kinds):
            for inner in kinds:
                yield from _named(value, inner, at)
        case msgspec.inspect.StructType(cls=cls, fields=fields):
            for entry in fields if isinstance(value, cls) else ():
                yield from _named(getattr(value, entry.name), entry.type, f"{at}.{entry.encode_name}")
