"""Damages to how the deeds follow the plan, and to the one look that a task may ask for."""

from __future__ import annotations

import copy

from benchmarks.damages.damage import (
    ANIMATE,
    CLIP,
    EDIT,
    JOIN,
    MUSIC,
    PICTURE,
    SPEAK,
    Damage,
    Rewrite,
    act_of,
    by_tool,
    exchange,
    followers,
    insert_step,
    more,
    place_of,
    set_step,
    shown,
    words,
)
from rewards.audit.script import Act, Made, Move, Script

_LOOK = {"image": "tool_image_analysis", "video": "tool_video_analysis"}
_TWINS = {
    PICTURE: "tool_text2image_seed",
    "tool_text2image_seed": PICTURE,
    EDIT: "tool_image_edit_qwen",
    ANIMATE: "tool_image2video_keling",
}
"""Another tool of the same category."""

# coherence: the plan stays sound, and so do the deliverables


def _call_too_many(script: Script) -> None:
    """A picture or clip made once more, and not used."""
    move = shown(script)[script.seed % len(shown(script))]
    script.acts[act_of(script, move)].moves.append(script.move(move.tool, **copy.deepcopy(move.arguments)))


def _unplanned(tool: str, **arguments: object) -> Rewrite:
    def rewrite(script: Script) -> None:
        script.add(0, tool, **arguments)

    return rewrite


def _look_unplanned(script: Script) -> None:
    kind, made = script.task.modality, script.answer[0]
    look = script.move(_LOOK[kind], **({"images": [made]} if kind == "image" else {"video": [made]}))
    script.acts.insert(len(script.acts) - 1, Act(moves=[look]))


def _look_never_made(script: Script) -> None:
    last = script.plan[-1]
    script.plan_step(_LOOK[script.task.modality], words(script, "last look", "最后看一遍"), after=(last.id,))


def _planned_once_more(script: Script) -> None:
    """A picture or clip more is planned than made."""
    more(script, shown(script)[-1].tool, 1)


def _other_tool_planned(script: Script) -> bool | None:
    """A tool of the same category is planned, another one called."""
    sound = "sound" in (script.task.requirements.audio or ())  # which one of the two makers of clips cannot make
    places = [place for place, step in enumerate(script.plan) if step.tool in _TWINS and not (sound and step.tool == ANIMATE)]
    if not places:
        return False
    place = places[script.seed % len(places)]
    set_step(script, place, tool=_TWINS[script.plan[place].tool])
    return None


def _too_early(script: Script) -> bool | None:
    """Clips are planned after the sound, and made in the same turn."""
    sound = next((place for place, step in enumerate(script.plan) if step.tool in (MUSIC, SPEAK)), None)
    clips = place_of(script, CLIP)
    if sound is None or clips is None or sound > clips:
        return False
    set_step(script, clips, after=(*script.plan[clips].after, script.plan[sound].id))
    turns = [{act_of(script, move) for move in by_tool(script, script.plan[place].tool)} for place in (sound, clips)]
    return None if turns[0] == turns[1] else False


def _step_dropped(script: Script) -> bool | None:
    """The first plan holds a step more, and the second drops it although nothing has happened."""
    if len(script.acts) < 3 or any(move.tool == "tool_beat_detect" for move in script.moves):
        return False  # what is learnt from a text is a cause
    honest = list(script.plan)
    _look_never_made(script)
    script.acts[1].plan = honest
    return None


# consistency: what is made afresh is planned as such, and says in words all that the reference showed


def _alike(script: Script) -> list[Move]:
    """The pictures and clips that hang on the reference; none where the task does not ask for one look."""
    if script.task.requirements.consistency is None:
        return []
    return [move for move in followers(script) if move.tool in (EDIT, ANIMATE)]


def _afresh(share: float | None) -> Rewrite:
    """So much of what follows the reference is made without it, of its words and its own; None: one."""

    def rewrite(script: Script) -> bool | None:
        moves = _alike(script)
        number = 1 if share is None else int(share * len(moves))
        if not 0 < number < len(moves) or (share is not None and number < 2):
            return False
        reference = by_tool(script, PICTURE)[0]
        for old in moves[len(moves) - number :]:
            prompt = f"{reference.arguments['prompt']}, {old.arguments['prompt']}"
            kept = {name: value for name, value in old.arguments.items() if name not in ("image", "images", "prompt")}
            tool = PICTURE if old.tool == EDIT else CLIP
            new = script.move(tool, prompt=prompt, **kept)
            exchange(script, old, new)
            if tool == PICTURE:  # in the shape and the turn of the reference, whose step it belongs to
                new.arguments = {**reference.arguments, "prompt": prompt}
                act = script.acts[act_of(script, new)]
                act.moves = [move for move in act.moves if move is not new]
                script.acts[act_of(script, reference)].moves.append(new)
        more(script, moves[0].tool, -number)
        if moves[0].tool == EDIT:
            return more(script, PICTURE, number)
        place = place_of(script, JOIN)
        if place is None:
            return False
        insert_step(script, place, CLIP, words(script, "further clips", "另外的片段"), number)
        return None

    return rewrite


def _other_references(share: float | None, *, each: bool = False) -> Rewrite:
    """So much of what follows the reference follows a second one of the same words; `each`: one of its own every time."""

    def rewrite(script: Script) -> bool | None:
        moves = _alike(script)
        number = 1 if share is None else int(share * len(moves))
        number = len(moves) - 1 if each else number
        if not 0 < number < len(moves) or (share is not None and number < 2) or (each and not 2 <= number <= 3):
            return False  # more references than that are also more calls than an expert plans
        reference = by_tool(script, PICTURE)[0]
        act = script.acts[act_of(script, reference)]
        others = [script.move(PICTURE, **copy.deepcopy(reference.arguments)) for _ in range(number if each else 1)]
        act.moves += others
        for place, move in enumerate(moves[len(moves) - number :]):
            made = Made(others[place % len(others)].key)
            if "image" in move.arguments:
                move.arguments["image"] = made
            else:
                move.arguments["images"] = [made]
        return more(script, PICTURE, len(others))

    return rewrite


DAMAGES = (
    Damage("a call too many", "coherence", _call_too_many),
    Damage("a text refined without a plan", "coherence", _unplanned("tool_prompt_refine", text="a text")),
    Damage("a tune made without a plan", "coherence", _unplanned(MUSIC, prompt="a tune")),
    Damage("a look without a plan", "coherence", _look_unplanned),
    Damage("a look planned and never made", "coherence", _look_never_made),
    Damage("a call planned and never made", "coherence", _planned_once_more),
    Damage("another tool called than planned", "coherence", _other_tool_planned),
    Damage("calls before what they are planned after", "coherence", _too_early),
    Damage("a step dropped without a cause", "coherence", _step_dropped),
    Damage("one made without the reference", "consistency", _afresh(None)),
    Damage("half made without the reference", "consistency", _afresh(0.5)),
    Damage("one made from another reference", "consistency", _other_references(None)),
    Damage("half made from another reference", "consistency", _other_references(0.5)),
    Damage("each made from a reference of its own", "consistency", _other_references(None, each=True)),
)
