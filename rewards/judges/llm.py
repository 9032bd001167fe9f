"""The LLM judge: plans and their conduct read by a model behind any OpenAI-compatible endpoint."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import get_args

import msgspec

from rewards.judges.answers import Again, Refused
from rewards.judges.asking import Language, Verdict, ask_for, digest, unreadable, verdicts, why_unreadable
from rewards.judges.cache import Cache, default_folder, key_of
from rewards.judges.endpoint import Ask, Budget, Endpoint, Patience, Usage
from rewards.judges.fence import encoded
from rewards.judges.port import Facet, JudgeError, Question, UnreadablePlan
from rewards.judges.rules import RuleJudge
from rewards.judges.where import address
from visgenenv.errors import ConfigError
from visgenenv.types import Score

MODEL = "VISGEN_JUDGE_MODEL"
"""Environment variable that names the model of the judge `llm`."""
CALLS, TOKENS = "VISGEN_JUDGE_CALLS", "VISGEN_JUDGE_TOKENS"
"""Environment variables that hold its budget."""
KEY = "OPENAI_API_KEY"
ALL: tuple[Facet, ...] = get_args(Facet)
_Found = tuple[dict[str, Verdict], bool]
"""What was answered, and whether it took no request."""


class LlmJudge:
    """Asks a model: one request for all facets of a plan, one for how it was followed.

    What the model sees of a candidate is fenced and cleaned (see `rewards.judges.fence`). Safe to call from many threads.
    Facets that are not among `facets` go to the rules. Raises `JudgeError` where no answer could be had, which masks the
    sample, and `UnreadablePlan` where the model refuses what the policy wrote: it does so twice, yet answers the same question
    about the bare steps and calls. A refusal of those too is the task's or the endpoint's doing, and a `JudgeError`.
    """

    deterministic = False
    """A model may answer the same question otherwise; what is kept on disk is not asked again."""

    def __init__(
        self,
        model: str,
        base_url: str | None = None,
        *,
        api_key_variable: str = KEY,
        language: Language | None = None,
        facets: Sequence[Facet] = ALL,
        timeout_s: float = 60.0,
        attempts: int = 4,
        pause_s: float = 0.5,
        concurrency: int = 32,
        budget: Budget | None = None,
        cache: str | os.PathLike[str] | msgspec.UnsetType | None = msgspec.UNSET,
        seed: int = 0,
        plans: str | os.PathLike[str] | None = None,
    ) -> None:
        """A judge for a model's name, which stands for the model wherever it is served: another one needs another name.

        `base_url`: None takes $OPENAI_BASE_URL, else OpenAI's own. `language` of the questions: None is the task's.
        `timeout_s` bounds an attempt as a whole; `pause_s` comes before the second one and doubles. `concurrency`:
        requests at a time, over all threads. `cache`: a folder, None for none; left out, $VISGEN_JUDGE_CACHE or runs/judge.
        `plans`: expert plans of one's own, as of `RuleJudge`.
        Raises `ConfigError` for a wrong argument or a missing key, `MissingExtra` without the extra `judge`.
        """
        _check(model, language, facets)
        for name, value, least in (("attempts", attempts, 1), ("concurrency", concurrency, 1), ("seed", seed, 0)):
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ConfigError(f"{name}={value!r}: expected an integer of at least {least}")
        _check_seconds(timeout_s, pause_s)
        if budget is not None and not isinstance(budget, Budget):
            raise ConfigError(f"budget={budget!r}: expected a Budget, such as Budget(calls=1000), or None for no limit")
        if not isinstance(api_key_variable, str):
            raise ConfigError(f"api_key_variable={api_key_variable!r}: expected the name of an environment variable")
        if not isinstance(cache, str | os.PathLike | msgspec.UnsetType | None):
            raise ConfigError(f"cache={cache!r}: expected a folder, or None for no cache")
        self._where = address(base_url, api_key_variable)
        self._model, self._language = model, language
        self._facets: tuple[Facet, ...] = tuple(facet for facet in ALL if facet in facets)
        self._rules = RuleJudge(plans=plans)
        patience = Patience(timeout_s=timeout_s, attempts=attempts, pause_s=pause_s)
        self._endpoint = Endpoint(model, self._where, patience, concurrency, budget or Budget(), seed)
        folder = default_folder() if isinstance(cache, msgspec.UnsetType) else cache
        self._cache = None if folder is None else Cache(folder)
        self._lock = Lock()
        self._asked: dict[tuple[int, str], Future[_Found]] = {}
        self.concurrency = concurrency
        """Trajectories that are worth scoring at a time: while one waits, others can ask."""
        rest = "" if len(self._facets) == len(ALL) else f"+{self._rules.version}"
        self.version: str = f"llm/1/{digest(model, seed, language, self._facets, self._rules.experts)}{rest}"
        """Digest of the model's name and of all that makes its questions."""

    def __repr__(self) -> str:
        return f"LlmJudge({self._model!r}, {self._where.url!r})"

    @property
    def usage(self) -> Usage:
        """What was used so far."""
        return self._endpoint.usage

    def __call__(self, questions: Sequence[Question], /) -> list[Score]:
        groups: dict[tuple[object, ...], list[int]] = {}
        for number, question in enumerate(questions):
            if question.facet in self._facets:
                deeds = id(question.record) if question.facet == "trajectory" else 0
                groups.setdefault((id(question.plan), id(question.task), id(question.tools), deeds), []).append(number)
        found: dict[int, Score] = {}
        answers = self._answers([[questions[number] for number in numbers] for numbers in groups.values()])
        for numbers, (answer, cached) in zip(groups.values(), answers, strict=True):
            for number in numbers:
                found[number] = self._score(answer[questions[number].facet], cached)
        left = [number for number in range(len(questions)) if number not in found]
        found.update(zip(left, self._rules([questions[number] for number in left]), strict=True))
        return [found[number] for number in range(len(questions))]

    def _answers(self, groups: Sequence[Sequence[Question]]) -> list[_Found]:
        """An answer a group, in order; several go out at a time, and the first that fails keeps the rest from being sent."""
        if len(groups) < 2:
            return [self._answer(group) for group in groups]
        with ThreadPoolExecutor(min(len(groups), self.concurrency), thread_name_prefix="judge") as pool:
            sent = [pool.submit(self._answer, group) for group in groups]
            try:
                return [one.result() for one in sent]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _answer(self, group: Sequence[Question]) -> _Found:
        """The answer to the questions of one plan: kept from earlier, under way in another thread, or asked for."""
        facets = tuple(facet for facet in ALL if any(question.facet == facet for question in group))
        ask, ids = ask_for(facets, group[0], self._language, self._rules.experts)
        key = key_of(self.version, encoded([ask.messages, ask.schema]))
        place = (os.getpid(), key)  # what another process had under way before a fork never ends here
        with self._lock:
            other = self._asked.get(place)
            if other is None:
                own = self._asked[place] = Future()
        if other is not None:
            answer, _ = other.result()
            self._endpoint.count(cached=1)
            return answer, True
        try:
            kept = self._kept(key, facets, ids)
            own.set_result((self._fresh(ask, key, facets, ids, group[0]), False) if kept is None else (kept, True))
        except BaseException as error:
            own.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._asked[place]
        return own.result()

    def _fresh(self, ask: Ask, key: str, facets: Sequence[Facet], ids: Sequence[str], question: Question) -> dict[str, Verdict]:
        def read(text: str) -> dict[str, Verdict]:
            return verdicts(text, facets, ids, self._where.key)

        try:
            answer = self._endpoint.ask(ask, key, read)
        except Refused as error:
            refusal = f"the judge's model refuses what the policy wrote: {error}"
        else:
            self._keep(key, msgspec.json.encode(answer))
            return answer
        bare, _ = ask_for(facets, question, self._language, self._rules.experts, bare=True)
        try:
            self._endpoint.ask(bare, key, read)
        except Refused as error:
            self._endpoint.count(failures=1)
            raise JudgeError(
                f"judge {self._model!r} at {self._where.url} refuses even without the policy's words: {error}; "
                "look for what it refuses in the task, or use an endpoint without such a filter"
            ) from None
        self._endpoint.count(failures=1)
        self._keep(key, unreadable(refusal))
        raise UnreadablePlan(refusal)

    def _keep(self, key: str, data: bytes) -> None:
        if self._cache is not None:
            self._cache.put(key, data)

    def _kept(self, key: str, facets: Sequence[Facet], ids: Sequence[str]) -> dict[str, Verdict] | None:
        """What the cache holds; a damaged file is none, and is written again. Raises `UnreadablePlan` where that is kept."""
        data = None if self._cache is None else self._cache.get(key)
        if data is None:
            return None
        refusal = why_unreadable(data)
        if refusal is not None:
            self._endpoint.count(cached=1)
            raise UnreadablePlan(refusal)
        try:
            found = verdicts(data, facets, ids)
        except Again:
            return None
        self._endpoint.count(cached=1)
        return found

    def _score(self, verdict: Verdict, cached: bool) -> Score:
        beside = f" (compared with {verdict.compared_with})" if verdict.compared_with else ""
        reason = f"{verdict.reason or 'no reason given'}{beside}"
        return Score(value=verdict.value, reason=reason, version=self.version, cached=cached or msgspec.UNSET)


