"""A model that attends by a function of ours for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS


@contextmanager
def attending(model: Any, name: str, attend: Callable[..., Any], right: bool = True) -> Iterator[None]:
    """Let `attend`, known to transformers by `name`, do the attention of a model on a CPU in place of PyTorch's fused kernel.

    Nothing is changed where the model attends in some other way, or `right` says that the function does not suit.
    """
    config = model.config
    usual = config._attn_implementation
    if not right or usual != "sdpa" or model.device.type != "cpu":
        yield
        return
    ALL_ATTENTION_FUNCTIONS.register(name, attend)
    config._attn_implementation = name
    try:
        yield
    finally:
        config._attn_implementation = usual
