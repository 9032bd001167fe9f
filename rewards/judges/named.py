"""Judges by name: the rules, a registered one, or "module:attribute"."""

from __future__ import annotations

from rewards.judges.port import Judge
from rewards.judges.rules import RuleJudge
from visgenenv import plugins
from visgenenv.errors import ConfigError

RULES = "rules"
"""The name of the default."""


def named_judge(name: str) -> Judge:
    """The judge behind a name; a class is called. Raises `ConfigError` for what is no judge, `PluginError` for no such name."""
    if name == RULES:
        return RuleJudge()
    found = plugins.load("judges", name, also=(RULES,))
    judge: Judge = found() if isinstance(found, type) or name in plugins.names("judges") else found
    if not callable(judge) or not isinstance(getattr(judge, "version", None), str):
        raise ConfigError(f"judge={name!r} is {judge!r}: expected a callable from questions to scores with a version (str)")
    return judge
