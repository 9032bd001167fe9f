"""PST: supervised training in two stages, general and visual tasks first, then fewer general ones and visual again.

VisionCreator (2603.02681): stage 1 on `D_gen(500K) ∪ λ·D_vis`, stage 2 on `D_gen(200K) ∪ λ·D_vis`, loss
`E[(o, a) ~ D] −log π(a | o)`: only the policy's own tokens are learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

from policies.chat import Chat
from policies.language_model import remember
from policies.tiny import tiny_model
from trainers.batches import collate, encode, pack
from trainers.callbacks import RunCallback, quiet
from trainers.config import PstConfig
from trainers.data.records import Record, read_shards
from trainers.head import add_selected_head
from trainers.runs import Run
from trainers.vocabulary import tiny_tokenizer


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the two stages."""

    name: str
    phases: Sequence[Sequence[Record]]
    """Gone through one after the other, each in drawn order."""
    decays: bool
    """Whether the learning rates fall to nothing."""


@dataclass(frozen=True)
class _Schedule:
    """Share of the learning rate at a step: up over `warmup` steps, then level, or down to nothing at step `end`.

    One warm-up, one plateau and one descent over both stages: a second cycle would undo what the first one learned.
    """

    warmup: int
    end: int | None

    def __call__(self, step: int) -> float:
        up = min(1.0, (step + 1) / max(1, self.warmup))
        return up if self.end is None else up * max(0.0, 1 - step / self.end)


class _SFTTrainer(SFTTrainer):  # type: ignore[misc]  # TRL ships no types
    """TRL's trainer, scoring labelled positions only, and without what it sends and writes elsewhere."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        add_selected_head(self.accelerator.unwrap_model(self.model))

    def _send_telemetry(self) -> None:
        """Nothing leaves the machine."""

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """A run's folder says what it is."""


def train_pst(config: PstConfig, run: Run, data: Path) -> Path:
    """Train both stages and return the folder of the model; goes on where it was interrupted."""
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    finished = run.finished("model")
    if finished is not None:
        return finished
    start = run.finished("start") or run.finish("start", lambda folder: _save(folder, *_start(config, data)))
    for stage in _stages(config, data):
        start = _train_stage(config, run, stage, start)
    model, tokenizer = load(start)
    return run.finish("model", lambda folder: _save(folder, model, tokenizer))


def load(folder: Path) -> tuple[Any, Any]:
    """Model (float32) and tokenizer of a folder."""
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32), AutoTokenizer.from_pretrained(folder)


def _save(folder: Path, model: Any, tokenizer: Any) -> None:
    folder.mkdir(parents=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    remember(folder, system_prompt="none")


def _start(config: PstConfig, data: Path) -> tuple[Any, Any]:
    """The model before any training, and its tokenizer."""
    if config.model.folder is not None:
        return load(Path(config.model.folder))
    tokenizer = tiny_tokenizer(read_shards(data, "demonstrations"), config.model.words)
    shape = config.model
    return tiny_model(tokenizer, config.seed, hidden=shape.hidden, layers=shape.layers, heads=shape.heads, mlp=shape.mlp), tokenizer


def _stages(config: PstConfig, data: Path) -> list[Stage]:
    general, visual = read_shards(data, "general"), read_shards(data, "demonstrations")
    cut, mark = config.first_visual, config.first_general
    return [
        Stage("stage1", [read_shards(data, "copying"), [*general[:mark], *_passes(visual[:cut], config)]], False),
        Stage(
            "stage2",
            [[*general[mark : mark + config.second_general], *_passes(visual[cut : cut + config.second_visual], config)]],
            True,
        ),
    ]


def _passes(records: Sequence[Record], config: PstConfig) -> list[Record]:
    """The records λ times over."""
    whole, part = divmod(config.visual_passes, 1)
    return [*(list(records) * int(whole)), *records[: round(part * len(records))]]


def _train_stage(config: PstConfig, run: Run, stage: Stage, start: Path) -> Path:
    finished = run.finished(stage.name)
    if finished is not None:
        return finished
    model, tokenizer = load(start)
    batches = _batches(config, stage, Chat(tokenizer, model), model.config.max_position_embeddings)
    dataset = Dataset.from_dict(
        {"input_ids": [[ids for ids, _ in batch] for batch in batches], "labels": [[labels for _, labels in batch] for batch in batches]}
    )
    from trainers.optimizer import MuonAndAdamW

    optimizer = MuonAndAdamW(model, muon_lr=config.muon_lr, adamw_lr=config.adamw_lr)
    warmup = config.warmup_steps // 2 if stage.decays else config.warmup_steps
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _Schedule(warmup, len(batches) if stage.decays else None))
    trainer = _SFTTrainer(
        model=model,
        args=_arguments(config, run, stage, len(batches)),
        train_dataset=dataset,
        data_collator=lambda examples: collate(
            list(zip(examples[0]["input_ids"], examples[0]["labels"], strict=True)), tokenizer.pad_token_id
        ),
        processing_class=tokenizer,
        optimizers=(optimizer, schedule),
    )
    quiet(trainer)
    checkpoint, step = run.last_checkpoint(stage.name)
    run.rewind(stage.name, step)
    trainer.add_callback(RunCallback(run, stage.name, _row))
    with run.saving(stage.name):
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    return run.finish(stage.name, lambda folder: _save(folder, model, tokenizer))


def _batches(config: PstConfig, stage: Stage, chat: Chat, longest: int) -> list[list[tuple[list[int], list[int]]]]:
    """The rows of each update of a stage."""
    found = []
    for number, records in enumerate(stage.phases):
        rows = encode(records, chat, longest)
        found += [[rows[place] for place in batch] for batch in pack(rows, config.tokens_per_step, 2 * config.seed + number)]
    return found


def _arguments(config: PstConfig, run: Run, stage: Stage, steps: int) -> Any:
    return SFTConfig(
        output_dir=str(run.checkpoints / stage.name),
        per_device_train_batch_size=1,  # a row of the data set is a whole batch
        max_steps=steps,
        max_grad_norm=1.0,
        bf16=config.bf16,
        use_cpu=not torch.cuda.is_available(),
        gradient_checkpointing=False,
        train_sampling_strategy="sequential",
        remove_unused_columns=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        max_length=None,
        packing=False,
        logging_steps=1,
        save_steps=config.save_steps,
        save_total_limit=2,
        seed=config.seed,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )


def _row(logs: dict[str, Any]) -> dict[str, Any]:
    return {
        "loss": logs["loss"],
        "entropy": logs.get("entropy"),
        "accuracy": logs.get("mean_token_accuracy"),
        "gradient_norm": logs.get("grad_norm"),
        "lr": logs.get("learning_rate"),
    }
