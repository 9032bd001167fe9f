"""A conversation as token ids: what a chat template puts around texts, without ever tokenising a policy's turn again."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from visgenenv.errors import ConfigError

_MARK = "\u2402slot{}\u2403"
"""Stands for a message's text while the template is rendered; no template changes it."""
_LONE = re.compile("[\ud800-\udfff]")
"""Halves of a character, which no encoding has."""


class Chat:
    """A tokenizer's chat template, cut into the ids that stand before, between and after the messages.

    Works with any Hugging Face tokenizer that has a chat template. Texts are encoded by themselves, with their special
    tokens taken as plain text: words of a task or of a tool cannot open a turn of somebody else.
    """

    def __init__(self, tokenizer: Any, model: Any = None) -> None:
        if getattr(tokenizer, "chat_template", None) is None:
            raise ConfigError(f"tokenizer={getattr(tokenizer, 'name_or_path', tokenizer)!r}: has no chat template; give it one")
        self.tokenizer = tokenizer
        ids = {tokenizer.eos_token_id, self._after[0][0]}
        declared = getattr(getattr(model, "generation_config", None), "eos_token_id", None)
        ids.update(declared if isinstance(declared, list) else [declared])
        self.end_ids: frozenset[int] = frozenset(token for token in ids if token is not None)
        """Tokens that end a policy's turn."""

    def encode(self, text: str) -> list[int]:
        """Ids of a plain text: special tokens in it are spelled out, lone surrogates become U+FFFD."""
        ids: list[int] = self.tokenizer(_LONE.sub("\ufffd", text), add_special_tokens=False, split_special_tokens=True)["input_ids"]
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text of a policy's tokens, special ones included."""
        text: str = self.tokenizer.decode(list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False)
        return text

    def opening(self, messages: Sequence[Mapping[str, Any]]) -> list[int]:
        """Ids of a conversation up to where the policy's next turn begins."""
        return self._fill(self._render(messages), [plain_text(message) for message in messages])

    def reply(self, text: str, ended_by: int | None) -> list[int]:
        """Ids from the end of a policy's turn to the beginning of its next one; `text` is what the environment answered.

        `ended_by`: the token that ended the turn, None where it was cut off; what the template puts there is not
        repeated.
        """
        head, tail = self._after
        skip = 1 if ended_by == head[0] else 0
        return [*head[skip:], *self.encode(text), *tail]

    def turn(self, ids: Sequence[int]) -> tuple[str, int | None]:
        """A generated turn's text, and the token that ended it (None where it was cut off)."""
        if ids and ids[-1] in self.end_ids:
            return self.decode(ids[:-1]), ids[-1]
        return self.decode(ids), None

    def demonstration(self, messages: Sequence[Mapping[str, Any]], unlearned: Collection[int] = ()) -> tuple[list[int], list[int]]:
        """Ids and mask (1: the policy's, its end token included) of a finished conversation, as a policy would have seen it.

        `unlearned`: numbers of messages of the policy that are to be seen and not to be learned; their mask is 0.
        """
        first = next(number for number, message in enumerate(messages) if message["role"] == "assistant")
        ids = self.opening(messages[:first])
        mask = [0] * len(ids)
        end = self._after[0][0]
        for number in range(first, len(messages)):
            content = plain_text(messages[number])
            if messages[number]["role"] == "assistant":
                new = [*self.encode(content), end]
                mask += [int(number not in unlearned)] * len(new)
            else:
                new = self.reply(content, end)
                mask += [0] * len(new)
            ids += new
        return ids, mask

    @cached_property
    def _after(self) -> tuple[list[int], list[int]]:
        """Ids between the end of a turn and the environment's text, and between that and the next turn."""
        conversation = [
            {"role": "user", "content": _MARK.format(0)},
            {"role": "assistant", "content": _MARK.format(1)},
            {"role": "user", "content": _MARK.format(2)},
        ]
        text = self._apply(conversation)
        _, found, rest = text.partition(_MARK.format(1))
        head, also, tail = rest.partition(_MARK.format(2))
        ids = self._raw(head)
        if not (found and also and ids):
            raise ConfigError("the chat template does not put the messages one after another, each with an end; use another template")
        return ids, self._raw(tail)

    def _render(self, messages: Sequence[Mapping[str, Any]]) -> str:
        return self._apply([{"role": message["role"], "content": _MARK.format(number)} for number, message in enumerate(messages)])

    def _fill(self, rendered: str, contents: Sequence[str]) -> list[int]:
        ids: list[int] = []
        rest = rendered
        for number, content in enumerate(contents):
            before, found, rest = rest.partition(_MARK.format(number))
            if not found:
                raise ConfigError(f"the chat template leaves out message {number} of {len(contents)}; use another template")
            ids += [*self._raw(before), *self.encode(content)]
        return ids + self._raw(rest)

    def _apply(self, messages: list[dict[str, Any]]) -> str:
        text: str = self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        return text

    def _raw(self, text: str) -> list[int]:
        """Ids of the template's own words, whose special tokens are meant."""
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"] if text else []
        return ids


def plain_text(message: Mapping[str, Any]) -> str:
    """A message's words; raises `ConfigError` for one with pictures, which a policy of words alone would not see."""
    content = message["content"]
    if content is None:
        return ""
    if not isinstance(content, str):
        raise ConfigError("a message holds pictures, and this policy reads words alone; make the environment with observe='text'")
    return content
