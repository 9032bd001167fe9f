"""Retrieval of expert plans by the meaning of their prompts: MiniLM, or any sentence encoder, as a named option of the rules."""

from __future__ import annotations

import os
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np

from rewards.judges.rules import RuleJudge
from rewards.plan.repository import library
from visgenenv import plugins
from visgenenv.errors import ConfigError

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
VARIABLE = "VISGEN_MINILM"
"""Names another model, or the folder of one."""
Floats = np.ndarray[Any, np.dtype[np.float32]]


class Sentences:
    """Cosine of the mean of a sentence encoder's last layer, as Sentence-BERT reads it (1908.10084)."""

    enough = 0.35
    """A guess: no threshold for it has been measured here."""

    def __init__(self, model: str = MODEL) -> None:
        """`model`: a name on the Hugging Face hub, or a folder. Raises `MissingExtra` where transformers is not installed."""
        try:
            import torch
            from transformers import AutoModel, AutoTokenizer
        except ModuleNotFoundError as error:
            raise plugins.missing_extra(error) or error from error
        self._tokenizer: Any = AutoTokenizer.from_pretrained(model)
        self._model: Any = AutoModel.from_pretrained(model, dtype=torch.float32).eval()  # NumPy knows no bfloat16
        digest = blake2b(digest_size=6)
        for name, weight in sorted(self._model.state_dict().items()):
            digest.update(name.encode() + weight.numpy().tobytes())
        self.version = f"sentences/{digest.hexdigest()}"
        """Names the encoder by its weights."""

    def __call__(self, text: str) -> dict[int, float]:
        """By expert plan: the cosine to its likest prompt."""
        numbers, vectors = self._prompts
        cosines = vectors @ self.embed([text])[0]
        found: dict[int, float] = {}
        for number, cosine in zip(numbers, cosines.tolist(), strict=True):
            found[number] = max(cosine, found.get(number, -1.0))
        return found

    def embed(self, texts: list[str]) -> Floats:
        """Unit vectors, shape (texts, width)."""
        import torch

        given = self._tokenizer(texts, padding=True, truncation=True, max_length=256, return_tensors="pt")
        with torch.inference_mode():
            hidden = self._model(**given).last_hidden_state
        mask = given["attention_mask"][..., None]
        mean: Floats = ((hidden * mask).sum(1) / mask.sum(1)).numpy()
        found: Floats = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return found

    @cached_property
    def _prompts(self) -> tuple[list[int], Floats]:
        pairs = [(number, prompt) for number, plan in enumerate(library()) for prompt in plan.prompts]
        return [number for number, _ in pairs], self.embed([prompt for _, prompt in pairs])


def from_environment() -> RuleJudge:
    """The judge `rules-minilm`: the rules, with plans found by `VISGEN_MINILM` (default: MiniLM from the hub).

    Raises `ConfigError` where no encoder can be loaded from there.
    """
    model = os.environ.get(VARIABLE, MODEL)
    try:
        return RuleJudge(Sentences(model))
    except (OSError, ValueError) as error:  # what transformers raises for a name, a folder or a download that does not serve
        said = " ".join(str(error).split())[:300]
        raise ConfigError(f"{VARIABLE}={model!r}: expected a sentence encoder's folder, or its name on the hub: {said}") from error
