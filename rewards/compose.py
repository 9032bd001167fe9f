"""The algebra of rewards: expressions as trees, how they are worked out and how they are written.

`None` is "does not apply": a mean, a minimum, a maximum and a product leave it out and are None when nothing measured is
left; a sum leaves the term out and scales the weights of its other added terms up to what all of them
weighed, so that `0.7 * plan + 0.3 * consistency` is `plan` where nothing consistent is asked. Terms that are taken off
(a minus, a weight of zero or less) and plain numbers are never scaled.

A schedule is a number that hangs on the training step: `at` puts in its place what it is at one, before anything is
worked out, so that the weights of a sum are those of the step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TypeAlias

from visgenenv.errors import ConfigError


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Schedule:
    """A number that hangs on the training step."""

    function: str
    """One of `SCHEDULES`."""
    numbers: tuple[float, ...]
    """The value before, the value after, then the steps between which it changes."""

    @property
    def parts(self) -> tuple[tuple[Node, bool], ...]:
        """None: `evaluate` asks for the parts of what it does not know, and so needs no question of its own for a schedule."""
        raise ConfigError(f"{write(self)} hangs on the training step: put its number there first, at(expression, step)")

    @property
    def range(self) -> tuple[float, float]:
        """Its least and its greatest value over all steps."""
        before, after = self.numbers[:2]
        return min(before, after), max(before, after)

    def at(self, step: int) -> float:
        """Its value at a training step."""
        (before, after), (least, greatest) = self.numbers[:2], self.range
        share = SCHEDULES[self.function][1](step, *self.numbers[2:])
        # Neither past the two values by a rounding nor past all numbers by a difference.
        return min(max(before * (1 - share) + after * share, least), greatest)


@dataclass(frozen=True)
class Name:
    name: str
    """A part, a registered component, or "module:attribute"."""
    position: int = 0
    """Where it stands in the text, from 0."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Name) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple[Node, ...]

    @cached_property
    def parts(self) -> tuple[tuple[Node, bool], ...]:
        """Arguments, and whether anything is measured in them."""
        return tuple((argument, _measures(argument)) for argument in self.arguments)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of its arguments where all are names, else none."""
        found = tuple(argument.name for argument in self.arguments if isinstance(argument, Name))
        return found if len(found) == len(self.arguments) else ()


@dataclass(frozen=True)
class Product:
    factors: tuple[Node, ...]
    """Two at least, none of them a product."""

    @cached_property
    def parts(self) -> tuple[tuple[Node, bool], ...]:
        """Factors, and whether anything is measured in them."""
        return tuple((factor, _measures(factor)) for factor in self.factors)


@dataclass(frozen=True)
class Sum:
    terms: tuple[tuple[int, Node], ...]
    """Sign (1 or -1) and term."""

    @cached_property
    def weighed(self) -> tuple[tuple[int, Node, float | None], ...]:
        """Sign, term and weight; None for a plain number, 0 for what is taken off."""
        return tuple((sign, term, _weight(sign, term)) for sign, term in self.terms)


Node: TypeAlias = Number | Schedule | Name | Call | Product | Sum


def names(node: Node) -> Iterator[Name]:
    """All names of an expression, in order, repeated ones too."""
    if isinstance(node, Name):
        yield node
    for child in _children(node):
        yield from names(child)


def _children(node: Node) -> Sequence[Node]:
    if isinstance(node, Call):
        return node.arguments
    if isinstance(node, Product):
        return node.factors
    return [term for _, term in node.terms] if isinstance(node, Sum) else ()


def product(factors: Sequence[Node]) -> Node:
    """A product with no product inside."""
    flat = [inner for factor in factors for inner in (factor.factors if isinstance(factor, Product) else (factor,))]
    return flat[0] if len(flat) == 1 else Product(tuple(flat))


def replace(node: Node, presets: Mapping[str, Node]) -> Node:
    """The expression with its preset names written out."""
    if isinstance(node, Name):
        return presets.get(node.name, node)
    if isinstance(node, Call):
        return Call(node.function, tuple(replace(argument, presets) for argument in node.arguments))
    if isinstance(node, Product):
        return product([replace(factor, presets) for factor in node.factors])
    return Sum(tuple((sign, replace(term, presets)) for sign, term in node.terms)) if isinstance(node, Sum) else node


def _ramp(step: float, first: float, last: float) -> float:
    return min(max((step - first) / (last - first), 0.0), 1.0)


SCHEDULES: dict[str, tuple[str, Callable[..., float]]] = {
    "ramp": ("ramp(a, b, first, last)", _ramp),
    "cosine": ("cosine(a, b, first, last)", lambda step, first, last: (1 - math.cos(math.pi * _ramp(step, first, last))) / 2),
    "switch": ("switch(a, b, at)", lambda step, at: 1.0 if step >= at else 0.0),
}
"""By name: how it is written, and which share of the way from a to b it has gone at a step.

