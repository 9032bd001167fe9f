"""Damages to the plan: its order, its tools, the size of its tasks, and what an expert would not have planned."""

from __future__ import annotations

import copy
from collections.abc import Callable

from benchmarks.damages.damage import (
    ANIMATE,
    BEATS,
    CLIP,
    EDIT,
    JOIN,
    MUSIC,
    PICTURE,
    SPEAK,
    TITLE,
    Damage,
    Rewrite,
    act_of,
    insert_step,
    place_of,
    set_step,
    shown,
    words,
)
from rewards.audit.script import Script, changed

# logical coherence: what a step is after. The calls stay as they are, and what is in no list of steps holds none of them up.


def _after_no_step(script: Script) -> None:
    place = script.seed % len(script.plan)
    set_step(script, place, after=(*script.plan[place].after, 90))


def _two_of_one_number(script: Script) -> bool | None:
    if len(script.plan) < 2:
        return False
    set_step(script, len(script.plan) - 1, id=script.plan[0].id)
    return None


def _number_lost(script: Script) -> bool | None:
    """The first step has another number than those after it say."""
    if script.task.modality != "image" or len(script.plan) < 2:
        return False  # in a film the reference would also serve nothing then, which is the affair of `plan.optimal`
    set_step(script, 0, id=50)
    return None


def _from_nothing(tool: str, made: tuple[str, ...]) -> Rewrite:
    """A step that needs what others make is after none of them."""

    def rewrite(script: Script) -> bool | None:
        place = place_of(script, tool)
        if place is None or script.task.inputs:
            return False
        sources = {step.id for step in script.plan if step.tool in made}
        kept = tuple(number for number in script.plan[place].after if number not in sources)
        if kept == script.plan[place].after:
            return False
        set_step(script, place, after=kept)
        return None

    return rewrite


def _clips_of_no_picture(script: Script) -> bool | None:
    """The clips are not after their reference, the film is."""
    clips, film = place_of(script, ANIMATE), place_of(script, JOIN)
    if clips is None or film is None or script.task.inputs or not script.plan[clips].after:
        return False
    set_step(script, film, after=(*script.plan[film].after, *script.plan[clips].after))
    set_step(script, clips, after=())
    return None


def _first_after_last(script: Script) -> bool | None:
    if len(script.plan) < 2:
        return False
    set_step(script, 0, after=(script.plan[-1].id,))
    return None


# executability: which tool a step names, and how many calls it holds


def _step_of(english: str, tool: str, chinese: str) -> Rewrite:
    """A further step before the last, which comes after it."""

    def rewrite(script: Script) -> None:
        insert_step(script, len(script.plan) - 1, tool, words(script, english, chinese))

    return rewrite


def _misspelt(script: Script) -> bool | None:
    if len(script.plan) < 2:
        return False
    last = len(script.plan) - 1
    set_step(script, last, tool=script.plan[last].tool.replace("tool_", "toool_"))
    return None


def _calls(n: int) -> Rewrite:
    def rewrite(script: Script) -> bool | None:
        place = next((place for place, step in enumerate(script.plan) if step.n == 1), None)
        if place is None:
            return False  # a number below 1 is read as 1, so only such a step keeps its calls
        set_step(script, place, n=n)
        return None

    return rewrite


# atomicity: goals, and how a step is cut


def _goal(make: Callable[[str, Script], str], every: bool = False) -> Rewrite:
    def rewrite(script: Script) -> None:
        places = range(len(script.plan)) if every else (script.seed % len(script.plan),)
        for place in places:
            set_step(script, place, goal=make(script.plan[place].goal, script))

    return rewrite


def _paragraph(goal: str, script: Script) -> str:
    return goal + words(script, " with great care and an eye for every little thing" * 5, "要非常用心地注意每一个小小的细节" * 4)


def _a_step_for_every_thought(script: Script) -> bool | None:
    """Far more steps than any expert makes calls."""
    if len(script.moves) > 8:
        return False  # of more than a hundred steps the judge of their order reads no more
    for number in range(4 * len(script.moves) + 8):
        script.plan_step("think", words(script, f"thought {number}", f"想法{number}"))
    return None


