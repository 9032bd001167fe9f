"""How a policy is named: a registered name, "module:attribute", or the folder of a language model."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from visgenenv import plugins
from visgenenv.episodes import Policy, as_policy
from visgenenv.errors import ConfigError


def load_policy(name: str, seed: int = 0, temperature: float | None = None) -> Policy:
    """The policy behind a name; `seed` goes to those whose constructor takes one, and so does a `temperature` that is given.

    A registered name and a class are called. An object with `act` is taken as it is, and a plain function is asked for
    a turn a conversation. A folder is loaded as a language model, but a registered name goes before one. Raises
    `ConfigError` for what is none of these, and for a temperature that the policy does not take.
    """
    if name == "language-model":
        raise ConfigError(f"policy={name!r}: name the folder of the model instead, such as runs/quickstart/grpo/model")
    registered = name in plugins.names("policies")
    if not registered and Path(name).is_dir():
        return _called(plugins.load("policies", "language-model"), name, seed, temperature, name)
    if not registered and ":" not in name:
        known = ", ".join(plugins.names("policies"))
        raise ConfigError(f'policy={name!r}: no registered name ({known}), no "module:attribute", and no such folder')
    value = plugins.load("policies", name)
    if inspect.isclass(value) or registered:
        return _called(value, name, seed, temperature)
    _refuse(name, temperature)
    if not callable(value) and not hasattr(value, "act"):
        raise ConfigError(f"policy={name!r}: is {value!r}; expected a class, an object with act(conversations), or a function of one")
    return as_policy(value)


def _called(factory: Any, name: str, seed: int, temperature: float | None, *arguments: Any) -> Policy:
    takes = inspect.signature(factory).parameters
    more: dict[str, Any] = {"seed": seed} if "seed" in takes else {}
    if temperature is not None and "temperature" in takes:
        more["temperature"] = temperature
    else:
        _refuse(name, temperature)
    policy = factory(*arguments, **more)
    if not hasattr(policy, "act"):
        raise ConfigError(f"policy={name!r}: makes {policy!r}, which has no act(conversations) -> turns")
    return policy  # type: ignore[no-any-return]


def _refuse(name: str, temperature: float | None) -> None:
    if temperature is not None:
        raise ConfigError(
            f"temperature={temperature!r}: the policy {name!r} takes none; leave it out, or name the folder of a language model "
            "or a class whose constructor takes a temperature"
        )
