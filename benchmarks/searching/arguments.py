"""Operators on the arguments of calls: other numbers, other handles, values left out, swapped, copied or drawn anew."""

from __future__ import annotations

from typing import Any

from benchmarks.searching.calls import SPECS, any_move, drawn, kind, made
from benchmarks.searching.luck import Luck, moved
from rewards.audit.script import Made, Move, Script

_COUNTS = ("num_images", "n", "max_images", "num_videos", "num_shots")
_FACTORS = (0.5, 0.9, 1.1, 2.0, 4.0)


def _slots(script: Script) -> list[tuple[dict[str, Any], str, Move]]:
    return [(move.arguments, name, move) for move in script.moves for name in move.arguments]


def blank(script: Script, luck: Luck) -> bool | None:
    """One text emptied."""
    texts = [(own, name) for own, name, _ in _slots(script) if isinstance(own[name], str)]
    if not texts:
        return False
    own, name = luck.one(texts)
    own[name] = luck.one(("", " ", ".", "x"))
    return None


def leave_out(script: Script, luck: Luck) -> bool | None:
    """One to three arguments left out, here or wherever the tool is called."""
    slots = _slots(script)
    if not slots:
        return False
    everywhere = luck.happens(0.4)
    for own, name, call in luck.some(slots, 3):
        own.pop(name, None)
        for move in script.moves if everywhere else ():
            if move.tool == call.tool:
                move.arguments.pop(name, None)
    return None


def number(script: Script, luck: Luck) -> bool | None:
    """One number larger, smaller, nothing or negative."""
    slots = [(own, name) for own, name, _ in _slots(script) if isinstance(own[name], int | float) and not isinstance(own[name], bool)]
    if not slots:
        return False
    own, name = luck.one(slots)
    value = own[name]
    other = luck.one((value + 1, value - 1, 0, 1, -value, *(value * factor for factor in _FACTORS)))
    own[name] = round(other) if isinstance(value, int) and luck.happens(0.9) else other
    return None


def how_many(script: Script, luck: Luck) -> bool | None:
    """One call asked for more or fewer outputs."""
    calls = [move for move in script.moves if move.tool in SPECS and set(_COUNTS) & set(SPECS[move.tool].args.__struct_fields__)]
    if not calls:
        return False
    move = luck.one(calls)
    name = next(name for name in _COUNTS if name in SPECS[move.tool].args.__struct_fields__)
    move.arguments[name] = 1 + luck.below(6)
    return None


def handle(script: Script, luck: Luck) -> bool | None:
    """One handle replaced by that of another call, mostly one of the same modality, or by a further output of the same call."""
    slots: list[tuple[Any, Any]] = [(own, name) for own, name, _ in _slots(script) if isinstance(own[name], Made)]
    lists = [own[name] for own, name, _ in _slots(script) if isinstance(own[name], list)]
    slots += [(inner, place) for inner in lists for place, value in enumerate(inner) if isinstance(value, Made)]
    if not slots:
        return False
    own, place = luck.one(slots)
    old: Made = own[place]
    if luck.happens(0.2):
        own[place] = Made(old.call, old.place + luck.below(3))
        return None
    maker = next((move.tool for move in script.moves if move.key == old.call), "")
    others = made(script, kind(maker) if luck.happens(0.8) else None)
    if not others:
        return False
    own[place] = luck.one(others)
    return None


def entries(script: Script, luck: Luck) -> bool | None:
    """One list with an entry left out, doubled, or all in another order."""
    lists = [(own, name) for own, name, _ in _slots(script) if isinstance(own[name], list) and own[name]]
    if not lists:
        return False
    own, name = luck.one(lists)
    value = own[name]
    place = luck.below(len(value))
    way = luck.below(4)
    if way == 0:
        del value[place]
    elif way == 1:
        value.insert(luck.below(len(value) + 1), moved(value[place]))
    elif way == 2:
        own[name] = luck.order(value)
    else:
        own[name] = [moved(value[place]) for _ in value]
    return None


def copied(script: Script, luck: Luck) -> bool | None:
    """One argument as another call has it."""
    slots = _slots(script)
    pairs = [(own, name, other) for own, name, _ in slots for other, same, _ in slots if name == same and own is not other]
    if not pairs:
        return False
    own, name, other = luck.one(pairs)
    own[name] = moved(other[name])
    return None


def swapped(script: Script, luck: Luck) -> bool | None:
    """One argument of two calls swapped."""
    slots = _slots(script)
    pairs = [(own, name, other) for own, name, _ in slots for other, same, _ in slots if name == same and own is not other]
    if not pairs:
        return False
    own, name, other = luck.one(pairs)
    own[name], other[name] = other[name], own[name]
    return None


def value_drawn(script: Script, luck: Luck) -> bool | None:
    """Some arguments of one call drawn anew from what its tool takes."""
    found = any_move(script, luck)
    if found is None or found[1].tool not in SPECS:
        return False
    fresh = drawn(script, found[1].tool, luck)
    if not fresh:
        return False
    for name in luck.some(list(fresh), 2):
        found[1].arguments[name] = fresh[name]
    return None


def value_from_others(script: Script, luck: Luck) -> bool | None:
    """One argument, not a handle, as a call of the same tool has it in another script."""
    found = any_move(script, luck)
    if found is None:
        return False
    theirs = [move for move in luck.one(luck.scripts).moves if move.tool == found[1].tool]
    values = [(name, value) for move in theirs for name, value in move.arguments.items() if isinstance(value, str | int | float)]
    if not values:
        return False
    name, value = luck.one(values)
    found[1].arguments[name] = value
    return None
