"""`visgen bench discrimination`: does the right part of the reward fall, and only that one?

The expert's episodes are damaged in one known way each (`benchmarks.damages`), played again and scored. Exits 1 where a
bar is missed.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from benchmarks.stats import Interval, share_interval
from visgenenv import chance
from visgenenv.commands import positive
from visgenenv.errors import ConfigError
from visgenenv.types import Score, Task, Trajectory

if TYPE_CHECKING:
    from benchmarks.damages import Damage
    from rewards.audit.script import Script

FELL = 0.98
"""Least share of damaged episodes in which the right part falls."""
CLEAN = 0.95
"""Least share in which no unrelated part moves."""
LEAST_FALL = 1e-9
MOST_MOVE = 0.02
"""A part has moved that differs by more, or that applies to one of the two episodes alone."""
PER_DAMAGE = 12
LEAST = 400
"""Damaged episodes, below which a run that asks for `PER_DAMAGE` or more of each damage is not good."""
POOL = 16
"""Tasks of each type to choose from: two of each language and difficulty."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A damage, or all of one part."""

    name: str
    part: str
    """That must fall."""
    n: int
    """Damaged episodes."""
    fell: Interval | None
    """Share in which it fell, Wilson; None of nothing."""
    mean_fall: float
    least_fall: float
    clean: Interval | None
    """Share in which no unrelated part moved, Wilson; None of nothing."""
    moved: dict[str, int]
    """Unrelated parts that moved, with the number of episodes."""
    related: dict[str, int]
    """Parts declared as related that moved, with the number of episodes."""

    @property
    def good(self) -> bool:
        """Whether both bars are held."""
        return self.fell is not None and self.clean is not None and self.fell.mean >= FELL and self.clean.mean >= CLEAN


class Discrimination(msgspec.Struct, frozen=True, kw_only=True):
    """What was found."""

    kinds: int
    total: Row
    parts: tuple[Row, ...]
    damages: tuple[Row, ...]
    unseen: tuple[Row, ...]
    """Damages that the scorers are known not to see (`benchmarks.damages.UNSEEN`), in none of the rows above."""
    overall: Row
    """All, those not seen among them; no bar is asked of it."""
    asked: int
    """Episodes of each damage."""
    short: dict[str, int]
    """Damages with fewer than that, the counted ones and those not seen, with the number of episodes."""
    least: int
    """Counted episodes that there must be: `LEAST`; 0 where fewer of each damage are asked for, or damages of one's own."""
    examples: tuple[str, ...]
    """Counted episodes in which the right part did not fall or an unrelated one moved, in words."""

    @property
    def good(self) -> bool:
        """Whether there are enough episodes, and both bars are held over all and for every part."""
        return self.total.n >= self.least and all(row.good for row in (self.total, *self.parts))


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """One damaged episode beside the honest one."""

    damage: str
    part: str
    fall: float
    moved: tuple[str, ...]
    related: tuple[str, ...]
    example: str


