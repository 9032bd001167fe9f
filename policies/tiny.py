"""The tiny language model: a Qwen3 of under a million and a half parameters that trains while one waits."""

from __future__ import annotations

from typing import Any

from visgenenv.errors import MissingExtra


def tiny_model(tokenizer: Any, seed: int = 0, *, hidden: int = 128, layers: int = 4, heads: int = 4, mlp: int = 320) -> Any:
    """A fresh `Qwen3ForCausalLM` for a tokenizer, its weights drawn from `seed`; tied embeddings, RoPE θ = 10⁴.

    A saved folder loads with `AutoModelForCausalLM`. Raises `MissingExtra` without the train extra.
    """
    try:
        import torch
        from transformers import Qwen3Config, Qwen3ForCausalLM
    except ImportError as error:
        raise MissingExtra("transformers", "train") from error
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=mlp,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        head_dim=hidden // heads,
        max_position_embeddings=tokenizer.model_max_length,
        rope_parameters={"rope_type": "default", "rope_theta": 1e4},
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Qwen3ForCausalLM(config)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    return model
