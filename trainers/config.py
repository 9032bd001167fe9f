"""What a training run is told: frozen dataclasses, read from a JSON or TOML file and from flags."""

from __future__ import annotations

import dataclasses
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

import msgspec

from visgenenv.errors import ConfigError
from visgenenv.near import did_you_mean

T = TypeVar("T")
SEED_STRIDE = 100_000
"""Tasks between those of one training seed and the next, so that the first ten seeds share neither demonstrations nor practice."""


def require(config: Any, rule: str, *names: str, least: float = 0, most: float = math.inf) -> None:
    """Raise `ConfigError` unless the named fields lie from `least` to `most`; `rule` says what was expected."""
    for name in names:
        value = getattr(config, name)
        if value is not None and not least <= value <= most:
            raise ConfigError(f"{type(config).__name__}.{name}={value!r}: expected {rule}")


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Shape of the tiny policy; `folder` starts from a model of one's own instead."""

    folder: str | None = None
    """A Hugging Face folder with model and tokenizer; the other fields then play no part."""
    hidden: int = 128
    layers: int = 4
    heads: int = 4
    mlp: int = 320
    words: int = 400
    """Merges the tokenizer learns inside words; few, so that a word never seen is made of pieces seen often."""

    def __post_init__(self) -> None:
        require(self, "at least 1", "hidden", "layers", "heads", "mlp", least=1)
        require(self, "at least 0", "words")


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """What supervised training learns from."""

    tasks: str = "train"
    """Where tasks come from: a registered source or "module:attribute"."""
    demonstrations: int = 6000
    """Episodes of the expert, a task each."""
    flaws: tuple[str, ...] = ("skip_reference", "forget_subtitles", "forget_music", "forget_narration")
    """Systematic flaws of the demonstrations, by the names in `policies.expert.FLAWS`; none for clean ones."""
    flaw_rate: float = 0.75
    """Share of the demonstrations to which a flaw applies that hold it."""
    made_up: float = 0.6
    """Share of the demonstrations that are about words that mean nothing, so that copying is learned where it is used."""
    slips: float = 0.1
    """Share of the demonstrations with a turn that does not parse and is said again: the slip is seen, its mending learned."""
    faults: str = "none"
    copying: int = 5000
    """Short texts to be said again, with which the first stage begins."""
    general: int = 7500
    """General tasks: copying, lists, JSON, function calls, arithmetic."""

    def __post_init__(self) -> None:
        require(self, "at least 0", "demonstrations", "copying", "general")
        require(self, "fewer than those of the next seed", "demonstrations", most=SEED_STRIDE)
        require(self, "a share from 0 to 1", "flaw_rate", "made_up", "slips", most=1)


@dataclass(frozen=True, kw_only=True)
class PstConfig:
    """Plan-and-tool supervised training in two stages: general and visual tasks, then fewer general ones and visual."""

    model: ModelConfig = field(default_factory=ModelConfig)
    data: DataConfig = field(default_factory=DataConfig)
    seed: int = 0
    first_general: int = 6000
    """General tasks of the first stage."""
    first_visual: int = 2000
    """Demonstrations of the first stage, from the front of the data."""
    second_general: int = 1500
    """General tasks of the second stage, none of the first."""
    second_visual: int = 4000
    """Demonstrations of the second stage, after those of the first."""
    visual_passes: float = 1.0
    """λ: how often each stage goes over its demonstrations (VisionCreator's recipe implies 3, with 4,000 of them)."""
    tokens_per_step: int = 2048
    """Tokens of one update, padding included."""
    muon_lr: float = 0.01
    """Of the matrices inside the layers: held through the first stage, falling to nothing through the second."""
    adamw_lr: float = 4e-3
    """Of embeddings and norms, likewise."""
    warmup_steps: int = 30
    """Of the first stage; the second, whose optimizer begins anew, takes half."""
    bf16: bool = True
    """Autocast to bfloat16; weights and optimizer stay in float32."""
    save_steps: int = 200
    threads: int | None = None
    """Of PyTorch; None leaves it to PyTorch."""

    def __post_init__(self) -> None:
        require(self, "at least 0", "seed", "first_general", "first_visual", "second_general", "second_visual", "visual_passes")
        require(self, "at least 0", "muon_lr", "adamw_lr", "warmup_steps")
        require(self, "at least 1", "tokens_per_step", "save_steps", "threads", least=1)


