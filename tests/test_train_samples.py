"""Token samples: exactly what the policy wrote, grouped under one luck, with masked ones in their places."""

import json

import pytest
import training

import visgenenv as vg
from benchmarks.exactness import Drill, drill, mismatches, turns_of
from policies.chat import Chat
from policies.language_model import LanguageModelPolicy
from trainers.samples import Episode, logprob_distances, play
from visgenenv.errors import ConfigError
from visgenenv.tasks.generator import TRAIN

TASKS = [TRAIN(seed) for seed in (0, 1, 6)]
CHAT = Chat(training.tokenizer())


def policy(seed: int = 0, **options) -> LanguageModelPolicy:
    return LanguageModelPolicy(training.model(), training.tokenizer(), temperature=1.0, seed=seed, max_turn_tokens=40, **options)


def test_tokens_are_exactly_the_policys_text_under_faults_revisions_and_truncation() -> None:
    figures = drill(CHAT, 150, seed=3)
    assert figures["mismatches"] == 0, figures["first"]
    assert all(figures[name] > 0 for name in ("faults", "revisions", "unparsed", "truncated")), figures


def test_the_check_sees_a_mask_that_is_off_by_one() -> None:
    (sample,) = play(Drill(CHAT, 0), [Episode(TASKS[0], 0, 0, 0)], 0, system_prompt="none")
    assert mismatches(sample, CHAT) == []
    import dataclasses

    for mask in ((0, *sample.mask[:-1]), (*sample.mask[1:], 0)):
        assert mismatches(dataclasses.replace(sample, mask=mask), CHAT)


def test_sampled_log_probabilities_recompute() -> None:
    own = policy()
    samples = vg.collect(own, TASKS, 2, seed=1, **training.SHORT)
    assert max(logprob_distances(own.decoder.model, samples)) <= 1e-5


def test_samples_come_by_groups_that_share_task_and_luck() -> None:
    samples = vg.collect(policy(), TASKS, 3, seed=1, **training.SHORT)
    assert [sample.group for sample in samples] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    for group in range(3):
        members = [sample for sample in samples if sample.group == group]
        assert {sample.trajectory.task.id for sample in members} == {TASKS[group].id}
        assert len({sample.trajectory.chance_seed for sample in members}) == 1
        assert len({sample.ids for sample in members}) == 3
        assert len({sample.prompt_ids for sample in members}) == 1


def test_lists_have_one_entry_a_token_and_the_episode_ends_with_the_policy() -> None:
    for sample in vg.collect(policy(), TASKS, 2, seed=1, **training.SHORT):
        assert len(sample.ids) == len(sample.mask) == len(sample.logprobs)
        assert sample.mask[0] == sample.mask[-1] == 1
        assert len(list(turns_of(sample))) == len(sample.trajectory.turns)
        assert all(value <= 0 for value in sample.logprobs)


def test_the_same_seed_gives_the_same_samples_whatever_the_batch() -> None:
    def run(seed: int, batch: int) -> list[tuple]:
        samples = vg.collect(policy(), TASKS, 2, seed=seed, batch=batch, **training.SHORT)
        return [(sample.ids, sample.trajectory.hash) for sample in samples]

    assert run(1, 6) == run(1, 2)
    assert run(1, 6) != run(2, 6)


def test_a_plain_function_generates_with_its_tokenizer() -> None:
    answer = CHAT.encode('<think>x</think><answer>{"deliverables":["img_1"]}</answer>')
    seen: list[int] = []

    def generate(prompts):
        seen.append(len(prompts))
        return [([*answer, training.tokenizer().eos_token_id], [-0.5] * (len(answer) + 1)) for _ in prompts]

    samples = vg.collect(generate, TASKS, 2, seed=0, tokenizer=training.tokenizer(), system_prompt="none")
    assert seen == [6]
    assert all(sample.ids == (*answer, training.tokenizer().eos_token_id) for sample in samples)
    assert not any(sample.success for sample in samples)


def test_a_masked_sample_stays_in_its_place() -> None:
    samples = vg.collect(policy(), TASKS, 4, seed=1, reward="training:moody", **training.SHORT)
    masked = [sample for sample in samples if sample.masked]
    assert len(samples) == 12
    assert 0 < len(masked) < 12
    for sample in masked:
        assert sample.reward is None
        assert sample.parts == {}
        assert "out of mood" in (sample.trajectory.failure or "")
        assert sum(sample.mask) > 0


def test_a_conversation_that_fills_the_context_ends_inert() -> None:
    own = policy()
    own.decoder.context = len(CHAT.opening([{"role": "user", "content": TASKS[0].prompt}])) + 30
    (sample,) = vg.collect(own, TASKS[:1], 1, seed=1, **training.SHORT)
    assert sample.trajectory.truncated
    assert len(sample.prompt_ids) + len(sample.ids) <= own.decoder.context
    assert sample.mask[-1] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((policy(), TASKS, 0, 1), "group_size=0"),
        ((lambda prompts: [], TASKS, 1, 1), "tokenizer"),
        ((5, TASKS, 1, 1), "generate=5"),
        ((policy(), [{"prompt": "x"}], 1, 1), "modality"),
    ],
)
def test_wrong_arguments_are_refused(arguments: tuple, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        vg.collect(*arguments)


def test_the_exactness_command_says_what_it_checked(capsys: pytest.CaptureFixture[str]) -> None:
    from visgenenv.cli import main

    assert main(["bench", "exactness", "--episodes", "20", "--sampled", "2", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["episodes"] == 20
    assert figures["mismatches"] == 0
    assert figures["sampled_tokens"] > 100
    assert figures["worst_logprob"] <= 1e-5
