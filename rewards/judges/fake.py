"""A judge for tests: answers as told, or fails as told."""

from __future__ import annotations

from collections.abc import Sequence

from rewards.judges.port import Question
from visgenenv.types import Score


class FakeJudge:
    """Gives every question the same value, or raises the error it was made with; remembers what it was asked."""

    def __init__(self, value: float = 1.0, error: Exception | None = None, version: str = "fake/1") -> None:
        self.version = version
        self.asked: list[Question] = []
        self._value, self._error = value, error

    def __call__(self, questions: Sequence[Question], /) -> list[Score]:
        self.asked += questions
        if self._error is not None:
            raise self._error
        return [Score(value=self._value, reason="as told", version=self.version) for _ in questions]
