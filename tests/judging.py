"""What tests of the LLM judge share: judges at a server, questions to put to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from judge_server import Judging
from rewarding import PICTURE, one_picture, step, task

from rewards.judges import FACETS, LlmJudge, Question
from rewards.record import Record
from visgenenv.types import Plan, Trajectory

KEY = "sk-verysecret0123456789"


def judge_at(server: Judging, **more: Any) -> LlmJudge:
    return LlmJudge("m", server.url, **{"cache": None, "pause_s": 0.001, "timeout_s": 5.0, **more})


def questions(goal: str = "picture", facets: tuple[Any, ...] = FACETS) -> list[Question]:
    record = Record(one_picture(task()))
    plan = Plan(steps=(step(1, PICTURE, goal),))
    return [Question(facet, plan, record.task, record.tools, record if facet == "trajectory" else None) for facet in facets]


def first_plan(episode: Trajectory) -> Plan:
    plan = Record(episode).plan
    assert plan is not None
    return plan


OWN = """
from rewards.judges import LlmJudge
import visgenenv as vg
REWARD = vg.reward("ltr", judge=LlmJudge("m", {url!r}, cache=None, attempts=2, pause_s=0.001, facets=("coherence",)))
"""


def own_reward(url: str, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (folder / f"{name}.py").write_text(OWN.format(url=url))
    monkeypatch.syspath_prepend(str(folder))
    return f"{name}:REWARD"
