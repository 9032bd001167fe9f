"""What a judge's model is asked: the words, the expert plans, the candidate behind its fence, and the form of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from string import Template
from typing import Annotated, Any, Literal

import msgspec

from rewards.judges import fence, praise
from rewards.judges.answers import Again, keyless
from rewards.judges.cache import key_of
from rewards.judges.endpoint import ANSWER_TOKENS, TEMPERATURE, Ask
from rewards.judges.fence import deeds_seen, encoded, fenced, neutral, plan_seen, wordless
from rewards.judges.port import Facet, Question
from rewards.plan.experts import Experts, Lesson, lessons_for
from rewards.plan.repository import ExpertStep
from rewards.plan.repository import version as expert_plans
from rewards.record import Tools
from visgenenv.types import JSONObject, Task

FORM = "ask/1"
"""Version of how a request is put together."""
TASK_CHARS = 4000
REASON_CHARS = 300
_DIVIDER = "=====\n"
Language = Literal["en", "zh"]


class Verdict(msgspec.Struct, frozen=True):
    """What the model says of one facet."""

    reason: str
    value: Annotated[float, msgspec.Meta(ge=0, le=1)]
    compared_with: str | None = None
    """Id of the expert plan; of the facet `optimal` alone."""


class _Unreadable(msgspec.Struct, frozen=True):
    unreadable: str


_UNREADABLE = msgspec.json.Decoder(_Unreadable)
_VERDICTS = msgspec.json.Decoder(dict[str, Verdict])


def digest(model: str, seed: int, language: Language | None, facets: Sequence[Facet], experts: Experts | None = None) -> str:
    """Digest of all that makes the questions of one judge differ from another's."""
    texts = [_prompt(kind, one) for kind in ("plan", "trajectory") for one in ("en", "zh")]
    schema = encoded(schema_of(("coherence", "optimal"), ("id",)))
    own = [FORM, fence.VERSION, praise.VERSION, expert_plans(), str(seed), str(TEMPERATURE), str(ANSWER_TOKENS)]
    theirs = [] if experts is None else [experts.version]
    return key_of(model, str(language), ",".join(facets), schema, *own, *theirs, *texts)[:12]


def ask_for(
    facets: Sequence[Facet], question: Question, language: Language | None, experts: Experts | None = None, *, bare: bool = False
) -> tuple[Ask, tuple[str, ...]]:
    """The request for the facets of one plan, or for `trajectory`, and the ids of the expert plans it shows.

    `bare`: the candidate's steps and calls alone are shown, nothing that the policy wrote in them.
    """
    task = question.task
    spoken = language or ("zh" if task.language.lower().startswith("zh") else "en")
    lessons: tuple[Lesson, ...] = ()
    if "trajectory" in facets:
        assert question.record is not None, "a question about the trajectory holds its record"
        kind, seen = "trajectory", deeds_seen(question.record)
    else:
        kind, seen = "plan", plan_seen(question.plan, task.prompt)
        lessons = lessons_for(task, experts=experts)
    candidate = fenced(wordless(seen, question.tools) if bare else seen)
    system, _, user = _prompt(kind, spoken).partition(_DIVIDER)
    words = Template(user).substitute(
        task=encoded(_task(task)),
        tools=_tools(question.tools),
        experts="\n".join(encoded(_lesson(lesson)) for lesson in lessons),
        facets=", ".join(facets),
        candidate=candidate,
    )
    ids = tuple(lesson.plan.id for lesson in lessons)
    messages: list[JSONObject] = [{"role": "system", "content": system.strip()}, {"role": "user", "content": words.strip()}]
    own = len(candidate) > len(system) + len(words) - len(candidate)
    return Ask(messages, schema_of(facets, ids), own), ids


def schema_of(facets: Sequence[Facet], ids: Sequence[str]) -> JSONObject:
    """JSON schema of an answer: of each facet a reason and a value, of `optimal` the expert plan too, none left out."""
    reason, value = {"type": "string"}, {"type": "number", "minimum": 0, "maximum": 1}
    found: JSONObject = {}
    for facet in facets:
        fields: JSONObject = {"reason": reason, "value": value}
        if facet == "optimal":
            fields["compared_with"] = {"type": "string", "enum": list(ids)}
        found[facet] = _object(fields)
    return _object(found)


