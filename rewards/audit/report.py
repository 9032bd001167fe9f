"""What an audit found, as counts for programs and as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from rewards.audit.relations import AGAIN, RELATIONS
from rewards.audit.suite import Audit, Finding


def figures(found: Audit) -> dict[str, Any]:
    """Counts and worst ratios, for `--json`; a ratio is None where nothing has one."""
    played = [one for one in found.findings if one.kind == "exploit"]
    relations = [one for one in found.findings if one.kind == "relation"]
    families = {family: [one for one in played if one.family == family] for family in dict.fromkeys(one.family for one in played)}
    return {
        "expression": found.expression,
        "version": found.version,
        "passed": found.passed,
        "exploits": len({one.name for one in played}),
        "exploit_episodes": len(played),
        "exploits_failed": len({one.name for one in played if not one.good}),
        "relations": len({one.name for one in relations}),
        "relation_pairs": len(relations),
        "relations_failed": len({one.name for one in relations if not one.good}),
        "masked": sum(one.paid is None for one in found.findings),
        "worst_undone_ratio": _worst(one for one in played if one.undone),
        "worst_padded_ratio": _worst(one for one in played if not one.undone),
        "families": {family: _family(ones) for family, ones in families.items()},
        "failed": [msgspec.to_builtins(one) for one in found.failed],
    }


def _family(ones: list[Finding]) -> dict[str, Any]:
    return {
        "exploits": len({one.name for one in ones}),
        "failed": len({one.name for one in ones if not one.good}),
        "worst_undone_ratio": _worst(one for one in ones if one.undone),
        "worst_padded_ratio": _worst(one for one in ones if not one.undone),
    }


def _worst(found: Iterable[Finding]) -> float | None:
    return max((ratio for one in found if (ratio := one.ratio) is not None), default=None)


def table(found: Audit, limit: int = 20) -> str:
    """The audit as lines of text; of what is wrong a line for each exploit or relation, the worst first."""
    told = figures(found)
    lines = [f"{found.expression}  (version {found.version})", ""]
    lines.append(f"{'family':<44}{'exploits':>9}{'failed':>8}{'undone, worst':>15}{'padded, worst':>15}")
    for name, family in told["families"].items():
        undone, padded = (_ratio(family[key]) for key in ("worst_undone_ratio", "worst_padded_ratio"))
        lines.append(f"{name:<44}{family['exploits']:>9}{family['failed']:>8}{undone:>15}{padded:>15}")
    lines += ["", f"{'relation':<44}{'must':>9}{'failed':>8}{'pairs':>15}"]
    for relation in RELATIONS:
        pairs = [one for one in found.findings if one.kind == "relation" and one.name == relation.name]
        lines.append(f"{relation.name:<44}{relation.expected:>9}{sum(not one.good for one in pairs):>8}{len(pairs):>15}")
    wrong = _by_name(found.failed)
    if wrong:
        shown = f", the worst {limit}:" if len(wrong) > limit else ":"
        lines += ["", f"{told['exploits_failed']} exploits pay, {told['relations_failed']} relations do not hold{shown}"]
        lines += [_line(ones, found.findings) for ones in wrong[:limit]]
    if any(one.name == AGAIN and None not in (one.honest, one.paid) for one in found.failed):
        lines += ["", "The same episode scored twice is paid two rewards: what differs above may be nothing but that."]
    worst = told["worst_undone_ratio"]
    pay = "no exploit has a ratio" if worst is None else f"at most {worst:.3f} of honest pay for work undone"
    lines += [
        "",
        f"{'passed' if found.passed else 'FAILED'}: {told['exploits']} exploits in {told['exploit_episodes']} episodes, "
        f"{told['relations']} relations in {told['relation_pairs']} pairs; {pay}",
    ]
    return "\n".join(lines)


def _by_name(failed: Sequence[Finding]) -> list[list[Finding]]:
    grouped: dict[tuple[str, str], list[Finding]] = {}
    for one in failed:
        grouped.setdefault((one.kind, one.name), []).append(one)
    return list(grouped.values())


def _line(ones: list[Finding], findings: Sequence[Finding]) -> str:
    worst = ones[0]
    tried = sum((one.kind, one.name) == (worst.kind, worst.name) for one in findings)
    where = f"on {worst.scene}" if len(ones) == 1 else f"on {len(ones)} of {tried} scenes, {worst.scene} the worst"
    return f"  {worst.kind} {worst.name!r} {where}: {worst.reason}"


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
