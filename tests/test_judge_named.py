"""Judges by name: from arguments, the environment, installed packages and a user's module."""

from __future__ import annotations

import json
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from judge_server import serving
from judging import KEY, questions
from rewarding import one_picture, task

import visgenenv as vg
from rewards.judges import FakeJudge, JudgeError, LlmJudge
from rewards.judges.named import named_judge
from rewards.ltr import LtrReward
from visgenenv import plugins
from visgenenv.errors import ConfigError, MissingExtra, PluginError
from visgenenv.types import Trajectory

pytestmark = pytest.mark.usefixtures("no_judge")


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
    assert "2 of 2 were scored with --judge rules, and are scored with --judge llm here" in shown.err
    assert "judge: 4 requests (0 retries, 0 given up), 0 answers without one, 400 + 40 tokens" in shown.err
    assert json.loads(shown.out)["parts"]["plan.optimal"]["mean"] == 0.5
    assert [one.task.modality for one in vg.load("y.jsonl")] == ["video", "image"]
