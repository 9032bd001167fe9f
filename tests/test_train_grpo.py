"""GRPO on TRL: exact masks, our advantages, inert masked samples, and a resumed run that equals an uninterrupted one."""

import ctypes
import json
import re
import resource
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import training
from trl import GRPOConfig, GRPOTrainer

from trainers import GrpoConfig, environment_reward, group_advantages, rollout_function, run_grpo, task_dataset, trained_tokens
from trainers.callbacks import return_free_memory
from trainers.runs import read_metrics
from trainers.samples import TokenSample, play
from trainers.vrl.trl import _chunks, _episodes, _GRPOTrainer
from visgenenv.errors import ConfigError, VisGenError
from visgenenv.trajectories import load

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")


def trainer(folder: Path, kind: type = _GRPOTrainer, *, reward: str = "training:brevity", on_samples: Any = None, **options: Any) -> Any:
    arguments = {
        "output_dir": str(folder / "out"),
        "per_device_train_batch_size": 8,
        "num_generations": 4,
        "max_steps": 2,
        "learning_rate": 1e-3,
        "beta": 0.05,
        "use_cpu": True,
        "bf16": False,
        "gradient_checkpointing": False,
        "shuffle_dataset": False,
        "report_to": "none",
        "disable_tqdm": True,
        "save_strategy": "no",
        **options,
    }
    return kind(
        model=training.saved(folder / "start"),
        args=GRPOConfig(**arguments),
        train_dataset=task_dataset(8),
        reward_funcs=environment_reward,
        rollout_func=rollout_function(reward, max_turn_tokens=30, on_samples=on_samples, **training.SHORT),
    )


