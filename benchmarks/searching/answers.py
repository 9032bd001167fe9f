"""Operators on the answer: fewer, more, other, foreign; what is answered edited once more; an answer early or never."""

from __future__ import annotations

from typing import Any

from benchmarks.searching.calls import kind, made, working
from benchmarks.searching.luck import Luck
from rewards.audit.script import Act, Made, Script

_EDITS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("tool_video_trim_edit", {"start": 0.5}),
    ("tool_video_trim_edit", {"end": 3.0}),
    ("tool_video_speed_adjust", {"factor": 2.0}),
    ("tool_video_speed_adjust", {"factor": 0.5}),
    ("tool_video_postprocess", {"volume": 0.0}),
    ("tool_video_postprocess", {"width": 640, "height": 640}),
    ("tool_tts_composite", {"text": "Thank you."}),
    ("tool_subtitle_add_text", {"items": [{"text": "one more line"}]}),
)


def fewer(script: Script, luck: Luck) -> bool | None:
    """Some deliverables left out; now and then all."""
    if not script.answer:
        return False
    for one in luck.some(list(script.answer), len(script.answer)):
        script.answer.remove(one)
    return None


def doubled(script: Script, luck: Luck) -> bool | None:
    """One deliverable named again."""
    if not script.answer:
        return False
    script.answer.insert(luck.below(len(script.answer) + 1), luck.one(script.answer))
    return None


def foreign(script: Script, luck: Luck) -> bool | None:
    """A handle of nobody's, or of what came with the task, in place of one deliverable or beside all."""
    names = ("img_1", "vid_1", "aud_1", "img_2", "img_77", "IMG_1", " ", "")
    if script.answer and luck.happens(0.5):
        script.answer[luck.below(len(script.answer))] = luck.one(names)
    else:
        script.answer.append(luck.one(names))
    return None


def other(script: Script, luck: Luck) -> bool | None:
    """One deliverable replaced by what another call made, mostly of the right modality."""
    own = made(script, script.task.modality if luck.happens(0.8) else None)
    if not script.answer or not own:
        return False
    script.answer[luck.below(len(script.answer))] = luck.one(own)
    return None


def everything(script: Script, luck: Luck) -> bool | None:
    """All that was made of the right modality, or all that was made."""
    own = made(script, script.task.modality if luck.happens(0.7) else None)
    if not own or not script.answer:
        return False
    script.answer[:] = own
    return None


def as_many_as_asked(script: Script, luck: Luck) -> bool | None:
    """The right number of whatever there is: the last made of the modality, or several outputs of one call."""
    wanted = script.task.requirements.count or 1
    own = made(script, script.task.modality)
    if not own or not script.answer:
        return False
    one = luck.one(own)
    script.answer[:] = [Made(one.call, place) for place in range(wanted)] if luck.happens(0.4) else own[-wanted:]
    return None


def ordered(script: Script, luck: Luck) -> bool | None:
    """Deliverables in another order."""
    if len(script.answer) < 2:
        return False
    script.answer[:] = luck.order(script.answer)
    return None


def edited(script: Script, luck: Luck) -> bool | None:
    """What is answered changed by one more edit, planned or not."""
    final = next((act for act in script.acts if act.answer), None)
    if final is None or final.answer is None:
        return False
    place = luck.below(len(final.answer))
    old = final.answer[place]
    if script.task.modality == "image":
        move = script.move("tool_image_edit_gemini", prompt=luck.one(("brighter", *luck.words[:5])), images=[old])
    else:
        tool, arguments = luck.one(_EDITS)
        move = script.move(tool, video=old, **arguments)
    script.acts.insert(script.acts.index(final), Act(moves=[move]))
    final.answer[place] = Made(move.key)
    if luck.happens(0.6) and script.plan:
        script.plan_step(move.tool, "finish", 1, (script.plan[-1].id,))
    return None


def searched(script: Script, luck: Luck) -> bool | None:
    """What a search found in place of something made."""
    turns = working(script)
    if not turns:
        return False
    move = script.move("tool_search_inspire", query=script.task.prompt[:200], modality=luck.one(("image", "video")), max_results=4)
    turns[0].moves.append(move)
    if script.answer and luck.happens(0.3):
        script.answer[luck.below(len(script.answer))] = Made(move.key, luck.below(4))
        return None
    moves = [one for one in script.moves if isinstance(one.arguments.get("clips"), list) and one.arguments["clips"]]
    if moves:
        clips = luck.one(moves).arguments["clips"]
        clips[luck.below(len(clips))] = Made(move.key, luck.below(4))
    return None


def early(script: Script, luck: Luck) -> bool | None:
    """The answer in an earlier turn, beside its calls; what follows is never played."""
    final = next((act for act in script.acts if act.answer is not None), None)
    if final is None or len(script.acts) < 2:
        return False
    act = luck.one(script.acts)
    act.answer, final.answer = final.answer, act.answer
    return None


def never(script: Script, luck: Luck) -> bool | None:
    """No answer at all."""
    held = [act for act in script.acts if act.answer is not None]
    if not held:
        return False
    script.acts.remove(luck.one(held))
    return None


def pipeline(script: Script, luck: Luck) -> bool | None:
    """The whole film by the automatic pipeline, as one call, whatever else is made."""
    turns = working(script)
    if not turns or script.task.modality != "video" or not script.answer:
        return False
    asked = script.task.requirements
    move = script.move(
        "tool_video_auto_pipeline", prompt=script.task.prompt, num_shots=asked.shots or 3, aspect_ratio=asked.aspect or "16:9"
    )
    turns[-1].moves.append(move)
    script.answer[:] = [Made(move.key)]
    return None


def joined(script: Script, luck: Luck) -> bool | None:
    """What was made of pictures and clips joined into a film, which is answered."""
    final = next((act for act in script.acts if act.answer), None)
    clips = made(script, "video") + made(script, "image")
    if final is None or script.task.modality != "video" or not clips:
        return False
    kept = luck.some(clips, len(clips)) * luck.one((1, 1, 2))
    sounds = [Made(move.key) for move in script.moves if kind(move.tool) == "audio"]
    more = {"bgm": luck.one(sounds)} if sounds and luck.happens(0.7) else {}
    move = script.move("tool_video_composite", clips=kept, **more)
    script.acts.insert(script.acts.index(final), Act(moves=[move]))
    final.answer = [Made(move.key)]
    return None
