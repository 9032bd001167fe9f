"""What came back from an endpoint, read: an answer's text and tokens, or what an error means for the sample."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from rewards.judges.port import JudgeError, UnreadablePlan
from rewards.judges.where import Address

MOST_SHOWN = 300
"""Characters of a server's own words in our messages."""
_SECRETS = (
    (re.compile(r"(?i)((?:authorization|api[-_ ]?key)\W{1,4})(?:(?:bearer|basic)\s+)?[^\s\"',}]+"), r"\1[hidden]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=*-]{4,}"), r"\1 [hidden]"),
    (re.compile(r"//[^/\s@]*@"), "//[hidden]@"),
    (re.compile(r"\bsk-[\w*-]{4,}"), "[hidden]"),
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\\/\"']))")
_ESCAPED_AT_MOST = 3
"""Times over: an answer is JSON within JSON, and may be quoted in a message."""
_TOO_LONG = re.compile(r"(?i)context.{0,3}length|maximum context|context window|too many tokens|prompt is too long|too large")
_FILTERED = re.compile(r"(?i)content.?(?:filter|policy|management)")
_PASSING = frozenset({408, 409, 425, 429})
"""Statuses that may be otherwise in a moment; those from 500 on as well."""
_SENT = frozenset({"max_tokens", "max_completion_tokens", "temperature", "seed"})
"""Parameters that some models take in another way than a judge sends them."""


class Again(Exception):
    """An attempt that came to nothing and may come right when it is repeated."""

    def __init__(self, reason: str, after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s
        """Seconds that the server asks to wait."""


class Refused(Again):
    """A refusal, by the model or by a filter before it: of the policy's words or of the task's, which it does not tell."""


class _Message(msgspec.Struct, frozen=True):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    message: _Message = _Message()
    finish_reason: str | None = None

    def text(self) -> str:
        """What the model wrote; raises `Refused` for a refusal, `Again` where there is nothing."""
        if self.message.refusal:
            raise Refused(self.message.refusal)
        if self.finish_reason == "content_filter":
            raise Refused("a content filter stopped the model")
        if not self.message.content:
            raise Again(f"an empty answer (finish_reason {self.finish_reason!r})")
        if self.finish_reason == "length":
            raise Again("an answer that was cut off at its token limit")
        return self.message.content


class _Tokens(msgspec.Struct, frozen=True):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Body(msgspec.Struct, frozen=True):
    choices: list[_Choice] | None = None
    usage: _Tokens | None = None
    error: Any = None
    """What went wrong, of servers that tell it with status 200."""


_BODY = msgspec.json.Decoder(_Body)


def unpacked(body: bytes) -> tuple[_Choice, int | None, int | None]:
    """The first choice of a completion, and the tokens of prompt and answer, None where they are not told.

    Raises `Again` for what is no completion.
    """
    try:
        found = _BODY.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Again(f"no chat completion ({error}) but {body.decode('utf-8', 'replace')}") from None
    if not found.choices:
        told = found.error.get("message", found.error) if isinstance(found.error, dict) else found.error
        raise Again("a completion without a choice" + (f": {told}" if told else ""))
    used = found.usage or _Tokens()
    return found.choices[0], _at_least_0(used.prompt_tokens), _at_least_0(used.completion_tokens)


def _at_least_0(tokens: int | None) -> int | None:
    return None if tokens is None else max(tokens, 0)


def judge_error(error: BaseException, openai: Any, model: str, where: Address, own: bool) -> BaseException:
    """What an attempt's error means: `Again`, `Refused`, a `JudgeError` or `UnreadablePlan` at once; others as they are."""
    if isinstance(error, openai.APIStatusError):
        return _status(error, model, where, own)
    if isinstance(error, openai.APITimeoutError):
        return Again("no answer in time")
    if isinstance(error, openai.APIConnectionError):
        return Again(f"cannot connect: {error.__cause__ or error}")
    if isinstance(error, openai.OpenAIError):
        return JudgeError(f"judge {model!r} at {where.url}: {redacted(str(error), where.key)}")
    return error


def _status(error: Any, model: str, where: Address, own: bool) -> Exception:
    status, code = int(error.status_code), str(error.code or "")
    said = redacted(str(error.message), where.key)
    told = f"judge {model!r} at {where.url} answers {status}: {said}"
    if code == "insufficient_quota":
        return JudgeError(f"{told}; the account behind the key in {where.variable} has nothing left")
    if status in _PASSING or status >= 500:
        return Again(f"answers {status}: {said}", retry_after(error.response.headers))
    if status in (401, 403):
        return JudgeError(f"{told}; check the key in the environment variable {where.variable}, and that it may use this model")
    if status == 404:
        return JudgeError(f"{told}; check the model's name and that the base_url ends as the server expects (often in /v1)")
    if status in (400, 413) and (status == 413 or _TOO_LONG.search(f"{code} {said}")):
        if own:
            return UnreadablePlan(f"too long for the judge's model: {said}")
        return JudgeError(f"{told}; what is asked does not fit even a short plan: use a model that reads longer texts")
    if status == 400 and _FILTERED.search(f"{code} {said}"):
        return Refused(f"a content filter: {said}")
    parameter = getattr(error, "param", None)
    if status == 400 and parameter in _SENT:
        return JudgeError(f"{told}; this model does not take {parameter} as a judge sends it, name another model")
    return JudgeError(f"{told}; check that this server and model know json_schema as a response_format")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that `Retry-After` asks for, as a number or as a date by the server's own clock; None where it says nothing of use."""
    text = (headers.get("retry-after") or "").strip()
    try:
        return min(max(float(text), 0.0), 1e6) if not text or text[0].isdigit() else _until(text, headers.get("date"))
    except (ValueError, TypeError, OverflowError):
        return None


def _until(text: str, date: str | None) -> float:
    then = parsedate_to_datetime(text).timestamp()
    now = parsedate_to_datetime(date).timestamp() if date else time.time()
    return max(then - now, 0.0)


def redacted(text: str, key: str) -> str:
    """What a server or a client said, on one line: first without key, authorization headers and credentials, then cut to `MOST_SHOWN`."""
    for _ in range(_ESCAPED_AT_MOST):
        text = _ESCAPE.sub(_meant, text)
    text = keyless("".join(one for one in text if one.isprintable() or one.isspace()), key)
    for pattern, mark in _SECRETS:
        text = pattern.sub(mark, text)
    return " ".join(text.split())[:MOST_SHOWN]


def _meant(escape: re.Match[str]) -> str:
    """The character behind an escape of JSON or of Python."""
    wide, narrow, same = escape.groups()
    return same or chr(int(wide or narrow, 16))


def keyless(text: str, key: str) -> str:
    """A text without the key."""
    return text.replace(key, "[hidden]") if len(key) >= 4 else text
