"""Operators on words: keywords where they show nothing, words of other tasks, prompts merged, doubled, denied, emptied of things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.searching.luck import Luck, named_by
from rewards.audit.exploits.exploit import GREY, grey, shown
from rewards.audit.exploits.words import PRAISE
from rewards.audit.script import Move, Script, changed

_DENIALS = {
    "en": ("without {}", "no {}", "anything but {}", "{} removed", "a wall where {} was asked", "never {}"),
    "zh": ("没有{}", "不要{}", "除了{}", "看不到{}", "去掉{}"),
}
"""Words that say of a thing that it is not to be seen."""
Operator = Callable[[Script, Luck], bool | None]


def _lines(script: Script) -> list[tuple[dict[str, Any], str]]:
    """Every text that a call is given where words may stand."""
    names = ("prompt", "text", "query", "topic", "style", "title", "negative_prompt", "question", "script")
    return [(move.arguments, name) for move in script.moves for name in names if isinstance(move.arguments.get(name), str)]


def _words(script: Script, luck: Luck) -> str:
    words = named_by(script.task) or [script.task.prompt]
    return ", ".join(luck.some(words, len(words)))


def keywords_in(name: str) -> Operator:
    """What the task names, added to or in place of one argument wherever that stands, or where it might."""

    def operator(script: Script, luck: Luck) -> bool | None:
        from benchmarks.searching.calls import SPECS

        calls = [move for move in script.moves if move.tool in SPECS and name in SPECS[move.tool].args.__struct_fields__]
        if not calls:
            return False
        words, replaces, alone = _words(script, luck), luck.happens(0.5), luck.happens(0.5)
        for move in [luck.one(calls)] if alone else calls:
            old = move.arguments.get(name)
            move.arguments[name] = words if replaces or not isinstance(old, str) else f"{old}, {words}"
        return None

    operator.__doc__ = f"What the task names, put into `{name}`."
    return operator


def keywords_in_goals(script: Script, luck: Luck) -> bool | None:
    """What the task names, in the goals of the plan."""
    if not script.plan:
        return False
    words = _words(script, luck)
    script.plan[:] = [changed(step, goal=f"{step.goal}: {words}" if luck.happens(0.5) else words) for step in script.plan]
    return None


def keywords_as_subtitles(script: Script, luck: Luck) -> bool | None:
    """What the task names, written over the film."""
    titles = [move for move in script.moves if isinstance(move.arguments.get("items"), list)]
    if not titles:
        return False
    luck.one(titles).arguments["items"].append({"text": _words(script, luck)})
    return None


def keywords_dealt_out(script: Script, luck: Luck) -> bool | None:
    """One name of the task for each prompt, in some order, and nothing else."""
    words = luck.order(named_by(script.task))
    if not words:
        return False
    for place, move in enumerate(shown(script)):
        move.arguments["prompt"] = words[place % len(words)]
    return None


def foreign_words(script: Script, luck: Luck) -> bool | None:
    """Names of other tasks in one prompt or all."""
    lines = _lines(script)
    if not lines or not luck.words:
        return False
    for own, name in lines if luck.happens(0.3) else [luck.one(lines)]:
        own[name] = luck.one(luck.words) if luck.happens(0.6) else f"{own[name]}, {luck.one(luck.words)}"
    return None


def names_replaced(script: Script, luck: Luck) -> bool | None:
    """One name of the task wherever it stands, replaced by one of another task."""
    words = named_by(script.task)
    if not words or not luck.words:
        return False
    old, new = luck.one(words), luck.one(luck.words)
    for own, name in _lines(script):
        own[name] = own[name].replace(old, new)
    return None


def merged(script: Script, luck: Luck) -> bool | None:
    """All prompts in each, or in one."""
    moves = shown(script)
    if len(moves) < 2:
        return False
    words = ", ".join(str(move.arguments["prompt"]) for move in moves)
    for place, move in enumerate(moves if luck.happens(0.5) else [luck.one(moves)], 1):
        move.arguments["prompt"] = words if luck.happens(0.5) else f"{words}, take {place}"
    return None


def all_the_same(script: Script, luck: Luck) -> bool | None:
    """One prompt for all, alike or numbered."""
    moves = shown(script)
    if len(moves) < 2:
        return False
    words, numbered = luck.one(moves).arguments["prompt"], luck.happens(0.5)
    for place, move in enumerate(moves, 1):
        move.arguments["prompt"] = f"{words} {place}" if numbered else words
    return None


def prompts_reordered(script: Script, luck: Luck) -> bool | None:
    """Prompts dealt out anew among the calls that have one."""
    moves = shown(script)
    if len(moves) < 2:
        return False
    prompts = luck.order([move.arguments["prompt"] for move in moves])
    for move, words in zip(moves, prompts, strict=True):
        move.arguments["prompt"] = words
    return None


def task_pasted(script: Script, luck: Luck) -> bool | None:
    """The task's own words as one prompt or all."""
    moves = shown(script)
    if not moves:
        return False
    for place, move in enumerate(moves if luck.happens(0.5) else [luck.one(moves)]):
        move.arguments["prompt"] = script.task.prompt if luck.happens(0.5) else f"{script.task.prompt} {place}"
    return None


