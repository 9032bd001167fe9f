"""Conversations of ever different lengths side by side: the cache of their keys and values, and attention of one new token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers.cache_utils import Cache, CacheLayerMixin
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from policies.attending import attending

_NAME = "visgen_one_token"


class _Layer(CacheLayerMixin):  # type: ignore[misc]  # transformers ships no types
    """Keys and values of one layer, shape (rows, heads, columns, head size); row r's token i lies in column i."""

    is_sliding = False

    def __init__(self, cache: RaggedCache) -> None:
        super().__init__()
        self.cache = cache

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        self._reserve(key_states, value_states)

    def _reserve(self, keys: torch.Tensor, values: torch.Tensor) -> None:
        rows, columns = self.cache.rows, self.cache.columns
        for name, like in (("keys", keys), ("values", values)):
            held = getattr(self, name)
            if held is None or held.shape[0] < rows or held.shape[2] < columns:
                grown = like.new_zeros(rows, like.shape[1], columns, like.shape[3])
                if held is not None:
                    grown[: held.shape[0], :, : held.shape[2]] = held
                setattr(self, name, grown)
        self.is_initialized = True

    def update(self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any) -> tuple[torch.Tensor, torch.Tensor]:
        """Write a block (rows, heads, tokens, head size) to each row's own columns; return what the rows may look at."""
        cache = self.cache
        if not self.is_initialized or self.keys.shape[0] < cache.rows or self.keys.shape[2] < cache.columns:
            self._reserve(key_states, value_states)
        rows = torch.arange(self.keys.shape[0], device=key_states.device)[cache.reading, None]
        self.keys[rows, :, cache.places] = key_states.transpose(1, 2)
        self.values[rows, :, cache.places] = value_states.transpose(1, 2)
        return self.keys[:, :, : cache.used][cache.reading], self.values[:, :, : cache.used][cache.reading]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.cache.used, 0

    def get_seq_length(self) -> int:
        return self.cache.used

    def get_max_length(self) -> int:
        return -1


class RaggedCache(Cache):  # type: ignore[misc]  # transformers ships no types
    """A transformers cache whose rows have lengths of their own.

    Room is taken once and grown by doubling up to `longest` columns, so that no step copies what is already there
    (`DynamicCache` does).
    """

    def __init__(self, layers: int, longest: int) -> None:
        super().__init__(layers=[_Layer(self) for _ in range(layers)])
        self.longest = longest
        self.rows = self.columns = self.used = 0
        self.reading: slice | torch.Tensor = slice(0)
        self.places = torch.empty(0, 0, dtype=torch.long)

    def room(self, rows: int, columns: int) -> None:
        """Say how many rows and columns are needed from here on."""
        self.rows = max(self.rows, rows)
        if columns > self.columns:
            self.columns = max(min(max(256, 2 * self.columns), self.longest), columns)

    def prepare(self, reading: slice | torch.Tensor, places: torch.Tensor, used: int) -> None:
        """Say whose and where the next block is: `places` (rows, tokens) are columns, `used` columns are looked at."""
        self.reading, self.places, self.used = reading, places, used

    def swap(self, one: int, other: int, columns: int) -> bool:
        """Exchange the first columns of two rows; False where one of them lies past the rows there are: nothing is kept then."""
        if one == other or not columns:
            return True
        order, pair = torch.tensor([one, other]), torch.tensor([other, one])
        for held in self._held():
            if max(one, other) >= held.shape[0]:
                return False
            held[order, :, :columns] = held[pair, :, :columns]
        return True

    def copy(self, source: int, rows: Sequence[int], columns: int) -> None:
        """Give rows the first columns of another."""
        for held in self._held():
            held[list(rows), :, :columns] = held[source, :, :columns]

    def _held(self) -> Iterator[torch.Tensor]:
        for layer in self.layers:
            for held in (layer.keys, layer.values):
                if held is not None:
                    yield held


@contextmanager
def one_token_attention(model: Any) -> Iterator[None]:
    """Let a model of text on a CPU attend with one new token a row by two batched products.

    PyTorch's fused kernel takes 1.2 to 1.7 times as long for 40 to 90 rows of 250 tokens in float32 (on one core of an EPYC),
    most of all that decoding does. In fewer bits the fused kernel is the more exact one, and is kept.
    """
    # Of a model with parts each may attend in its own way.
    with attending(model, _NAME, _attend, right=not getattr(model.config, "sub_configs", None)):
        yield


def _attend(module: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, attention_mask: Any, **how: Any) -> Any:
    """Attention of (rows, heads, 1, head size) to (rows, key heads, columns, head size); returns (rows, 1, heads, head size)."""
    rows, heads, tokens, size = query.shape
    exact = query.dtype == key.dtype == value.dtype == torch.float32 and not torch.is_autocast_enabled("cpu")
    if tokens != 1 or not exact or getattr(attention_mask, "dtype", None) != torch.bool or how.get("position_bias") is not None:
        return ALL_ATTENTION_FUNCTIONS["sdpa"](module, query, key, value, attention_mask, **how)
    groups = heads // key.shape[1]
    scaling = how.get("scaling")
    queries = query.reshape(-1, groups, size) * (size**-0.5 if scaling is None else scaling)
    scores = torch.bmm(queries, key.flatten(0, 1).transpose(1, 2)).view(rows, heads, 1, -1)
    weights = torch.softmax(scores.masked_fill_(~attention_mask, float("-inf")), -1)
    mixed = torch.bmm(weights.view(-1, groups, key.shape[2]), value.flatten(0, 1))
    return mixed.view(rows, 1, heads, value.shape[-1]), None
