"""GRPO on TRL: our sampler as its rollout function, our reward handed on as it is, KL to where training began."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import GRPOConfig, GRPOTrainer

from policies.language_model import LanguageModelPolicy, remember
from rewards import recompute
from rewards import reward as reward_of
from trainers.advantages import zero_variance_groups
from trainers.batches import padded
from trainers.callbacks import RunCallback, quiet
from trainers.config import SEED_STRIDE, GrpoConfig
from trainers.head import add_selected_head
from trainers.rescoring import rescored
from trainers.runs import Run
from trainers.samples import Episode, TokenSample, play
from trainers.stalling import Stalling
from visgenenv import chance
from visgenenv.episodes import make
from visgenenv.errors import ConfigError, VisGenError
from visgenenv.tasks.sources import as_task, resolve_source
from visgenenv.types import Task

REWARD = "visgen_reward"
"""Name under which a sample's reward travels through TRL."""
BREAKDOWN = "visgen_breakdown"
_TASK = msgspec.json.Decoder(Task)


def task_dataset(count: int, source: str = "train", seed: int = 0) -> Any:
    """A data set of the tasks `seed, seed+1, …` of a source, for TRL's `train_dataset`.

    Its one column is `prompt`: the task's words as a user message, which also carries the task itself and its luck.
    """
    task_of = resolve_source(source, None)
    return Dataset.from_list([{"prompt": [_message(as_task(task_of(number)), number)]} for number in range(seed, seed + count)])


def _message(task: Task, chance_seed: int) -> dict[str, str]:
    return {"role": "user", "content": task.prompt, "task": msgspec.json.encode(task).decode(), "chance_seed": str(chance_seed)}


def environment_reward(completions: Sequence[Any], **columns: Any) -> list[float | None]:
    """The reward function for TRL: hands on what the environment paid, None for a masked sample.

    Raises `VisGenError` where the parts of a reward do not recompute to what is handed on.
    """
    rewards: list[float | None] | None = columns.get(REWARD)
    if rewards is None:
        raise ConfigError("environment_reward needs rollout_func=rollout_function(…) beside it in GRPOTrainer")
    for paid, breakdown in zip(rewards, columns[BREAKDOWN], strict=True):
        if paid is not None and recompute(breakdown) != paid:
            raise VisGenError(f"the reward {paid!r} is not what its parts recompute to, {recompute(breakdown)!r}: {breakdown}")
    return list(rewards)


def rollout_function(
    reward: str | None = None,
    *,
    max_turn_tokens: int = 512,
    max_length: int | None = None,
    batch: int = 128,
    on_samples: Callable[[int, list[TokenSample]], object] | None = None,
    **environment: Any,
) -> Callable[[list[Any], Any], dict[str, list[Any]]]:
    """A `rollout_func` for TRL's GRPOTrainer that plays episodes of VisGenEnv with the model being trained.

    Use it with `train_dataset=task_dataset(…)` and `reward_funcs=environment_reward`. Members of a group share task and
    luck. The policy's tokens, ends of turns included, carry mask 1, the environment's 0; a masked sample carries no 1 at
    all, so that it weighs in no loss and no normaliser, and its reward is None, which moves no baseline. Sampling is
    keyed by the trainer's seed and step, so that a resumed run samples what an uninterrupted one does; schedules in the
    reward read that step, too. What is trained on is compared with what the records come to as they are stored.

    Args:
        reward: a name or an expression, as of `vg.reward`; None: the environment's own, `ltr` unless it says otherwise.
        max_turn_tokens: a turn is cut off there.
        max_length: tokens of a whole conversation, past which the policy says nothing more; None: as many as the model reads.
        batch: episodes played at a time.
        on_samples: told the step (from 0) and its samples.
        environment: `env`, the id of an environment of your own, and further arguments of `gymnasium.make`.

    Raises what making the environment raises, now and not hours later in the first step.
    """
    if reward is not None:
        environment["reward"] = reward
    make(**environment)
    played: Counter[int] = Counter()
    """Generations of a step so far: evaluation and accumulation draw luck of their own."""

    def rollout(prompts: list[Any], trainer: Any) -> dict[str, list[Any]]:
        step = int(trainer.state.global_step)
        policy = LanguageModelPolicy(
            trainer.accelerator.unwrap_model(trainer.model),
            trainer.processing_class,
            temperature=trainer.temperature,
            max_turn_tokens=max_turn_tokens,
            max_length=max_length,
            seed=int(trainer.args.seed),
            batch=batch,
        )
        key = chance.below(2**31, step, int(trainer.accelerator.process_index), played[step])
        played[step] += 1
        with _full_precision(policy.decoder.model):
            samples = list(play(policy, _episodes(prompts), key, batch=batch, step=step, **environment))
        samples = rescored(samples, make(**environment).engine)
        if on_samples is not None:
            on_samples(step, samples)
        # TRL wants at least one token of a completion, also where the context was full at once.
        ids = [list(sample.ids) or [policy.chat.tokenizer.eos_token_id] for sample in samples]
        return {
            "prompt_ids": [list(sample.prompt_ids) for sample in samples],
            "completion_ids": ids,
            "logprobs": [list(sample.logprobs) or [0.0] for sample in samples],
            "env_mask": [[0] * len(own) if sample.masked else list(sample.mask) or [0] for sample, own in zip(samples, ids, strict=True)],
            REWARD: [sample.reward for sample in samples],
            BREAKDOWN: [sample.trajectory.reward for sample in samples],
        }

    return rollout