def _cut_in_two(script: Script) -> bool | None:
    """A step of several calls as two steps that say the same."""
    place = next((place for place, step in enumerate(script.plan) if step.n > 1), None)
    if place is None:
        return False
    step, number = script.plan[place], 1 + max(one.id for one in script.plan)
    script.plan[place : place + 1] = [changed(step, n=1), changed(step, id=number, n=step.n - 1)]
    for later in range(place + 2, len(script.plan)):
        after = script.plan[later].after
        if step.id in after:
            set_step(script, later, after=(*after, number))
    return None


# optimality: what serves nothing is planned and done, so that the deeds follow the plan


def _not_planned(script: Script) -> bool | None:
    """A sound or the subtitles are made, and nobody planned them."""
    if place_of(script, BEATS) is not None:
        return False  # they are of music that has to be planned before them
    place = next((place for tool in (SPEAK, TITLE, MUSIC) if (place := place_of(script, tool)) is not None), None)
    if place is None:
        return False
    gone = script.plan.pop(place).id
    script.plan[:] = [changed(step, after=tuple(number for number in step.after if number != gone)) for step in script.plan]
    return None


def _backwards(script: Script) -> bool | None:
    if len(script.plan) < 2:
        return False
    script.plan.reverse()
    return None


def _needless(tool: str, goal: str, modality: str | None = None, **arguments: object) -> Rewrite:
    def rewrite(script: Script) -> bool | None:
        if modality is not None and script.task.modality != modality:
            return False
        script.plan_step(tool, goal)
        script.add(0, tool, **arguments)
        return None

    return rewrite


def _thoughts(script: Script) -> None:
    for number, goal in enumerate(("the mood", "the colours", "the light", "the rhythm")):
        script.plan_step("think", goal, after=(script.plan[0].id,) if number else ())


def _four_of_each(script: Script) -> bool | None:
    """Every picture and clip made four times over, and one of them used."""
    if any(move.arguments.get("num_images", 1) > 1 for move in script.moves):
        return False  # a plan counts calls, and of calls that return several there are few
    for move in shown(script):
        act = script.acts[act_of(script, move)]
        act.moves += [script.move(move.tool, **copy.deepcopy(move.arguments)) for _ in range(3)]
        if len(act.moves) > 64:
            return False
    tools = {move.tool for move in shown(script)}
    script.plan[:] = [changed(step, n=4 * step.n) if step.tool in tools else step for step in script.plan]
    return None


def _pipeline(script: Script) -> bool | None:
    """The pipeline is run on a film with one look, music by the beat or words of its own, and its film is left."""
    asked = script.task.requirements
    if script.task.modality != "video" or not (asked.consistency or asked.beat or asked.narration):
        return False
    return _needless("tool_video_auto_pipeline", "draft of the film", prompt="a first draft")(script)


UNSEEN = (
    # Goals are read for signs of more than one task ("then", lists, trades that are joined), not for what they mean.
    Damage("a goal that says nothing", "plan.atomic", _goal(lambda goal, script: words(script, "do it", "做"), every=True)),
    Damage(
        "a goal that its tool cannot reach",
        "plan.executable",
        _goal(lambda goal, script: words(script, "book the actors and the hall", "预订演员和场地"), every=True),
    ),
)
"""Damages that the rules cannot tell from honest plans; a judge that reads should."""

