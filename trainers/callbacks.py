"""What a Hugging Face trainer tells us while it runs: progress, metrics, whole checkpoints, and when to stop."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tqdm import tqdm
from transformers import PrinterCallback, ProgressCallback, TrainerCallback
from transformers.utils.logging import disable_progress_bar

from trainers.runs import Run, mark_complete

TIDY_SECONDS = 60.0
"""Between two times that free memory is handed back."""
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
"""Parameters of glibc's mallopt (malloc.h)."""


def keep_free_memory() -> None:
    """Let the allocator (glibc) keep what is freed, from here to the end of the process.

    Pages given back at every batch and taken again are 8 % of the CPU time of a step of the tiny policy.
    """
    # An older glibc takes no threshold past 32 MiB; where none is taken, the others would only stop it from finding its own.
    if any(_glibc("mallopt", _MMAP_THRESHOLD, size) for size in (1 << 30, 32 << 20)):
        _glibc("mallopt", _TRIM_THRESHOLD, (1 << 31) - 1)
        _glibc("mallopt", _TOP_PAD, 64 << 20)


def return_free_memory() -> None:
    """Hand pages that nothing uses back to the system (glibc): batches of ever other shapes leave its heap full of holes."""
    _glibc("malloc_trim", 0)


def _glibc(name: str, *numbers: int) -> int:
    """What a function of glibc returns; 0 where there is none of that name."""
    function = getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
    return 0 if function is None else int(function(*numbers))


class RunCallback(TrainerCallback):  # type: ignore[misc]  # transformers ships no types
    """Writes a stage's metrics into its run, marks checkpoints that are whole, and shows progress on standard error.

    `row(logs)` makes a row of the metrics from what the trainer logs; wall-clock figures go under `clock`, apart from
    all that is reproducible. No checkpoint is taken after a step of which `worthless()` says that it taught nothing.
    """

    def __init__(
        self,
        run: Run,
        stage: str,
        row: Callable[[dict[str, Any]], dict[str, Any]],
        max_seconds: float | None = None,
        worthless: Callable[[], bool] = lambda: False,
    ) -> None:
        self._run, self._stage, self._row, self._max_seconds, self._worthless = run, stage, row, max_seconds, worthless
        self._bar: Any = None
        self._begun = self._last = self._tidied = time.monotonic()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        keep_free_memory()
        self._begun = self._last = time.monotonic()
        self._bar = tqdm(total=state.max_steps, initial=state.global_step, desc=self._stage, unit="step")

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._bar.update(state.global_step - self._bar.n)
        if time.monotonic() - self._tidied > TIDY_SECONDS:
            return_free_memory()
            self._tidied = time.monotonic()
        if self._max_seconds is not None and time.monotonic() - self._begun > self._max_seconds:
            control.should_training_stop = control.should_log = True
        if self._worthless():
            control.should_save = False

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        if not logs or "loss" not in logs:
            return
        now = time.monotonic()
        row = {"stage": self._stage, "step": state.global_step, **self._row(logs), "clock": {"seconds": round(now - self._last, 3)}}
        self._last = now
        self._run.log(row)
        shown = {name: f"{row[name]:.3f}" for name in ("loss", "reward", "success") if isinstance(row.get(name), float)}
        self._bar.set_postfix(shown)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        mark_complete(Path(args.output_dir) / f"checkpoint-{state.global_step}")

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self._bar is not None:
            self._bar.close()


def quiet(trainer: Any) -> None:
    """Keep a trainer from printing on standard output, and transformers from a progress bar a file."""
    disable_progress_bar()
    for callback in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(callback)
