"""The way to a model behind an OpenAI-compatible endpoint: attempts, deadlines, a budget, and what was used."""

from __future__ import annotations

import importlib
import os
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Lock, Thread
from typing import Any, TypeVar

import msgspec

from rewards.judges.answers import Again, Refused, judge_error, redacted, unpacked
from rewards.judges.port import JudgeError
from rewards.judges.where import Address
from visgenenv import chance, plugins
from visgenenv.errors import ConfigError
from visgenenv.types import JSONObject

MOST_WAIT_S = 60.0
"""Longest pause before another attempt, whatever a server asks for."""
MOST_BYTES = 2**20
"""Of one answer; a few scores and reasons need far less."""
ANSWER_TOKENS = 4096
"""Most tokens that an answer may have."""
TEMPERATURE = 0
T = TypeVar("T")


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What a judge has used so far, in this process."""

    requests: int = 0
    """Requests sent, every attempt counted."""
    cached: int = 0
    """Answers that needed no request: kept from earlier, or the same question was under way."""
    retries: int = 0
    failures: int = 0
    """Questions given up, refusals among them."""
    prompt_tokens: int = 0
    """As the endpoint tells them; where it does not, a token for every 4 bytes."""
    completion_tokens: int = 0
    """Likewise."""

    def __str__(self) -> str:
        return (
            f"{self.requests} requests ({self.retries} retries, {self.failures} given up), {self.cached} answers without one, "
            f"{self.prompt_tokens} + {self.completion_tokens} tokens"
        )


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """The most that a judge may use in its life, in each process: workers have one each. None is no limit."""

    calls: int | None = None
    """Requests, every attempt counted."""
    tokens: int | None = None
    """Of prompts and answers together, a token for every 4 bytes where the endpoint does not tell them; requests under way
    when it is reached still end, so it may be passed by those."""

    def __post_init__(self) -> None:
        for name, most in (("calls", self.calls), ("tokens", self.tokens)):
            if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 0):
                raise ConfigError(f"Budget({name}={most!r}): expected an integer of at least 0, or None for no limit")


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: what the model reads, and the form of its answer."""

    messages: list[JSONObject]
    schema: JSONObject
    own: bool = False
    """Most of it are the policy's own words, so that its being too long is the policy's doing."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often an answer is waited for."""

    timeout_s: float = 60.0
    """Of one attempt, from the first to the last byte."""
    attempts: int = 4
    pause_s: float = 0.5
    """Before the second attempt; doubled before each later one."""
    sleep: Callable[[float], object] = field(default=time.sleep, repr=False)


