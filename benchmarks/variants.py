"""The rewards an ablation compares, and what it calls the things it measures."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from visgenenv.errors import ConfigError

YARDSTICK = "ltr"
"""The reward that all are compared under, whatever they were trained on."""
DECODINGS = ("greedy", "T=1")
START = "start"
_NAME = re.compile(r"[A-Za-z][\w.-]*")


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One reward to train on."""

    name: str
    given: str
    """The expression as it was given."""
    expression: str
    """Canonical, its presets written out."""
    version: str


def read_variants(given: Iterable[str], judge: str = "rules") -> tuple[Variant, ...]:
    """Rewards from `NAME`, `EXPR` or `NAME=EXPR`.

    Raises `ConfigError` for a wrong expression, a name that serves no folder, and two names or two texts for one reward.
    """
    from rewards import reward

    found: dict[str, Variant] = {}
    for text in given:
        name, sign, expression = text.partition("=")
        expression, name = (expression.strip(), name.strip()) if sign else (text.strip(), text.strip())
        engine = reward(expression, judge=judge)
        if not _NAME.fullmatch(name) or name.casefold() == START:
            raise ConfigError(
                f"--reward {text!r}: {name!r} names no folder; expected letters and digits before a =, as in mine={expression!r}"
            )
        if name.casefold() in {other.casefold() for other in found}:
            raise ConfigError(f"--reward {text!r}: the name {name!r} is given twice; give each reward a name of its own, NAME=EXPR")
        same = next((other.name for other in found.values() if other.version == engine.version), None)
        if same is not None:
            raise ConfigError(
                f"--reward {text!r}: the same reward as {same!r} ({engine.expression}); its runs would be the same to the byte"
            )
        found[name] = Variant(name=name, given=expression, expression=engine.expression, version=engine.version)
    return tuple(found.values())
