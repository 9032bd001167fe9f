"""What is trained on is what the stored record comes to, or the run stops."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import msgspec
import pytest
import training

from rewards import LtrReward, reward
from trainers import GrpoConfig, run_grpo
from trainers.rescoring import rescored
from trainers.runs import read_metrics
from trainers.samples import TokenSample, collect
from visgenenv.errors import ConfigError, VisGenError
from visgenenv.trajectories import load
from visgenenv.types import Task

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
TASKS = [Task(modality="image", prompt="a red bicycle"), Task(modality="image", prompt="two blue cups")]
SCHEDULED = "ramp(0, 1, 0, 10) * training:brevity + 0.5 * format"


def played(expression: str, step: int | None = None) -> list[TokenSample]:
    """Episodes of a policy that says nothing that parses."""

    def generate(prompts: list[list[int]]) -> list[tuple[list[int], list[float]]]:
        end = training.tokenizer().eos_token_id
        return [([*range(9, 12 + 3 * number), end], [-1.0] * (4 + 3 * number)) for number, _ in enumerate(prompts)]

    return collect(generate, TASKS, 2, 0, expression, tokenizer=training.tokenizer(), step=step, **training.SHORT)


def test_samples_know_their_step_and_are_scored_again() -> None:
    samples = rescored(played(SCHEDULED, 4), reward(SCHEDULED))
    assert [sample.rescored for sample in samples] == [True] * 4
    assert {sample.trajectory.step for sample in samples} == {4}


def test_a_schedule_without_a_step_is_refused_before_anything_is_played() -> None:
    with pytest.raises(ConfigError, match="none was given"):
        played(SCHEDULED)


def changed(sample: TokenSample, part: str) -> TokenSample:
    """A sample whose stored record says otherwise of a part, in the last bit."""
    kept = sample.trajectory.reward
    assert kept is not None
    score = kept.parts[part]
    assert score is not None
    parts = {**kept.parts, part: msgspec.structs.replace(score, value=score.value + 2**-50)}
    record = msgspec.structs.replace(sample.trajectory, reward=msgspec.structs.replace(kept, parts=parts))
    return dataclasses.replace(sample, trajectory=record)


def test_a_part_that_comes_out_otherwise_stops_with_trajectory_and_part() -> None:
    samples = played("training:brevity")
    broken = changed(samples[2], "format")
    with pytest.raises(VisGenError, match=rf"{broken.trajectory.id}: .* part 'format' was"):
        rescored([*samples[:2], broken, samples[3]], reward("training:brevity"))


def test_a_total_other_than_the_stored_one_stops() -> None:
    sample = played("training:brevity")[0]
    assert sample.reward is not None
    with pytest.raises(VisGenError, match="the reward that is trained on"):
        rescored([dataclasses.replace(sample, reward=sample.reward + 2**-50)], reward("training:brevity"))


def test_masked_samples_and_judges_that_are_no_rules_are_let_be() -> None:
    samples = played("training:moody")
    assert 0 < sum(sample.masked for sample in samples) < 4
    assert [sample.rescored for sample in rescored(samples, reward("training:moody"))] == [not sample.masked for sample in samples]

    class Dear:
        version = "dear/1"

        def __call__(self, questions):
            raise AssertionError("it would be paid again")

    assert not any(sample.rescored for sample in rescored(samples, LtrReward("training:moody", judge=Dear())))


def dice(trajectory: object) -> float:
    """A model behind an endpoint, in short."""
    return 0.5


dice.deterministic = False  # type: ignore[attr-defined]


def test_a_component_may_say_that_it_is_not_to_be_asked_again() -> None:
    assert reward("format").repeatable
    assert not reward("format + test_train_rescoring:dice").repeatable


def test_practice_under_a_schedule_reads_the_step_of_the_training(tmp_path: Path) -> None:
    options = {"steps": 2, "prompts": 2, "group_size": 2, "max_turn_tokens": 20, "max_turns": 2, "threads": 1}
    expression = "switch(1, 0.5, 1) * training:brevity"
    run_grpo(GrpoConfig(model=training.saved(tmp_path / "start"), reward=expression, **options), tmp_path / "run")  # type: ignore[arg-type]
    for step in (0, 1):
        stored = load(tmp_path / "run" / "trajectories" / f"grpo-{step + 1:05d}.jsonl")
        for trajectory in stored:
            assert trajectory.reward is not None
            brevity = trajectory.reward.parts["training:brevity"]
            assert brevity is not None
            assert (trajectory.step, trajectory.reward.step) == (step, step)
            assert trajectory.reward.total == brevity.value * (1 if step == 0 else 0.5)
    assert [row["rescored"] for row in read_metrics(tmp_path / "run")] == [4, 4]


def test_a_reward_that_changes_its_mind_stops_the_practice(tmp_path: Path) -> None:
    options = {"steps": 2, "prompts": 2, "group_size": 2, "max_turn_tokens": 20, "max_turns": 2, "threads": 1}
    own = GrpoConfig(model=training.saved(tmp_path / "start"), reward="test_train_rescoring:fickle", **options)  # type: ignore[arg-type]
    with pytest.raises(VisGenError, match="part 'test_train_rescoring:fickle' was"):
        run_grpo(own, tmp_path / "run")


_asked = itertools.count()


def fickle(trajectory: object) -> float:
    """Another number each time."""
    return 1 / (2 + next(_asked))
