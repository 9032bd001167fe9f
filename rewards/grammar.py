"""The grammar of reward expressions: text in, tree out, or an error that says where and what was expected.

sum     = ["-"] product (("+" | "-") product)*
product = factor ("*" factor)*
factor  = ["-"] number | name | function "(" sum ("," sum)* ")" | schedule "(" ["-"] number ("," ["-"] number)* ")" | "(" sum ")"
name    = a part ("plan", "result.count"), a registered component, or "module:attribute"
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from rewards.compose import FUNCTIONS, SCHEDULES, Call, Name, Node, Number, Product, Schedule, Sum, product, write
from visgenenv import plugins
from visgenenv.errors import ConfigError

MAX_CHARS = 2_000
MAX_DEPTH = 40
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*(?:[.:]\w+)*)|(?P<sign>[-+*(),]))"
)
_LISTED = ("mean", "min", "max", "product")
_FORMS = {**{name: f"{name}(x, …)" for name in _LISTED}, "clip": "clip(x, low, high)", "gate": "gate(x, threshold)"}


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    """`number`, `name`, `end`, or the sign itself."""
    text: str
    position: int


def parse(text: str) -> Node:
    """Read a reward expression; raises `ConfigError` with the position and what was expected there."""
    if not isinstance(text, str) or not text.strip():
        raise ConfigError(
            f'reward={plugins.shown(text)}: expected an expression (text) such as "ltr" or "0.7*plan + 0.3*mean(result, format)"; what is '
            'your own is named in it, a component as in "0.9*ltr + 0.1*module:attribute", and what vg.reward made as "module:attribute"'
        )
    if len(text) > MAX_CHARS:
        raise ConfigError(f"reward: the expression has {len(text)} characters; expected at most {MAX_CHARS}")
    reader = _Reader(text)
    node = reader.sum(0)
    if reader.token.kind != "end":
        raise reader.error("expected + - * or the end")
    return node


def _tokens(text: str) -> list[Token]:
    found, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            start = len(text) - len(text[position:].lstrip())
            raise ConfigError(
                f"reward={text!r}, at character {start}: {text[start]!r} has no meaning here; expected a name, a number or + - * ( ) ,"
            )
        kind = match.lastgroup or ""
        value = match.group(kind)
        found.append(Token(value if kind == "sign" else kind, value, match.start(kind)))
        position = match.end()
    return [*found, Token("end", "the end", len(text))]


class _Reader:
    """A recursive-descent reader over tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.index = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def error(self, expected: str, token: Token | None = None, given: str = "") -> ConfigError:
        """What is wrong at a token, the next one unless told."""
        token = self.token if token is None else token
        given = given or (token.text if token.kind == "end" else repr(token.text))
        return ConfigError(f"reward={self.text!r}, at character {token.position}: given {given}; {expected}")

    def take(self, kind: str) -> bool:
        if self.token.kind != kind:
            return False
        self.index += 1
        return True

    def sum(self, depth: int) -> Node:
        negated = self.take("-")
        first = self.product(depth)
        terms = [_negative(first) if negated else (1, first)]
        while self.token.kind in ("+", "-"):
            sign = 1 if self.token.kind == "+" else -1
            self.index += 1
            terms.append((sign, self.product(depth)))
        return _sum(terms)

    def product(self, depth: int) -> Node:
        factors = [self.factor(depth)]
        while self.take("*"):
            factors.append(self.factor(depth))
        return product(factors)

    def factor(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.error(f"expected at most {MAX_DEPTH} levels of parentheses or signs")
        if self.take("-"):
            return _sum([_negative(self.factor(depth + 1))])
        token = self.token
        if self.take("number"):
            return self.number(token)
        if self.take("("):
            node = self.sum(depth + 1)
            if not self.take(")"):
                raise self.error("expected )")
            return node
        if token.kind != "name":
            raise self.error("expected a name, a number, a function or (")
        self.index += 1
        return self.call(token, depth) if self.token.kind == "(" else Name(token.text, token.position)

    def number(self, token: Token) -> Number:
        value = float(token.text)
        if not math.isfinite(value):
            raise ConfigError(f"reward={self.text!r}, at character {token.position}: {token.text!r} is too large for a number")
        return Number(value)

    def call(self, token: Token, depth: int) -> Node:
        function = token.text
        if function in SCHEDULES:
            return self.schedule(function)
        if function not in FUNCTIONS and function != "product":
            self.index -= 1
            raise self.error(f"no such function; expected one of {', '.join(sorted({*FUNCTIONS, *SCHEDULES, 'product'}))}")
        self.index += 1
        if self.token.kind == ")":
            raise self.error(f"expected an expression: {_FORMS[function]}")
        first = [self.token]
        arguments = [self.sum(depth + 1)]
        while self.take(","):
            first.append(self.token)
            arguments.append(self.sum(depth + 1))
        if self.token.kind != ")":
            raise self.error("expected , or )")
        if function not in _LISTED:
            self.numbers(function, arguments, first)
        self.index += 1
        return product(arguments) if function == "product" else Call(function, tuple(arguments))

    def numbers(self, function: str, arguments: list[Node], first: list[Token]) -> None:
        """`clip` and `gate` take one expression, then numbers; of two, the first is never the greater, at whatever step.

        `first`: the token that each argument begins with.
        """
        form, wanted = _FORMS[function], FUNCTIONS[function][0] or 0
        given: list[Number | Schedule] = []
        for argument, token in zip(arguments[1:], first[1:], strict=True):
            if len(given) == wanted:
                raise self.error(f"expected nothing more: {form}", token, write(argument))
            if not isinstance(argument, Number | Schedule):
                raise self.error(f"expected a number: {form}", token, write(argument))
            if given and _range(argument)[0] < _range(given[0])[1]:
                low, high = write(given[0]), write(argument)
                when = "" if isinstance(given[0], Number) and isinstance(argument, Number) else " at some step"
                raise self.error(f"low {low} is above high {high}{when}: {form} wants low <= high", token, high)
            given.append(argument)
        if len(given) < wanted:
            raise self.error(f"expected {'another' if given else 'a'} number: {form}")

    def schedule(self, function: str) -> Schedule:
        """A function of numbers alone: two values, then steps, each greater than the one before."""
        form = SCHEDULES[function][0]
        wanted = form.count(",") + 1
        numbers: list[float] = []
        while len(numbers) < wanted:
            self.index += 1  # the parenthesis or comma before it
            steps = numbers[2:]
            negative = len(numbers) < 2 and self.take("-")
            token = self.token
            if not self.take("number"):
                raise self.error(f"expected a number of 0 or more: {form}" if len(numbers) >= 2 else f"expected a number: {form}")
            value = self.number(token).value
            if steps and value <= steps[-1]:
                self.index -= 1
                raise self.error(f"expected a step after {write(Number(steps[-1]))}: {form} with first < last")
            numbers.append(-value if negative else value)
            if self.token.kind != ("," if len(numbers) < wanted else ")"):
                raise self.error(f"expected {wanted} numbers: {form}")
        self.index += 1
        return Schedule(function, tuple(numbers))


def _range(node: Number | Schedule) -> tuple[float, float]:
    """Least and greatest value over all steps."""
    return node.range if isinstance(node, Schedule) else (node.value, node.value)


def _negative(node: Node) -> tuple[int, Node]:
    """Sign and term of a term with a minus before it; a number takes the minus in."""
    if isinstance(node, Number):
        return 1, Number(-node.value)
    if isinstance(node, Product) and isinstance(node.factors[0], Number):
        return 1, Product((Number(-node.factors[0].value), *node.factors[1:]))
    return -1, node


def _sum(terms: list[tuple[int, Node]]) -> Node:
    sign, node = terms[0]
    return node if len(terms) == 1 and sign > 0 else Sum(tuple(terms))
