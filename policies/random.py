"""The random policy: well-formed turns over all tools, and an answer after a few of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from policies import reading
from visgenenv import chance
from visgenenv.conversation import Conversation
from visgenenv.tools.catalogue import PAPER36
from visgenenv.tools.draw import draw_arguments
from visgenenv.tools.spec import ToolSpec
from visgenenv.turns import render
from visgenenv.types import Answer, Plan, PlanStep, ToolCall

_SPECS: dict[str, ToolSpec[Any]] = {spec.name: spec for spec in PAPER36}
MOST_TURNS = 5
"""Turns with calls, at most; an answer follows."""
MOST_CALLS = 3
"""Calls a turn, at most."""
MOST_DELIVERABLES = 4


class RandomPolicy:
    """Calls random tools with random valid arguments and own handles, then answers with some of its handles.

    The turns of an episode hang on (`seed`, the episode's seed, the number of the turn) alone. Of the tools offered, it
    uses those of the paper's set.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def act(self, conversations: Sequence[Conversation], /) -> list[str]:
        """A turn for each conversation."""
        return [self._turn(conversation) for conversation in conversations]

    def _turn(self, conversation: Conversation) -> str:
        number = sum(1 for message in conversation.messages if message["role"] == "assistant")
        generator = np.random.default_rng(chance.bits("random policy", self.seed, conversation.seed, number))
        last = chance.below(MOST_TURNS, "random policy", self.seed, conversation.seed, "turns") + 1
        handles = reading.all_handles(conversation.messages)
        names = [name for tool in conversation.tools if (name := tool["function"]["name"]) in _SPECS] or list(_SPECS)
        if number >= last:
            own = [handle for made in handles.values() for handle in made]
            chosen = sorted(generator.permutation(len(own))[: 1 + int(generator.integers(MOST_DELIVERABLES))])
            return render("that will do", answer=Answer(deliverables=tuple(own[i] for i in chosen)))
        picked = [names[i] for i in generator.integers(0, len(names), 1 + int(generator.integers(MOST_CALLS)))]
        calls = tuple(ToolCall(name=name, arguments=draw_arguments(_SPECS[name], generator, handles)) for name in picked)
        steps = tuple(PlanStep(id=n, tool=name, goal="try it") for n, name in enumerate(picked, 1))
        return render("try some tools", plan=None if number else Plan(steps=steps), calls=calls)
