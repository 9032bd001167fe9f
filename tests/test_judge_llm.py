"""The LLM judge against a server on the loopback: what it asks, how it fails, what it keeps and what it never tells."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import time
import warnings
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import msgspec
import pytest
from judge_server import Answer, Judging, Reply, candidate, error, facets_of, good, serving, verdict
from rewarding import PICTURE, PLAN, one_picture, picture, play, short_film, step, task, turn

import visgenenv as vg
from rewards.judges import FACETS, Budget, FakeJudge, JudgeError, LlmJudge, Question, RuleJudge, UnreadablePlan
from rewards.judges.answers import retry_after
from rewards.judges.cache import Cache
from rewards.judges.llm import ALL
from rewards.judges.named import named_judge
from rewards.ltr import LtrReward
from rewards.plan.experts import lessons_for
from rewards.record import Record
from visgenenv import plugins
from visgenenv.errors import ConfigError, MissingExtra, PluginError, RewardUnavailable
from visgenenv.types import Plan, Score, Trajectory

KEY = "sk-verysecret0123456789"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "VISGEN_JUDGE_MODEL",
        "VISGEN_JUDGE_CACHE",
        "VISGEN_JUDGE_CALLS",
        "VISGEN_JUDGE_TOKENS",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def film() -> Trajectory:
    return short_film()


def judge_at(server: Judging, **more: Any) -> LlmJudge:
    return LlmJudge("m", server.url, **{"cache": None, "pause_s": 0.001, "timeout_s": 5.0, **more})


def questions(goal: str = "picture", facets: tuple[Any, ...] = FACETS) -> list[Question]:
    record = Record(one_picture(task()))
    plan = Plan(steps=(step(1, PICTURE, goal),))
    return [Question(facet, plan, record.task, record.tools, record if facet == "trajectory" else None) for facet in facets]


def first(bad: Reply) -> Answer:
    """A bad answer, then good ones."""
    return lambda request, number: bad if number == 0 else good(request)


@pytest.fixture(params=["rules", "llm"])
def some_judge(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "rules":
        yield RuleJudge()
        return
    with serving(lambda request, number: Reply(verdict(request, len(candidate(request)) % 7 / 7))) as server:
        yield judge_at(server)


def test_every_judge_keeps_to_the_port(some_judge: Any, film: Trajectory) -> None:
    record = Record(film)
    assert record.plan is not None
    asked = questions(facets=ALL) + [Question(facet, record.plan, record.task, record.tools, record) for facet in ALL]
    found = some_judge(asked)
    assert all(isinstance(score, Score) and 0 <= score.value <= 1 and score.reason and score.version for score in found)
    assert [(score.value, score.reason) for score in some_judge(asked[::-1])] == [(score.value, score.reason) for score in found[::-1]]
    assert [one.value for question in asked for one in some_judge([question])] == [score.value for score in found]
    assert some_judge([]) == []
    assert isinstance(some_judge.version, str)


def test_a_film_costs_two_requests_that_hold_what_a_judge_needs(film: Trajectory) -> None:
    with serving() as server:
        breakdown = vg.reward("ltr", judge=judge_at(server))(film)
    by_facets = {tuple(facets_of(request)): request for request in server.requests}
    assert set(by_facets) == {FACETS, ("trajectory",)}
    asked = by_facets[FACETS]
    assert asked["temperature"] == 0
    assert asked["response_format"]["json_schema"]["strict"] is True
    text = asked["messages"][1]["content"]
    assert "a story of a red fox" in text
    assert "tool_music_suno" in text
    experts = [lesson.plan.id for lesson in lessons_for(film.task)]
    assert all(one in text for one in experts)
    assert json.loads(candidate(asked))[0]["tool"] == PICTURE
    deeds = json.loads(candidate(by_facets["trajectory",]))
    assert deeds[0]["calls"][0] == {"tool": PICTURE, "arguments": {"prompt": "a red fox", "aspect_ratio": "16:9"}, "made": ["img_1"]}
    optimal = breakdown.parts["plan.optimal"]
    assert optimal is not None
    assert optimal.value == 0.5
    assert f"compared with {experts[0]}" in optimal.reason
    assert breakdown.parts["coherence"] is not None
    assert breakdown.parts["coherence"].value == 0.5


def test_thoughts_reflections_and_checks_are_not_shown() -> None:
    episode = play(
        task(),
        turn(picture(), plan=PLAN, think="SECRET thought").replace("</think>", "</think><reflect>SECRET</reflect>"),
        '<think>SECRET</think><answer>{"deliverables": ["img_1"], "checks": ["SECRET"]}</answer>',
    )
    with serving() as server:
        vg.reward("ltr", judge=judge_at(server))(episode)
    assert len(server.requests) == 2
    assert "SECRET" not in json.dumps(server.requests)


def test_a_failed_call_is_shown_by_its_code_alone() -> None:
    episode = play(task(), turn(("tool_nope", {"x": 1}), picture(), plan=PLAN), turn(answer=["img_1"]))
    with serving() as server:
        judge_at(server)([Question("trajectory", first_plan(episode), episode.task, {}, Record(episode))])
    (seen,) = json.loads(candidate(server.requests[0]))
    assert seen["calls"][0] == {"tool": "tool_nope", "arguments": {"x": 1}, "fault": "unknown_tool"}


def first_plan(episode: Trajectory) -> Plan:
    plan = Record(episode).plan
    assert plan is not None
    return plan


def test_the_language_of_the_questions_is_the_tasks_unless_told() -> None:
    asked = questions()
    translated = msgspec.structs.replace(asked[0].task, language="zh")
    chinese = [Question(one.facet, one.plan, translated, one.tools) for one in asked]
    with serving() as server:
        judge_at(server)(asked)
        judge_at(server)(chinese)
        judge_at(server, language="zh")(asked)
    assert ["打分" in request["messages"][0]["content"] for request in server.requests] == [False, True, True]


def test_facets_that_it_is_not_asked_go_to_the_rules() -> None:
    asked = questions(facets=ALL)
    with serving() as server:
        judge = judge_at(server, facets=("optimal", "coherence"))
        found = judge(asked)
    assert [facets_of(request) for request in server.requests] == [["coherence", "optimal"]]
    rules = RuleJudge()(asked)
    assert [score.version == judge.version for score in found] == [True, False, False, True, False]
    assert found[1] == rules[1]
    assert found[4] == rules[4]


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


def test_a_parameter_that_a_model_does_not_take_is_named() -> None:
    told = {"message": "Unsupported parameter", "type": "x", "code": "unsupported_parameter", "param": "max_tokens"}
    bad = Reply(status=400, body=json.dumps({"error": told}).encode())
    with serving(lambda *_: bad) as server, pytest.raises(JudgeError, match="does not take max_tokens as a judge sends it"):
        judge_at(server)(questions())


def test_a_long_reason_is_the_same_fresh_and_kept(tmp_path: Path) -> None:
    from rewards.judges.asking import REASON_CHARS

    with serving(lambda request, _: Reply(verdict(request, reason="a step is missing " * 100))) as server:
        asked = questions(facets=("coherence",))
        (fresh,) = judge_at(server, cache=tmp_path)(asked)
        (kept,) = judge_at(server, cache=tmp_path)(asked)
    assert len(server.requests) == 1
    assert kept.reason == fresh.reason
    assert 250 < len(fresh.reason) <= REASON_CHARS


def test_a_process_that_was_forked_has_connections_of_its_own() -> None:
    with serving() as server:
        judge = judge_at(server)
        judge(questions("a"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # later Pythons warn of forks beside threads, which is what is tried here
            child = os.fork()
        if child == 0:
            try:
                fine = [score.value for score in judge(questions("b"))] == [0.5] * 4
            finally:
                os._exit(0 if fine else 1)
        _, status = os.waitpid(child, 0)
        assert status == 0
        judge(questions("c"))
    assert len(server.requests) == 3


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


def test_a_damaged_file_of_the_cache_is_none_and_written_again(tmp_path: Path, film: Trajectory) -> None:
    with serving() as server:
        reward = vg.reward("ltr", judge=judge_at(server, cache=tmp_path))
        fresh = reward(film)
        files = sorted(tmp_path.rglob("*.json"))
        assert len(files) == 2
        whole = [file.read_bytes() for file in files]
        for damage in (b"", whole[0][:20], b"\x00\xff", b'{"coherence": {"reason": "r", "value": 7}}'):
            files[0].write_bytes(damage)
            before = len(server.requests)
            found = reward(film)
            assert found.total == fresh.total
            assert len(server.requests) == before + 1
            assert [file.read_bytes() for file in files] == whole
        assert reward(film).cached == ("plan.coherence", "plan.executable", "plan.atomic", "plan.optimal", "coherence")
    assert fresh.cached == ()
    assert b"cached" not in msgspec.json.encode(fresh)
    assert msgspec.json.decode(msgspec.json.encode(reward(film)), type=vg.RewardBreakdown).cached


def test_an_answer_that_does_not_hold_is_not_kept(tmp_path: Path) -> None:
    with serving(lambda *_: Reply("{}")) as server, pytest.raises(JudgeError):
        judge_at(server, cache=tmp_path, attempts=2)(questions())
    assert not list(tmp_path.rglob("*.json"))


def test_a_cache_that_cannot_be_written_costs_no_sample(tmp_path: Path) -> None:
    blocked = tmp_path / "cache"
    cache = Cache(blocked)
    blocked.write_text("a file where the folder should be")
    with pytest.warns(RuntimeWarning, match="are not kept"):
        cache.put("ab", b"x")
    cache.put("ab", b"x")
    assert cache.get("ab") is None
    with pytest.raises(ConfigError, match="is a file"):
        Cache(blocked)


def test_judges_that_would_ask_otherwise_have_other_versions() -> None:
    url = "http://127.0.0.1:1/v1"
    judges = [
        LlmJudge("m", url),
        LlmJudge("n", url),
        LlmJudge("m", url, language="zh"),
        LlmJudge("m", url, facets=("optimal",)),
        LlmJudge("m", url, seed=1),
    ]
    assert len({judge.version for judge in judges}) == len(judges)
    assert judges[0].version == LlmJudge("m", "http://localhost:2/v1", concurrency=2, attempts=1, cache=None).version
    assert judges[0].version.startswith("llm/1/")


def test_the_same_question_from_many_threads_is_asked_once(film: Trajectory) -> None:
    def slowly(request: dict[str, Any], number: int) -> Reply:
        reply = good(request)
        reply.wait_s = 0.2
        return reply

    with serving(slowly) as server:
        reward = vg.reward("ltr", judge=judge_at(server))
        found = reward.score_many([film] * 8)
    assert len(server.requests) == 2
    assert len({one.total for one in found if isinstance(one, vg.RewardBreakdown)}) == 1


def test_waits_for_the_judge_overlap_and_errors_stay_in_their_place() -> None:
    def answer(request: dict[str, Any], number: int) -> Reply:
        if "bicycle 3" in candidate(request):
            return error(401)
        return Reply(verdict(request), wait_s=0.2)

    plans = [[step(1, PICTURE, f"bicycle {number}")] for number in range(12)]
    episodes = [play(task(), turn(picture(), plan=plan), turn(answer=["img_1"])) for plan in plans]
    with serving(answer) as server:
        reward = vg.reward("ltr", judge=judge_at(server, facets=("coherence",), concurrency=6))
        assert reward.concurrency == 6
        start = time.monotonic()
        found = reward.score_many(iter(episodes))
        assert time.monotonic() - start < 1.2
        assert server.most <= 6
    assert [isinstance(one, RewardUnavailable) for one in found] == [number == 3 for number in range(12)]
    assert vg.reward("ltr").concurrency == 1


OWN = """
from rewards.judges import LlmJudge
import visgenenv as vg
REWARD = vg.reward("ltr", judge=LlmJudge("m", {url!r}, cache=None, attempts=2, pause_s=0.001, facets=("coherence",)))
"""


def own_reward(url: str, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (folder / f"{name}.py").write_text(OWN.format(url=url))
    monkeypatch.syspath_prepend(str(folder))
    return f"{name}:REWARD"


def test_a_dead_judge_masks_the_samples_and_the_rollout_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        name = own_reward(f"http://127.0.0.1:{taken.getsockname()[1]}/v1", "dead_judge", tmp_path, monkeypatch)
        found = vg.rollout("expert", episodes=4, reward=name, task="image")
    assert [one.reward for one in found] == [None] * 4
    assert all(one.failure is not None and "cannot connect" in one.failure for one in found)


def test_the_ends_of_a_batch_wait_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda request, _: Reply(verdict(request), wait_s=0.2)) as server:
        name = own_reward(server.url, "slow_judge", tmp_path, monkeypatch)
        found = vg.rollout("auto-pipeline", episodes=8, reward=name, batch=8)
    assert server.most >= 4
    bare = vg.rollout("auto-pipeline", episodes=8, batch=8)
    assert [one.hash for one in found] == [one.hash for one in bare]
    assert all(one.reward is not None for one in found)


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


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": ""},
        {"language": "fr"},
        {"facets": ()},
        {"facets": "optimal"},
        {"facets": ("beauty",)},
        {"attempts": 0},
        {"concurrency": 0},
        {"timeout_s": 0},
        {"timeout_s": float("nan")},
        {"pause_s": -1},
        {"budget": 1000},
        {"timeout_s": "5"},
        {"timeout_s": True},
        {"pause_s": "x"},
        {"pause_s": None},
        {"facets": [["a"]]},
        {"cache": 5},
        {"api_key_variable": 5},
    ],
)
def test_a_wrong_argument_is_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        LlmJudge(**{"model": "m", "base_url": "http://127.0.0.1:1/v1", **wrong})


def test_without_its_client_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(MissingExtra, match=r"visgenenv\[judge\]"):
        LlmJudge("m", "http://127.0.0.1:1/v1")


def test_the_judge_llm_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, film: Trajectory) -> None:
    with pytest.raises(ConfigError, match="VISGEN_JUDGE_MODEL"):
        vg.reward("ltr", judge="llm")
    with serving() as server:
        monkeypatch.setenv("VISGEN_JUDGE_MODEL", "m")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        reward = vg.reward("ltr", judge="llm")
        assert reward(film).total < 1
    assert isinstance(reward, LtrReward)
    assert not reward.repeatable
    assert len(list(Path("runs/judge").rglob("*.json"))) == 2


def test_all_environments_of_a_process_share_the_judge_llm_and_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server:
        monkeypatch.setenv("VISGEN_JUDGE_MODEL", "m")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("VISGEN_JUDGE_CALLS", "2")
        one, other = named_judge("llm"), named_judge("llm")
        assert one is other
        one(questions("a"))
        other(questions("b"))
        with pytest.raises(JudgeError, match="2 of 2 calls"):
            named_judge("llm")(questions("c"))
        for name, text in {
            "VISGEN_JUDGE_CALLS": "3",
            "VISGEN_JUDGE_TOKENS": "150",
            "VISGEN_JUDGE_CACHE": "elsewhere",
            "VISGEN_JUDGE_MODEL": "n",
            "OPENAI_BASE_URL": "http://127.0.0.1:1/v1",
            "OPENAI_API_KEY": KEY,
        }.items():
            monkeypatch.setenv(name, text)
            last, one = one, named_judge("llm")
            assert one is not last


@pytest.mark.parametrize("name", ["VISGEN_JUDGE_CALLS", "VISGEN_JUDGE_TOKENS"])
@pytest.mark.parametrize("wrong", ["many", "-1", "1.5"])
def test_a_limit_in_the_environment_that_is_no_number_is_told(name: str, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISGEN_JUDGE_MODEL", "m")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv(name, wrong)
    with pytest.raises(ConfigError, match=f"{name}='{wrong}'"):
        named_judge("llm")


JUDGE = FakeJudge()


def factory() -> FakeJudge:
    return FakeJudge(version="made")


class NeedsMore(FakeJudge):
    def __init__(self, value: float) -> None:
        super().__init__(value)


class Fails(FakeJudge):
    def __init__(self) -> None:
        raise KeyError("weights")


def registered(monkeypatch: pytest.MonkeyPatch, attribute: str) -> str:
    """A name under which an attribute of this module is registered."""
    monkeypatch.setitem(plugins._registered("judges"), "own-judge", EntryPoint("own-judge", f"{__name__}:{attribute}", "visgenenv.judges"))
    return "own-judge"


def test_a_registered_judge_is_taken_as_it_is_and_a_factory_or_class_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    assert named_judge(registered(monkeypatch, "JUDGE")) is JUDGE
    assert named_judge(registered(monkeypatch, "factory")).version == "made"
    assert isinstance(named_judge(registered(monkeypatch, "FakeJudge")), FakeJudge)
    assert named_judge(f"{__name__}:JUDGE") is JUDGE
    assert isinstance(named_judge(f"{__name__}:FakeJudge"), FakeJudge)
    with pytest.raises(ConfigError, match="expected a callable"):
        named_judge(registered(monkeypatch, "KEY"))


@pytest.mark.parametrize(("name", "says"), [("NeedsMore", "TypeError"), ("Fails", "KeyError: 'weights'")])
def test_a_judge_that_cannot_be_made_is_told(name: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for own in (f"{__name__}:{name}", registered(monkeypatch, name)):
        with pytest.raises(PluginError, match=says):
            named_judge(own)


def test_the_command_scores_with_it_and_says_what_it_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], film: Trajectory
) -> None:
    from visgenenv.cli import main

    vg.save("x.jsonl", [film, one_picture(task())])
    with serving() as server:
        monkeypatch.setenv("VISGEN_JUDGE_MODEL", "m")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        assert main(["score", "x.jsonl", "--judge", "llm", "--out", "y.jsonl", "--json"]) == 0
    shown = capsys.readouterr()
    assert "judge: 4 requests (0 retries, 0 given up), 0 answers without one, 400 + 40 tokens" in shown.err
    assert json.loads(shown.out)["parts"]["plan.optimal"]["mean"] == 0.5
    assert [one.task.modality for one in vg.load("y.jsonl")] == ["video", "image"]
