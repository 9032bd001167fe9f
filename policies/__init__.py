"""What acts: the expert, the baselines, random turns, and language models."""

from __future__ import annotations

from typing import Any

_LAZY = {
    "FLAWS": "policies.expert",
    "AutoPipeline": "policies.single",
    "Expert": "policies.expert",
    "LanguageModelPolicy": "policies.language_model",
    "RandomPolicy": "policies.random",
    "SingleImage": "policies.single",
    "applicable": "policies.expert",
    "from_folder": "policies.language_model",
}
"""Public names by the module that holds them; resolved when asked for, since a language model brings torch along."""

__all__ = sorted(_LAZY)  # noqa: PLE0605 - resolved lazily


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'policies' has no attribute {name!r}")
    from visgenenv import plugins

    value = getattr(plugins.import_own(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
