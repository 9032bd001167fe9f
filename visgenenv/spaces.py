"""Gymnasium spaces of turns and observations: any text is a member, samples are well-formed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np

from visgenenv.tools.catalogue import toolset
from visgenenv.tools.draw import draw_arguments
from visgenenv.turns import render
from visgenenv.types import Plan, PlanStep, ToolCall


class TextSpace(gymnasium.Space[str]):
    """All texts; samples are short lines."""

    def __init__(self, seed: int | np.random.Generator | None = None) -> None:
        super().__init__(None, None, seed)

    @property
    def is_np_flattenable(self) -> bool:
        """Texts have no fixed length."""
        return False

    def contains(self, x: Any) -> bool:
        """Whether x is a text."""
        return isinstance(x, str)

    def sample(self, mask: Any | None = None, probability: Any | None = None) -> str:
        """A short line of random words."""
        return " ".join(("a", "red", "ball", "on", "the", "sea")[i] for i in self.np_random.integers(0, 6, 6))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class TurnSpace(TextSpace):
    """All texts, read as turns; samples are well-formed random first turns with a plan and one to three calls."""

    def __init__(self, tools: str | Sequence[str] = "paper36", seed: int | np.random.Generator | None = None) -> None:
        super().__init__(seed)
        # Names, not the tools themselves: a space travels to workers, and a tool's laws need not be picklable.
        self._tools = (tools,) if isinstance(tools, str) else tuple(tools)

    def sample(self, mask: Any | None = None, probability: Any | None = None) -> str:
        """A turn that parses; its calls have valid types, and handles that may not exist."""
        tools = toolset(self._tools)
        names = list(tools)
        chosen = [names[i] for i in self.np_random.integers(0, len(names), int(self.np_random.integers(1, 4)))]
        calls = tuple(ToolCall(name=name, arguments=draw_arguments(tools[name], self.np_random, {})) for name in chosen)
        plan = Plan(steps=tuple(PlanStep(id=i + 1, tool=name, goal="try it") for i, name in enumerate(chosen)))
        return render("try some tools", plan=plan, calls=calls)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TurnSpace) and other._tools == self._tools

    def __hash__(self) -> int:
        return hash(self._tools)

    def __repr__(self) -> str:
        return f"TurnSpace({list(self._tools)!r})"
