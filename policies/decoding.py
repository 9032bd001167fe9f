"""Batched sampling from a causal language model: ragged rows, one preallocated cache, finished rows set aside."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import torch

from policies.ragged import RaggedCache, one_token_attention
from visgenenv import chance
from visgenenv.errors import ConfigError

_WASTE = 256
"""Tokens of padding that cost about as much as one more pass through the model."""


class Continuation(NamedTuple):
    """What a model wrote after a prompt."""

    ids: list[int]
    """Its end token included, where it came."""
    logprobs: list[float]
    """Natural logarithms under the tempered distribution (temperature 1 where decoding is greedy)."""


@dataclass(slots=True)
class _Row:
    """One conversation in the batch."""

    key: Hashable
    held: list[int] = field(default_factory=list)
    """Tokens whose keys and values stand in the cache."""
    new: list[int] = field(default_factory=list)
    """Tokens to be read before the next one is chosen."""
    ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    luck: Any = None
    """Uniform numbers, one a token to come."""
    limit: int = 0


class Decoder:
    """Samples continuations of token ids for a batch of conversations.

    Every row draws from a stream of its own, keyed by (seed, its key, the length of its prompt), so that what a row
    becomes does not hang on its neighbours' luck. The keys and values of a conversation are kept from turn to turn, as
    long as it stays in every batch and its new prompt begins with what was read before; `forget` drops them all, and
    must be called when the weights have changed.

    Needs a model whose layers all attend to everything before (Qwen, Llama, Mistral without window…).
    """

    def __init__(
        self,
        model: Any,
        end_ids: frozenset[int],
        *,
        temperature: float = 1.0,
        max_new_tokens: int = 768,
        max_length: int | None = None,
        seed: int = 0,
        batch: int = 128,
    ) -> None:
        kinds = set(getattr(model.config, "layer_types", None) or ()) - {"full_attention"}
        if kinds:
            raise ConfigError(f"model={model.config.model_type!r}: has layers of kind {sorted(kinds)}; expected full attention in all")
        window = getattr(model.config, "sliding_window", None)
        reach = min(int(getattr(model.config, "max_position_embeddings", 1 << 30)), max_length or 1 << 30)
        if window is not None and getattr(model.config, "layer_types", None) is None and window < reach:
            raise ConfigError(
                f"model={model.config.model_type!r}: attends to the last {window} tokens; expected full attention, "
                f"or conversations of at most so many: max_length={window}"
            )
        if not 0 <= temperature < math.inf or max_new_tokens < 1 or batch < 1 or (max_length is not None and max_length < 1):
            given = f"temperature={temperature!r}, max_new_tokens={max_new_tokens!r}, max_length={max_length!r}, batch={batch!r}"
            raise ConfigError(f"{given}: expected a finite temperature of at least 0 and at least one token and row")
        self.model, self.end_ids, self.temperature, self.max_new_tokens = model, end_ids, temperature, max_new_tokens
        self.seed, self.batch = seed, batch
        self.context = reach
        self.forget()

    def forget(self) -> None:
        """Drop all keys and values."""
        self._cache = RaggedCache(self.model.config.num_hidden_layers, self.context)
        self._rows: list[_Row] = []

    def __call__(self, prompts: Sequence[Sequence[int]], keys: Sequence[Hashable] | None = None) -> list[Continuation]:
        """Continue each prompt until an end token or the limit; an empty continuation where the context is full.

        `keys`: names of the conversations, stable from turn to turn; without them nothing is kept.
        """
        if keys is None:
            self.forget()
            keys = range(len(prompts))
        if len(prompts) > self.batch:
            # Rows past the batch take turns with the others, so nothing can be kept for them.
            found = []
            for start in range(0, len(prompts), self.batch):
                self.forget()
                found += self(prompts[start : start + self.batch], keys[start : start + self.batch])
            self.forget()
            return found
        training = self.model.training
        self.model.eval()
        try:
            with torch.inference_mode(), one_token_attention(self.model):
                return self._run(prompts, keys)
        finally:
            self.model.train(training)

    def _run(self, prompts: Sequence[Sequence[int]], keys: Sequence[Hashable]) -> list[Continuation]:
        rows = self._seat(prompts, keys)
        by_key = {row.key: row for row in rows}
        active = self._retire(rows, len(rows), [row.limit <= 0 for row in rows])
        while active:
            tokens, logprobs = self._step(rows[:active])
            done = []
            for row, token, logprob in zip(rows[:active], tokens, logprobs, strict=True):
                row.ids.append(token)
                row.logprobs.append(logprob)
                row.new = [token]
                done.append(token in self.end_ids or len(row.ids) >= row.limit)
            active = self._retire(rows, active, done)
        return [Continuation(by_key[key].ids, by_key[key].logprobs) for key in keys]

    def _seat(self, prompts: Sequence[Sequence[int]], keys: Sequence[Hashable]) -> list[_Row]:
        """Give every conversation a row of the cache: its old one where it has one, first rows first."""
        wanted = dict(zip(keys, prompts, strict=True))
        if len(wanted) < len(keys):
            raise ConfigError(f"keys={list(keys)[:4]!r}…: two conversations of one name")
        count = len(wanted)
        rows = self._rows
        while len(rows) < count:
            rows.append(_Row(key=None))
        place = {row.key: number for number, row in enumerate(rows) if row.key in wanted}
        front = [number for number in range(count) if rows[number].key not in wanted]
        for number in sorted(place.values(), reverse=True):
            if number >= count:
                self._swap(number, front.pop())
        missing = iter([key for key in wanted if key not in place])
        for number in range(count):
            if rows[number].key not in wanted:
                rows[number] = _Row(key=next(missing))
            row, prompt = rows[number], list(wanted[rows[number].key])
            if prompt[: len(row.held)] != row.held or len(prompt) == len(row.held):
                row.held = []
            row.new, row.ids, row.logprobs = prompt[len(row.held) :], [], []
            row.limit = min(self.max_new_tokens, self.context - len(prompt))
            if self.temperature > 0:
                row.luck = np.random.Generator(np.random.Philox(chance.bits(self.seed, *_named(row.key), len(prompt)))).random(
                    max(row.limit, 1), dtype=np.float32
                )
        del rows[count:]
        return rows

    def _swap(self, one: int, other: int) -> None:
        if not self._cache.swap(one, other, max(len(self._rows[one].held), len(self._rows[other].held))):
            self._rows[one].held, self._rows[other].held = [], []
        self._rows[one], self._rows[other] = self._rows[other], self._rows[one]

    def _retire(self, rows: list[_Row], active: int, done: Sequence[bool]) -> int:
        """Move finished rows behind the active ones; returns how many are active."""
        for number in range(active - 1, -1, -1):
            if done[number]:
                active -= 1
                if number != active:
                    self._swap(number, active)
        return active

    def _step(self, rows: Sequence[_Row]) -> tuple[list[int], list[float]]:
        """Read the new tokens of the first rows of the cache, and choose the next token of each."""
        self._cache.room(len(rows), max(len(row.held) + len(row.new) for row in rows))
        single = all(len(row.new) == 1 for row in rows)
        logits = self._read(rows, slice(len(rows))) if single else self._read_blocks(rows)
        for row in rows:
            row.held.extend(row.new)
        return self._choose(logits.float(), rows)

    def _read_blocks(self, rows: Sequence[_Row]) -> torch.Tensor:
        """Logits (rows, vocabulary) after blocks of new tokens: rows of like length together, each opening once."""
        openings: dict[tuple[int, ...], int] = {}
        readers = [number if row.held else openings.setdefault(tuple(row.new), number) for number, row in enumerate(rows)]
        found: list[torch.Tensor] = []
        order: list[int] = []
        # Elsewhere than on a CPU a pass costs more than the padding that it saves.
        waste = _WASTE if self.model.device.type == "cpu" else math.inf
        for numbers in _alike({number: len(rows[number].new) for number in set(readers)}, waste):
            found.append(self._read([rows[number] for number in numbers], torch.tensor(numbers, device=self.model.device)))
            order += numbers
        for ids, reader in openings.items():
            others = [number for number, other in enumerate(readers) if other == reader != number]
            if others:
                self._cache.copy(reader, others, len(ids))
        place = {number: at for at, number in enumerate(order)}
        return torch.cat(found)[[place[reader] for reader in readers]]

    def _read(self, rows: Sequence[_Row], reading: slice | torch.Tensor) -> torch.Tensor:
        """Logits (rows, vocabulary) after the new tokens of rows; `reading` says which of the cache they are."""
        sizes = [len(row.new) for row in rows]
        starts = [len(row.held) for row in rows]
        longest = max(sizes)
        device = self.model.device
        ids = torch.tensor([row.new + [0] * (longest - len(row.new)) for row in rows], device=device)
        places = torch.tensor(starts, device=device)[:, None] + torch.arange(longest, device=device)
        used = max(start + longest for start in starts)
        self._cache.room(0, used)
        self._cache.prepare(reading, places, used)
        # Row r's token at column c sees the columns up to c; what lies behind a short row's end is never looked at.
        mask = torch.arange(used, device=device) <= places[:, :, None]
        last = torch.tensor(sizes, device=device) - 1
        kept, where = torch.unique(last, return_inverse=True)
        logits: torch.Tensor = self.model(
            input_ids=ids,
            attention_mask=mask[:, None],
            position_ids=places.clamp(max=self.context - 1),
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=kept,
        ).logits
        return logits[torch.arange(len(rows), device=device), where]

    def _choose(self, logits: torch.Tensor, rows: Sequence[_Row]) -> tuple[list[int], list[float]]:
        """The next token of each row by the inverse of the distribution function, logits (rows, vocabulary)."""
        logprobs = torch.log_softmax(logits / self.temperature if self.temperature > 0 else logits, dim=-1)
        if self.temperature > 0:
            luck = torch.tensor([row.luck[len(row.ids)] for row in rows], device=logits.device)[:, None]
            reached = logprobs.exp().cumsum(-1)
            tokens = torch.searchsorted(reached, luck * reached[:, -1:], right=True).clamp(max=logits.shape[-1] - 1)
        else:
            tokens = logits.argmax(-1, keepdim=True)
        chosen = logprobs.gather(-1, tokens)
        return tokens[:, 0].tolist(), chosen[:, 0].tolist()


def _alike(sizes: Mapping[int, int], waste: float) -> list[list[int]]:
    """Numbers in blocks of like size, the largest first.

    A block ends where it would cost `waste` tokens of padding to read all that are left in it.
    """
    order = sorted(sizes, key=lambda number: (-sizes[number], number))
    blocks: list[list[int]] = []
    for done, number in enumerate(order):
        if blocks and (sizes[blocks[-1][0]] - sizes[number]) * (len(order) - done) < waste:
            blocks[-1].append(number)
        else:
            blocks.append([number])
    return blocks


def _named(key: Hashable) -> tuple[int | str, ...]:
    parts = key if isinstance(key, tuple) else (key,)
    return tuple(part if type(part) is int else str(part) for part in parts)