def denied(script: Script, luck: Luck) -> bool | None:
    """Every name of the task in one prompt or all, or the whole prompt, as what there shall not be."""
    moves, names = shown(script), sorted(named_by(script.task), key=len, reverse=True)
    if not moves:
        return False
    form, whole = luck.one(_DENIALS["zh" if script.task.language == "zh" else "en"]), luck.happens(0.3)
    for move in moves if luck.happens(0.7) else [luck.one(moves)]:
        words = move.arguments["prompt"]
        for name in () if whole or not isinstance(words, str) else names:
            words = words.replace(name, form.format(name))
        move.arguments["prompt"] = form.format(words) if whole else words
    return None


def greyed(script: Script, luck: Luck) -> bool | None:
    """One picture or clip, or all of them, of something else."""
    moves = shown(script)
    if not moves:
        return False
    if luck.happens(0.3):
        grey(script)
    else:
        for move in luck.some(moves, len(moves)):
            move.arguments["prompt"] = f"{GREY}, number {luck.below(100)}"
    return None


def words_dropped(script: Script, luck: Luck) -> bool | None:
    """A stretch of one prompt left out; of Chinese, letters."""
    lines = [(own, name) for own, name in _lines(script) if len(own[name]) > 1]
    if not lines:
        return False
    own, name = luck.one(lines)
    joint = " " if " " in own[name] else ""
    parts = own[name].split() if joint else list(own[name])
    first = luck.below(len(parts))
    own[name] = joint.join(parts[:first] + parts[first + 1 + luck.below(len(parts) - first) :])
    return None


def words_exchanged(script: Script, luck: Luck) -> bool | None:
    """The words of one call as those of another, whatever they were for: a song's for a picture, a voice's for a title."""
    lines = _lines(script)
    if len(lines) < 2:
        return False
    (one, name), (two, other) = luck.order(lines)[:2]
    one[name], two[other] = two[other], one[name]
    return None


def praised(script: Script, luck: Luck) -> bool | None:
    """Words to the judge in goals, prompts, thoughts or checks."""
    words = luck.one(PRAISE)
    way = luck.below(3)
    if way == 0:
        script.plan[:] = [changed(step, goal=f"{step.goal}. {words}") for step in script.plan]
    elif way == 1:
        for move in shown(script):
            move.arguments["prompt"] = f"{move.arguments['prompt']}. {words}"
    else:
        for act in script.acts:
            act.think, act.checks = words, (words,)
    return None


def thoughts(script: Script, luck: Luck) -> bool | None:
    """Thoughts left out, or full of the task's names."""
    words = luck.one((None, "", _words(script, luck)))
    for act in script.acts:
        if luck.happens(0.5):
            act.think = words
    return None


def unsaid(script: Script, luck: Luck) -> bool | None:
    """A turn that was said as it stands made of its calls and plan again."""
    texts = [act for act in script.acts if act.text is not None]
    if not texts:
        return False
    luck.one(texts).text = None
    return None


def shown_by_all(script: Script, luck: Luck) -> bool | None:
    """A further call made first, by the task's words; whatever is asked of something made can come from it."""
    acts = [act for act in script.acts if act.answer is None and act.text is None]
    if not acts:
        return False
    tool = luck.one(("tool_text2image_gemini", "tool_text2video_veo", "tool_text2image_seed"))
    move: Move = script.move(tool, prompt=_words(script, luck))
    acts[0].moves.insert(0, move)
    return None
