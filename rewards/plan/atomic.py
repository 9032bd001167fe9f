"""Atomicity: is the plan cut into single, actionable tasks, and into about as many as an expert's?

VisionCreator, plan facet (4): decomposition atomicity.
"""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from rewards.plan.story import telling
from visgenenv.turns import MAX_CALLS
from visgenenv.types import PlanStep, Score
from visgenenv.words import tokens

if TYPE_CHECKING:
    from rewards.judges.port import Question
    from rewards.plan.experts import Lesson

VERSION = "plan.atomic/4"
MAX_GOAL = 40
"""Words (or Chinese characters) of a goal; more is a paragraph, not a task."""
MAX_SHARED = MAX_CALLS
"""Calls that one step may hold: as many as run in one turn."""
SPARE_STEPS = 4
"""Steps beyond an expert's calls that cost nothing."""
_JOINED = re.compile(
    r";|；|(?:,|\band)\s*then\b|\b(?:after that|afterwards|as well as)\b|然后|接着|随后|再[将把用对]",
    re.IGNORECASE,
)
_TOOL = re.compile(r"[\w.:-]+")
_IT = r"(?=\s+(?:a|an|the|it|them|all|each|every|this|these|its|their|his|her|both)\b)"
"""What follows a word that may also be a thing (film, score) where it is a deed."""
_DEED = re.compile(
    r"(?:^|[,;&]|\b(?:and|then)\b)\s*(?:(?:and|then|first|also|finally|now|\w{2,12}ly)\s+){0,3}"
    rf"(?:(draw|illustrate|(?:paint|sketch){_IT})|(animate|film{_IT})|(compose|score{_IT})|(narrate|speak|voice{_IT})|"
    rf"((?:subtitle|caption){_IT})|(join|merge|assemble|combine|composite{_IT}))\b",
    re.IGNORECASE,
)
"""An English deed at the beginning of a goal or after what joins it on, a group a trade."""
_CHINESE_DEED = re.compile(
    r"(绘制|画出|描绘)|([做制转变生]成动画|制作动画|动画化|拍摄)|(作曲|谱曲)|(朗读|念出)|([加配上]字幕)|(合成(?!器)|拼接|合并|组装)"
)
_CHINESE_JOINT = re.compile(r"[，,、再]|并(?!排)")
_LIST = re.compile(r"[,，、&]|\band\b|和", re.IGNORECASE)
_PRODUCTS = tuple(
    re.compile(rf"(?:(?:an?|the)\s+)?(?:{names})", re.IGNORECASE)
    for names in (
        "pictures?|images?|photos?|drawings?|图片|图像",
        "clips?|videos?|animations?|动画|视频|视频片段",
        "music|songs?|soundtracks?|音乐|配乐",
        "narrations?|voices?|voice-?over|旁白|配音",
        "subtitles?|captions?|字幕",
    )
)
MOST_PRODUCTS = 2
"""Kinds of thing that a goal which is nothing but a list of them may name."""


def atomic(question: Question, lessons: tuple[Lesson, ...]) -> Score:
    """Share of atomic steps, less where there are far fewer steps than an expert's, or more than an expert's calls.

    A step is atomic if it names one tool, has a short goal of its own that holds one deed, and a possible number of calls.
    """
    steps, seen, faults = question.plan.steps, set[tuple[str, str]](), []
    for step in steps:
        key = (step.tool, step.goal.strip().casefold())
        fault = _fault(step) or (f"step {step.id} repeats a step above: give that one a larger n" if key in seen else None)
        seen.add(key)
        if fault is not None:
            faults.append(fault)
    broken = len(faults)
    told = telling(question)
    low = max(1, (min(len(lesson.steps) for lesson in lessons) + 1) // 2)
    high = max(lesson.calls + len(lesson.extras) for lesson in lessons) + SPARE_STEPS + (0 if told is None else told.points)
    size = min(1.0, len(steps) / low, high / len(steps))
    if size < 1:
        faults.append(f"{len(steps)} steps; an expert needs {low} to {high}")
    value = (1 - broken / len(steps)) * size
    return Score(value=value, reason="; ".join(faults[:3]) or "every step is one task", version=VERSION)


def _fault(step: PlanStep) -> str | None:
    if not _TOOL.fullmatch(step.tool.strip()):
        return f"step {step.id} names no single tool: {step.tool[:60]!r}"
    fault = _fault_of(step.goal.strip()) if len(step.goal) <= 20 * MAX_GOAL else _TOO_LONG
    if fault is not None:
        return f"step {step.id} {fault}"
    return None if 1 <= step.n <= MAX_SHARED else f"step {step.id} holds {step.n} calls; expected 1 to {MAX_SHARED}"


_TOO_LONG = f"has a goal of more than {MAX_GOAL} words"


@lru_cache(maxsize=4096)  # a policy has few goals and says them often
def _fault_of(goal: str) -> str | None:
    if not goal:
        return "has no goal"
    if len(tokens(goal)) > MAX_GOAL:
        return _TOO_LONG
    if _JOINED.search(goal) or _two_trades(goal) or _bare_list(goal):
        return f"holds several tasks: {goal[:60]!r}"
    return None


def _two_trades(goal: str) -> bool:
    """Whether deeds of different trades (draw, animate, compose, speak, subtitle, join) are joined; what they are done with is free."""
    if len({deed.lastindex for deed in _DEED.finditer(goal)}) > 1:
        return True
    deeds = [*_CHINESE_DEED.finditer(goal)]
    return any(
        one.lastindex != two.lastindex and _CHINESE_JOINT.search(goal, one.end(), two.start()) is not None
        for one, two in itertools.pairwise(deeds)
    )


def _bare_list(goal: str) -> bool:
    """Whether a goal only lists products of more than `MOST_PRODUCTS` trades, and no deed."""
    parts = [part.strip() for part in _LIST.split(goal)]
    kinds = [next((n for n, names in enumerate(_PRODUCTS) if names.fullmatch(part)), None) for part in parts if part]
    return None not in kinds and len({*kinds}) > MOST_PRODUCTS
