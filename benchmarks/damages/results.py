"""Damages to what is seen, each against one requirement of the task; plan and calls agree, and nothing fails."""

from __future__ import annotations

from benchmarks.damages.damage import EDIT, JOIN, PICTURE, Damage, by_tool, exchange, insert_step, shown, words
from rewards.audit.script import Act, Made, Script, changed


def _other_shape(script: Script) -> bool | None:
    asked = script.task.requirements.aspect
    if asked is None or script.task.requirements.min_side is not None:
        return False
    film = by_tool(script, JOIN)
    if film:
        film[0].arguments |= {"width": 720, "height": 720} if asked != "1:1" else {"width": 1280, "height": 720}
        return None
    pictures = by_tool(script, PICTURE)
    for move in pictures:
        move.arguments["aspect_ratio"] = "9:16" if asked != "9:16" else "16:9"
    return None if pictures else False


def _too_small(script: Script) -> bool | None:
    """The same shape in fewer pixels than asked."""
    asked, moves = script.task.requirements.min_side, by_tool(script, "tool_text2image_seed")
    if asked is None or not moves or any(move.tool == EDIT for move in script.moves):
        return False
    shape = script.task.requirements.aspect or "1:1"
    for old in moves:
        exchange(script, old, script.move(PICTURE, prompt=old.arguments["prompt"], aspect_ratio=shape))
    script.plan[:] = [changed(step, tool=PICTURE) if step.tool == "tool_text2image_seed" else step for step in script.plan]
    return None


def _alone(script: Script) -> list[str]:
    """Things that no line to be drawn and no other thing has in its words, so that one can be taken out by itself."""
    names, lines = script.task.requirements.entities or (), script.task.requirements.drawn or ()
    return [name for name in names if not any(name in other or other in name for other in (*(set(names) - {name}), *lines))]


def _two_in_one(script: Script) -> bool | None:
    """Two of the things in one picture or shot, and none in the next."""
    names = [part[0] for part in script.task.requirements.each or () if part[0] in _alone(script)]
    if len(names) < 2:
        return False
    kept, lost = names[-2], names[-1]
    one = next((move for move in shown(script) if kept in move.arguments["prompt"]), None)
    two = next((move for move in shown(script) if lost in move.arguments["prompt"]), None)
    if one is None or two is None or one is two or kept in two.arguments["prompt"]:
        return False
    one.arguments["prompt"] = one.arguments["prompt"].replace(kept, words(script, f"{kept}, {lost}", f"{kept}，{lost}"))
    two.arguments["prompt"] = two.arguments["prompt"].replace(lost, words(script, "the same from behind", "从背后看"))
    return None


def _never_named(script: Script) -> bool | None:
    """One of the things is left out wherever it is named."""
    names = _alone(script)
    if not names:
        return False
    gone = names[script.seed % len(names)]
    found = [move for move in shown(script) if gone in move.arguments["prompt"]]
    for move in found:
        move.arguments["prompt"] = move.arguments["prompt"].replace(gone, words(script, "grey wall", "灰墙"))
    return None if found else False


def _other_line_drawn(script: Script) -> bool | None:
    lines = [line for line in script.task.requirements.drawn or () if line not in (script.task.requirements.entities or ())]
    moves = [move for move in shown(script) if lines and lines[-1] in move.arguments["prompt"]]
    for move in moves:
        move.arguments["prompt"] = move.arguments["prompt"].replace(lines[-1], words(script, "Sold out", "已售完"))
    return None if moves else False


def _made_from_a_find(script: Script) -> bool | None:
    """One of the pictures to be made of the given one is made of one that a search found, which is planned."""
    edits = by_tool(script, EDIT)
    if not script.task.requirements.from_inputs or script.task.modality != "image" or not edits or len(script.plan) > 1:
        return False
    found = script.move("tool_search_inspire", query="a picture", modality="image", max_results=1)
    edits[-1].arguments["images"] = [Made(found.key)]
    first = script.acts[0]
    script.acts.insert(0, Act(plan=first.plan, moves=[found]))
    first.plan = None
    insert_step(script, 0, found.tool, words(script, "find a picture", "找一张图片"))
    return None


def _two_alike(script: Script) -> bool | None:
    """Of pictures that shall differ, two are made by the same words."""
    moves = shown(script)
    if not script.task.requirements.variety or len(moves) < 2:
        return False
    moves[-1].arguments["prompt"] = moves[-2].arguments["prompt"]
    return None


_THINGS = ("result.entities", "result.each")
"""What is shown one by one is also a thing to be seen."""

DAMAGES = (
    Damage("another shape", "result", _other_shape, ("result.aspect",)),
    Damage("too few pixels", "result", _too_small, ("result.min_side",)),
    Damage("two things in one picture", "result", _two_in_one, ("result.each",)),
    Damage("a thing never named", "result", _never_named, _THINGS),
    # A line that goes with a thing is asked of the very picture of that thing.
    Damage("another line drawn", "result", _other_line_drawn, ("result.drawn", "result.each")),
    Damage("one made from what a search found", "result", _made_from_a_find, ("result.from_inputs",)),
    # The words of one picture are missing, and with them what it alone shows.
    Damage("two made by the same words", "result", _two_alike, ("result.variety", *_THINGS)),
)
