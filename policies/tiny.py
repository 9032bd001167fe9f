"""The tiny language model: a Qwen3 of under a million and a half parameters that trains while one waits."""

from __future__ import annotations

from typing import Any

from visgenenv.errors import MissingExtra


def tiny_model(tokenizer: Any, seed: int = 0, *, hidden: int = 128, layers: int = 4, heads: int = 4, mlp: int = 320) -> Any:
    """A fresh `Qwen3ForCausalLM` for a tokenizer, its weights drawn from `seed`; tied embeddings, RoPE θ = 10⁴.

    Half of the heads of the first layer begin as previous-token heads: with them the model learns to copy (by induction
    heads, 2209.11895) in tens of updates instead of hundreds. A saved folder loads with `AutoModelForCausalLM`. Raises
    `MissingExtra` without the train extra.
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
        _look_back(model)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    return model


def _look_back(model: Any, constant: float = 0.5, sharpness: float = 5.0) -> None:
    """Let half of the first layer's heads attend to the token before.

    Their queries and keys read one coordinate of the embeddings, which is the same for all tokens. RoPE turns a query at
    position p by p·θ; a key that starts out turned by 1·θ therefore meets it at position p − 1.
    """
    import torch

    config = model.config
    size, width = config.head_dim, config.hidden_size
    angles = config.rope_parameters["rope_theta"] ** (-torch.arange(0, size, 2) / size)
    attention = model.model.layers[0].self_attn
    rows = slice(0, max(1, config.num_attention_heads // 2) * size)
    heads = rows.stop // size
    with torch.no_grad():
        embedding = model.model.embed_tokens.weight
        embedding.normal_(0, width**-0.5)
        embedding[:, 0] = constant
        for weight, direction in (
            (attention.q_proj.weight, torch.cat([torch.ones(size // 2), torch.zeros(size // 2)])),
            (attention.k_proj.weight, torch.cat([angles.cos(), angles.sin()])),
        ):
            weight[rows] *= 0.3
            weight[rows, 0] = direction.repeat(heads) * 4 * config.initializer_range * width**0.5
        attention.q_norm.weight.fill_(sharpness)
