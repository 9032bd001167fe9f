"""Damages to how turns are written and to how tools are called."""

from __future__ import annotations

import copy
from collections.abc import Callable

from benchmarks.damages.damage import CLIP, EDIT, JOIN, MUSIC, PICTURE, SPEAK, Damage, Rewrite, act_of, shown
from rewards.audit.script import NOWHERE, Act, Made, Move, Script
from visgenenv.turns import render
from visgenenv.types import Plan, ToolCall


def _said(script: Script) -> tuple[str, str, list[str]]:
    """Thought, plan and calls of the first turn, which names no handle of this episode."""
    act = script.acts[0]
    calls = [render("", calls=(ToolCall(name=move.tool, arguments=move.arguments),)) for move in act.moves]
    plan = render("", plan=Plan(steps=tuple(act.plan or ())))
    return f"<think>{act.think}</think>", plan.partition("\n")[2], [call.partition("\n")[2] for call in calls]


def _first(write: Callable[[str, str, list[str]], list[str]]) -> Rewrite:
    """The first turn said otherwise."""

    def rewrite(script: Script) -> None:
        script.acts[0].text = "\n".join(write(*_said(script)))

    return rewrite


def _further(text: str) -> Rewrite:
    """A further turn of which nothing runs; the work goes on after it."""

    def rewrite(script: Script) -> None:
        script.acts.insert(1 + script.seed % (len(script.acts) - 1), Act(text=text))

    return rewrite


def _thoughtless(script: Script) -> None:
    script.acts[script.seed % len(script.acts)].think = None


def _thoughtless_throughout(script: Script) -> None:
    for act in script.acts:
        act.think = None


# A wrong call is an attempt at a step that is still open, so that the deeds keep to the plan.


def _repaired(spoil: Callable[[Move, Script], bool | None], after: bool = True) -> Rewrite:
    """A wrong call; the right one in the turn after it, or where `after` is False in the same, where it repairs nothing."""

    def rewrite(script: Script) -> bool | None:
        for right in sorted(script.moves, key=lambda move: (move.key * 7 + script.seed) % 11):
            wrong = script.move(right.tool, **copy.deepcopy(right.arguments))
            if spoil(wrong, script) is False:
                continue
            place = act_of(script, right)
            act = script.acts[place]
            if after:
                script.acts.insert(place, Act(plan=act.plan, moves=[wrong]))
                act.plan = None
            else:
                act.moves.insert(act.moves.index(right), wrong)
            return None
        return False

    return rewrite


def _misspelt(move: Move, script: Script) -> None:
    move.tool = move.tool.replace("tool_", "toool_")


def _incomplete(move: Move, script: Script) -> bool | None:
    """What the tool cannot do without: what it works on, else its words."""
    name = next((name for name in ("image", "images", "video", "clips", "text", "prompt") if name in move.arguments), None)
    if name is None:
        return False
    del move.arguments[name]
    return None


def _of_a_wrong_type(move: Move, script: Script) -> bool | None:
    name = next((name for name in ("prompt", "text", "clips") if name in move.arguments), None)
    if name is None:
        return False
    move.arguments[name] = 7
    return None


def _out_of_range(move: Move, script: Script) -> bool | None:
    ranges = {
        PICTURE: ("aspect_ratio", "7:1"),
        CLIP: ("duration", 90),
        EDIT: ("aspect_ratio", "7:1"),
        SPEAK: ("speed", 50),
        JOIN: ("fps", 1),
    }
    if move.tool not in ranges:
        return False
    name, value = ranges[move.tool]
    move.arguments[name] = value
    return None


def _unknown_argument(move: Move, script: Script) -> None:
    move.arguments["mood"] = "calm"


def _foreign_handle(move: Move, script: Script) -> bool | None:
    for name, value in {"images": [NOWHERE], "image": NOWHERE, "clips": ["vid_909"], "video": "vid_909", "audio": "aud_909"}.items():
        if name in move.arguments:
            move.arguments[name] = value
            return None
    return False


def _wrong_modality(move: Move, script: Script) -> bool | None:
    """A sound in place of a picture or a clip, or pictures in place of a sound."""
    picture = next((one for one in shown(script) if one.tool == PICTURE), None)
    sound = next((one for one in script.moves if one.tool in (MUSIC, SPEAK)), None)
    if move.tool != JOIN or (picture is None and sound is None):
        return False
    if sound is not None:
        move.arguments["clips"] = [Made(sound.key)]
    else:
        assert picture is not None
        move.arguments["bgm"] = Made(picture.key)
    return None


DAMAGES = (
    Damage("a turn without a thought", "format", _thoughtless),
    Damage("no turn has a thought", "format", _thoughtless_throughout),
    Damage("chat before the tags", "format", _first(lambda think, plan, calls: ["Sure, here it is.", think, plan, *calls])),
    Damage("chat after the tags", "format", _first(lambda think, plan, calls: [think, plan, *calls, "Let me know what you think!"])),
    Damage("calls before the thought", "format", _first(lambda think, plan, calls: [*calls, think, plan])),
    Damage("the plan after the calls", "format", _first(lambda think, plan, calls: [think, *calls, plan])),
    Damage("a turn of prose", "format", _further("Let me think about what comes next.")),
    Damage("a turn of broken JSON", "format", _further('<think>On it.</think><tool_call>{"name": "tool_music_suno", </tool_call>')),
    Damage("a turn with a tool's answer made up", "format", _further('<think>On it.</think><tool_response>{"ok": true}</tool_response>')),
    Damage("a turn with a tag left open", "format", _further("<think>On it.")),
    Damage("a name misspelt, and put right", "tool", _repaired(_misspelt)),
    Damage("an argument forgotten, and put right", "tool", _repaired(_incomplete)),
    Damage("an argument of a wrong type, and put right", "tool", _repaired(_of_a_wrong_type)),
    Damage("an argument out of range, and put right", "tool", _repaired(_out_of_range)),
    Damage("an argument nobody knows, and put right", "tool", _repaired(_unknown_argument)),
    Damage("a handle that is none, and put right", "tool", _repaired(_foreign_handle)),
    Damage("a sound for a picture, and put right", "tool", _repaired(_wrong_modality)),
    Damage("a name misspelt, and left", "tool", _repaired(_misspelt, after=False)),
    Damage("an argument forgotten, and left", "tool", _repaired(_incomplete, after=False)),
    Damage("a handle that is none, and left", "tool", _repaired(_foreign_handle, after=False)),
)
