"""A sample without a reward does not pass unseen: score, rollout, diff and training say what is masked and why."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import training
from msgspec.structs import replace
from rewarding import one_picture, task

import visgenenv as vg
from rewards.diff import diff
from trainers.config import GrpoConfig
from trainers.runs import read_metrics
from trainers.samples import TokenSample
from trainers.stages import run_grpo
from trainers.stalling import PATIENCE, Stalling
from visgenenv.cli import main
from visgenenv.errors import ConfigError, RewardUnavailable, VisGenError
from visgenenv.masked import failures, told
from visgenenv.types import Trajectory

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
DOWN = "mean(fine, training:nothing)"


@pytest.fixture(scope="module")
def episodes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("episodes") / "x.jsonl"
    vg.save(path, vg.rollout("random", 6, seed=1))
    return path


def test_scores_that_are_none_say_why_and_fail(episodes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(episodes), "--reward", DOWN]) == 1
    assert "6 masked: reward 'mean(fine, training:nothing)': JudgeError: down" in capsys.readouterr().out
    assert main(["score", str(episodes), "--reward", DOWN, "--json"]) == 1
    assert list(json.loads(capsys.readouterr().out)["failures"].values()) == [6]
    assert main(["score", str(episodes), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["failures"] == {}


def test_a_rollout_says_why_its_samples_are_masked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["rollout", "--policy", "random", "--episodes", "3", "--reward", DOWN, "--out", str(tmp_path / "x.jsonl")]
    assert main(command) == 0
    assert "3 masked: " in capsys.readouterr().out
    assert [one.reward for one in vg.load(tmp_path / "x.jsonl")] == [None] * 3


def test_rewards_of_which_one_scores_nothing_are_not_compared(episodes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RewardUnavailable, match=r"none of 6 is scored: .*down"):
        diff(vg.load(episodes), vg.reward("ltr"), vg.reward(DOWN))
    assert main(["reward", "diff", "ltr", DOWN, str(episodes)]) == 1
    assert "none of 6 is scored" in capsys.readouterr().err


def test_reasons_are_counted_the_commonest_first_and_few_are_told() -> None:
    masked = [one_picture(task()) for _ in range(7)]
    why = ["b", "a", "b", "c", "d", "e", "b"]
    found = failures([replace(one, reward=None, failure=reason) for one, reason in zip(masked, why, strict=True)])
    assert found == {"b": 3, "a": 1, "c": 1, "d": 1, "e": 1}
    assert told(found) == ["3 masked: b", "1 masked: a", "1 masked: c", "2 more masked, for 2 other reasons"]
    assert failures(masked[:0]) == {}


def test_reasons_that_differ_by_the_name_of_task_or_sample_are_one() -> None:
    asked = [one_picture(task(count=1)) for _ in range(3)]
    paid = vg.reward("consistency").score_many([replace(one, task=replace(one.task, id=f"image/{n}")) for n, one in enumerate(asked)])
    masked = [replace(one.trajectory, reward=None, failure=str(one)) for one in paid if isinstance(one, RewardUnavailable)]
    assert list(failures(masked).values()) == [3]


def test_a_copied_file_in_a_folder_is_refused_and_policies_that_act_alike_are_not(episodes: Path, tmp_path: Path) -> None:
    shutil.copy(episodes, tmp_path / "a.jsonl")
    assert len(vg.load(tmp_path)) == 6
    shutil.copy(episodes, tmp_path / "b.jsonl")
    with pytest.raises(ConfigError, match=r"every episode of a\.jsonl stands in b\.jsonl too"):
        vg.load(tmp_path)
    one, *others = vg.load(episodes)
    vg.save(tmp_path / "a.jsonl", [one, *vg.rollout("single-image", 2, seed=1)])
    assert len(vg.load(tmp_path)) == 9
    vg.save(tmp_path / "a.jsonl", others)
    with pytest.raises(ConfigError, match="would count twice"):
        vg.load(tmp_path)


def _sample(reward: float | None) -> TokenSample:
    episode = replace(one_picture(task()), reward=None, failure=None if reward else "down")
    return TokenSample(
        prompt_ids=(1,), ids=(2,), mask=(1,), logprobs=(0.0,), reward=reward, parts={}, group=0, success=False, trajectory=episode
    )


def test_a_run_stops_after_steps_without_one_reward() -> None:
    stalling, paid, unpaid = Stalling(), [_sample(1.0)], [_sample(None), _sample(None)]
    for step in range(PATIENCE - 1):
        stalling.look(step, unpaid)
    stalling.look(PATIENCE, paid + unpaid)
    for step in range(PATIENCE - 1):
        stalling.look(step, unpaid)
    with pytest.raises(VisGenError, match=f"{PATIENCE} steps in a row without one reward, the last because: down"):
        stalling.look(PATIENCE, unpaid)


def away(trajectory: Trajectory) -> float:
    """A judge that is down until somebody puts it up."""
    return training.brevity(trajectory) if os.environ.get("JUDGE") == "up" else training.nothing(trajectory)


def small(folder: Path, **changes: int) -> GrpoConfig:
    values = {"steps": 2, "prompts": 2, "group_size": 2, "max_turns": 2, "max_turn_tokens": 20, "threads": 1, **changes}
    return GrpoConfig(model=training.saved(folder / "start"), reward="test_masked:away", **values)  # type: ignore[arg-type]


def test_a_run_of_which_no_step_is_paid_leaves_no_model_however_often_it_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = small(tmp_path)
    for _ in range(2):
        with pytest.raises(VisGenError, match=r"no step had a reward, the last because: .*down"):
            run_grpo(config, tmp_path / "run")
        assert not (tmp_path / "run" / "model").exists()
        assert "step 1: all 4 samples are masked" in capsys.readouterr().err
    monkeypatch.setenv("JUDGE", "up")
    assert run_grpo(config, tmp_path / "run").exists()
    rows = read_metrics(tmp_path / "run")
    assert [(row["step"], row["masked"]) for row in rows] == [(1, 0), (2, 0)]
    assert all(row["reward"] is not None for row in rows)


def test_steps_that_stalled_are_practised_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small(tmp_path, steps=PATIENCE + 1, save_steps=1)
    with pytest.raises(VisGenError, match=f"{PATIENCE} steps in a row"):
        run_grpo(config, tmp_path / "run")
    monkeypatch.setenv("JUDGE", "up")
    run_grpo(config, tmp_path / "run")
    assert [(row["step"], row["masked"]) for row in read_metrics(tmp_path / "run")] == [(step + 1, 0) for step in range(PATIENCE + 1)]


def test_a_run_that_goes_on_knows_what_was_paid_before_it() -> None:
    unpaid = [_sample(None)]
    paid_before = Stalling([{"reward": 0.5}, {"reward": None}])
    assert paid_before.unpaid
    paid_before.end()
    paid_before.look(2, unpaid)
    with pytest.raises(VisGenError, match=f"{PATIENCE} steps in a row"):
        paid_before.look(3, unpaid)
    with pytest.raises(VisGenError, match="no step had a reward"):
        Stalling([{"reward": None}]).end()
    assert not Stalling().unpaid
