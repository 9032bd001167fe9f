"""Plans that tell a story: all of it, in its order."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from rewarding import ANIMATE, CLIP, JOIN, PICTURE, step

from benchmarks.plots import pairs, read, worth
from rewards import Question, RuleJudge
from rewards.plan.story import telling
from visgenenv.cli import main
from visgenenv.tools.catalogue import toolset
from visgenenv.types import Plan, PlanStep, Requirements, Task

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "vbench" / "VBench2_Complex_Plot.json"
STORY = (
    "A fisherman rows out before dawn and casts his net into the dark water, while gulls circle above him. The net comes up with an "
    "old brass bell, and he polishes it in the boat until it shines. When he rings it, the whole harbour wakes, and children run down "
    "to the pier. In the evening the village hangs the bell in the chapel tower, and the fisherman listens to it from his window."
)
POINTS = [
    "A fisherman casts his net from a rowing boat before dawn.",
    "He finds an old brass bell in the net and polishes it.",
    "He rings the bell and children run to the pier.",
    "The bell hangs in the tower of the chapel in the evening.",
]
TASK = Task(id="story", modality="video", prompt=STORY, requirements=Requirements(count=1))
TOOLS = dict(toolset())


def asked(steps: list[PlanStep], task: Task = TASK) -> Question:
    return Question("optimal", Plan(steps=tuple(steps)), task, TOOLS)


def clips(goals: list[str], tool: str = CLIP) -> list[PlanStep]:
    return [step(number, tool, goal) for number, goal in enumerate(goals, 1)]


def test_the_whole_story_outranks_any_part_and_any_other_order() -> None:
    judge = RuleJudge()
    whole = worth(POINTS, TASK, judge)
    for gone in range(len(POINTS)):
        assert worth(POINTS[:gone] + POINTS[gone + 1 :], TASK, judge) < whole
    for order in itertools.permutations(POINTS):
        assert list(order) == POINTS or worth(order, TASK, judge) < whole


def test_goals_that_tell_nothing_are_not_judged_by_it() -> None:
    assert telling(asked([step(1, CLIP, "clips", 4), step(2, JOIN, "film", 1, [1])])) is None
    assert telling(asked(clips(["first shot", "second shot", "third shot"]))) is None
    assert telling(asked([*clips(POINTS)[:1], step(2, JOIN, POINTS[1], 1, [1])])) is None, "joining tells nothing"


def test_a_task_that_lists_its_things_is_no_story() -> None:
    listed = Task(modality="video", prompt=STORY, requirements=Requirements(count=1, each=(("boat",), ("bell",))))
    assert telling(asked(clips(POINTS), listed)) is None
    assert telling(asked(clips(POINTS), Task(modality="video", prompt="A bell rings."))) is None


def test_pictures_may_all_be_drawn_before_the_first_is_animated() -> None:
    drawn = clips(POINTS, PICTURE)
    moving = [step(number + 4, ANIMATE, goal, 1, [number]) for number, goal in enumerate(POINTS, 1)]
    told = telling(asked([*drawn, *moving]))
    assert told is not None
    assert told.order == 1
    backwards = telling(asked([*drawn, *moving[::-1]]))
    assert backwards is not None
    assert backwards.order < 0.9


def test_a_reference_that_the_others_come_after_is_no_part_of_the_order() -> None:
    reference = step(1, PICTURE, "the harbour village with its chapel tower and the fisherman at his window in the evening")
    frames = [step(number, PICTURE, goal, 1, [1]) for number, goal in enumerate(POINTS, 2)]
    told = telling(asked([reference, *frames]))
    assert told is not None
    assert told.order == 1
    swapped = telling(asked([reference, *frames[::-1]]))
    assert swapped is not None
    assert swapped.order < 0.9


def test_a_chain_of_steps_keeps_its_order() -> None:
    """Each after the one above it: none of them is a reference of the others."""
    chain = [step(number, CLIP, goal, 1, [number - 1] if number > 1 else []) for number, goal in enumerate(POINTS[::-1], 1)]
    told = telling(asked(chain))
    assert told is not None
    assert told.order < 0.9


def test_chinese_stories_are_read_too() -> None:
    prompt = (
        "渔夫在黎明前划船出海，把网撒进漆黑的水里，海鸥在他头上盘旋。网里捞上来一口旧铜钟，他在船上把它擦得发亮。他敲响了钟，整个港口都醒了，"
        "孩子们跑向码头。傍晚，村民把钟挂在教堂的塔楼上，渔夫在窗边静静地听。"
    )
    points = ["渔夫在黎明前撒网", "他把旧铜钟擦亮", "他敲响钟，孩子们跑向码头", "钟挂在教堂的塔楼上"]
    task, judge = Task(id="zh", modality="video", prompt=prompt, requirements=Requirements(count=1)), RuleJudge()
    assert worth(points, task, judge) > worth([points[0], points[2], points[1], points[3]], task, judge)
    assert worth(points, task, judge) > worth(points[:3], task, judge)


@pytest.mark.skipif(not DATA.exists(), reason=f"{DATA.name} is not there: it is read from beside the project")
def test_plans_of_checked_plots_outrank_those_that_miss_or_swap_a_point(capsys: pytest.CaptureFixture[str]) -> None:
    found = list(pairs(read(DATA), RuleJudge()))
    assert len(found) > 800
    for kind in ("missing", "swapped"):
        own = [pair.right for pair in found if pair.damage.startswith(kind)]
        assert sum(own) / len(own) >= 0.95
    assert main(["bench", "plots", "--data", str(DATA), "--limit", "3"]) == 0
    assert "swapped" in capsys.readouterr().out


def test_a_file_of_something_else_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text('[{"prompt": "a plot"}]')
    assert main(["bench", "plots", "--data", str(tmp_path / "x.json")]) == 2
    assert "expected a JSON list of objects with prompt_en" in capsys.readouterr().err


@pytest.mark.parametrize("points", ["abc", ["only one"], ["one", 2], []])
def test_checkpoints_that_are_no_two_texts_are_told(points: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text(json.dumps([{"prompt_en": STORY, "auxiliary_info": points}]))
    assert main(["bench", "plots", "--data", str(tmp_path / "x.json")]) == 2
    assert "two checkpoints or more" in capsys.readouterr().err


def test_a_file_without_plots_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text("[]")
    assert main(["bench", "plots", "--data", str(tmp_path / "x.json")]) == 2
    assert "holds no plot" in capsys.readouterr().err


@pytest.mark.parametrize("limit", ["0", "-70"])
def test_a_limit_is_a_number_of_plots(limit: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text(json.dumps([{"prompt_en": STORY, "auxiliary_info": POINTS}] * 80))
    with pytest.raises(SystemExit) as stopped:
        main(["bench", "plots", "--data", str(tmp_path / "x.json"), "--limit", limit])
    assert stopped.value.code == 2
    assert "expected an integer of at least 1" in capsys.readouterr().err
