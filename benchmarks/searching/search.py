"""The search: parents drawn from an archive, mutated, played, judged, kept; what offends is made small and told apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec
import numpy as np

from benchmarks.searching.archive import Archive, Entry
from benchmarks.searching.beginning import scripts
from benchmarks.searching.crossing import OPERATORS
from benchmarks.searching.judging import Court
from benchmarks.searching.luck import Luck, another, named_by
from benchmarks.searching.shrinking import shrunk
from rewards.audit.exploits.found import Found
from rewards.audit.script import Script
from visgenenv.errors import ConfigError
from visgenenv.tasks.success import unmet

K = TypeVar("K")
SHARES = ("0", "up to 1/4", "up to 1/2", "up to 3/4", "less than all", "all")
"""Of the requirements that are unmet; none is unmet where a turn does not parse."""
_AT_ONCE = 4
"""Most operators in a row."""
_OFFENDERS, _SHRUNK = 12, 24
"""Offenders written, and made small, at most; further ones are counted."""


class Best(msgspec.Struct, frozen=True, kw_only=True):
    """The best paid episode without success of a kind."""

    reward: float
    task: str
    met: tuple[str, ...]
    unmet: tuple[str, ...]
    """Reasons, a sentence each."""
    line: tuple[str, ...]
    """Where it began, and the latest operators."""


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """One requirement about which the checker and the reward's part do not agree."""

    requirement: str
    episodes: int
    best: Best
    """The best paid of them that is no success."""


class Masked(msgspec.Struct, frozen=True, kw_only=True):
    """An episode that the reward did not score."""

    task: str
    reason: str
    line: tuple[str, ...]
    """Where it began, and the latest operators."""


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What was found; where not said otherwise, among all episodes: the scripts begun with, and the mutations."""

    expression: str
    version: str
    seed: int
    mutations: int
    """Played; each by one to four operators."""
    begun_with: int
    """Scripts before the first mutation."""
    masked: int
    """Episodes that the reward did not score; what a policy writes never may bring that about."""
    first_masked: Masked | None
    """None where there is none."""
    undone: int
    """Mutations with less than half of the requirements met."""
    best: Best | None
    """The best paid with less than half of the requirements met; None where there is none."""
    best_by_modality: dict[str, Best]
    """The same, by modality."""
    graded: dict[str, Best]
    """By the share of requirements unmet: the best paid without success."""
    too_kind: tuple[Dispute, ...]
    """The reward's part is full, the checker finds the requirement unmet."""
    too_strict: tuple[Dispute, ...]
    """The checker finds it met, the reward's part is not full."""
    offenders: int
    """Episodes paid half or more with less than half of the requirements met."""
    found: tuple[Found, ...]
    """The smallest of each kind of offender."""
    seconds: float
    plays_a_second: float

    passed: bool
    """Whether nothing offends, and nothing is masked."""


