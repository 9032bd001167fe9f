"""The expert: plans in its first turn, runs together what can run together, and repairs what fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from policies import reading
from policies.expert.brief import Brief, brief_of
from policies.expert.flaws import FLAWS, flawed
from policies.expert.inspection import answers, differs, is_look, with_inspection
from policies.expert.recipe import LARGE_SIZES, Made, Recipe, large_picture, made_in, recipe
from visgenenv.conversation import Conversation
from visgenenv.errors import ConfigError

ENOUGH_FAILURES = 3
"""Failures of one call after which another tool of the same purpose takes over, where there is one."""
MOST_FAILURES = 8
"""Failures of one call after which it is given up."""
_REWORDINGS = {
    "en": ("tasteful", "family friendly", "calm", "bright", "gentle", "simple", "soft", "warm"),
    "zh": ("得体", "温和", "明亮", "宁静", "柔和", "简洁", "清晰", "温暖"),
}


@dataclass(slots=True)
class _Job:
    """One call on its way to an output."""

    step: int
    tool: str
    goal: str
    arguments: dict[str, Any]
    outputs: tuple[str, ...] = ()
    claims: tuple[dict[str, Any], ...] = ()
    """What the response said of the outputs."""
    trusted: bool = True
    """Whether the outputs may be used; where everything is inspected, once they have been looked at."""
    rejected: tuple[str, ...] = ()
    """Outputs that were not what was asked; handed over where nothing better ever comes."""
    failures: int = 0
    switched: bool = False
    """Whether another tool has taken over."""
    rewordings: int = 0

    @property
    def open(self) -> bool:
        return not self.outputs and self.failures < MOST_FAILURES


@dataclass(slots=True)
class _Episode:
    """What the expert remembers of one episode."""

    brief: Brief
    plan: Recipe
    language: str
    jobs: dict[Made, _Job]
    running: list[_Job] = field(default_factory=list)
    begun: bool = False


class Expert:
    """Carries out a recipe made from the task's *requirements*, which it reads as the one policy that may.

    `flaws`: names from `FLAWS`, kept throughout; see `applicable` for those that show on a task. `inspect`: look at every
    picture and film before it is used, and make it again where it is not what the service said. It has no luck of its own:
    the same conversation gives the same turn.
    """

    def __init__(self, flaws: Sequence[str] = (), inspect: bool = False) -> None:
        unknown = [name for name in flaws if name not in FLAWS]
        if unknown or isinstance(flaws, str):
            raise ConfigError(f"flaws={flaws!r}: expected a list of names from {', '.join(FLAWS)}")
        self.flaws = tuple(flaws)
        self.inspect = inspect

    def act(self, conversations: Sequence[Conversation], /) -> list[str]:
        """A turn for each conversation."""
        return [self._turn(conversation) for conversation in conversations]

    def _turn(self, conversation: Conversation) -> str:
        episode = conversation.memory.get("expert")
        if episode is None:
            episode = conversation.memory["expert"] = self._taken_up(conversation)
        return self._next(episode, conversation, conversation.messages)

    def _taken_up(self, conversation: Conversation) -> _Episode:
        """A conversation that is under way: where its turns are the expert's own it goes on, else it begins anew."""
        episode = self._begin(conversation)
        for number, message in enumerate(conversation.messages):
            if message["role"] == "assistant" and self._next(episode, conversation, conversation.messages[:number]) != message["content"]:
                return self._begin(conversation)
        return episode

    def _next(self, episode: _Episode, conversation: Conversation, messages: Sequence[dict[str, Any]]) -> str:
        changed = _read_answers(episode, reading.responses(messages))
        ready = [job for job in episode.jobs.values() if job.open and _arguments(job, episode.jobs) is not None]
        failed = [job for job in ready if job.failures]
        episode.running = ready
        if not ready:
            return _answer(episode, conversation)
        parts = [_thought(episode, ready, failed)]
        if not episode.begun or changed:
            parts.append(_block("plan", {"steps": _plan(episode)}))
        episode.begun = True
        parts += [_block("tool_call", {"name": job.tool, "arguments": _arguments(job, episode.jobs)}) for job in ready]
        return "\n".join(parts)

    def _begin(self, conversation: Conversation) -> _Episode:
        brief = flawed(brief_of(conversation.task), self.flaws)
        given = [handle for handle in reading.given_handles(conversation.messages) if reading.modality_of(handle) == "image"]
        plan = recipe(brief, given)
        if self.inspect:
            plan = with_inspection(plan, {schema["function"]["name"] for schema in conversation.tools})
        looked_at = {made for step in plan.steps if is_look(step.tool) for call in step.calls for made in made_in(call)}
        jobs = {
            Made(number, n): _Job(number, step.tool, step.goal, dict(call), trusted=Made(number, n) not in looked_at)
            for number, step in enumerate(plan.steps)
            for n, call in enumerate(step.calls)
        }
        language = "zh" if conversation.task.language == "zh" else "en"
        return _Episode(brief, plan, language, jobs)


