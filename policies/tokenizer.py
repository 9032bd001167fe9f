"""The tokenizer of the tiny policy: byte-level BPE in which the environment's fixed strings are whole tokens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from visgenenv.errors import MissingExtra

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

PAD, SYSTEM, USER, ASSISTANT, END = "<|pad|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"
SPECIAL = (PAD, SYSTEM, USER, ASSISTANT, END)
"""Role markers, one token each; `END` closes every message and ends a policy's turn."""
TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}"
    "<|assistant|>{% generation %}{{ message['content'] }}<|end|>{% endgeneration %}"
    "{% elif message['role'] == 'system' %}<|system|>{{ message['content'] }}<|end|>"
    "{% else %}<|user|>{{ message['content'] }}<|end|>{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""ChatML in which a role is one token; `{% generation %}` marks what supervised training learns: the turns and their end."""
_TAGS = "think|reflect|plan|tool_call|answer|tool_response"
_STRUCTURE = re.compile(rf'(?:"n":1,|"[a-z_][a-z0-9_]*":|</?(?:{_TAGS})>|[{{}}\[\]",:\n])+(?:(?:img|vid|aud|txt)_(?=\d))?')
_FIGURES = re.compile(r"(?<![\d:x])\d{1,4}[:x]\d{1,4}(?![\d:x])")
_HAN = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff00-\uffef“”‘’]")
_WORDS = r"\p{Han}| ?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+"
"""Pieces inside which BPE may merge: a Han character, a word with its space, one digit, a run of signs, white space."""


def train_tokenizer(
    texts: Iterable[str],
    whole: Sequence[str] = (),
    alphabet: Iterable[str] = (),
    words: int = 900,
    fragments: int = 240,
    max_length: int = 4096,
) -> PreTrainedTokenizerFast:
    """Learn a tokenizer from texts; the same texts give the same tokenizer, and any text at all round-trips.

    Args:
        texts: what the policy will read and write.
        whole: strings that become one token each (names of tools).
        alphabet: further characters that become one token each (Han characters that `texts` may lack).
        words: number of merges learned inside words; bytes come on top, so that nothing is unknown.
        fragments: number of the most frequent JSON fragments and tags (`","goal":"`) that become one token each.
        max_length: longest conversation in tokens that the policy is made for.
    """
    try:
        from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
        from transformers import PreTrainedTokenizerFast
    except ImportError as error:
        raise MissingExtra("tokenizers", "train") from error
    corpus = list(texts)
    added = list(dict.fromkeys([*whole, *_frequent(corpus, fragments), *sorted(_han(corpus) | set(alphabet))]))
    # What is a whole token anyway must not use up merges.
    cut = re.compile("|".join(re.escape(token) for token in sorted(added, key=lambda token: (-len(token), token))) or r"(?!)")
    tokenizer: Any = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    bytes_ = sorted(pre_tokenizers.ByteLevel.alphabet())
    learner = trainers.BpeTrainer(vocab_size=len(bytes_) + words, initial_alphabet=bytes_, show_progress=False, min_frequency=3)
    tokenizer.train_from_iterator((piece for text in corpus for piece in cut.split(text) if piece), learner)
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in SPECIAL])
    tokenizer.add_tokens([AddedToken(token, normalized=False, special=False) for token in added])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=[SYSTEM, USER, ASSISTANT],
        chat_template=TEMPLATE,
        model_max_length=max_length,
        clean_up_tokenization_spaces=False,
        padding_side="right",
    )


def _frequent(corpus: Sequence[str], limit: int) -> list[str]:
    """The most frequent structural runs and figures (`16:9`, `1024x1024`), by how many characters each spares."""
    counts: Counter[str] = Counter()
    for text in corpus:
        counts.update(run for run in _STRUCTURE.findall(text) if len(run) > 1)
        counts.update(_FIGURES.findall(text))
    ranked = sorted(counts.items(), key=lambda item: (-item[1] * (len(item[0]) - 1), item[0]))
    least = max(3, len(corpus) // 500)
    return [run for run, count in ranked if count >= least][:limit]


def _han(corpus: Sequence[str]) -> set[str]:
    return {character for text in corpus for character in _HAN.findall(text)}
