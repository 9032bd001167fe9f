"""The whole job in miniature: two seeds side by side, start, practice, measure, report, pooled."""

import json
from pathlib import Path

import pytest

from benchmarks.side_by_side import clocked
from visgenenv.cli import main

TINY = {
    "episodes": 12,
    "pst": {
        "model": {"hidden": 32, "layers": 1, "heads": 1, "mlp": 48, "words": 150},
        "data": {"demonstrations": 48, "general": 24, "copying": 12},
        "first_general": 12,
        "first_visual": 24,
        "second_general": 12,
        "second_visual": 24,
    },
    "grpo": {"steps": 2, "prompts": 2, "group_size": 2, "max_turns": 6, "max_turn_tokens": 20, "max_length": 400},
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_the_study_of_two_seeds_runs_from_its_command_and_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tiny.json").write_text(json.dumps(TINY))
    command = ["bench", "training", "--seeds", "0", "1", "--config", "tiny.json", "--out", "study.json"]
    assert main(command) == 0
    study = json.loads(Path("study.json").read_text())
    assert study["seeds"] == [0, 1]
    assert set(study["gains"]) == {"success, greedy", "reward, greedy", "reward, T = 1"}
    for seed in ("0", "1"):
        folder = Path("runs/training") / f"seed{seed}"
        assert study["by_seed"][seed]["policies"]["expert"]["success"]["mean"] == 1.0
        stages = [json.loads(line)["stage"] for line in (folder / "metrics.jsonl").read_text().splitlines()]
        assert list(dict.fromkeys(stages)) == ["stage1", "stage2", "grpo"]
        assert stages.count("grpo") == 2
        page = (folder / "report.html").read_text()
        assert "PST: loss" in page
        assert "GRPO: parts of the reward" in page
    models = [Path("runs/training") / f"seed{seed}" / "grpo" / "model" / "model.safetensors" for seed in (0, 1)]
    stamps = [model.stat().st_mtime_ns for model in models]
    assert main(command) == 0
    assert [model.stat().st_mtime_ns for model in models] == stamps
    again = json.loads(Path("study.json").read_text())
    assert {**again, "minutes": 0, "by_seed": 0} == {**study, "minutes": 0, "by_seed": 0}


def test_a_wrong_configuration_is_told_before_any_seed_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("wrong.json").write_text('{"pst": {"seed": "x"}}')
    assert main(["bench", "training", "--seeds", "0", "--config", "wrong.json"]) == 2
    assert "pst.seed='x'" in capsys.readouterr().err


def test_a_seed_that_fails_is_named_and_nothing_is_pooled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tiny.json").write_text(json.dumps(TINY))
    for seed in (0, 1):
        folder = Path("runs/training") / f"seed{seed}" / "pst"
        folder.mkdir(parents=True)
        (folder / "config.json").write_text('{"seed": 99}')
    assert main(["bench", "training", "--seeds", "0", "1", "--config", "tiny.json", "--out", "study.json"]) == 1
    told = capfd.readouterr().err
    assert "seed 0 failed with exit status 2; run it again to go on" in told
    assert "seed 1 failed with exit status 2; run it again to go on" in told
    assert not Path("study.json").exists()


def test_the_minutes_of_a_study_are_those_of_all_its_invocations(tmp_path: Path) -> None:
    clock = tmp_path / "study_clock.json"
    assert clocked(clock, 90.0) == 1.5
    assert clocked(clock, 30.0) == 2.0
    assert json.loads(clock.read_text()) == {"seconds": 120.0}
