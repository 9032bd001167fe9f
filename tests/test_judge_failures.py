"""The LLM judge and all that fails: servers, refusals, budgets; a sample is masked and the run goes on."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from judge_server import Answer, Reply, candidate, error, good, serving, verdict
from judging import first_plan, judge_at, own_reward, questions
from rewarding import PICTURE, picture, play, step, task, turn

import visgenenv as vg
from rewards.judges import FACETS, Budget, JudgeError, LlmJudge, Question, UnreadablePlan
from rewards.judges.answers import retry_after
from rewards.plan.experts import lessons_for
from rewards.record import Record
from visgenenv.errors import ConfigError, RewardUnavailable
from visgenenv.types import Plan, Trajectory

pytestmark = pytest.mark.usefixtures("no_judge")


def first(bad: Reply) -> Answer:
    """A bad answer, then good ones."""
    return lambda request, number: bad if number == 0 else good(request)


WRONG = {
    "no json": Reply("0.9, a fine plan"),
    "cut off": Reply('{"coherence": {"value": 0.5, "rea'),
    "cut off at its limit": Reply("{}", finish="length"),
    "a facet missing": Reply('{"coherence": {"reason": "r", "value": 0.5}}'),
    "out of range": Reply('{"coherence": {"reason": "r", "value": 1.5}}'),
    "negative": Reply('{"coherence": {"reason": "r", "value": -0.1}}'),
    "not a number": Reply('{"coherence": {"reason": "r", "value": NaN}}'),
    "infinite": Reply('{"coherence": {"reason": "r", "value": 1e999}}'),
    "a text for a number": Reply('{"coherence": {"reason": "r", "value": "0.5"}}'),
    "a truth for a number": Reply('{"coherence": {"reason": "r", "value": true}}'),
    "no reason": Reply('{"coherence": {"value": 0.5}}'),
    "a list": Reply("[]"),
    "an empty text": Reply(""),
    "nothing": Reply(None),
    "no choice": Reply(body=b'{"choices": []}'),
    "another body": Reply(body=b"<html>busy</html>"),
    "deep nesting": Reply("[" * 20_000),
    "no text at all": Reply(body=b"\xff\xfe"),
    "too much": Reply("x" * 2_000_000),
    "429": error(429, "slow down"),
    "429 that says when": error(429, "slow down", Retry_After="0"),
    "408": error(408),
    "500": error(500),
    "502": Reply(status=502, body=b"bad gateway"),
    "503": error(503),
    "dropped": Reply(drop=True),
    "cut in its body": Reply(body=b"{", headers={"content-length": "100", "connection": "close"}),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_may_come_right_is_tried_again(name: str) -> None:
    with serving(first(WRONG[name])) as server:
        judge = judge_at(server, timeout_s=1.0)
        found = judge(questions())
    assert [score.value for score in found] == [0.5] * 4
    assert (judge.usage.requests, judge.usage.retries, judge.usage.failures) == (2, 1, 0)


def test_an_answer_that_compares_with_no_expert_plan_it_was_shown_is_wrong() -> None:
    own = lessons_for(task())[0].plan.id
    wrong = serving(lambda request, _: Reply(verdict(request).replace(own, "my_own")))
    with wrong as server, pytest.raises(JudgeError, match="compares with 'my_own"):
        judge_at(server, attempts=2)(questions())


def test_what_stays_wrong_is_a_failed_judge_that_says_what_happened_last_and_how_often_it_was_tried() -> None:
    with serving(lambda request, number: error(500 + number, f"trouble {number}")) as server:
        judge = judge_at(server, attempts=3)
        with pytest.raises(JudgeError, match=r"answers 502: .*trouble 2.*tried 3 times") as raised:
            judge(questions())
    assert not isinstance(raised.value, UnreadablePlan)
    assert (judge.usage.requests, judge.usage.retries, judge.usage.failures) == (3, 2, 1)


@pytest.mark.parametrize("slow", [Reply("x" * 400, drip_s=0.02), Reply(wait_s=3.0)], ids=["drips", "waits"])
def test_an_attempt_has_one_deadline_for_all_of_its_bytes(slow: Reply) -> None:
    with serving(first(slow)) as server:
        judge = judge_at(server, timeout_s=0.3)
        start = time.monotonic()
        judge(questions())
        assert time.monotonic() - start < 2.0
    assert judge.usage.retries == 1


def test_nobody_there_is_a_failed_judge() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        judge = LlmJudge("m", f"http://127.0.0.1:{taken.getsockname()[1]}/v1", cache=None, attempts=2, pause_s=0.001)
        with pytest.raises(JudgeError, match=r"cannot connect.*tried 2 times"):
            judge(questions())


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (error(401, "bad key"), "OPENAI_API_KEY"),
        (error(403, "not yours"), "OPENAI_API_KEY"),
        (error(404, "no such model"), "base_url"),
        (error(400, "response_format is not known"), "json_schema"),
        (error(422, "unprocessable"), "json_schema"),
        (error(429, "pay first", "insufficient_quota"), "nothing left"),
        (error(400, "maximum context length is 500 tokens", "context_length_exceeded"), "reads longer texts"),
    ],
)
def test_what_cannot_come_right_is_not_tried_again(bad: Reply, says: str) -> None:
    with serving(lambda *_: bad) as server, pytest.raises(JudgeError, match=says) as raised:
        judge_at(server)(questions())
    assert not isinstance(raised.value, UnreadablePlan)
    assert len(server.requests) == 1


REFUSALS = pytest.mark.parametrize(
    "bad",
    [
        Reply(None, refusal="I cannot help with that"),
        Reply("", finish="content_filter"),
        error(400, "The response was filtered", "content_filter"),
    ],
)


def refusing(bad: Reply, word: str = "weapon") -> Answer:
    """Refuses a candidate that holds a word."""
    return lambda request, number: bad if word in candidate(request) else good(request)


@REFUSALS
def test_a_refusal_that_the_policys_words_cause_is_its_doing_and_is_kept(bad: Reply, tmp_path: Path) -> None:
    asked = questions("weapon")
    with serving(refusing(bad)) as server:
        judge = judge_at(server, cache=tmp_path)
        with pytest.raises(UnreadablePlan) as fresh:
            judge(asked)
        assert len(server.requests) == 3
        assert json.loads(candidate(server.requests[2])) == [{"id": 1, "tool": PICTURE, "n": 1, "after": []}]
        assert (judge.usage.requests, judge.usage.retries, judge.usage.failures) == (3, 1, 1)
        again = judge_at(server, cache=tmp_path)
        with pytest.raises(UnreadablePlan) as kept:
            again(asked)
        assert (again.usage.requests, again.usage.cached) == (0, 1)
        assert str(kept.value) == str(fresh.value)
        episode = play(task(), turn(picture(), plan=[step(1, PICTURE, "weapon")]), turn(answer=["img_1"]))
        breakdown = vg.reward("ltr", judge=judge)(episode)
    assert breakdown.total == 0.0
    assert breakdown.parts["format"] is not None
    assert breakdown.parts["format"].value == 0.0


def test_words_in_calls_and_names_of_no_tool_are_the_policys_own() -> None:
    calls = (picture("weapon"), ("tool_weapon", {"weapon": 1}))
    episode = play(task(), turn(*calls, plan=[step(1, "tool_weapon")]), turn(answer=["img_1"]))
    with serving(refusing(Reply(None, refusal="no"))) as server, pytest.raises(UnreadablePlan):
        judge_at(server)([Question("trajectory", first_plan(episode), episode.task, Record(episode).tools, Record(episode))])
    (seen,) = json.loads(candidate(server.requests[-1]))
    assert seen["calls"] == [{"tool": PICTURE, "made": ["img_1"]}, {"tool": "…", "fault": "unknown_tool"}]


@REFUSALS
def test_a_refusal_that_stays_without_the_policys_words_masks_the_sample(bad: Reply, film: Trajectory, tmp_path: Path) -> None:
    with serving(lambda *_: bad) as server:
        judge = judge_at(server, cache=tmp_path)
        with pytest.raises(JudgeError, match="without the policy's words") as raised:
            judge(questions())
        assert not isinstance(raised.value, UnreadablePlan)
        assert len(server.requests) == 4
        with pytest.raises(RewardUnavailable):
            vg.reward("ltr", judge=judge)(film)
    assert not list(tmp_path.rglob("*.json"))


@REFUSALS
def test_a_refusal_that_does_not_stay_is_none(bad: Reply) -> None:
    with serving(first(bad)) as server:
        judge = judge_at(server)
        assert [score.value for score in judge(questions())] == [0.5] * 4
    assert (judge.usage.requests, judge.usage.retries, judge.usage.failures) == (2, 1, 0)


def test_too_long_is_the_policys_doing_where_most_of_it_are_its_own_words() -> None:
    with serving(lambda *_: error(400, "this model's maximum context length is 4096 tokens", "context_length_exceeded")) as server:
        (asked, *_) = questions()
        plan = Plan(steps=tuple(step(number, PICTURE, f"{number} fine pictures " * 10) for number in range(1, 61)))
        with pytest.raises(UnreadablePlan, match="too long"):
            judge_at(server)([Question(asked.facet, plan, asked.task, asked.tools)])


def test_retry_after_is_read_as_seconds_and_as_a_date() -> None:
    assert retry_after({"retry-after": "7"}) == 7.0
    date = {"retry-after": "Wed, 21 Oct 2015 07:28:30 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}
    assert retry_after(date) == 30.0
    assert retry_after({**date, "retry-after": "Wed, 21 Oct 2015 07:00:00 GMT"}) == 0.0
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({"retry-after": "-1"}) is None
    assert retry_after({}) is None


def test_pauses_double_are_spread_and_heed_the_server_within_bounds() -> None:
    from rewards.judges.asking import ask_for, verdicts
    from rewards.judges.endpoint import MOST_WAIT_S, Endpoint, Patience
    from rewards.judges.where import address

    def pauses(key: str, **headers: str) -> list[float]:
        slept: list[float] = []
        with serving(lambda *_: error(429, **headers)) as server:
            patience = Patience(attempts=4, pause_s=1.0, sleep=slept.append)
            endpoint = Endpoint("m", address(server.url, "OPENAI_API_KEY"), patience, 4, Budget(), 0)
            ask, ids = ask_for(FACETS, questions()[0], None)
            with pytest.raises(JudgeError):
                endpoint.ask(ask, key, lambda text: verdicts(text, FACETS, ids))
        return slept

    own = pauses("a")
    assert len(own) == 3
    assert all(0.5 * 2**n <= pause <= 1.5 * 2**n for n, pause in enumerate(own))
    assert pauses("a") == own
    assert pauses("b") != own
    assert pauses("a", Retry_After="20") == [20.0] * 3
    assert pauses("a", Retry_After="86400") == [MOST_WAIT_S] * 3


@pytest.mark.parametrize(("budget", "says"), [(Budget(calls=2), "2 of 2 calls"), (Budget(tokens=150), "220 of 150 tokens")])
def test_a_spent_budget_is_a_failed_judge_and_nothing_is_sent_any_more(budget: Budget, says: str) -> None:
    with serving() as server:
        judge = judge_at(server, budget=budget)
        judge(questions("a"))
        judge(questions("b"))
        for goal in ("c", "d"):
            with pytest.raises(JudgeError, match=f"budget is spent.*{says}"):
                judge(questions(goal))
    assert len(server.requests) == 2


@pytest.mark.parametrize("wrong", [{"calls": -1}, {"tokens": 1.5}, {"calls": True}])
def test_a_budget_of_no_number_is_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Budget(**wrong)


@pytest.mark.parametrize("used", [{}, {"usage": None}, {"usage": {"prompt_tokens": None, "completion_tokens": None}}])
def test_tokens_that_no_server_tells_are_estimated_and_bind_the_budget(used: dict[str, Any]) -> None:
    def answer(request: dict[str, Any], number: int) -> Reply:
        return Reply(body=json.dumps({"choices": [{"message": {"content": verdict(request)}}], **used}).encode())

    with serving(answer) as server:
        judge = judge_at(server, budget=Budget(tokens=100))
        assert [score.value for score in judge(questions("a"))] == [0.5] * 4
        with pytest.raises(JudgeError, match="budget is spent"):
            judge(questions("b"))
    (request,) = server.requests
    assert judge.usage.prompt_tokens == pytest.approx(len(json.dumps(request["messages"], ensure_ascii=False).encode()) / 4, rel=0.01)
    assert judge.usage.completion_tokens == -(-len(verdict(request)) // 4)


@pytest.mark.parametrize(
    "told", [{"error": {"message": "no such lora"}}, {"error": "no such lora"}, {"error": {"message": "no such lora"}, "choices": None}]
)
def test_an_error_that_comes_with_status_200_is_told(told: dict[str, Any]) -> None:
    bad = Reply(body=json.dumps(told).encode())
    with serving(lambda *_: bad) as server, pytest.raises(JudgeError, match=r"without a choice: no such lora.*tried 2 times"):
        judge_at(server, attempts=2)(questions())


def test_the_budget_counts_every_attempt() -> None:
    says = r"budget is spent.*before that: answers 500"
    with serving(lambda *_: error(500, "down")) as server, pytest.raises(JudgeError, match=says):
        judge_at(server, budget=Budget(calls=3), attempts=10)(questions())
    assert len(server.requests) == 3


def test_a_thousand_judgements_under_faults_lose_none_and_are_not_asked_again(tmp_path: Path) -> None:
    faults = [error(429, Retry_After="0"), error(500), Reply('{"coherence"'), Reply('{"coherence": {"value": 2}}'), Reply(drop=True)]
    asked = [one for number in range(1000) for one in questions(f"picture number {number}", ("coherence",))]

    def answer(request: dict[str, Any], number: int) -> Reply:
        if number % 5 == 0:
            return faults[number // 5 % len(faults)]
        return Reply(verdict(request, int(json.loads(candidate(request))[0]["goal"].split()[-1]) / 1000), wait_s=0.03)

    with serving(answer) as server:
        judge = judge_at(server, cache=tmp_path, attempts=12, facets=("coherence",))
        found = judge(asked)
        assert [score.value for score in found] == [number / 1000 for number in range(1000)]
        assert judge.usage.retries >= 200
        assert judge.usage.failures == 0
        assert 4 <= server.most <= 32, "they go out together; how many at once hangs on the machine, too"
        before = len(server.requests)
        again = judge_at(server, cache=tmp_path, facets=("coherence",))
        kept = again(asked)
        assert len(server.requests) == before
    assert again.usage.requests == 0
    assert again.usage.cached == 1000
    assert [(score.value, score.reason) for score in kept] == [(score.value, score.reason) for score in found]
    assert all(score.cached for score in kept)
    assert not any(score.cached for score in found)


def test_a_dead_judge_masks_the_samples_and_the_rollout_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        name = own_reward(f"http://127.0.0.1:{taken.getsockname()[1]}/v1", "dead_judge", tmp_path, monkeypatch)
        found = vg.rollout("expert", episodes=4, reward=name, task="image")
    assert [one.reward for one in found] == [None] * 4
    assert all(one.failure is not None and "cannot connect" in one.failure for one in found)
