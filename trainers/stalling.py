"""A run that is paid for nothing stops: steps of which every sample is masked teach nothing and only use up the schedule."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from tqdm import tqdm

from trainers.samples import TokenSample
from visgenenv.errors import VisGenError
from visgenenv.masked import failures

PATIENCE = 3
"""Steps in a row without one reward after which a run stops: a judge may be away for a while."""


class Stalling:
    """Looks at each step's samples."""

    def __init__(self, rows: Sequence[Mapping[str, Any]] = ()) -> None:
        """`rows`: the metrics of the steps before those that follow, of a run that goes on."""
        paid = [row.get("reward") is not None for row in rows]
        self._paid = any(paid)
        self._empty = sum(1 for _ in takewhile(lambda one: not one, reversed(paid)))
        """Steps in a row without a reward."""
        self._why = "the trajectories of these steps say why"

    @property
    def unpaid(self) -> bool:
        """Whether the last step had no reward: no checkpoint is taken there, so that a run that stopped practises it again."""
        return self._empty > 0

    def look(self, step: int, samples: Sequence[TokenSample]) -> None:
        """Of one step (from 0); raises `VisGenError` after `PATIENCE` steps in a row without one reward."""
        if any(not sample.masked for sample in samples):
            self._empty, self._paid = 0, True
            return
        self._empty += 1
        self._why = next(iter(failures([sample.trajectory for sample in samples])), "no sample")
        tqdm.write(f"step {step + 1}: all {len(samples)} samples are masked: {self._why}", file=sys.stderr)
        if self._empty >= PATIENCE:
            raise VisGenError(f"{self._empty} steps in a row without one reward, the last because: {self._why}; {_ADVICE}")

    def end(self) -> None:
        """Before the model is written; raises `VisGenError` where not one step of the run was paid for."""
        if self._empty and not self._paid:
            raise VisGenError(f"no step had a reward, the last because: {self._why}; {_ADVICE}")


_ADVICE = "mend that and run the same command again: it goes on from its last checkpoint"