def from_environment() -> LlmJudge:
    """The judge `llm`: its model from $VISGEN_JUDGE_MODEL, its endpoint from $OPENAI_BASE_URL, its key from $OPENAI_API_KEY.

    $VISGEN_JUDGE_CALLS and $VISGEN_JUDGE_TOKENS are its budget, $VISGEN_JUDGE_CACHE its folder. While none of these changes,
    a process has one such judge, so that all its environments share the budget, the places and what was used.
    """
    model = os.environ.get(MODEL, "").strip()
    if not model:
        raise ConfigError(f"judge='llm': the environment variable {MODEL} is not set; expected the name of a model, such as 'gpt-4o-mini'")
    key = os.environ.get(KEY, "")
    return _shared(model, os.environ.get("OPENAI_BASE_URL"), default_folder().absolute(), _limit(CALLS), _limit(TOKENS), KEY, key_of(key))


@lru_cache(maxsize=16)
def _shared(model: str, url: str | None, folder: Path, calls: int | None, tokens: int | None, variable: str, key: str) -> LlmJudge:
    """One judge for each way to make it; `key` is a digest, by which a key that was mended is noticed."""
    del url, key  # the judge reads both from the environment, and says so where they are wrong
    return LlmJudge(model, api_key_variable=variable, cache=folder, budget=Budget(calls=calls, tokens=tokens))