@contextmanager
def _full_precision(model: Any) -> Iterator[None]:
    """Take off, for a while, the autocast that accelerate has put around the model's forward pass.

    In float32 the sampled log-probabilities are those of the weights, and decoding is faster.
    """
    original = getattr(model, "_original_forward", None)
    if original is None:
        yield
        return
    wrapped = model.forward
    model.forward = original
    try:
        yield
    finally:
        model.forward = wrapped


def _episodes(prompts: Sequence[Any]) -> list[Episode]:
    """An episode a prompt; equal prompts next to each other are the members of a group."""
    episodes: list[Episode] = []
    previous, group, member = None, -1, 0
    for prompt in prompts:
        message = prompt[-1] if isinstance(prompt, list) and prompt and isinstance(prompt[-1], dict) else {}
        if "task" not in message or "chance_seed" not in message:
            raise ConfigError(f"prompt={str(prompt)[:80]!r}: carries no task; make the data set with trainers.task_dataset(…)")
        key = (message["task"], message["chance_seed"])
        group, member = (group, member + 1) if key == previous else (group + 1, 0)
        previous = key
        episodes.append(Episode(_TASK.decode(message["task"]), int(message["chance_seed"]), group, member))
    return episodes


class _GRPOTrainer(GRPOTrainer):  # type: ignore[misc]  # TRL ships no types
    """TRL's trainer, with a forward pass that knows no padding."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        for model in (self.model, self.ref_model):
            if model is not None:
                add_selected_head(self.accelerator.unwrap_model(model), self.temperature)

    def _get_per_token_logps_and_entropies(
        self,
        model: Any,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        logits_to_keep: int,
        batch_size: int | None = None,
        compute_entropy: bool = False,
        compute_aux_loss: bool = False,
        **_: Any,
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
        """Log-probabilities (rows, kept positions) and entropies, from rows of like length without their padding.

        TRL pads prompts on the left and completions on the right to the longest of the whole batch. Rows are moved to
        the left edge and cut into chunks of like length; causal attention then needs no mask.
        """
        sizes = attention_mask.sum(1).tolist()
        starts = attention_mask.argmax(1).tolist()
        kept = input_ids.new_zeros((len(sizes), logits_to_keep), dtype=torch.float32)
        logps, entropies = kept, kept.clone()
        first = input_ids.shape[1] - logits_to_keep
        for rows in _chunks(sizes):
            longest = padded(max(sizes[row] for row in rows))
            ids = input_ids.new_full((len(rows), longest), int(self._tokenizer.pad_token_id))
            labels = input_ids.new_full((len(rows), longest), -100)
            for place, row in enumerate(rows):
                own = input_ids[row, starts[row] : starts[row] + sizes[row]]
                ids[place, : sizes[row]] = own
                labels[place, first - starts[row] : sizes[row]] = own[first - starts[row] :]
            with self.accelerator.autocast():
                outputs = model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=labels, fused_lm_head=True)
            # Position i of the outputs scores token i + 1.
            where = labels[:, 1:] != -100
            line = torch.tensor(rows, device=ids.device)[:, None].expand_as(where)[where]
            shift = torch.tensor([starts[row] + 1 - first for row in rows], device=ids.device)[:, None]
            column = (torch.arange(longest - 1, device=ids.device) + shift)[where]
            logps = logps.index_put((line, column), outputs.log_probs[:, : longest - 1][where].float())
            if compute_entropy:
                entropies = entropies.index_put((line, column), outputs.entropy[:, : longest - 1][where].float().detach())
        return logps, entropies if compute_entropy else None, None

    def _send_telemetry(self) -> None:
        """Nothing leaves the machine."""

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """A run's folder says what it is."""


def _chunks(sizes: Sequence[int], tokens: int = 6000) -> list[list[int]]:
    """Row numbers by falling length, in chunks of at most `tokens` with their padding."""
    chunks: list[list[int]] = []
    for row in sorted(range(len(sizes)), key=lambda row: (-sizes[row], row)):
        if chunks and padded(sizes[chunks[-1][0]]) * (len(chunks[-1]) + 1) <= tokens:
            chunks[-1].append(row)
        else:
            chunks.append([row])
    return chunks


