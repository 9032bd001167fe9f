"""How a call runs: known tool, well-typed arguments, own handles, luck, law, outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from visgenenv import chance, plugins
from visgenenv.answers import answer, describe
from visgenenv.defects import spoiled
from visgenenv.errors import ConfigError, PluginError
from visgenenv.faults import FaultProfile
from visgenenv.near import alike
from visgenenv.quota import Quota
from visgenenv.tools.explain import cleaned, explain, recordable
from visgenenv.tools.spec import CallContext, Refusal, ToolArgs, ToolSpec
from visgenenv.turns import excerpt
from visgenenv.types import Asset, CallRecord, JSONObject, ToolCall, ToolFault, ToolResult
from visgenenv.workspace import Workspace, copied

REFUSED_MS = 200
"""A call over the rate limit is answered at once; estimate."""


class _NoNotes(dict[str, Any]):
    """What a tool that keeps no notes gets in their place: empty, and nothing can be written into it."""

    def _refuse(self, *given: Any, **more: Any) -> Any:
        raise ConfigError("context.notes: a tool that keeps notes says so, ToolSpec(keeps_notes=True)")

    __setitem__ = __delitem__ = __ior__ = setdefault = update = pop = popitem = clear = _refuse


_NO_NOTES = _NoNotes()


class Backend(Protocol):
    """Where a call really happens."""

    name: str

    def run(self, spec: ToolSpec[Any], args: ToolArgs, context: CallContext) -> ToolResult:
        """Make the outputs of a call that has been checked; assets come without handles."""
        ...


class Lender(Protocol):
    """A backend that lends files to look at; which one is asked only when a record is made, or pixels are."""

    def lend(self, asset: Asset, bits: int) -> int | None:
        """The media id of a file like the asset, chosen by 64 bits; None where there is none."""
        ...


def lend_media(workspace: Workspace, backend: object) -> None:
    """Give each asset that has no file yet the one that the call's luck chooses (seed, tool, arguments, number of the output).

    Raises `PluginError` where a backend that lends breaks.
    """
    lend = getattr(backend, "lend", None)
    if lend is not None and workspace.bare:
        with plugins.foreign(f"backend {backend!r}", PluginError):
            for handle, (context, n) in workspace.bare.items():
                workspace.lent[handle] = lend(workspace.assets[handle], context.bits(f"media{n}"))
    workspace.bare.clear()


_PLENTY = Quota()


def execute(
    workspace: Workspace,
    call: ToolCall,
    tools: Mapping[str, ToolSpec[Any]],
    backend: Backend,
    faults: FaultProfile,
    quota: Quota = _PLENTY,
    known_recordable: bool = False,
) -> CallRecord:
    """Run one call against the workspace and record it; the clock is moved by whoever runs the turn."""
    index = workspace.calls
    workspace.calls += 1
    spec = tools.get(call.name)
    parents: tuple[str, ...] = ()
    latency_ms = 0
    attempt: int | None = None
    started_ms = workspace.clock_ms
    result: ToolResult | None = None
    checked: ToolFault | tuple[ToolArgs, tuple[str, ...]]
    if not (known_recordable or recordable(call)):
        call, message = cleaned(call)
        checked = ToolFault(code="bad_arguments", message=message)
    elif spec is None:
        checked = _unknown(call.name, tools)
    else:
        checked = _checked(spec, call.arguments, workspace, quota)
    if isinstance(checked, ToolFault):
        fault: ToolFault | None = checked
    else:
        assert spec is not None
        args, parents = checked
        attempt = workspace.attempts.get(spec.name, 0)
        workspace.attempts[spec.name] = attempt + 1
        if workspace.ready_ms:
            started_ms = max(started_ms, workspace.ready_ms.get(spec.name, 0))
        seed, notes = workspace.chance_seed, copied(workspace.notes) if spec.keeps_notes else _NO_NOTES
        context = CallContext(seed, spec.original, args, workspace.assets, notes)
        slow, failing, wrong, which = chance.words(seed, spec.original, attempt)
        latency_ms = spec.latencies_ms[slow >> 52]
        if spec.latency_scale is not None:
            latency_ms = int(latency_ms * spec.latency_scale(args, context) + 0.5)
        fault = faults.met(seed, spec, attempt, args, failing) if faults.any else None
        if fault is None:
            try:
                result = backend.run(spec, args, context)
                fault = result.fault
                if result.latency_ms:
                    latency_ms = result.latency_ms
                if fault is None and spec.keeps_notes:
                    workspace.notes = notes  # those of a call that failed are forgotten
                if fault is None and faults.any:
                    result = _spoiled(result, which if faults.wrong(spec, attempt, wrong) else None)
            except Refusal as refusal:
                fault = ToolFault(code="bad_arguments", message=str(refusal))
        elif fault.code == "rate_limited":
            latency_ms = REFUSED_MS
    outputs: tuple[Asset, ...] = ()
    price = 0
    if fault is None and result is not None:
        outputs = tuple([workspace.mint(asset, parents=parents, turn=workspace.turn, call=index) for asset in result.assets])
        for n, asset in enumerate(outputs):
            if asset.modality != "text" and asset.handle not in workspace.lent:
                workspace.bare[asset.handle] = (context, n)
        price = result.price_microusd
        workspace.price_microusd += price
    return CallRecord(
        index=index,
        turn=workspace.turn,
        tool=call.name,
        arguments=call.arguments,
        outputs=tuple([asset.handle for asset in outputs]),
        fault=fault,
        started_ms=started_ms,
        latency_ms=latency_ms,
        price_microusd=price,
        response=answer(call.name, outputs, result.text if result else "", fault),
        attempt=attempt,
    )


def _spoiled(result: ToolResult, bits: int | None) -> ToolResult:
    """With `bits`, one of the outputs is not what its response will say; the others are, whatever they were copied from."""
    assets = [msgspec.structs.replace(asset, claims={}) if asset.claims else asset for asset in result.assets]
    if bits is not None and assets:
        number = (bits >> 32) % len(assets)
        wrong = spoiled(assets[number], bits & 0xFFFFFFFF)
        if wrong is not None:
            claims = describe(assets[number])
            del claims["handle"]
            assets[number] = msgspec.structs.replace(wrong, claims=claims)
    return msgspec.structs.replace(result, assets=tuple(assets))


def _unknown(name: str, tools: Mapping[str, ToolSpec[Any]]) -> ToolFault:
    near = alike(name, tools)
    hint = f"; did you mean {', '.join(near)}?" if near else f"; there are {len(tools)} tools, listed in the system prompt"
    return ToolFault(code="unknown_tool", message=f"name={excerpt(name)}: no such tool{hint}")


def _checked(
    spec: ToolSpec[Any], arguments: JSONObject, workspace: Workspace, quota: Quota
) -> ToolFault | tuple[ToolArgs, tuple[str, ...]]:
    """Arguments in the tool's own type and the handles they name, or the fault that says what is wrong."""
    if quota.narrow or workspace.calls > quota.calls:
        refused = quota.broken(workspace, spec.name, spec.price_microusd != 0)
        if refused is not None:
            return ToolFault(code="quota", message=refused)
    try:
        args: ToolArgs = msgspec.convert(arguments, spec.args)
    except msgspec.ValidationError as error:
        return ToolFault(code="bad_arguments", message=explain(str(error), arguments, spec.args))
    parents: list[str] = []
    for name, handle, modalities in spec.named(args) if spec.handles else ():
        asset = workspace.visible(handle)
        if asset is None:
            return _unknown_handle(name, handle, workspace)
        if asset.modality not in modalities:
            return ToolFault(code="wrong_modality", message=f"{name}={handle!r}: is {asset.modality}; expected {' or '.join(modalities)}")
        if handle not in parents:
            parents.append(handle)
    try:
        args.check(workspace.assets)
    except Refusal as refusal:
        return ToolFault(code="bad_arguments", message=str(refusal))
    return args, tuple(parents)


def _unknown_handle(name: str, handle: str, workspace: Workspace) -> ToolFault:
    if handle in workspace.assets:
        rule = "is made by a call of this same turn; name it from the next turn on"
    else:
        own = list(workspace.visible_handles())
        rule = f"names no asset of this task; there {'is' if len(own) == 1 else 'are'} {', '.join(own[-12:]) or 'none yet'}"
    return ToolFault(code="unknown_handle", message=f"{name}={excerpt(handle)}: {rule}")
