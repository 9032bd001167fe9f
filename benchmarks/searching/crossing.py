"""Operators that take from other scripts: their turns, plans, words, answers; and the table of all operators."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.searching import answers, arguments, calls, plans, words
from benchmarks.searching.luck import Luck, act_of
from benchmarks.searching.words import Operator
from rewards.audit.exploits.exploit import shown
from rewards.audit.script import Act, Script


def _theirs(script: Script, luck: Luck) -> list[Act]:
    """The turns of another script, its calls numbered after the script's own."""
    other = luck.one(luck.scripts)
    acts = [act_of(act, script.keys) for act in other.acts]
    script.keys += other.keys
    return acts


def turns(script: Script, luck: Luck) -> bool | None:
    """Some working turns of another script before one of the own, or in the place of some."""
    theirs = [act for act in _theirs(script, luck) if act.answer is None]
    if not theirs:
        return False
    taken = luck.some(theirs, len(theirs))
    for act in taken:
        act.plan = None
    place = luck.below(len(script.acts)) if script.acts else 0
    replaced = luck.below(len(script.acts) - place) if script.acts and luck.happens(0.5) else 0
    script.acts[place : place + replaced] = taken
    return None


def plan(script: Script, luck: Luck) -> bool | None:
    """The plan of another script."""
    steps = luck.one(luck.scripts).plan
    if not steps or not script.plan:
        return False
    script.plan[:] = steps
    return None


def prompts(script: Script, luck: Luck) -> bool | None:
    """The prompts of another script, in order."""
    mine, theirs = shown(script), shown(luck.one(luck.scripts))
    if not mine or not theirs:
        return False
    for place, move in enumerate(mine):
        move.arguments["prompt"] = theirs[place % len(theirs)].arguments["prompt"]
    return None


def whole(script: Script, luck: Luck) -> bool | None:
    """All of another script, played at this task; now and then under the own plan."""
    steps = list(script.plan)
    acts = _theirs(script, luck)
    if not acts:
        return False
    script.acts = acts
    if steps and script.plan and luck.happens(0.5):
        script.plan[:] = steps
    return None


def same_type(script: Script, luck: Luck) -> bool | None:
    """All of another script for the same modality, played at this task."""
    others = [other for other in luck.scripts if other.task.modality == script.task.modality and other.task.id != script.task.id]
    if not others:
        return False
    return whole(script, Luck(luck.generator, [luck.one(others)], luck.words))


def before(script: Script, luck: Luck) -> bool | None:
    """Work done for another task first, under the own plan and answer."""
    theirs = [act for act in _theirs(script, luck) if act.answer is None]
    if not theirs:
        return False
    for act in theirs:
        act.plan = None
    if script.acts:
        theirs[0].plan, script.acts[0].plan = script.acts[0].plan, None
    script.acts[0:0] = theirs
    return None


def their_last(script: Script, luck: Luck) -> bool | None:
    """The own work, and the last turns of another script."""
    theirs = _theirs(script, luck)
    if not theirs or not script.acts:
        return False
    script.acts[-1:] = theirs[-1 - luck.below(len(theirs)) :]
    return None


OPERATORS: Mapping[str, Operator] = {
    "drop calls": calls.drop_calls,
    "drop all calls of a tool": calls.drop_calls_of_one_tool,
    "double a call": calls.double_call,
    "swap calls": calls.swap_calls,
    "move a call": calls.move_call,
    "cram two turns into one": calls.cram,
    "split a turn": calls.split_turn,
    "drop a turn": calls.drop_turn,
    "drop the last turns": calls.drop_last_turns,
    "double a turn": calls.double_turn,
    "swap turns": calls.swap_turns,
    "another tool of the same kind": calls.tool_of_same_kind,
    "any other tool": calls.any_tool,
    "a drawn call": calls.drawn_call,
    "a failing call": calls.failing_call,
    "blank a text": arguments.blank,
    "leave out arguments": arguments.leave_out,
    "another number": arguments.number,
    "more or fewer outputs": arguments.how_many,
    "another handle": arguments.handle,
    "change a list": arguments.entries,
    "copy an argument": arguments.copied,
    "swap arguments": arguments.swapped,
    "draw arguments": arguments.value_drawn,
    "arguments of another script": arguments.value_from_others,
    "keywords in prompts": words.keywords_in("prompt"),
    "keywords in styles": words.keywords_in("style"),
    "keywords in negative prompts": words.keywords_in("negative_prompt"),
    "keywords in spoken or refined text": words.keywords_in("text"),
    "keywords in titles": words.keywords_in("title"),
    "keywords in goals": words.keywords_in_goals,
    "keywords as subtitles": words.keywords_as_subtitles,
    "keywords dealt out": words.keywords_dealt_out,
    "words of other tasks": words.foreign_words,
    "names replaced": words.names_replaced,
    "prompts merged": words.merged,
    "prompts all the same": words.all_the_same,
    "prompts reordered": words.prompts_reordered,
    "the task pasted": words.task_pasted,
    "things denied": words.denied,
    "another subject": words.greyed,
    "words dropped": words.words_dropped,
    "words exchanged": words.words_exchanged,
    "praise": words.praised,
    "thoughts": words.thoughts,
    "unsay a text": words.unsaid,
    "a picture by all the words": words.shown_by_all,
    "drop steps": plans.drop_step,
    "add a step": plans.add_step,
    "split a step": plans.split_step,
    "merge steps": plans.merge_steps,
    "reorder steps": plans.reorder,
    "another number of a step": plans.step_number,
    "steps after others": plans.step_after,
    "another tool of a step": plans.step_tool,
    "another goal": plans.step_goal,
    "plan as done": plans.as_done,
    "no plan": plans.no_plan,
    "plan in another turn": plans.later,
    "plan revised": plans.revised,
    "plan twice": plans.longer,
    "fewer deliverables": answers.fewer,
    "a deliverable doubled": answers.doubled,
    "a foreign deliverable": answers.foreign,
    "another deliverable": answers.other,
    "everything delivered": answers.everything,
    "as many as asked": answers.as_many_as_asked,
    "deliverables in another order": answers.ordered,
    "one more edit": answers.edited,
    "what a search found": answers.searched,
    "answer early": answers.early,
    "never answer": answers.never,
    "automatic pipeline": answers.pipeline,
    "joined anew": answers.joined,
    "turns of another script": turns,
    "plan of another script": plan,
    "prompts of another script": prompts,
    "another script": whole,
    "another script of the modality": same_type,
    "work for another task first": before,
    "the end of another script": their_last,
}
"""By name, in a fixed order. Each rewrites a script in place, or returns False where there is nothing for it to change."""