def train_grpo(config: GrpoConfig, run: Run) -> Path:
    """Train `config.steps` generations, an update each, and return the model's folder; goes on where it was interrupted."""
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    model = AutoModelForCausalLM.from_pretrained(config.model, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(config.model)
    stage = "grpo"
    latest: dict[str, Any] = {}
    engine = reward_of(config.reward, judge=config.judge)
    checkpoint, step = run.last_checkpoint(stage)
    run.rewind(stage, step)
    stalling = Stalling([row for row in run.metrics() if row.get("stage") == stage])

    def on_samples(step: int, samples: list[TokenSample]) -> None:
        run.keep(stage, step + 1, [sample.trajectory for sample in samples])
        stalling.look(step, samples)
        latest.update(summary(samples))
        if engine.usage is not None:  # of the judge that all environments of this process share
            latest["judge"] = msgspec.to_builtins(engine.usage)

    trainer = _GRPOTrainer(
        model=model,
        args=_arguments(config, run.checkpoints / stage),
        train_dataset=task_dataset(config.steps * config.prompts, config.tasks, config.first_task + config.seed * SEED_STRIDE),
        processing_class=tokenizer,
        reward_funcs=environment_reward,
        rollout_func=rollout_function(
            config.reward,
            max_turn_tokens=config.max_turn_tokens,
            max_length=config.max_length,
            batch=config.prompts * config.group_size,
            on_samples=on_samples,
            system_prompt="none",
            faults=config.faults,
            max_turns=config.max_turns,
            judge=config.judge,
        ),
    )
    quiet(trainer)
    trainer.add_callback(RunCallback(run, stage, lambda logs: _row(logs, latest), config.max_seconds, lambda: stalling.unpaid))
    with run.saving(stage):
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    stalling.end()

    def write(folder: Path) -> None:
        folder.mkdir(parents=True)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        remember(folder, system_prompt="none", max_turn_tokens=config.max_turn_tokens, max_length=config.max_length)

    return run.finish("model", write)


def _arguments(config: GrpoConfig, folder: Path) -> Any:
    # One update a generation: every update is on policy, every step a boundary. Its gradient is gathered over a part at a
    # time: what is kept for the way back is 100 kB and more a token.
    parts = config.prompts // 2 if config.prompts % 2 == 0 else config.prompts
    return GRPOConfig(
        output_dir=str(folder),
        per_device_train_batch_size=config.prompts * config.group_size // parts,
        gradient_accumulation_steps=parts,
        steps_per_generation=parts,
        num_generations=config.group_size,
        max_steps=config.steps,
        learning_rate=config.lr,
        lr_scheduler_type="linear",
        warmup_steps=config.warmup_steps,
        adam_beta2=0.95,
        max_grad_norm=1.0,
        beta=config.beta,
        temperature=config.temperature,
        loss_type="dapo",
        scale_rewards=config.scale,
        shuffle_dataset=False,
        bf16=config.bf16,
        use_cpu=not torch.cuda.is_available(),
        gradient_checkpointing=False,
        logging_steps=1,
        save_steps=config.save_steps,
        save_total_limit=2,
        seed=config.seed,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )


def summary(samples: Sequence[TokenSample]) -> dict[str, Any]:
    """Figures of one generation: means over the samples that count; None where none does."""
    counted = [sample for sample in samples if not sample.masked]
    names = sorted({name for sample in counted for name, value in sample.parts.items() if value is not None})
    return {
        "reward": _mean([sample.reward for sample in counted]),
        "success": _mean([float(sample.success) for sample in counted]),
        "parts": {name: _mean([sample.parts.get(name) for sample in counted]) for name in names},
        "truncated": _mean([float(sample.trajectory.truncated) for sample in counted]),
        "turns": _mean([float(len(sample.trajectory.turns)) for sample in counted]),
        "policy_tokens": _mean([float(sum(sample.mask)) for sample in counted]),
        "tokens": _mean([float(len(sample.prompt_ids) + len(sample.ids)) for sample in counted]),
        "groups": len({sample.group for sample in samples}),
        "zero_variance_groups": zero_variance_groups([sample.reward for sample in samples], [sample.group for sample in samples]),
        "masked": len(samples) - len(counted),
        "rescored": sum(sample.rescored for sample in samples),
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _row(logs: dict[str, Any], latest: dict[str, Any]) -> dict[str, Any]:
    """A row of the metrics: our figures of the generation beside TRL's of the update."""
    trained, ours = logs.get("reward"), latest.get("reward")
    if trained is not None and ours is not None and not math.isclose(trained, ours, rel_tol=1e-5, abs_tol=1e-6):  # it means in float32
        raise VisGenError(f"TRL trained on a mean reward of {trained!r}, the samples hold {ours!r}")
    return {
        **latest,
        "loss": logs["loss"],
        "kl": logs.get("kl"),
        "entropy": logs.get("entropy"),
        "gradient_norm": logs.get("grad_norm"),
        "lr": logs.get("learning_rate"),
    }


__all__ = ["environment_reward", "rollout_function", "summary", "task_dataset", "train_grpo"]
