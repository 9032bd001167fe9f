"""The language-model head of training: log-probabilities of the labelled positions alone."""

from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import Any

import torch

from trainers.attention import causal_rows

_SCALES = ("final_logit_softcapping", "logit_scale", "output_multiplier", "lm_head_multiplier", "logits_scaling")
"""Fields of a configuration that say that logits are more than a product with the head's weights."""
_BLOCK = 128


def add_selected_head(model: Any, temperature: float = 1.0) -> None:
    """Let `model(..., labels=…, fused_lm_head=True)` score labelled positions only.

    TRL's trainers call their models so. Their own head scores every position and computes the logits twice, to save a
    GPU's memory; on a processor, with a small vocabulary, that is over a third of a step. Values are the same. A model
    that scales its logits in some other way keeps TRL's head.
    """
    config = model.config.get_text_config()
    if any(getattr(config, name, None) is not None for name in _SCALES):
        return
    otherwise = model.forward

    @functools.wraps(otherwise)
    def forward(*args: Any, fused_lm_head: bool = False, labels: Any = None, **kwargs: Any) -> Any:
        if not fused_lm_head or labels is None or kwargs.get("output_router_logits"):
            more = {"fused_lm_head": True} if fused_lm_head else {}
            return otherwise(*args, **more, **({} if labels is None else {"labels": labels}), **kwargs)
        kwargs.pop("num_items_in_batch", None)
        with causal_rows(model, kwargs.get("attention_mask")):
            hidden = model.base_model(*args, **{**kwargs, "use_cache": False}).last_hidden_state[:, :-1]
        return _score(model.get_output_embeddings(), hidden, labels[:, 1:], temperature)

    model.forward = forward


def _score(head: Any, hidden: torch.Tensor, labels: torch.Tensor, temperature: float) -> SimpleNamespace:
    """Log-probability, entropy and whether it was the likeliest, of each label; shapes (rows, positions), 0 where unlabelled."""
    mask = labels != -100
    scored = hidden[mask]
    count = len(scored)
    # A whole number of blocks: a compiled kernel is kept for every shape met.
    blocks = torch.nn.functional.pad(scored, (0, 0, 0, -count % _BLOCK))
    scores = torch.log_softmax(head(blocks)[:count].float() / temperature, dim=-1)
    chosen = scores.gather(-1, labels[mask][:, None])[:, 0]
    with torch.no_grad():
        entropy = -(scores.exp() * scores).sum(-1)
        first = scores.argmax(-1) == labels[mask]
    blank = chosen.new_zeros(mask.shape)
    return SimpleNamespace(
        log_probs=blank.masked_scatter(mask, chosen),
        entropy=blank.masked_scatter(mask, entropy),
        is_top1=torch.zeros_like(mask).masked_scatter(mask, first),
        label_mask=mask,
        aux_loss=None,
    )
