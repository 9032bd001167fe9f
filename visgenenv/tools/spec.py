"""What a tool is: a name, typed arguments, a law, a price, a latency and its faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar

import msgspec

from visgenenv import chance
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
    """Arguments that break a tool's rule: the policy's mistake, answered as the fault `bad_arguments`."""

    def __init__(self, name: str, value: object, rule: str) -> None:
        shown = repr(value)
        super().__init__(f"{name}={shown if len(shown) <= 80 else shown[:79] + '…'}: {rule}")
        self.name, self.value, self.rule = name, value, rule


class Handle:
    """Type of an argument that names an asset: `Handle["image"]`, `Handle["image", "video"]`; `Handle["any"]` takes all."""

    def __class_getitem__(cls, modalities: str | tuple[str, ...]) -> Any:
        names = (modalities,) if isinstance(modalities, str) else modalities
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

    @cached_property
    def original(self) -> str:
        """The name that laws, expert plans and scorers know it by."""
        return self.renames or self.name

    @cached_property
    def latencies_ms(self) -> tuple[int, ...]:
        """Its latency's law as 4096 equally likely milliseconds."""
        return chance.latencies_ms(*self.latency_s)

    @cached_property
    def handles(self) -> tuple[tuple[str, tuple[str, ...], bool], ...]:
        """Fields that name assets: (field, modalities, whether it is a list)."""
        found = []
        for entry in msgspec.structs.fields(self.args):
            modalities, many = _handle_of(entry.type)
            if modalities:
                found.append((entry.encode_name, modalities, many))
        return tuple(found)

    @cached_property
    def needs(self) -> tuple[frozenset[str], ...]:
        """Assets a call cannot do without: for each, the modalities that will do."""
        required = {entry.encode_name for entry in msgspec.structs.fields(self.args) if entry.required}
        return tuple(frozenset(modalities) for name, modalities, _ in self.handles if name in required)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Fields that hold free text, which a content policy reads: neither handles nor choices nor figures."""
        return tuple(entry.name for entry in msgspec.inspect.type_info(self.args).fields if _is_text(entry.type))  # type: ignore[attr-defined]

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


def _handle_of(kind: Any, many: bool = False) -> tuple[tuple[str, ...], bool]:
    """Modalities a field's type admits as handles, looking through lists, tuples and unions."""
    for meta in getattr(kind, "__metadata__", ()):
        extra = getattr(meta, "extra", None) or {}
        if "handle" in extra:
            return tuple(extra["handle"]), many
    origin = getattr(kind, "__origin__", None)
    for inner in getattr(kind, "__args__", ()):
        if hasattr(inner, "__metadata__") or hasattr(inner, "__args__"):
            modalities, deep = _handle_of(inner, many or origin in (list, tuple))
            if modalities:
                return modalities, deep
    return (), many