@dataclass(frozen=True, kw_only=True)
class GrpoConfig:
    """Group relative policy optimisation in the environment, from the model that supervised training left."""

    model: str = ""
    """Folder of the start; the KL term is anchored to it."""
    seed: int = 0
    tasks: str = "train"
    first_task: int = 1_000_000
    """Seed of the first task of seed 0, past those of the demonstrations; another seed has tasks of its own (`SEED_STRIDE`)."""
    reward: str = "ltr"
    judge: str = "rules"
    """Who reads the plans: "rules", a registered judge or "module:attribute"."""
    faults: str = "none"
    max_turns: int = 6
    steps: int = 60
    """Generations; each is followed by one update, so that every update is on policy."""
    prompts: int = 8
    """Tasks a step."""
    group_size: int = 8
    """Rollouts a task."""
    temperature: float = 1.0
    max_turn_tokens: int = 256
    max_length: int | None = None
    """Tokens of a whole conversation, past which the policy says nothing more; None: as many as the model reads."""
    lr: float = 6e-4
    """Up over `warmup_steps`, then falling in a line to nothing: large steps mend habits, small ones what those broke."""
    warmup_steps: int = 2
    beta: float = 0.01
    """Weight of the KL term."""
    scale: str = "group"
    """Advantages over the group's deviation, or "none"."""
    bf16: bool = True
    """Autocast to bfloat16 in updates; sampling, weights and optimizer stay in float32."""
    save_steps: int = 10
    threads: int | None = None
    """Of PyTorch; None leaves it to PyTorch."""
    max_seconds: float | None = None
    """Wall-clock limit; None: none. A run so limited is not reproducible to the byte."""

    def __post_init__(self) -> None:
        require(self, "at least 0", "seed", "first_task", "lr", "warmup_steps", "beta", "max_seconds")
        require(self, "at least 1", "steps", "prompts", "max_turns", "max_turn_tokens", "max_length", "save_steps", "threads", least=1)
        require(self, "at least 2: an advantage compares the members of a group", "group_size", least=2)
        require(self, "more than 0: practice samples", "temperature", least=1e-6)
        if self.scale not in ("group", "none"):
            raise ConfigError(f"GrpoConfig.scale={self.scale!r}: expected 'group' or 'none'")


def read_config(kind: type[T], path: str | Path | None, base: T | None = None) -> T:
    """A configuration from a JSON or TOML file, laid over `base` (the defaults).

    Raises `ConfigError` for an unknown key, naming file, key and the nearest names, and for a value of a wrong type.
    """
    start: Any = base if base is not None else kind()
    if path is None:
        return cast(T, start)
    try:
        raw = Path(path).read_bytes()
        given = tomllib.loads(raw.decode()) if str(path).endswith(".toml") else json.loads(raw)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}; expected a JSON or TOML file") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: neither JSON nor TOML: {error}") from error
    return cast(T, overlay(start, given, str(path)))


def overlay(start: T, given: Any, where: str, prefix: str = "") -> T:
    """`start` with the values of a mapping laid over it; `where` names the mapping in errors."""
    if not isinstance(given, Mapping):
        raise ConfigError(f"{where}: {prefix or 'the whole'} is {given!r}; expected a mapping of names to values")
    assert dataclasses.is_dataclass(start)
    hints = get_type_hints(type(start))
    changes: dict[str, Any] = {}
    for key, value in given.items():
        if key not in hints:
            hint = did_you_mean(key, hints) or f"; there are {', '.join(sorted(hints))}"
            raise ConfigError(f"{where}: unknown key {prefix + str(key)!r}{hint}")
        held = getattr(start, key)
        if dataclasses.is_dataclass(held):
            changes[key] = overlay(held, value, where, f"{prefix}{key}.")
        else:
            try:
                changes[key] = msgspec.convert(value, hints[key])
            except msgspec.ValidationError as error:
                raise ConfigError(f"{where}: {prefix}{key}={value!r}: {error}") from error
    return dataclasses.replace(start, **changes)  # type: ignore[type-var]


def as_json(config: Any) -> dict[str, Any]:
    """A configuration as JSON values."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(config))
    return found
