"""The commands that measure the environment say what they measured, and fail when it falls short."""

import json

import pytest

from benchmarks import expert, luck, soak
from benchmarks.stats import share_interval
from visgenenv.cli import main


def test_the_soak_finds_memory_flat_and_nothing_left_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "soak", "--episodes", "120", "--bytes", "60000", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["episodes"], found["passed"], set(found["left_over"].values())) == (120, True, {0})
    assert found["fuzzed_bytes"] == 60_000
    assert 0 < found["longest_answer"] <= soak.LONGEST_ANSWER


def test_the_soak_fails_where_something_is_left_over(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(soak, "_episodes", lambda count, seed: ([50.0] * 20, {"EpisodeState": 3}))
    monkeypatch.setattr(soak, "_fuzz", lambda wanted, seed: (100, 1.0))
    assert main(["bench", "soak", "--episodes", "20", "--bytes", "10"]) == 1
    assert "left over: {'EpisodeState': 3}" in capsys.readouterr().out
    monkeypatch.setattr(soak, "_episodes", lambda count, seed: ([50.0] * 15 + [60.0] * 5, {"EpisodeState": 0}))
    assert main(["bench", "soak", "--episodes", "20", "--bytes", "10"]) == 1


def test_shared_luck_takes_noise_out_of_advantages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "luck", "--groups", "12", "--repeats", "4", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert 0 < found["ratio"] < 0.6
    assert found["shared"]["mean"] < found["independent"]["mean"]
    assert len(luck.FLAWS) == 6


def test_the_expert_is_measured_on_every_type_and_profile(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["bench", "expert", "--seeds", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [profile["faults"] for profile in found["profiles"]] == ["none", "moderate", "severe"]
    assert found["profiles"][0]["success"]["mean"] == 1
    assert all(profile["failed"] == profile["repaired"] + profile["given_up"] for profile in found["profiles"])
    assert len(found["types"]) == 42
    assert all(len(kind["tokens"]) == 4 and min(kind["tokens"].values()) > 20 for kind in found["types"])
    monkeypatch.setitem(expert.BARS, "severe", 1.01)
    assert main(["bench", "expert", "--seeds", "1"]) == 1


def test_a_share_has_an_interval_even_where_all_or_none_hit() -> None:
    assert share_interval(0, 0) is None
    every = share_interval(25, 25)
    assert every is not None
    assert (round(every.low, 2), every.high) == (0.87, 1.0)
    none = share_interval(0, 25)
    assert none is not None
    assert (none.low, round(none.high, 2)) == (0.0, 0.13)
