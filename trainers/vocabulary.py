"""What the tiny policy's tokenizer is learned from: demonstrations, a few general tasks, and the alphabet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from policies.tokenizer import train_tokenizer
from trainers.data.general import general
from trainers.data.records import Record
from trainers.data.words import alphabet
from visgenenv.tools.catalogue import toolset

_GENERAL = 400
"""General tasks it sees: enough for their signs, too few for their made-up words to fill it."""


def tiny_tokenizer(demonstrations: Sequence[Record], words: int = 1500) -> Any:
    """A tokenizer for the tiny policy; the same demonstrations give the same one."""
    records = [*demonstrations, *general(_GENERAL)]
    texts = (message["content"] for record in records for message in record.messages)
    return train_tokenizer(texts, whole=tuple(toolset("paper36")), alphabet=alphabet(), words=words)