def discrimination(parser: argparse.ArgumentParser) -> None:
    """Expert episodes damaged in one known way: whether the right part of the reward falls, and only that one."""
    parser.add_argument(
        "--per-damage", type=positive, default=PER_DAMAGE, metavar="N", help=f"episodes of each damage (default {PER_DAMAGE})"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the first task (default 0)")
    parser.add_argument("--json", action="store_true", help="the figures as JSON on standard output")
    parser.set_defaults(run=_discrimination)


def _discrimination(options: argparse.Namespace) -> int:
    found = measure(options.per_damage, options.seed)
    print(msgspec.json.encode(found).decode() if options.json else _table(found))
    return 0 if found.good else 1


def measure(per_damage: int = PER_DAMAGE, seed: int = 0, damages: Sequence[Damage] | None = None, pool: int = POOL) -> Discrimination:
    """Damage, play and score; `damages` are all there are unless given, `pool` is the number of tasks of each type.

    Raises `ConfigError` where an honest episode is not paid in full: there is nothing to compare with.
    """
    from benchmarks.damages import DAMAGES, TARGETS, UNSEEN
    from rewards.audit.script import Stage

    chosen, beside = (DAMAGES, UNSEEN) if damages is None else (tuple(damages), ())
    honest = _honest(seed, pool)
    stage = Stage()

    def played(damage: Damage) -> list[_Case]:
        return [_case(damage, before, stage.play(script)) for script, before in _applicable(damage, honest, per_damage, seed)]

    found = {damage.name: played(damage) for damage in (*chosen, *beside)}
    cases = [case for damage in chosen for case in found[damage.name]]
    meant_for = {damage.part for damage in chosen}
    return Discrimination(
        kinds=len(chosen),
        total=_row("all", "", cases),
        parts=tuple(_row(part, part, [case for case in cases if case.part == part]) for part in TARGETS if part in meant_for),
        damages=tuple(_row(damage.name, damage.part, found[damage.name]) for damage in chosen),
        unseen=tuple(_row(damage.name, damage.part, found[damage.name]) for damage in beside),
        overall=_row("all and those not seen", "", [case for own in found.values() for case in own]),
        asked=per_damage,
        short={name: len(own) for name, own in found.items() if len(own) < per_damage},
        least=LEAST if damages is None and per_damage >= PER_DAMAGE else 0,
        examples=tuple(case.example for case in cases if case.example),
    )


def _honest(seed: int, pool: int) -> list[tuple[Script, Trajectory]]:
    from rewards.audit.script import script_of
    from visgenenv.episodes import rollout
    from visgenenv.tasks.generator import GENERATED, GENERATED_TYPES

    tasks = [GENERATED(seed + number) for number in range(pool * len(GENERATED_TYPES))]
    episodes = rollout("expert", tasks=tasks, seed=seed, faults="none", system_prompt="none")
    for episode in episodes:
        if episode.reward is None or episode.reward.total < 1:
            given = episode.failure if episode.reward is None else episode.reward.total
            told = f"the expert's reward for the task {episode.task.id!r} is {given!r}, expected 1"
            raise ConfigError(f"{told}: mend the expert or the scorers first")
    return [(script_of(episode), episode) for episode in episodes]


def _applicable(damage: Damage, honest: Sequence[tuple[Script, Trajectory]], number: int, seed: int) -> Iterator[tuple[Script, Trajectory]]:
    """Scripts of as many different kinds of tasks as there are, damaged."""
    found = 0
    for place in _spread([episode.task for _, episode in honest], seed, damage.name):
        script, before = honest[place]
        own = script.copy()
        if damage.rewrite(own) is not False:
            yield own, before
            found += 1
            if found == number:
                return


def _spread(tasks: Sequence[Task], seed: int, name: str) -> list[int]:
    """Places of tasks in an order in which types, languages and difficulties take turns; another one for each damage."""
    keys = [chance.bits(seed, "discrimination", name, number) for number in range(len(tasks))]
    order = sorted(range(len(tasks)), key=keys.__getitem__)
    types: Counter[str] = Counter()
    settings: Counter[tuple[str, str]] = Counter()
    rounds: dict[int, tuple[int, int, int]] = {}
    for place in order:  # the nth task of its type comes in the nth round, and there the nth of its setting too
        task = tasks[place]
        setting = (task.language, task.id.split("/")[3])
        rounds[place] = (types[task.task_type], settings[setting], keys[place])
        types[task.task_type] += 1
        settings[setting] += 1
    return sorted(order, key=rounds.__getitem__)


def _case(damage: Damage, before: Trajectory, after: Trajectory) -> _Case:
    assert before.reward is not None, "an honest episode is paid"
    if after.reward is None:
        raise ConfigError(f"the damage {damage.name!r} masks the task {after.task.id!r}: {after.failure}; what a policy does never may")
    old, new = before.reward.parts, after.reward.parts
    right, was = new[damage.part], old[damage.part]
    assert was is not None, f"{damage.name}: {damage.part} does not apply to {after.task.id}"
    fall = 0.0 if right is None else was.value - right.value
    moved = tuple(name for name in old if name not in damage.touched and _moves(name, old, new))
    example = ""
    if fall <= LEAST_FALL:
        example = f"{damage.part} stays {_told(right)}"
    elif moved:
        example = "; ".join(f"{name} moves to {_told(new[name])}" for name in moved)
    if example:
        example = f"{damage.name} ({damage.part}), {after.task.id}: {example}"
    related = tuple(name for name in damage.related if _moves(name, old, new))
    return _Case(damage=damage.name, part=damage.part, fall=fall, moved=moved, related=related, example=example)


def _moves(name: str, old: Mapping[str, Score | None], new: Mapping[str, Score | None]) -> bool:
    before, after = old[name], new[name]
    if before is None or after is None:
        return before is not after
    return abs(before.value - after.value) > MOST_MOVE


def _told(score: Score | None) -> str:
    return "nothing that applies" if score is None else f"{score.value:.3f} ({score.reason[:120]})"


def _row(name: str, part: str, cases: Sequence[_Case]) -> Row:
    falls = [case.fall for case in cases]
    return Row(
        name=name,
        part=part,
        n=len(cases),
        fell=share_interval(sum(fall > LEAST_FALL for fall in falls), len(falls)),
        mean_fall=sum(falls) / max(len(falls), 1),
        least_fall=min(falls, default=0.0),
        clean=share_interval(sum(not case.moved for case in cases), len(cases)),
        moved=dict(Counter(name for case in cases for name in case.moved)),
        related=dict(Counter(name for case in cases for name in case.related)),
    )


def _table(found: Discrimination) -> str:
    lines = [f"{'damage':56} {'n':>4}  fell   mean   least  clean  moved without cause"]
    for part in found.parts:
        lines += ["", _line(part.part, part, interval=True)]
        lines += [_line(f"  {row.name}", row) for row in found.damages if row.part == part.part]
    lines += ["", _line(f"all, {found.kinds} kinds", found.total, interval=True)]
    if found.unseen:
        lines += ["", "not seen by the scorers, and not counted:"]
        lines += [_line(f"  {row.name} ({row.part})", row) for row in found.unseen]
        lines.append(_line("all with these", found.overall, interval=True))
    lines += ["", *_verdict(found)]
    shown = found.examples[:20]
    lines += [f"  {example}" for example in shown]
    if len(found.examples) > len(shown):
        lines.append(f"  and {len(found.examples) - len(shown)} more")
    return "\n".join(lines)


def _verdict(found: Discrimination) -> list[str]:
    bars = f"the right part is to fall in {FELL:.0%}, nothing unrelated to move by more than {MOST_MOVE} in {CLEAN:.0%}"
    beside = ""
    if found.unseen and found.overall.fell is not None:
        share = f"{found.overall.fell.mean:.1%}"
        beside = f"; with the {len(found.unseen)} kinds that the scorers do not see, and no bar counts, it falls in {share}"
    lines = [f"{'Held' if found.good else 'MISSED'}: {bars}{beside}."]
    if found.total.n < found.least:
        lines.append(f"{found.total.n} episodes: too few, at least {found.least} are expected.")
    elif found.total.n < LEAST:
        lines.append(f"{found.total.n} episodes, where a run by default has at least {LEAST}: the figures are rough.")
    if found.short:
        lines.append(f"Fewer than {found.asked} episodes: {', '.join(f'{name} ({number})' for name, number in found.short.items())}.")
    return lines


def _line(name: str, row: Row, *, interval: bool = False) -> str:
    fell, clean = (0.0 if one is None else one.mean for one in (row.fell, row.clean))
    moved = ", ".join(f"{part} {count}" for part, count in row.moved.items())
    line = f"{name:56} {row.n:4}  {fell:5.3f}  {row.mean_fall:5.3f}  {row.least_fall:5.3f}  {clean:5.3f}  {moved}"
    if interval and row.fell is not None and row.clean is not None:
        fell_in, clean_in = (f"[{one.low:.3f}, {one.high:.3f}]" for one in (row.fell, row.clean))
        line = f"{line.rstrip()}  fell {fell_in}, clean {clean_in}"
    return line