def inspecting() -> Expert:
    """The expert that looks before it uses, by the registered name `inspecting-expert`."""
    return Expert(inspect=True)


def _read_answers(episode: _Episode, responses: Sequence[dict[str, Any]]) -> bool:
    """Take in what the last calls brought; returns whether more or other calls are to come than the plan says."""
    changed = False
    for job, response in zip(episode.running, responses, strict=False):
        job.outputs, job.claims = reading.outputs(response), tuple(response.get("outputs", ()))
        if is_look(job.tool) and job.outputs:
            wrong = _judge(job, response, episode.jobs)
            changed |= bool(wrong)
            for other in wrong:
                _failed(other, episode)
        if job.outputs or (is_look(job.tool) and not response.get("error")):
            continue
        if response.get("error") == "content_policy":
            _reword(job, episode.language)
            job.failures += 1
        else:
            changed |= _failed(job, episode)
        if is_look(job.tool) and not job.open:  # nobody will ever look; going on is the best that is left
            for subject in _subjects(job, episode.jobs):
                subject.trusted = True
    return changed


def _failed(job: _Job, episode: _Episode) -> bool:
    """Count a failure; returns whether the call changed its tool, as it does once where there is another for its purpose."""
    job.failures += 1
    if job.failures < ENOUGH_FAILURES or job.switched:
        return False
    job.switched = _switch(job, episode.brief)
    return job.switched


def _subjects(look: _Job, jobs: dict[Made, _Job]) -> list[_Job]:
    """The calls whose outputs a look is at."""
    return [jobs[made] for made in made_in(look.arguments) if jobs[made].outputs and not jobs[made].trusted]


def _judge(look: _Job, response: dict[str, Any], jobs: dict[Made, _Job]) -> list[_Job]:
    """Trust what is as it was said to be; drop the rest, which is then made and looked at again, and return it."""
    seen = iter(answers(response))
    wrong = []
    for job in _subjects(look, jobs):
        differing = [differs(claim, next(seen)) for claim in job.claims]
        job.trusted = not any(differing)
        if not job.trusted:
            wrong.append(job)
            job.rejected, job.outputs, look.outputs = job.outputs, (), ()
    return wrong


def _reword(job: _Job, language: str) -> None:
    """The same words are refused again, so others are added; what was asked for stays."""
    name = next((name for name in ("text", "prompt") if name in job.arguments), "question")
    words = _REWORDINGS[language]
    addition = words[job.rewordings % len(words)]
    job.rewordings += 1
    comma = "，" if language == "zh" else ", "
    job.arguments[name] = comma.join(filter(None, (job.arguments.get(name), addition)))


