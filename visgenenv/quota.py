"""Quotas: how many calls, how much money and how often each tool an episode has."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from visgenenv.errors import ConfigError
from visgenenv.near import did_you_mean
from visgenenv.types import JSONObject
from visgenenv.workspace import Workspace

MOST_CALLS = 400
"""Calls of an episode, whatever else is said."""


class Quota:
    """The limits of an episode: `{"calls": 40, "usd": 5.0, "tool_text2video_veo": 6}`, each optional.

    A refused call counts as a call; of a single tool every attempt counts that was well-formed, failed ones too; money is
    looked at before a call, so the last one may go past it. Raises `ConfigError` for a limit that is none, and for a tool
    that is not there.
    """

    def __init__(self, limits: JSONObject | None = None, tools: Collection[str] = ()) -> None:
        if limits is not None and not isinstance(limits, dict):
            raise ConfigError(f'quota={limits!r}: expected a mapping such as {{"calls": 40, "usd": 5.0, "tool_text2video_veo": 6}}')
        given = dict(limits or {})
        self.calls = int(_limit("calls", given.pop("calls", MOST_CALLS), int, 1))
        if self.calls > MOST_CALLS:
            raise ConfigError(f"quota['calls']={self.calls}: expected at most {MOST_CALLS}, which every episode has")
        usd = given.pop("usd", None)
        self.microusd = None if usd is None else round(_limit("usd", usd, float, 0) * 1e6)
        for name, most in given.items():
            if name not in tools:
                hint = did_you_mean(name, ("calls", "usd", *tools))
                raise ConfigError(f"quota[{name!r}]: expected 'calls', 'usd' or one of the {len(tools)} tools in use{hint}")
            _limit(name, most, int, 0)
        self.each: dict[str, int] = given
        self.narrow = bool(given) or self.microusd is not None
        """Whether anything but the number of calls is limited."""

    def broken(self, workspace: Workspace, tool: str, priced: bool) -> str | None:
        """Why a call of a tool may not run any more; None where it may. The call is already counted."""
        if workspace.calls > self.calls:
            return f"calls={workspace.calls}: an episode has {self.calls}; answer with what there is"
        most = self.each.get(tool)
        if most is not None and workspace.attempts.get(tool, 0) >= most:
            return f"{tool}: its {most} calls are used up; answer with what there is, or use another tool"
        if self.microusd is not None and priced and workspace.price_microusd >= self.microusd:
            spent, limit = workspace.price_microusd / 1e6, self.microusd / 1e6
            return f"price={spent:.2f} USD: an episode has {limit:.2f}; answer with what there is, or use a tool that costs nothing"
        return None


def _limit(name: str, value: Any, kind: type, least: int) -> float:
    good = isinstance(value, int | float if kind is float else int) and not isinstance(value, bool)
    if not good or not least <= value < 2**53:
        raise ConfigError(f"quota[{name!r}]={value!r}: expected {'a number' if kind is float else 'an integer'} of at least {least}")
    return value  # type: ignore[no-any-return]