`ramp` is a up to step `first`, b from step `last` on, and a straight line between them; `cosine` half a cosine between them;
`switch` is a before the step `at`, b from it on.
"""


def scheduled(node: Node) -> bool:
    """Whether anything in an expression hangs on the training step."""
    return isinstance(node, Schedule) or any(scheduled(child) for child in _children(node))


def at(node: Node, step: int) -> Node:
    """The expression as it is at a training step (from 0): a number in place of each schedule."""
    if isinstance(node, Schedule):
        return Number(node.at(step))
    if isinstance(node, Call):
        return Call(node.function, tuple(at(argument, step) for argument in node.arguments))
    if isinstance(node, Product):
        return Product(tuple(at(factor, step) for factor in node.factors))
    return Sum(tuple((sign, at(term, step)) for sign, term in node.terms)) if isinstance(node, Sum) else node


def _measures(node: Node) -> bool:
    return next(names(node), None) is not None


def weighs(node: Node) -> bool:
    """Whether anything measured can weigh anything, at some step at least: `0 * plan + 1` and `ramp(0, 0, 5, 9) * plan` have nothing."""
    if isinstance(node, Product) and any(_nothing(factor) for factor in node.factors):
        return False
    return isinstance(node, Name) or any(weighs(child) for child in _children(node))


def _nothing(node: Node) -> bool:
    """Whether an expression is 0 at every step, by its numbers alone."""
    if isinstance(node, Schedule):
        return node.range == (0, 0)
    if isinstance(node, Product):
        return any(_nothing(factor) for factor in node.factors)
    if not _measures(node) and not scheduled(node):
        return evaluate(node, {}) == 0
    listed = isinstance(node, Sum) or (isinstance(node, Call) and FUNCTIONS[node.function][0] is None)
    return listed and all(_nothing(child) for child in _children(node))


def _weight(sign: int, term: Node) -> float | None:
    """What a term weighs: all in it that is no measurement, worked out; None of a term without one, 0 of what is taken off."""
    if not _measures(term):
        return None
    factors = term.factors if isinstance(term, Product) else (term,)
    return max(0.0, sign * prod(_share(factor) for factor in factors))


def _share(factor: Node) -> float:
    """A number's own value; of a measured sum in parentheses what its added terms weigh, of any other measurement 1."""
    if not _measures(factor):
        value = evaluate(factor, {})
        assert value is not None, "numbers have a value"
        return value
    inner = sum(weight for *_, weight in factor.weighed if weight is not None) if isinstance(factor, Sum) else 0.0
    return inner or 1.0


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


FUNCTIONS: dict[str, tuple[int | None, Callable[[list[float]], float]]] = {
    "mean": (None, _mean),
    "min": (None, min),
    "max": (None, max),
    "clip": (2, lambda values: min(max(values[0], values[1]), values[2])),
    "gate": (1, lambda values: 1.0 if values[0] >= values[1] else 0.0),
}
"""By name: how many numbers follow the one expression (None: any number of expressions), and what it works out.

`clip(x, low, high)` keeps x between two numbers; `gate(x, t)` is 1 where x is at least t, else 0.
"""


def evaluate(node: Node, values: Mapping[str, float | None]) -> float | None:
    """The value of an expression without schedules (see `at`); None where nothing in it applies."""
    if isinstance(node, Name):
        return values[node.name]
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Sum):
        return _sum(node, values)
    found: list[float] = []
    measured = applied = False
    if isinstance(node, Call) and node.names:
        found = [value for name in node.names if (value := values[name]) is not None]
        measured, applied = True, bool(found)
    else:
        for child, measures in node.parts:
            value = values[child.name] if isinstance(child, Name) else evaluate(child, values)
            measured = measured or measures
            if value is not None:
                found.append(value)
                applied = applied or measures
    if measured and not applied:
        return None
    return prod(found) if isinstance(node, Product) else FUNCTIONS[node.function][1](found)


def _sum(node: Sum, values: Mapping[str, float | None]) -> float | None:
    added = taken = constant = 0.0
    asked = present = 0.0
    measured = applied = 0
    for sign, term, weight in node.weighed:
        value = evaluate(term, values)
        if weight is None:
            constant += sign * (value or 0.0)
            continue
        measured += 1
        asked += weight
        if value is None:
            continue
        applied += 1
        if weight > 0:
            present += weight
            added += sign * value
        else:
            taken += sign * value
    if measured and (not applied or (asked > 0 and present <= 0)):
        return None
    scale = asked / present if present != asked else 1.0
    return added * scale + taken + constant


def write(node: Node) -> str:
    """The canonical text of an expression: `parse(write(node)) == node`."""
    if isinstance(node, Number):
        return repr(int(node.value)) if node.value.is_integer() and abs(node.value) < 1e15 else repr(node.value)
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Schedule):
        return f"{node.function}({', '.join(write(Number(number)) for number in node.numbers)})"
    if isinstance(node, Call):
        return f"{node.function}({', '.join(write(argument) for argument in node.arguments)})"
    if isinstance(node, Product):
        return " * ".join(f"({write(factor)})" if isinstance(factor, Sum) else write(factor) for factor in node.factors)
    text = ""
    for sign, term in node.terms:
        operator = (" + " if sign > 0 else " - ") if text else ("" if sign > 0 else "-")
        text += operator + (f"({write(term)})" if isinstance(term, Sum) else write(term))
    return text