def _switch(job: _Job, brief: Brief) -> bool:
    """Hand a call that keeps failing to another tool of the same purpose."""
    aspect = job.arguments.get("aspect_ratio")
    if job.tool == "tool_text2image_gemini" and (aspect is None or aspect in LARGE_SIZES):
        job.arguments = large_picture(job.arguments["prompt"], aspect, job.arguments.get("num_images", 1))
        job.tool = "tool_text2image_seed"
        return True
    if job.tool == "tool_image_edit_gemini":
        job.tool = "tool_image_edit_qwen"
        return True
    return False


def _arguments(job: _Job, jobs: dict[Made, _Job]) -> dict[str, Any] | None:
    """Arguments with handles in place of what was made; None while something is still missing."""
    needed = [jobs[made] for made in made_in(job.arguments)]
    if not is_look(job.tool):
        return _replaced(job.arguments, jobs) if all(other.outputs and other.trusted for other in needed) else None
    new = [other for other in needed if other.outputs and not other.trusted]
    if not new or any(other.open for other in needed):
        return None
    handles = [handle for other in new for handle in other.outputs]
    return {name: handles if made_in(value) else value for name, value in job.arguments.items()}


def _replaced(value: Any, jobs: dict[Made, _Job]) -> Any:
    if isinstance(value, Made):
        return jobs[value].outputs[0]
    if isinstance(value, dict):
        return {name: _replaced(item, jobs) for name, item in value.items()}
    return [_replaced(item, jobs) for item in value] if isinstance(value, list) else value


def _plan(episode: _Episode) -> list[dict[str, Any]]:
    """The recipe as a plan: a step for each tool of each step, since a repair may have split one.

    Where something has to be done again it names what is left to do alone.
    """
    again = any(job.rejected for job in episode.jobs.values())
    groups: dict[tuple[int, str], int] = {}
    for job in episode.jobs.values():
        if not (again and job.outputs and job.trusted):
            groups[job.step, job.tool] = groups.get((job.step, job.tool), 0) + 1
    ids = {group: number for number, group in enumerate(groups, 1)}
    steps = []
    for (index, tool), number in groups.items():
        step = episode.plan.steps[index]
        after = sorted(ids[group] for group in groups if group[0] in step.needs)
        entry: dict[str, Any] = {"id": ids[index, tool], "tool": tool, "goal": step.goal}
        if number > 1:
            entry["n"] = number
        if after:
            entry["after"] = after
        steps.append(entry)
    return steps


def _thought(episode: _Episode, ready: Sequence[_Job], failed: Sequence[_Job]) -> str:
    """The state of the to-do list in a few words."""
    goals = [step.goal for step in episode.plan.steps]
    if not episode.begun:
        return f"<think>{episode.brief.asked}. To do: {', '.join(goals)}.</think>"
    now = list(dict.fromkeys(job.goal for job in ready))
    left = {job.goal for job in episode.jobs.values() if not job.outputs}
    done = [goal for goal in goals if goal not in left]
    again = f"{len(failed)} failed, again. " if failed else ""
    return f"<think>{again}Done: {', '.join(done) or 'nothing'}. Now: {', '.join(now)}.</think>"


def _answer(episode: _Episode, conversation: Conversation) -> str:
    """Hand over what the recipe delivers; where it never came, the last thing made of the right kind."""
    jobs = [episode.jobs[made] for made in episode.plan.deliver]
    handles = [handle for job in jobs for handle in job.outputs or job.rejected]
    complete = all(job.outputs for job in episode.jobs.values())
    if not handles:
        wanted = "video" if episode.brief.video else "image"
        handles = [h for job in episode.jobs.values() for h in job.outputs if reading.modality_of(h) == wanted][-1:]
    thought = "All done." if complete else "Not all could be made."
    return f"<think>{thought}</think>\n" + _block("answer", {"deliverables": handles, "checks": [episode.brief.asked]})


def _block(tag: str, value: Any) -> str:
    return f"<{tag}>{msgspec.json.encode(value).decode()}</{tag}>"
