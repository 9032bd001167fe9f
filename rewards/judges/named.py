"""Judges by name: the rules, a registered one, or "module:attribute"."""

from __future__ import annotations

from rewards.judges.port import Judge
from rewards.judges.rules import RuleJudge
from visgenenv import plugins
from visgenenv.errors import ConfigError, PluginError

RULES = "rules"
"""The name of the default."""


def named_judge(name: str) -> Judge:
    """The judge behind a name; a class is called, and so is a registered function that makes one, which has no `version`.

    Raises `ConfigError` for what is no judge, `PluginError` for no such name and for a judge that cannot be made.
    """
    if name == RULES:
        return RuleJudge()
    found = plugins.load("judges", name, also=(RULES,))
    judge: Judge = found
    if isinstance(found, type) or (name in plugins.names("judges") and callable(found) and not hasattr(found, "version")):
        with plugins.foreign(f"judge {name!r}: making it", PluginError, "; it is called without arguments"):
            judge = found()
    if not callable(judge) or not isinstance(getattr(judge, "version", None), str):
        raise ConfigError(f"judge={name!r} is {plugins.shown(judge)}: expected a callable from questions to scores with a version (str)")
    return judge