def _object(fields: JSONObject) -> JSONObject:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def verdicts(text: str | bytes, facets: Sequence[Facet], ids: Sequence[str], key: str = "") -> dict[str, Verdict]:
    """An answer, its reasons without the endpoint's `key` and at most `REASON_CHARS` long.

    Raises `Again` where something that is asked for is missing, wrong or out of range, whatever the endpoint promised;
    fields that nobody asked for are passed over.
    """
    try:
        found = _VERDICTS.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Again(f"an answer that breaks the schema: {error}: {text!r}") from None
    if found.keys() != set(facets):
        raise Again(f"an answer about {sorted(found)}; expected {sorted(facets)}")
    if "optimal" in found and found["optimal"].compared_with not in ids:
        raise Again(f"an answer that compares with {found['optimal'].compared_with!r}; expected one of {', '.join(ids)}")
    return {
        facet: Verdict(_reason(one.reason, key), one.value, one.compared_with if facet == "optimal" else None)
        for facet, one in found.items()
    }


def _reason(text: str, key: str) -> str:
    """A model's reason as it is told: the key is taken out of the whole before it is cut, so that no part of it is left."""
    whole = keyless(text, key)
    return neutral(keyless(neutral(whole, len(whole)), key), REASON_CHARS)


def unreadable(reason: str) -> bytes:
    """What is kept in place of an answer where the model refuses the policy's words."""
    return msgspec.json.encode(_Unreadable(reason))


def why_unreadable(kept: bytes) -> str | None:
    """The reason that `unreadable` was kept with; None for anything else."""
    try:
        return _UNREADABLE.decode(kept).unreadable
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


@cache
def _prompt(kind: str, language: str) -> str:
    return files("rewards.judges").joinpath("prompts", f"{kind}.{language}.txt").read_text("utf-8")


def _task(task: Task) -> JSONObject:
    """The task in its own words; they are no policy's, yet may come from a file, so they hold no tags either."""
    asked: Any = msgspec.to_builtins(task.requirements)
    found: JSONObject = {"words": neutral(task.prompt, TASK_CHARS), "type": task.task_type, "makes": task.modality}
    found["requirements"] = {name: _harmless(value) for name, value in asked.items() if value is not None}
    if task.inputs:
        found["brings"] = [{"modality": given.modality, "shows": neutral(given.caption, 200)} for given in task.inputs]
    return found


def _harmless(value: Any) -> Any:
    """A requirement's value, its texts without tags and invisible characters."""
    if isinstance(value, str):
        return neutral(value, TASK_CHARS)
    if isinstance(value, list | tuple):
        return [_harmless(one) for one in value]
    return {neutral(str(name), 200): _harmless(one) for name, one in value.items()} if isinstance(value, dict) else value


def _tools(tools: Tools) -> str:
    """Names by category; where a tool goes by another name, the one that expert plans use stands beside it."""
    found: dict[str, list[str]] = {}
    for name, spec in tools.items():
        found.setdefault(spec.category, []).append(name if spec.original == name else f"{name} (= {spec.original})")
    return "\n".join(f"{category}: {', '.join(names)}" for category, names in found.items()).translate({60: "‹", 62: "›"})


def _lesson(lesson: Lesson) -> JSONObject:
    plan = lesson.plan
    numbers = {id(step): number for number, (step, _) in enumerate(lesson.steps, 1)}
    steps = [
        {"step": numbers[id(step)], **_step(step), "per": step.per, "after": [numbers[id(one)] for one in before if id(one) in numbers]}
        for step, before in lesson.steps
    ]
    found: JSONObject = {"id": plan.id, "title": plan.title, "when": plan.why, "steps": steps, "calls": lesson.calls}
    if lesson.extras:
        found["may_add"] = [_step(step) for step in lesson.extras]
    if lesson.avoid:
        found["avoids"] = [_step(step) for step in lesson.avoid]
    return found


def _step(step: ExpertStep) -> JSONObject:
    return {"does": list(step.does), "goal": step.goal, "why": step.why}
