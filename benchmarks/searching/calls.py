"""Operators on calls and turns: dropped, doubled, swapped, moved, made by other tools, drawn anew, failing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from benchmarks.searching.luck import Luck, act_of, moved
from rewards.audit.script import Act, Made, Move, Script, changed
from visgenenv.tools.catalogue import PAPER36
from visgenenv.tools.draw import draw_arguments
from visgenenv.tools.spec import ToolSpec

SPECS: Mapping[str, ToolSpec[Any]] = {spec.name: spec for spec in PAPER36}
_KIND = {
    "text_to_video": "video",
    "image_to_video": "video",
    "text_to_image": "image",
    "image_to_image": "image",
    "audio_generation": "audio",
    "editing": "video",
}
_OTHERWISE = {"tool_beat_detect": "text", "tool_audio_edit_cut": "audio"}


def kind(tool: str) -> str:
    """The modality of what a tool makes, most of the time."""
    return _OTHERWISE.get(tool) or (_KIND.get(SPECS[tool].category, "text") if tool in SPECS else "text")


@cache
def _alike(tool: str) -> tuple[str, ...]:
    return tuple(name for name in SPECS if name != tool and kind(name) == kind(tool))


def made(script: Script, modality: str | None = None) -> list[Made]:
    """First outputs of all calls, or of those that make one modality."""
    return [Made(move.key) for move in script.moves if modality is None or kind(move.tool) == modality]


def any_move(script: Script, luck: Luck) -> tuple[Act, Move] | None:
    """One call and its turn."""
    pairs = [(act, move) for act in script.acts for move in act.moves]
    return luck.one(pairs) if pairs else None


def working(script: Script) -> list[Act]:
    """Turns that are neither said as they stand nor answer."""
    return [act for act in script.acts if act.text is None and act.answer is None]


def drop_calls(script: Script, luck: Luck) -> bool | None:
    """One to three calls left out."""
    pairs = [(act, move) for act in script.acts for move in act.moves]
    if not pairs:
        return False
    for act, move in luck.some(pairs, 3):
        act.moves.remove(move)
    return None


def drop_calls_of_one_tool(script: Script, luck: Luck) -> bool | None:
    """Every call of one tool left out."""
    found = any_move(script, luck)
    if found is None:
        return False
    for act in script.acts:
        act.moves = [move for move in act.moves if move.tool != found[1].tool]
    return None


def double_call(script: Script, luck: Luck) -> bool | None:
    """One call made again, in its turn or a later one."""
    found = any_move(script, luck)
    if found is None:
        return False
    again = script.move(found[1].tool, **moved(found[1].arguments))
    luck.one(working(script) or [found[0]]).moves.append(again)
    return None


def swap_calls(script: Script, luck: Luck) -> bool | None:
    """Two calls in each other's place."""
    places = [(act, number) for act in script.acts for number in range(len(act.moves))]
    if len(places) < 2:
        return False
    (one, m), (two, n) = luck.order(places)[:2]
    one.moves[m], two.moves[n] = two.moves[n], one.moves[m]
    return None


def move_call(script: Script, luck: Luck) -> bool | None:
    """One call made in another turn."""
    found, turns = any_move(script, luck), working(script)
    if found is None or len(turns) < 2:
        return False
    found[0].moves.remove(found[1])
    luck.one(turns).moves.append(found[1])
    return None


def cram(script: Script, luck: Luck) -> bool | None:
    """All calls of two neighbouring turns in one."""
    turns = working(script)
    if len(turns) < 2:
        return False
    place = luck.below(len(turns) - 1)
    turns[place].moves += turns[place + 1].moves
    script.acts.remove(turns[place + 1])
    return None


def split_turn(script: Script, luck: Luck) -> bool | None:
    """The calls of one turn in two."""
    turns = [act for act in working(script) if len(act.moves) > 1]
    if not turns:
        return False
    act = luck.one(turns)
    cut = 1 + luck.below(len(act.moves) - 1)
    script.acts.insert(script.acts.index(act) + 1, Act(moves=act.moves[cut:]))
    del act.moves[cut:]
    return None


def drop_turn(script: Script, luck: Luck) -> bool | None:
    """One turn left out."""
    turns = working(script)
    if not turns:
        return False
    script.acts.remove(luck.one(turns))
    return None


def drop_last_turns(script: Script, luck: Luck) -> bool | None:
    """The last turns of work left out; what is answered stays."""
    turns = working(script)
    if not turns:
        return False
    for act in turns[-1 - luck.below(min(3, len(turns))) :]:
        script.acts.remove(act)
    return None


