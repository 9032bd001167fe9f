"""The page on rewards: its worked numbers, the names and the components it lists are those of the code."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from rewarding import one_picture, task

import visgenenv as vg
from rewards import PRESETS
from rewards.compose import evaluate
from rewards.grammar import parse
from visgenenv.errors import RewardUnavailable

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "rewards.md").read_text("utf-8")
ROWS = re.findall(r"^\| `([^`]+)` \| ([\d.]+) \| ([\d.]+|unavailable) \|$", PAGE, re.MULTILINE)


def test_the_page_has_a_row_for_everything_an_expression_may_do() -> None:
    texts = " ".join(text for text, *_ in ROWS)
    assert all(word in texts for word in ("mean(", "min(", "max(", "clip(", "gate(", " * ", " + ", " - "))
    assert len(ROWS) >= 15


@pytest.mark.parametrize(("text", "applies", "not_there"), ROWS)
def test_the_numbers_of_the_page_are_those_of_the_expressions(text: str, applies: str, not_there: str) -> None:
    values = {"plan": 0.8, "format": 0.4, "consistency": 0.5}
    found, without = evaluate(parse(text), values), evaluate(parse(text), values | {"consistency": None})
    assert found is not None
    assert f"{round(found, 4):g}" == applies
    assert ("unavailable" if without is None else f"{round(without, 4):g}") == not_there


def test_a_reward_that_the_page_calls_unavailable_masks() -> None:
    with pytest.raises(RewardUnavailable, match="none of its parts that weigh anything applies"):
        vg.reward("mean(1, consistency)")(one_picture(task()))


def test_the_page_names_every_preset_with_its_expression() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (?:`([^`]+)`|[^|]*) \|", PAGE, re.MULTILINE))
    assert {name for name in PRESETS if name in rows} == {"ltr", "RL1", "RL2", "RL3", "RL4", "printed", "r1_sum"}
    for name in ("ltr", "RL1", "RL2", "r1_sum"):
        assert PRESETS[name] == parse(rows[name])
    assert (PRESETS["RL3"], PRESETS["RL4"]) == (PRESETS["RL2"], PRESETS["ltr"])


def test_the_page_names_every_component_that_ships() -> None:
    ours = {entry.name for entry in entry_points(group="visgenenv.rewards") if entry.value.startswith("rewards.")}
    assert ours == set(re.findall(r"^\* `(\w+)`: ", PAGE, re.MULTILINE))