class Endpoint:
    """Sends requests, at most `concurrency` at a time over all threads, and tries again what may come right."""

    def __init__(self, model: str, address: Address, patience: Patience, concurrency: int, budget: Budget, seed: int) -> None:
        self._model, self._address, self._patience = model, address, patience
        self._concurrency, self._budget, self._seed = concurrency, budget, seed
        self._lock = Lock()
        self._used: dict[str, int] = {}
        self._openai = _openai()
        self._broken = _broken(self._openai)
        self._process = 0
        self._client: Any = None
        self._slots = BoundedSemaphore(concurrency)

    @property
    def usage(self) -> Usage:
        with self._lock:
            return Usage(**self._used)

    def count(self, **more: int) -> None:
        """Add to what was used."""
        with self._lock:
            for name, number in more.items():
                self._used[name] = self._used.get(name, 0) + number

    def ask(self, ask: Ask, key: str, read: Callable[[str], T]) -> T:
        """What `read` makes of the model's answer; it raises `Again` where the answer will not do.

        Raises `JudgeError` where no attempt came right or the budget is spent, `Refused` where it is refused twice or at last,
        `UnreadablePlan` where the policy's words are too long.
        `key` spreads the pauses, so that many requests that failed together are not sent together again.
        """
        client, slots = self._reach()
        last, refusals = "", 0
        with slots:
            for number in range(self._patience.attempts):
                self._spend(last)
                found, failed = self._attempt(client, ask, number, read)
                if failed is None:
                    return found  # type: ignore[return-value]
                if not isinstance(failed, Again):
                    self.count(failures=1)
                    raise failed
                last = redacted(str(failed), self._address.key)
                refused = isinstance(failed, Refused)
                refusals += refused
                if refused and (refusals > 1 or number + 1 == self._patience.attempts):
                    raise Refused(last)
                if number + 1 < self._patience.attempts:
                    self.count(retries=1)
                    self._patience.sleep(self._pause(number, key, failed.after_s))
        self.count(failures=1)
        raise JudgeError(f"judge {self._model!r} at {self._address.url}: {last}; tried {self._patience.attempts} times")

    def _attempt(self, client: Any, ask: Ask, number: int, read: Callable[[str], T]) -> tuple[T | None, BaseException | None]:
        """The answer, or why there is none; errors are values here, so that none of ours drags a request and its headers along."""
        body = self._within(lambda deadline: self._body(client, ask, number, deadline))
        if isinstance(body, BaseException):
            return None, judge_error(body, self._openai, self._model, self._address, ask.own)
        try:
            answer, prompt, completion = unpacked(body)
            if prompt is None:
                prompt = _estimate(msgspec.json.encode(ask.messages))
            if completion is None:
                completion = _estimate((answer.message.content or "").encode())
            self.count(prompt_tokens=prompt, completion_tokens=completion)
            return read(answer.text()), None
        except (Again, JudgeError) as error:
            return None, error

    def _within(self, work: Callable[[float], bytes]) -> bytes | BaseException:
        """What some work comes to, or its error; work that lasts longer than an attempt may is left behind.

        A thread of its own, because looking up a host or reading headers a byte at a time heeds no other deadline.
        """
        limit = self._patience.timeout_s
        deadline = time.monotonic() + limit
        box: SimpleQueue[bytes | BaseException] = SimpleQueue()

        def run() -> None:
            try:
                box.put(work(deadline))
            except (self._openai.OpenAIError, Again) as error:
                box.put(error)
            except self._broken as error:
                box.put(Again(f"the connection broke: {type(error).__name__}: {error}"))
            except BaseException as error:  # handed over, not handled
                box.put(error)

        Thread(target=run, daemon=True, name="judge").start()
        try:
            return box.get(timeout=limit)
        except Empty:
            return Again(f"no whole answer within {limit:g} s")

    def _body(self, client: Any, ask: Ask, number: int, deadline: float) -> bytes:
        form = {"type": "json_schema", "json_schema": {"name": "judgement", "strict": True, "schema": ask.schema}}
        request = {"model": self._model, "messages": ask.messages, "response_format": form, "temperature": TEMPERATURE}
        create = client.chat.completions.with_streaming_response.create
        found = bytearray()
        with create(**request, max_tokens=ANSWER_TOKENS, seed=self._seed + number) as response:
            for chunk in response.iter_bytes():
                found += chunk
                if len(found) > MOST_BYTES:
                    raise Again(f"an answer of more than {MOST_BYTES} bytes")
                if time.monotonic() > deadline:
                    raise Again(f"no whole answer within {self._patience.timeout_s:g} s")
        return bytes(found)

    def _spend(self, last: str) -> None:
        """Take one call from the budget; raises `JudgeError` where it is spent."""
        with self._lock:
            used = self._used
            calls, tokens = used.get("requests", 0), used.get("prompt_tokens", 0) + used.get("completion_tokens", 0)
            spent = [
                f"{have} of {most} {name}"
                for name, have, most in (("calls", calls, self._budget.calls), ("tokens", tokens, self._budget.tokens))
                if most is not None and have >= most
            ]
            if not spent:
                used["requests"] = calls + 1
                return
            used["failures"] = used.get("failures", 0) + 1
        raise JudgeError(f"judge {self._model!r}: its budget is spent ({', '.join(spent)})" + (f"; before that: {last}" if last else ""))

    def _pause(self, number: int, key: str, asked_s: float | None) -> float:
        """Seconds before the next attempt: doubling, spread by the key, and no less than what the server asks for."""
        own = self._patience.pause_s * float(2**number) * (0.5 + chance.unit(self._seed, "judge", key, number))
        return min(max(own, asked_s or 0.0), MOST_WAIT_S)

    def _reach(self) -> tuple[Any, BoundedSemaphore]:
        """This process's client and its free places; connections must not be shared with a process that was forked."""
        with self._lock:
            if self._process != os.getpid():
                self._process, self._slots = os.getpid(), BoundedSemaphore(self._concurrency)
                self._client = self._openai.OpenAI(
                    api_key=self._address.key or "none",
                    base_url=self._address.url,
                    max_retries=0,
                    timeout=self._patience.timeout_s,
                    http_client=self._openai.DefaultHttpxClient(trust_env=not self._address.loopback),
                )
                weakref.finalize(self, self._client.close)
            return self._client, self._slots


def _estimate(text: bytes) -> int:
    """Tokens of a text that nobody counted: one for every 4 bytes, rounded up."""
    return -(-len(text) // 4)


def _broken(openai: Any) -> tuple[type[Exception], ...]:
    """How a connection breaks while its body is read: errors of the HTTP client that this version of `openai` stands on."""
    client = next(kind.__module__.partition(".")[0] for kind in openai.DefaultHttpxClient.__mro__ if kind.__module__.startswith("httpx"))
    errors = importlib.import_module(client)
    return errors.HTTPError, errors.StreamError, OSError


def _openai() -> Any:
    try:
        return importlib.import_module("openai")
    except ModuleNotFoundError as error:
        raise plugins.missing_extra(error) or error from error
