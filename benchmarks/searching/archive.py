"""What a search keeps: of each task the best paid scripts, kept apart by what is met and by what they call."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.searching.judging import Outcome
from benchmarks.searching.luck import Luck
from rewards.audit.script import Script

_MOST = 40
"""Entries kept of a task on either side."""
_LONGEST = 60
"""Calls or steps of a script that is kept; longer ones cost time and show nothing that they do not."""
_LETTERS = 4000
_STEPS = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """A script, what it came to, and where it comes from."""

    script: Script
    outcome: Outcome
    line: tuple[str, ...]
    """Where it began, then operators; the latest twelve."""

    def child(self, script: Script, outcome: Outcome, names: tuple[str, ...]) -> Entry:
        """An entry that comes from this one."""
        return Entry(script, outcome, (self.line[0], *(*self.line[1:], *names)[-_STEPS:]))


_Cell = tuple[frozenset[str], frozenset[str], frozenset[str]]


class Archive:
    """Entries by task, those with less than half of the work done (`low`) apart from the others (`high`)."""

    def __init__(self) -> None:
        self._low: dict[str, dict[_Cell, Entry]] = {}
        self._high: dict[str, dict[_Cell, Entry]] = {}
        self._first: dict[str, list[Entry]] = {}
        self._tasks: list[str] = []

    def begin(self, entry: Entry) -> None:
        """Add what the search begins with; it is never dropped. What is too long to be a parent is left out."""
        if not _is_short(entry.script):
            return
        task = entry.script.task.id
        if task not in self._first:
            self._tasks.append(task)
        self._first.setdefault(task, []).append(entry)
        self.add(entry)

    def add(self, entry: Entry) -> bool:
        """Keep an entry if it is the best paid of its kind; says whether it is."""
        if not _is_short(entry.script):
            return False
        side = self._low if entry.outcome.undone else self._high
        cells = side.setdefault(entry.script.task.id, {})
        cell = (entry.outcome.met, entry.outcome.disputed, entry.outcome.tools)
        held = cells.get(cell)
        if held is not None and held.outcome.paid >= entry.outcome.paid:
            return False
        cells[cell] = entry
        if len(cells) > _MOST:
            _thin(cells)
        return True

    def parent(self, luck: Luck) -> Entry:
        """One to be mutated: of any task, mostly well paid work less than half done, or work that lacks little."""
        task = luck.one(self._tasks)
        way = luck.generator.random()
        low, high = self._low.get(task), self._high.get(task)
        if low and way < 0.5:
            among = [luck.one(list(low.values())) for _ in range(3)]
            if luck.happens(0.5):
                return max(among, key=lambda entry: entry.outcome.paid)
            return max(among, key=lambda entry: (len(entry.outcome.disputed), entry.outcome.paid))
        if high and way < 0.9:
            kinds = list(dict.fromkeys(entry.outcome.met for entry in high.values()))
            met = luck.one(kinds)
            return luck.one([entry for entry in high.values() if entry.outcome.met == met])
        return luck.one(self._first[task])


def _is_short(script: Script) -> bool:
    texts = [step.goal for step in script.plan] + [act.text or "" for act in script.acts] + [act.think or "" for act in script.acts]
    texts += [value for move in script.moves for value in move.arguments.values() if isinstance(value, str)]
    return len(script.moves) <= _LONGEST and len(script.plan) <= _LONGEST and all(len(text) <= _LETTERS for text in texts)


def _thin(cells: dict[_Cell, Entry]) -> None:
    """Drop the worst paid of the largest family that meets the same requirements."""
    families: dict[frozenset[str], list[_Cell]] = {}
    for cell in cells:
        families.setdefault(cell[0], []).append(cell)
    largest = max(families.values(), key=len)
    del cells[min(largest, key=lambda cell: cells[cell].outcome.paid)]