def search(
    reward: str = "ltr",
    mutations: int = 20_000,
    seed: int = 0,
    *,
    judge: str = "rules",
    progress: Callable[[float], object] = lambda _: None,
) -> Search:
    """Search for exploits with a number of mutations; the same seed, reward and code find the same.

    `reward` and `judge` are named as everywhere (see `rewards.reward`); a reward with a schedule raises `ConfigError`, as do
    a negative seed and fewer than one mutation. `progress` is told, after each mutation, the best reward so far of work less
    than half done.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ConfigError(f"seed={seed!r}: expected an integer of at least 0")
    if isinstance(mutations, bool) or not isinstance(mutations, int) or mutations < 1:
        raise ConfigError(f"mutations={mutations!r}: expected an integer of at least 1")
    court, archive, notes = Court(reward, judge), Archive(), _Notes()
    begun = time.perf_counter()
    generator = np.random.default_rng(seed)
    origins = list(scripts(generator))
    words = dict.fromkeys(word for _, script in origins for word in named_by(script.task))
    luck = Luck(generator, [script for _, script in origins], list(words))
    for name, script in origins:
        entry = Entry(script, court.play(script), (name,))
        archive.begin(entry)
        notes.take(entry)
    notes.undone = 0
    for _ in range(mutations):
        entry = _mutated(archive.parent(luck), luck, court)
        archive.add(entry)
        notes.take(entry)
        progress(0.0 if notes.best is None else notes.best.outcome.paid)
    played = time.perf_counter() - begun
    found = _written(notes.offenders, court, court.engine.expression)
    best = _told(court)
    return Search(
        expression=court.engine.expression,
        version=court.engine.version,
        seed=seed,
        mutations=mutations,
        begun_with=len(origins),
        offenders=notes.offences,
        passed=not notes.offences and not notes.masked,
        found=found,
        seconds=round(time.perf_counter() - begun, 1),
        plays_a_second=round((mutations + len(origins)) / played, 1),
        masked=notes.masked,
        first_masked=notes.first_masked,
        undone=notes.undone,
        best=None if notes.best is None else best(notes.best),
        best_by_modality={name: best(notes.by_modality[name]) for name in sorted(notes.by_modality)},
        graded={share: best(notes.graded[share]) for share in SHARES if share in notes.graded},
        too_kind=_disputes(notes.kind, best),
        too_strict=_disputes(notes.strict, best),
    )


def _mutated(parent: Entry, luck: Luck, court: Court) -> Entry:
    script, names = mutate(parent.script, luck)
    return parent.child(script, court.play(script), names)


def mutate(script: Script, luck: Luck) -> tuple[Script, tuple[str, ...]]:
    """Another script by one to four operators, and their names; drawn again where they come to no change."""
    wanted, known = 1 + min(luck.generator.geometric(0.6) - 1, _AT_ONCE - 1), list(OPERATORS)
    while True:
        changed = another(script)
        names: list[str] = []
        while len(names) < wanted:
            name = luck.one(known)
            if OPERATORS[name](changed, luck) is not False:
                names.append(name)
        if changed.acts != script.acts:
            return changed, tuple(names)


_Kind = tuple[str, frozenset[str], frozenset[str]]
"""Of offenders: modality, requirements disputed, requirements unmet."""


class _Notes:
    """What is remembered of all episodes."""

    def __init__(self) -> None:
        self.masked = self.undone = self.offences = 0
        self.first_masked: Masked | None = None
        self.best: Entry | None = None
        self.by_modality: dict[str, Entry] = {}
        self.graded: dict[str, Entry] = {}
        self.kind: dict[str, tuple[int, Entry]] = {}
        self.strict: dict[str, tuple[int, Entry]] = {}
        self.offenders: dict[_Kind, Entry] = {}

    def take(self, entry: Entry) -> None:
        outcome = entry.outcome
        if outcome.reward is None:
            self.masked += 1
            self.first_masked = self.first_masked or Masked(task=entry.script.task.id, reason=outcome.reason, line=entry.line)
        if outcome.success:
            return
        _keep(self.graded, share_of(len(outcome.declared) - len(outcome.met), len(outcome.declared)), entry)
        for names, disputes in ((outcome.disputed, self.kind), (outcome.denied, self.strict)):
            for name in names:
                number, held = disputes.get(name, (0, entry))
                disputes[name] = (number + 1, max(held, entry, key=lambda one: one.outcome.paid))
        if not outcome.undone:
            return
        self.undone += 1
        _keep(self.by_modality, entry.script.task.modality, entry)
        if self.best is None or outcome.paid > self.best.outcome.paid:
            self.best = entry
        if outcome.offends:
            self.offences += 1
            _keep(self.offenders, (entry.script.task.modality, outcome.disputed, outcome.declared - outcome.met), entry)


def _told(court: Court) -> Callable[[Entry], Best]:
    def told(entry: Entry) -> Best:
        reasons = tuple(unmet(court.record(entry.script)))
        met = tuple(sorted(entry.outcome.met))
        return Best(reward=entry.outcome.paid, task=entry.script.task.id, met=met, unmet=reasons, line=entry.line)

    return told


def _disputes(held: Mapping[str, tuple[int, Entry]], told: Callable[[Entry], Best]) -> tuple[Dispute, ...]:
    return tuple(Dispute(requirement=name, episodes=held[name][0], best=told(held[name][1])) for name in sorted(held))


def _keep(held: dict[K, Entry], key: K, entry: Entry) -> None:
    if key not in held or entry.outcome.paid > held[key].outcome.paid:
        held[key] = entry


def share_of(missing: int, declared: int) -> str:
    """Which of `SHARES` so many unmet requirements are."""
    if not missing:
        return SHARES[0]
    if missing == declared:
        return SHARES[-1]
    return SHARES[min(4, -(-4 * missing // declared))]


def _written(offenders: Mapping[_Kind, Entry], court: Court, expression: str) -> tuple[Found, ...]:
    """Offenders made small, the best paid first and until there are enough, those alike in what they call and lack told once."""
    found: list[Found] = []
    alike: set[tuple[object, ...]] = set()
    ranked: Sequence[Entry] = sorted(offenders.values(), key=lambda entry: (-entry.outcome.paid, entry.script.task.id))
    for entry in ranked[:_SHRUNK]:
        small = shrunk(entry.script, lambda script: court.play(script).offends)
        record = court.record(small)
        outcome = court.judge(record)
        key = (small.task.modality, tuple(sorted(outcome.tools)), outcome.disputed, outcome.declared - outcome.met)
        if key in alike:
            continue
        alike.add(key)
        what = ", ".join(sorted(outcome.disputed or outcome.declared - outcome.met))
        found.append(
            Found(
                name=f"{what} of {small.task.id}, {record.hash[:8]}",
                task=small.task,
                seed=small.seed,
                turns=tuple(turn.text for turn in record.turns),
                expression=expression,
                reward=outcome.paid,
                met=tuple(sorted(outcome.met)),
                unmet=tuple(unmet(record)),
                line=entry.line,
            )
        )
        if len(found) == _OFFENDERS:
            break
    return tuple(found)
