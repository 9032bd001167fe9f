"""Batches of conversations of like length: rows padded on the right only, so that causal attention needs no mask."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from random import Random
from typing import Any

from tqdm import tqdm

from trainers.data.records import Record
from visgenenv.errors import ConfigError

IGNORED = -100
"""Label of a token that is not learned."""
GRAIN = 16
"""Rows are padded to multiples of it: PyTorch on a processor keeps a compiled kernel for every shape it has met."""


def padded(length: int) -> int:
    """Tokens of a row of a batch whose longest has `length`."""
    return -(-length // GRAIN) * GRAIN


def encode(records: Sequence[Record], chat: Any, longest: int) -> list[tuple[list[int], list[int]]]:
    """Token ids and labels of each record; only the policy's turns and their ends are learned.

    Those that the model cannot read whole are left out, and how many is told on standard error. Raises `ConfigError`
    where none is left.
    """
    found = []
    for record in records:
        ids, mask = chat.demonstration(record.messages, record.unlearned)
        if len(ids) <= longest:
            found.append((ids, [token if own else IGNORED for token, own in zip(ids, mask, strict=True)]))
    if len(found) < len(records):
        tqdm.write(f"{len(records) - len(found)} of {len(records)} records are longer than {longest} tokens and left out", file=sys.stderr)
    if records and not found:
        raise ConfigError(f"all {len(records)} records are longer than the {longest} tokens the model reads; take a model that reads more")
    return found


def pack(rows: Sequence[tuple[list[int], list[int]]], tokens: int, seed: int) -> list[list[int]]:
    """Numbers of the rows of each batch: of like length, at most `tokens` with their padding, in drawn order.

    Every row is in one batch. Sorting within drawn blocks of rows keeps batches both mixed and tight.
    """
    random = Random(seed)
    order = list(range(len(rows)))
    random.shuffle(order)
    block = max(64, 40 * tokens // max(1, sum(len(ids) for ids, _ in rows) // max(1, len(rows))))
    batches: list[list[int]] = []
    for start in range(0, len(order), block):
        batch: list[int] = []
        for number in sorted(order[start : start + block], key=lambda number: (-len(rows[number][0]), number)):
            if batch and padded(len(rows[batch[0]][0])) * (len(batch) + 1) > tokens:
                batches.append(batch)
                batch = []
            batch.append(number)
        if batch:
            batches.append(batch)
    random.shuffle(batches)
    return batches


def collate(rows: Sequence[tuple[list[int], list[int]]], pad: int) -> dict[str, Any]:
    """Tensors (rows, longest) of a batch.

    The attention mask is all ones: padding stands behind every token, where causal attention does not look, and without
    holes in the mask attention runs its fast causal kernel.
    """
    import torch

    longest = padded(max(len(ids) for ids, _ in rows))
    ids = torch.tensor([own + [pad] * (longest - len(own)) for own, _ in rows])
    labels = torch.tensor([own + [IGNORED] * (longest - len(own)) for _, own in rows])
    return {"input_ids": ids, "labels": labels, "attention_mask": torch.ones_like(ids)}