def _limit(variable: str) -> int | None:
    text = os.environ.get(variable, "").strip()
    if text and not (text.isascii() and text.isdigit()):
        raise ConfigError(f"{variable}={text!r}: expected an integer of at least 0, or nothing for no limit")
    return int(text) if text else None


def _check_seconds(timeout_s: object, pause_s: object) -> None:
    for name, given in (("timeout_s", timeout_s), ("pause_s", pause_s)):
        seconds = given if isinstance(given, int | float) and not isinstance(given, bool) else -1
        if not (0 < seconds < 86_400 if name == "timeout_s" else 0 <= seconds < 3600):
            raise ConfigError(f"{name}={given!r}: expected seconds, timeout_s more than 0 and less than a day, pause_s less than an hour")


def _check(model: object, language: object, facets: object) -> None:
    if not isinstance(model, str) or not model.strip():
        raise ConfigError(f"model={model!r}: expected the name of a model, as the endpoint knows it")
    if language not in (None, "en", "zh"):
        raise ConfigError(f"language={language!r}: expected 'en', 'zh', or None for the task's")
    if isinstance(facets, str) or not isinstance(facets, Sequence) or not facets or not all(facet in ALL for facet in facets):
        raise ConfigError(f"facets={facets!r}: expected some of {', '.join(ALL)}")