def double_turn(script: Script, luck: Luck) -> bool | None:
    """One turn played again after itself, its plan left out."""
    turns = working(script)
    if not turns:
        return False
    act = luck.one(turns)
    again = act_of(act, script.keys)
    again.plan, script.keys = None, 2 * script.keys
    # What was made before stays what it was; only calls within the turn are made anew.
    own = {move.key for move in act.moves}
    again.moves = [
        Move(new.key, old.tool, _with_own(old.arguments, own, new.key - old.key)) for old, new in zip(act.moves, again.moves, strict=True)
    ]
    script.acts.insert(script.acts.index(act) + 1, again)
    return None


def _with_own(value: Any, own: set[int], by: int) -> Any:
    if isinstance(value, Made):
        return Made(value.call + by, value.place) if value.call in own else value
    if isinstance(value, dict):
        return {name: _with_own(inner, own, by) for name, inner in value.items()}
    return [_with_own(inner, own, by) for inner in value] if isinstance(value, list) else value


def swap_turns(script: Script, luck: Luck) -> bool | None:
    """Two turns in each other's place."""
    if len(script.acts) < 2:
        return False
    one, two = luck.order(range(len(script.acts)))[:2]
    script.acts[one], script.acts[two] = script.acts[two], script.acts[one]
    return None


def tool_of_same_kind(script: Script, luck: Luck) -> bool | None:
    """One call, or all calls of its tool, made by another tool that makes the same modality."""
    return _retooled(script, luck, same=True)


def any_tool(script: Script, luck: Luck) -> bool | None:
    """One call, or all calls of its tool, made by any other tool."""
    return _retooled(script, luck, same=False)


def _retooled(script: Script, luck: Luck, *, same: bool) -> bool | None:
    found = any_move(script, luck)
    if found is None:
        return False
    old = found[1].tool
    names = _alike(old) if same else tuple(SPECS)
    if not names:
        return False
    new, known = luck.one(names), luck.happens(0.7)
    plans = luck.happens(0.5)
    for move in [move for move in script.moves if move.tool == old] if luck.happens(0.5) else [found[1]]:
        move.tool = new
        if known:  # arguments that the other tool does not know only make it fail
            fields = SPECS[new].args.__struct_fields__
            move.arguments = {name: value for name, value in _renamed(move.arguments, fields).items() if name in fields}
    if plans:
        script.plan[:] = [changed(step, tool=new) if step.tool == old else step for step in script.plan]
    return None


def _renamed(arguments: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """Arguments under the other tool's names where it calls the same thing otherwise."""
    found = dict(arguments)
    for one, two in (("prompt", "text"), ("image", "images"), ("video", "clips"), ("num_images", "n"), ("aspect_ratio", "size")):
        for old, new in ((one, two), (two, one)):
            if old in found and old not in fields and new in fields and new not in found:
                value = found.pop(old)
                if new in ("images", "clips") and not isinstance(value, list):
                    value = [value]
                elif old in ("images", "clips") and isinstance(value, list):
                    value = value[0] if value else ""
                found[new] = value
    return found


def drawn_call(script: Script, luck: Luck) -> bool | None:
    """A further call of any tool, all its arguments drawn; now and then planned."""
    turns = working(script)
    if not turns:
        return False
    tool = luck.one(tuple(SPECS))
    luck.one(turns).moves.append(script.move(tool, **drawn(script, tool, luck)))
    if luck.happens(0.3) and script.plan:
        script.plan_step(tool, luck.one(luck.words) if luck.words else "more")
    return None


def drawn(script: Script, tool: str, luck: Luck) -> dict[str, Any]:
    """Valid arguments of a tool; its handles are those that the script makes."""
    stand_in = {f"made {move.key}": Made(move.key) for move in script.moves}
    handles: dict[str, list[str]] = {}
    for name, move in zip(stand_in, script.moves, strict=True):
        handles.setdefault(kind(move.tool), []).append(name)
    return _put(draw_arguments(SPECS[tool], luck.generator, handles), stand_in)  # type: ignore[no-any-return]


def _put(value: Any, found: Mapping[str, Made]) -> Any:
    if isinstance(value, str):
        return found.get(value, value)
    if isinstance(value, dict):
        return {name: _put(inner, found) for name, inner in value.items()}
    return [_put(inner, found) for inner in value] if isinstance(value, list | tuple) else value


def failing_call(script: Script, luck: Luck) -> bool | None:
    """A call that must fail before, after or in place of a right one, which may follow."""
    found = any_move(script, luck)
    if found is None:
        return False
    act, right = found
    wrong = script.move(
        right.tool, **{**moved(right.arguments), luck.one(("prompt", "quality_please", "duration")): luck.one((7, "", None))}
    )
    if luck.happens(0.3):
        wrong.tool = "tool_nothing"
    place = act.moves.index(right)
    if luck.happens(0.3):
        act.moves[place] = wrong
    else:
        act.moves.insert(place + luck.below(2), wrong)
    return None