def generated(folder: Path, **options: Any) -> tuple[Any, dict[str, torch.Tensor], list[TokenSample]]:
    """A trainer, its first generation as TRL holds it, and the samples behind it, in TRL's order."""
    found: list[TokenSample] = []
    made = trainer(folder, on_samples=lambda step, samples: found.extend(samples), **options)
    batch = [made.train_dataset[number // 4] for number in range(8)]
    made.model.train()
    made.current_gradient_accumulation_steps = 1
    return made, made._generate_and_score_completions(batch), found


def test_several_processes_are_not_let_into_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match="WORLD_SIZE='2': one process trains one folder"):
        run_grpo(GrpoConfig(model=str(tmp_path)), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_trl_trains_on_our_tokens_masks_and_advantages(tmp_path: Path) -> None:
    _, inputs, samples = generated(tmp_path)
    for row, sample in enumerate(samples):
        size = len(sample.ids)
        assert inputs["completion_ids"][row, :size].tolist() == list(sample.ids)
        assert (inputs["completion_mask"] * inputs["tool_mask"])[row].tolist() == [*sample.mask] + [0] * (
            inputs["completion_ids"].shape[1] - size
        )
        assert inputs["prompt_ids"][row][inputs["prompt_mask"][row].bool()].tolist() == list(sample.prompt_ids)
    ours = group_advantages([sample.reward for sample in samples], [sample.group for sample in samples])
    assert inputs["advantages"].tolist() == pytest.approx(ours, abs=1e-4)
    assert ours.any()
    assert int(inputs["num_items_in_batch"]) == trained_tokens([s.mask for s in samples], [s.reward for s in samples])


def test_without_the_deviation_advantages_are_ours_too(tmp_path: Path) -> None:
    _, inputs, samples = generated(tmp_path, scale_rewards="none")
    ours = group_advantages([sample.reward for sample in samples], [sample.group for sample in samples], scale="none")
    assert inputs["advantages"].tolist() == pytest.approx(ours, abs=1e-5)


def test_our_forward_pass_gives_what_was_sampled_and_what_trl_computes(tmp_path: Path) -> None:
    made, inputs, samples = generated(tmp_path)
    ids = torch.cat([inputs["prompt_ids"], inputs["completion_ids"]], 1)
    attention = torch.cat([inputs["prompt_mask"], inputs["completion_mask"]], 1)
    kept = inputs["completion_ids"].shape[1]
    own = (inputs["completion_mask"] * inputs["tool_mask"]).bool()
    made.model.eval()
    with torch.inference_mode():
        ours = made._get_per_token_logps_and_entropies(made.model, ids, attention, kept, compute_entropy=True)
        theirs = GRPOTrainer._get_per_token_logps_and_entropies(made, made.model, ids, attention, kept, compute_entropy=True)
    valid = inputs["completion_mask"].bool()
    for mine, their in zip(ours[:2], theirs[:2], strict=True):
        assert (mine - their)[valid].abs().max() < 1e-4
    sampled = torch.nn.utils.rnn.pad_sequence([torch.tensor(sample.logprobs) for sample in samples], batch_first=True)
    assert (ours[0] - sampled)[own].abs().max() <= 1e-5


def loss_and_gradients(made: Any, inputs: dict[str, torch.Tensor]) -> tuple[float, list[torch.Tensor]]:
    made.model.zero_grad()
    loss = made._compute_loss(made.model, inputs)
    loss.backward()
    return loss.item(), [weight.grad.clone() for weight in made.model.parameters()]


def test_masked_samples_are_inert(tmp_path: Path) -> None:
    made, inputs, samples = generated(tmp_path, reward="training:moody")
    masked = [row for row, sample in enumerate(samples) if sample.masked]
    kept = [row for row, sample in enumerate(samples) if not sample.masked]
    assert masked
    assert kept
    assert inputs["advantages"][masked].abs().max() == 0
    assert int(inputs["num_items_in_batch"]) == trained_tokens([s.mask for s in samples], [s.reward for s in samples])
    loss, gradients = loss_and_gradients(made, inputs)
    # Other words in a masked sample change nothing …
    other = {**inputs, "completion_ids": inputs["completion_ids"].clone()}
    other["completion_ids"][masked] = 7
    again, same = loss_and_gradients(made, other)
    assert again == pytest.approx(loss, abs=1e-6)
    # … and neither does its being there at all.
    without = {name: value[kept] if value.dim() else value for name, value in inputs.items()}
    alone, bare = loss_and_gradients(made, without)
    assert alone == pytest.approx(loss, abs=1e-6)
    for a, b, c in zip(gradients, same, bare, strict=True):
        assert torch.allclose(a, b, atol=1e-6)
        assert torch.allclose(a, c, atol=1e-6)


def test_a_generation_of_masked_samples_only_moves_nothing(tmp_path: Path) -> None:
    made = trainer(tmp_path, reward="training:nothing", max_steps=1, beta=0.0, weight_decay=0.0)
    before = {name: value.clone() for name, value in made.model.state_dict().items()}
    made.train()
    assert all(torch.equal(before[name], value) for name, value in made.model.state_dict().items())


def test_a_reward_that_its_parts_do_not_recompute_to_stops_the_run() -> None:
    from visgenenv.types import RewardBreakdown, Score

    good = RewardBreakdown(total=0.5, expression="plan", parts={"plan": Score(value=0.5)})
    assert environment_reward([""], visgen_reward=[0.5], visgen_breakdown=[good]) == [0.5]
    assert environment_reward([""], visgen_reward=[None], visgen_breakdown=[None]) == [None]
    with pytest.raises(VisGenError, match=r"0\.6"):
        environment_reward([""], visgen_reward=[0.6], visgen_breakdown=[good])
    with pytest.raises(ConfigError, match="rollout_func"):
        environment_reward([""])


def test_prompts_without_a_task_are_refused() -> None:
    with pytest.raises(ConfigError, match="task_dataset"):
        _episodes([[{"role": "user", "content": "draw"}]])


def test_equal_prompts_are_the_members_of_a_group() -> None:
    rows = [row["prompt"] for row in task_dataset(2)]
    episodes = _episodes([rows[0], rows[0], rows[1], rows[1]])
    assert [(episode.group, episode.member) for episode in episodes] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert episodes[0].chance_seed == episodes[1].chance_seed != episodes[2].chance_seed


def test_chunks_hold_every_row_and_like_lengths() -> None:
    sizes = [5, 890, 30, 6, 881, 31]
    chunks = _chunks(sizes, tokens=1800)
    assert sorted(row for chunk in chunks for row in chunk) == list(range(6))
    assert chunks[0] == [1, 4]


def config(folder: Path, **changes: Any) -> GrpoConfig:
    base = {"steps": 4, "prompts": 2, "group_size": 3, "max_turn_tokens": 25, "max_turns": 2, "save_steps": 2, "threads": 1}
    return GrpoConfig(model=training.saved(folder / "start"), **{"reward": "training:brevity", **base, **changes})


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grpo")
    run_grpo(config(folder), folder / "run")
    return folder


def test_metrics_hold_a_row_a_step_whose_reward_is_that_of_the_stored_trajectories(trained: Path) -> None:
    rows = read_metrics(trained / "run")
    assert [row["step"] for row in rows] == [1, 2, 3, 4]
    for row in rows:
        stored = load(trained / "run" / "trajectories" / f"grpo-{row['step']:05d}.jsonl")
        assert len(stored) == 6
        totals = [trajectory.reward.total for trajectory in stored if trajectory.reward]
        assert row["reward"] == pytest.approx(sum(totals) / len(totals), abs=1e-9)
        assert {"success", "parts", "kl", "entropy", "policy_tokens", "zero_variance_groups", "masked", "loss", "clock"} <= row.keys()
        assert "format" in row["parts"]
        assert row["rescored"] == 6
        assert {trajectory.step for trajectory in stored} == {row["step"] - 1}
    assert rows[0]["kl"] == pytest.approx(0, abs=1e-6)
    assert rows[-1]["kl"] > 0


def test_a_resumed_run_equals_an_uninterrupted_one(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from trainers import callbacks

    class Interrupted(callbacks.RunCallback):
        """Pulls the plug after the update of step 3, which no checkpoint holds."""

        def on_step_end(self, args, state, control, **more):
            super().on_step_end(args, state, control, **more)
            if state.global_step == 3:
                raise KeyboardInterrupt

    own = config(trained)
    with monkeypatch.context() as patch:
        patch.setattr("trainers.vrl.trl.RunCallback", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_grpo(own, tmp_path)
    run_grpo(own, tmp_path)
    whole = trained / "run"
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == (whole / "model" / "model.safetensors").read_bytes()
    for name in ("grpo-00003.jsonl", "grpo-00004.jsonl"):
        assert (tmp_path / "trajectories" / name).read_bytes() == (whole / "trajectories" / name).read_bytes()

    def figures(folder: Path) -> list[str]:
        return [json.dumps({name: value for name, value in row.items() if name != "clock"}) for row in read_metrics(folder)]

    assert figures(tmp_path) == figures(whole)


def test_practice_raises_the_reward_it_is_paid_by(tmp_path: Path) -> None:
    run_grpo(config(tmp_path, reward="training:chinese", steps=16, group_size=8, lr=1e-2, beta=0.0, save_steps=16), tmp_path / "run")
    rows = read_metrics(tmp_path / "run")
    assert sum(row["reward"] for row in rows[-3:]) > sum(row["reward"] for row in rows[:3]) + 0.1


SCRIPT = """
from trl import GRPOConfig, GRPOTrainer
from trainers import environment_reward, rollout_function, task_dataset

trainer = GRPOTrainer(
    model="start",
    args=GRPOConfig("out", per_device_train_batch_size=4, num_generations=4, max_steps=1, use_cpu=True, bf16=False, report_to="none"),
    train_dataset=task_dataset(16, "train"),
    reward_funcs=environment_reward,
    rollout_func=rollout_function("ltr", system_prompt="none", max_turns=2, max_turn_tokens=20),
)
trainer.train()
print(trainer.state.log_history[0]["reward"])
"""


def test_ones_own_trl_script_takes_our_rollout_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    training.saved(tmp_path / "start")
    monkeypatch.chdir(tmp_path)
    assert len(SCRIPT.strip().splitlines()) <= 15
    exec(compile(SCRIPT, "script", "exec"), {})
    assert re.search(r"^0\.\d*$|^0$|^1\.0$", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_sampling_is_in_full_precision_beside_updates_in_bfloat16(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from trainers.samples import logprob_distances
    from trainers.vrl import trl

    worst: list[float] = []

    def watched(policy: Any, *arguments: Any, **options: Any) -> Any:
        samples = list(play(policy, *arguments, **options))
        worst.append(max(logprob_distances(policy.decoder.model, samples)))
        return samples

    monkeypatch.setattr(trl, "play", watched)
    run_grpo(config(tmp_path, bf16=True, steps=2), tmp_path / "run")
    assert len(worst) == 2
    assert max(worst) <= 1e-5


@pytest.mark.skipif(sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only glibc is told to")
def test_memory_that_nothing_uses_goes_back_to_the_system() -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    malloc = ctypes.CDLL(None).malloc
    malloc.restype, malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    free = ctypes.CDLL(None).free
    free.argtypes = [ctypes.c_void_p]
    blocks = [malloc(60_000) for _ in range(4000)]
    for block in blocks:
        ctypes.memset(block, 1, 60_000)
    for block in blocks[:-1]:  # the last one keeps the heap from shrinking by itself
        free(block)
    before = resident()
    return_free_memory()
    assert before - resident() > 150e6
    free(blocks[-1])
