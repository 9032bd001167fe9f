"""The key of the LLM judge is sent to its server and told to nobody."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest
from judge_server import Reply, candidate, error, good, serving, verdict
from judging import KEY, judge_at, questions

import visgenenv as vg
from rewards.judges import JudgeError, LlmJudge
from visgenenv.errors import ConfigError

pytestmark = pytest.mark.usefixtures("no_judge")


def secrets_in(text: str) -> list[str]:
    return [secret for secret in (KEY, "hunter2", "verysecret") if secret in text]


def test_the_key_is_sent_and_told_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    said = f"wrong key {KEY}, Authorization: Bearer {KEY}, see https://me:hunter2@example.org/x?api_key={KEY}"

    def answer(request: dict[str, Any], number: int) -> Reply:
        if "fine" in candidate(request):
            return Reply(verdict(request, reason=f"your key is {KEY}"))
        return error(500 if number % 2 else 401, said)

    texts = []
    with serving(answer) as server:
        judge = judge_at(server, cache=tmp_path / "kept", attempts=2)
        texts.append(repr(judge(questions("fine"))))
        for goal in ("a", "b", "c"):
            with pytest.raises(JudgeError) as raised:
                judge(questions(goal))
            seen: BaseException | None = raised.value
            while seen is not None:
                texts += [str(seen), repr(seen)]
                seen = seen.__cause__ or seen.__context__
    assert all(headers["authorization"] == f"Bearer {KEY}" for headers in server.headers)
    kept = [file.read_text() for file in (tmp_path / "kept").rglob("*.json")]
    assert len(kept) == 1
    reward = vg.reward("ltr", judge=judge)
    for text in (*texts, *kept, repr(judge), str(judge.usage), judge.version, reward.version, repr(reward), caplog.text):
        assert secrets_in(text) == [], text


PLAIN_KEY = "plainsecret0123456789/abc"


"""A key of no known form: nothing but its own text tells that it is one."""


ESCAPED = "".join(f"\\u{ord(letter):04x}" for letter in PLAIN_KEY)


@pytest.mark.parametrize(
    "bad",
    [
        Reply(None, refusal=f"your key {PLAIN_KEY} is refused"),
        Reply(None, refusal="x" * 290 + PLAIN_KEY),
        error(400, f"content filter for {PLAIN_KEY}", "content_filter"),
        Reply(body=b"x" * 70 + PLAIN_KEY.encode()),
        Reply(body=b"x" * 290 + PLAIN_KEY.encode()),
        Reply(body=f'{{"said": "{ESCAPED}"'.encode()),
        Reply(body=json.dumps({"error": {"message": "x" * 290 + PLAIN_KEY}}).encode()),
        error(400, "x" * 290 + PLAIN_KEY),
        Reply(f'{{"said": "{ESCAPED}"'),
        Reply("x" * 70 + PLAIN_KEY),
        Reply("", finish=PLAIN_KEY),
    ],
)
@pytest.mark.parametrize("word", ["weapon", "DATA"], ids=["of the policy", "of the task"])
def test_no_part_of_the_key_is_told_whatever_a_server_says(bad: Reply, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", PLAIN_KEY)
    judging = serving(lambda request, _: bad if word in request["messages"][1]["content"] else good(request))
    with judging as server, pytest.raises(JudgeError) as raised:
        judge_at(server, cache=tmp_path, attempts=2)(questions("weapon"))
    for text in (repr(raised.value), *(file.read_text() for file in tmp_path.rglob("*.json"))):
        assert "plain" not in text
        assert "\\u0070" not in text


@pytest.mark.parametrize(
    "reason", [f"key {PLAIN_KEY}", "x" * 190 + PLAIN_KEY + "y" * 300, "x" * 1190 + PLAIN_KEY, "plain\u200b" + PLAIN_KEY[5:]]
)
def test_a_key_in_a_reason_is_hidden_however_it_is_written(reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", PLAIN_KEY)
    with serving(lambda request, _: Reply(verdict(request, reason="REASON").replace('"REASON"', escaped(reason)))) as server:
        found = judge_at(server, cache=tmp_path)(questions())
    (kept,) = (file.read_text() for file in tmp_path.rglob("*.json"))
    assert "plain" not in f"{found}{kept}"


def escaped(text: str) -> str:
    """A text as JSON that names every letter by its number."""
    return '"' + "".join(f"\\u{ord(letter):04x}" for letter in text) + '"'


@pytest.mark.parametrize("key", ["secret-head\nsecret-tail", "secret-schlüssel", "secret\x00"])
def test_a_key_that_cannot_be_sent_is_refused_without_being_told(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "OPENAI_API_KEY": key})
    for url in ("http://127.0.0.1:1/v1", "https://example.org/v1"):
        with pytest.raises(ConfigError, match="OPENAI_API_KEY") as raised:
            LlmJudge("m", url, cache=None)
        assert "secret" not in repr(raised.value)


def test_an_error_is_told_on_one_line_of_bounded_length() -> None:
    for bad in (error(400, "a long\n story " * 100), error(500, "a long\n story " * 100), Reply(body=b"a long\n story " * 100)):
        with serving(lambda *_, bad=bad: bad) as server, pytest.raises(JudgeError) as raised:
            judge_at(server, attempts=1)(questions())
        assert "a long story" in str(raised.value)
        assert "\n" not in str(raised.value)
        assert len(str(raised.value)) < 600


@pytest.mark.parametrize("url", ["https://me:hunter2@example.org/v1", "https://example.org/v1?key=hunter2", "ftp://hunter2/x", "hunter2"])
def test_an_address_with_a_secret_is_refused_without_being_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with pytest.raises(ConfigError, match=r"^base_url: ") as raised:
        LlmJudge("m", url)
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    with pytest.raises(ConfigError, match=r"^OPENAI_BASE_URL: ") as from_environment:
        LlmJudge("m")
    assert secrets_in(f"{raised.value} {from_environment.value}") == []


def test_a_missing_key_is_named_unless_the_model_is_on_this_machine() -> None:
    with pytest.raises(ConfigError, match="MY_KEY is not set"):
        LlmJudge("m", "https://example.org/v1", api_key_variable="MY_KEY")
    with pytest.raises(ConfigError, match="OPENAI_API_KEY is not set"):
        LlmJudge("m")
    for url in ("http://localhost:1/v1", "http://127.0.0.1:1/v1", "http://[::1]:1/v1"):
        LlmJudge("m", url)
