"""A language model as a policy: a Hugging Face model and tokenizer that write turns, their token ids kept."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from policies.chat import Chat, plain_text
from visgenenv.conversation import Conversation
from visgenenv.errors import ConfigError, MissingExtra
from visgenenv.trajectories import replacing

Generate = Callable[[Sequence[Sequence[int]]], Sequence[tuple[Sequence[int], Sequence[float]]]]
"""From a batch of prompts (token ids) to their continuations: (ids, log-probabilities), the end token included."""


HABITS = "visgen.json"
"""File beside a model's weights that says how it was trained to act: `system_prompt`, `max_turn_tokens`, `max_length`."""

_Habit = Literal["system_prompt", "max_turn_tokens", "max_length"]


class TokenPolicy:
    """A policy that speaks token ids, and keeps them: nothing it wrote is ever tokenised again.

    `conversation.memory` holds the record of an episode: `prompt_ids`, `ids` (everything after, the policy's and the
    environment's tokens in order), `mask` (1: the policy's), `logprobs` (0 for the environment's).
    """

    def __init__(self, generate: Generate, chat: Chat) -> None:
        self.generate = generate
        self.chat = chat

    def act(self, conversations: Sequence[Conversation], /) -> list[str]:
        """A turn for each conversation; an empty one, from then on, where the model's context is full."""
        speaking = [conversation for conversation in conversations if not conversation.memory.get("full")]
        turns = dict(zip(map(id, speaking), self._speak(speaking) if speaking else (), strict=True))
        return [turns.get(id(conversation), "") for conversation in conversations]

    def _speak(self, conversations: Sequence[Conversation]) -> list[str]:
        prompts = [self._prompt(conversation) for conversation in conversations]
        written = self._continue(prompts, conversations)
        if len(written) != len(prompts):
            raise ConfigError(f"generate returned {len(written)} continuations for {len(prompts)} prompts; expected one each, in order")
        turns = []
        for conversation, (ids, logprobs) in zip(conversations, written, strict=True):
            ids, logprobs = [int(token) for token in ids], [float(value) for value in logprobs]  # tensors' elements too
            if len(ids) != len(logprobs):
                raise ConfigError(f"generate returned {len(ids)} ids with {len(logprobs)} log-probabilities; expected one each")
            memory = conversation.memory
            memory["read"] = len(conversation.messages) + 1
            if not ids:
                memory["full"] = True
                if not memory["ids"]:
                    told = f"an opening of {len(memory['prompt_ids'])} tokens leaves the model no room to say anything"
                    warnings.warn(f"{told}; use system_prompt='none' or a model that reads more", stacklevel=2)
                self._drop_unanswered(memory)
                turns.append("")
                continue
            memory["ids"] += ids
            memory["mask"] += [1] * len(ids)
            memory["logprobs"] += logprobs
            text, memory["ended_by"] = self.chat.turn(ids)
            turns.append(text)
        return turns

    @staticmethod
    def _drop_unanswered(memory: dict[str, Any]) -> None:
        """A conversation that fills the model's context says no more; what it could not answer is no part of its record."""
        end = len(memory["mask"]) - memory["mask"][::-1].index(1) if 1 in memory["mask"] else 0
        for name in ("ids", "mask", "logprobs"):
            del memory[name][end:]

    def _prompt(self, conversation: Conversation) -> list[int]:
        memory = conversation.memory
        if "prompt_ids" not in memory:
            memory.update(prompt_ids=self.chat.opening(conversation.messages), ids=[], mask=[], logprobs=[], read=0, ended_by=None)
        else:
            answer = "\n".join(plain_text(message) for message in conversation.messages[memory["read"] :])
            new = self.chat.reply(answer, memory["ended_by"])
            memory["ids"] += new
            memory["mask"] += [0] * len(new)
            memory["logprobs"] += [0.0] * len(new)
        prompt: list[int] = memory["prompt_ids"] + memory["ids"]
        return prompt

    def _continue(self, prompts: list[list[int]], conversations: Sequence[Conversation]) -> Sequence[tuple[Sequence[int], Sequence[float]]]:
        return self.generate(prompts)


class LanguageModelPolicy(TokenPolicy):
    """A causal language model with its tokenizer and chat template.

    Args:
        model: a transformers causal language model.
        tokenizer: its tokenizer; must have a chat template.
        temperature: of sampling; 0 takes the likeliest token.
        max_turn_tokens: a turn is cut off there.
        max_length: tokens of a whole conversation; past them the policy says nothing more. None: as many as the model reads.
        system_prompt: the one it is used to; who plays it chooses the environment's by it.
        seed: of the sampling; a conversation's draws hang on (seed, its own seed, tokens so far) alone.
        batch: most rows decoded at a time.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        temperature: float = 0.0,
        max_turn_tokens: int = 768,
        max_length: int | None = None,
        system_prompt: str = "full",
        seed: int = 0,
        batch: int = 128,
    ) -> None:
        from policies.decoding import Decoder

        chat = Chat(tokenizer, model)
        self.system_prompt = system_prompt
        self.decoder = Decoder(
            model, chat.end_ids, temperature=temperature, max_new_tokens=max_turn_tokens, max_length=max_length, seed=seed, batch=batch
        )
        super().__init__(self.decoder, chat)

    def _continue(self, prompts: list[list[int]], conversations: Sequence[Conversation]) -> Sequence[tuple[Sequence[int], Sequence[float]]]:
        return self.decoder(prompts, _names(conversations))


def _names(conversations: Sequence[Conversation]) -> list[Hashable]:
    """A name for each conversation, its own for good: its seed, and a number where several have the same seed."""
    taken = {conversation.memory["name"] for conversation in conversations if "name" in conversation.memory}
    for conversation in conversations:
        if "name" not in conversation.memory:
            name = next(name for number in range(len(conversations)) if (name := (conversation.seed, number)) not in taken)
            conversation.memory["name"] = name
            taken.add(name)
    return [conversation.memory["name"] for conversation in conversations]


def from_folder(path: str | Path, *, device: str = "cpu", temperature: float = 0.0, seed: int = 0, **options: Any) -> LanguageModelPolicy:
    """The policy in a folder that transformers wrote (or a name that it knows); all else as of `LanguageModelPolicy`.

    Where the folder says how the model was trained to act (`remember`), that is the default. Raises `ConfigError` where
    there is no model, `MissingExtra` without the train extra.
    """
    try:
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError as error:
        raise MissingExtra("transformers", "train") from error
    try:
        tokenizer = AutoTokenizer.from_pretrained(path)
        model = AutoModelForCausalLM.from_pretrained(path)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"{str(path)!r}: no language model: {reason}; expected a folder with config, weights and tokenizer") from error
    options = {**_habits(Path(path) / HABITS), **options}
    return LanguageModelPolicy(model.to(device).eval(), tokenizer, temperature=temperature, seed=seed, **options)


def remember(folder: Path, **habits: Any) -> None:
    """Say beside a saved model how it was trained to act: `system_prompt`, `max_turn_tokens`, `max_length`."""
    with replacing(folder / HABITS) as file:
        file.write(msgspec.json.encode(habits, order="sorted"))


def _habits(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        found: dict[str, Any] = msgspec.json.decode(path.read_bytes(), type=dict[_Habit, Any])
        return found
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}; expected what training wrote there") from error