DAMAGES = (
    Damage("a step after one that does not exist", "plan.coherence", _after_no_step),
    Damage("two steps of one number", "plan.coherence", _two_of_one_number),
    Damage("a step's number is another than the others say", "plan.coherence", _number_lost),
    Damage("variants after no picture", "plan.coherence", _from_nothing(EDIT, (PICTURE,))),
    Damage("a film after none of its clips", "plan.coherence", _from_nothing(JOIN, (CLIP, ANIMATE))),
    Damage("subtitles after no film", "plan.coherence", _from_nothing(TITLE, (JOIN, CLIP, ANIMATE))),
    Damage("beats after no music", "plan.coherence", _from_nothing(BEATS, (MUSIC,))),
    Damage("clips after no picture", "plan.coherence", _clips_of_no_picture),
    # The first calls run before what the plan says they come after.
    Damage("the first step after the last", "plan.coherence", _first_after_last, ("coherence",)),
    # Nobody can do such a step: it stays undone, and what comes after it comes too early.
    Damage("a step for a tool made up", "plan.executable", _step_of("grade", "tool_colour_grading", "调色"), ("coherence",)),
    Damage("a step for a person", "plan.executable", _step_of("approve", "photographer", "审批"), ("coherence",)),
    Damage("a step for a category of tools", "plan.executable", _step_of("sketch", "text_to_image", "草图"), ("coherence",)),
    Damage("a step for a version that is not there", "plan.executable", _step_of("sketch", f"{PICTURE}_v9", "草图"), ("coherence",)),
    # The calls are by another tool than planned, and no step is the expert's.
    Damage("a tool misspelt in the plan", "plan.executable", _misspelt, ("coherence", "plan.optimal")),
    # Both facets ask for a possible number of calls.
    Damage(
        "a goal of two trades",
        "plan.atomic",
        _goal(lambda goal, script: words(script, "draw the pictures and animate them", "绘制图片并做成动画")),
    ),
    Damage("a step of no calls", "plan.executable", _calls(0), ("plan.atomic",)),
    Damage("a step of less than no calls", "plan.executable", _calls(-3), ("plan.atomic",)),
    # So many calls are also more than an expert's, and never made.
    Damage("a step of two hundred calls", "plan.executable", _calls(200), ("plan.atomic", "plan.optimal", "coherence")),
    Damage("a step without a goal", "plan.atomic", _goal(lambda goal, script: "")),
    Damage("no step has a goal", "plan.atomic", _goal(lambda goal, script: "  ", every=True)),
    Damage("a goal of a paragraph", "plan.atomic", _goal(_paragraph)),
    Damage(
        "a goal of one task and then another",
        "plan.atomic",
        _goal(lambda goal, script: goal + words(script, " and then a check of it", "然后检查一遍")),
    ),
    Damage("a goal of a list", "plan.atomic", _goal(lambda goal, script: goal + words(script, "; the light; the colours", "；光线；颜色"))),
    Damage(
        "a goal of three trades",
        "plan.atomic",
        _goal(lambda goal, script: words(script, "pictures, music, a voice and subtitles", "图片、音乐、旁白和字幕")),
    ),
    Damage("a step cut in two that say the same", "plan.atomic", _cut_in_two),
    # Thoughts past the first two only pad a plan.
    Damage("a step for every thought", "plan.atomic", _a_step_for_every_thought, ("plan.optimal",)),
    Damage("a picture that nothing is made of", "plan.optimal", _needless("tool_text2image_qwen", "spare", "video", prompt="a spare one")),
    Damage("music to pictures", "plan.optimal", _needless(MUSIC, "tune", "image", prompt="a tune")),
    Damage("a noise that nobody hears", "plan.optimal", _needless("tool_sound_fx_gen", "noise", prompt="a door")),
    Damage("a clip beside pictures", "plan.optimal", _needless(CLIP, "moving version", "image", prompt="a spare clip")),
    Damage("a summary that nobody reads", "plan.optimal", _needless("tool_content_summary", "notes", text="what is asked, once more")),
    Damage("nothing but thoughts in four steps", "plan.optimal", _thoughts),
    Damage("every picture and clip four times", "plan.optimal", _four_of_each),
    Damage("a pipeline where an expert avoids it", "plan.optimal", _pipeline),
    # The calls of the missing step are in no step of the plan.
    Damage("a needed step not planned", "plan.optimal", _not_planned, ("coherence",)),
    # What an expert does first comes last, and a step is after some below it.
    Damage("the plan backwards", "plan.optimal", _backwards, ("plan.coherence",)),
)
