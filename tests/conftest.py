"""Tests are the same on every run and every machine: Hypothesis draws from a fixed seed and holds no deadline."""

from pathlib import Path

import pytest
from hypothesis import settings
from rewarding import short_film

from visgenenv.types import Trajectory

settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")


@pytest.fixture
def no_judge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In an empty folder, with nothing in the environment that sets up a judge."""
    judge = ("VISGEN_JUDGE_MODEL", "VISGEN_JUDGE_CACHE", "VISGEN_JUDGE_CALLS", "VISGEN_JUDGE_TOKENS")
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", *judge):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def film() -> Trajectory:
    return short_film()
