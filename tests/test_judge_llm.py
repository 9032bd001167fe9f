"""The LLM judge against a server on the loopback: what it asks, what it keeps and how its waits overlap."""

from __future__ import annotations

import json
import os
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from judge_server import Reply, candidate, error, facets_of, good, serving, verdict
from judging import first_plan, judge_at, own_reward, questions
from rewarding import PICTURE, PLAN, picture, play, step, task, turn

import visgenenv as vg
from rewards.judges import FACETS, JudgeError, LlmJudge, Question, RuleJudge
from rewards.judges.cache import Cache
from rewards.judges.llm import ALL
from rewards.plan.experts import lessons_for
from rewards.record import Record
from visgenenv.errors import ConfigError, RewardUnavailable
from visgenenv.types import Score, Trajectory

pytestmark = pytest.mark.usefixtures("no_judge")


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


def test_the_ends_of_a_batch_wait_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda request, _: Reply(verdict(request), wait_s=0.2)) as server:
        name = own_reward(server.url, "slow_judge", tmp_path, monkeypatch)
        found = vg.rollout("auto-pipeline", episodes=8, reward=name, batch=8)
    assert server.most >= 4
    bare = vg.rollout("auto-pipeline", episodes=8, batch=8)
    assert [one.hash for one in found] == [one.hash for one in bare]
    assert all(one.reward is not None for one in found)
