"""Components of one's own: what may be one, what its version covers, who is blamed, and whose a name is."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from rewarding import one_picture, task

import visgenenv as vg
from rewards import JudgeError, component, recompute
from rewards.cost import Price
from trainers import GrpoConfig
from trainers.runs import Run
from visgenenv.cli import main
from visgenenv.env import VisGenEnv
from visgenenv.errors import ConfigError, PluginError, RewardUnavailable
from visgenenv.testing import check_component, check_requirement
from visgenenv.types import Score, Trajectory

ME = __name__
PICTURE = one_picture(task())


class Thrifty:
    name, version = "thrifty", "1"

    def __init__(self, price: float) -> None:
        self.price = price

    def score(self, trajectory: Trajectory) -> Score:
        return Score(value=self.price, reason="always")


class Broken(Thrifty):
    def __init__(self) -> None:
        raise OSError("no such file: prices.csv")


class Worthless:
    name, version, score = "worthless", "1", 0.5


def cheap() -> Thrifty:
    return Thrifty(0.25)


half = partial(Thrifty, 0.5)
ANSWERS: tuple[Any, ...] = (
    np.float32(0.3),
    np.float64(1),
    np.int64(1),
    np.bool_(True),
    True,
    1,
    Fraction(1, 4),
    Score(value=np.float16(0.5)),
)  # type: ignore[arg-type]
numbers = {f"number_{n}": partial(lambda answer, trajectory: answer, answer) for n, answer in enumerate(ANSWERS)}
globals().update(numbers)


# what may be one


@pytest.mark.parametrize("number", range(len(ANSWERS)))
def test_any_real_number_is_taken_and_kept_as_a_float(number: int) -> None:
    answer = ANSWERS[number]
    breakdown = vg.reward(f"{ME}:number_{number}")(PICTURE)
    assert type(breakdown.total) is float
    assert breakdown.total == float(answer.value if isinstance(answer, Score) else answer)
    assert recompute(breakdown) == breakdown.total


@pytest.mark.parametrize("answer", [np.float32(1.5), float("nan"), np.float64("nan"), 10**400, "0.5", 0.5j, object()])
def test_what_is_no_number_from_0_to_1_is_refused_without_an_address(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[ME], "odd", lambda trajectory: answer, raising=False)
    with pytest.raises(ConfigError, match=r"expected a number in \[0, 1\], or None") as error:
        vg.reward(f"{ME}:odd")(PICTURE)
    assert " at 0x" not in str(error.value)


def test_a_factory_without_arguments_makes_a_component() -> None:
    assert vg.reward(f"{ME}:cheap")(PICTURE).total == 0.25
    assert vg.reward(f"{ME}:half")(PICTURE).total == 0.5


def test_a_class_that_needs_arguments_is_refused_with_what_was_expected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match=r"Thrifty\(price\): expected an instance .* or a class or factory that needs no argument"):
        vg.reward(f"{ME}:Thrifty")
    with pytest.raises(ConfigError, match="constructor needs arguments"):
        VisGenEnv(reward=f"{ME}:Thrifty")
    vg.save(tmp_path / "x.jsonl", [PICTURE])
    assert main(["score", str(tmp_path / "x.jsonl"), "--reward", f"{ME}:Thrifty"]) == 2
    assert "constructor needs arguments" in capsys.readouterr().err


def test_a_class_that_cannot_be_made_is_told_with_its_error() -> None:
    with pytest.raises(
        PluginError, match=r"component .*:Broken': making it failed: OSError: no such file: prices.csv; it is called without"
    ):
        vg.reward(f"{ME}:Broken")


def test_what_scores_no_trajectory_is_refused_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[ME], "two", lambda trajectory, weight: weight, raising=False)
    with pytest.raises(ConfigError, match=r"takes \(trajectory, weight\): expected one argument, the trajectory") as error:
        vg.reward(f"{ME}:two")
    assert " at 0x" not in str(error.value)
    with pytest.raises(ConfigError, match="expected the attributes name, version and score") as error:
        vg.reward(f"{ME}:Worthless")
    assert " at 0x" not in str(error.value)


# what the kit says


def raising(error: Exception) -> Any:
    def component(*given: Any) -> float:
        raise error

    return component


def test_the_kit_says_which_trajectory_a_component_or_requirement_breaks_on_and_the_rule() -> None:
    with pytest.raises(AssertionError, match=r"t/.*: raises KeyError: 'x'; expected a number from 0 to 1, or None"):
        check_component(raising(KeyError("x")), [PICTURE])
    with pytest.raises(AssertionError, match=r"t/.*: raises KeyError: 'x'; expected None or a reason"):
        check_requirement(raising(KeyError("x")), 1, [PICTURE])
    with pytest.raises(AssertionError, match="Thrifty'> is a class; make one first"):
        check_component(Thrifty, [PICTURE])
    with pytest.raises(AssertionError, match="scores nan; expected a number"):
        check_component(lambda trajectory: float("nan"), [PICTURE])
    with pytest.raises(JudgeError, match="the endpoint is down"):
        check_component(raising(JudgeError("the endpoint is down")), [PICTURE])


def test_the_kit_takes_whatever_a_reward_takes() -> None:
    for answer in ANSWERS:
        check_component(partial(lambda answer, trajectory: answer, answer), [PICTURE])


# versions

CODE = """
import visgenenv as vg
SCALE = 2

class Base:
    name, version = "thrifty", "1"

    def score(self, trajectory):
        return vg.Score(value=self.paid(trajectory), reason="base")

class Thrifty(Base):
    def paid(self, trajectory):
        return 1 / SCALE

class Other(Base):
    def paid(self, trajectory):
        return 0.75

def made():
    return Thrifty()

instance = Thrifty()

def plain(trajectory):
    return 0.5

def numbered(trajectory):
    return 0.5

numbered.version = "7"

class Called:
    def __call__(self, trajectory):
        return 0.5
"""
HELD = ("Thrifty", "made", "instance", "plain", "numbered", "Called")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes a module of the given code anew and imports it."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(code: str, name: str = "own_module") -> str:
        (tmp_path / f"{name}.py").write_text(code)
        sys.modules.pop(name, None)
        importlib.invalidate_caches()
        importlib.import_module(name)
        monkeypatch.delitem(sys.modules, name)  # put there again by whoever loads it, and gone after the test
        return name

    return write


@pytest.mark.parametrize(
    ("old", "new", "touched"),
    [
        ("return 1 / SCALE", "return 1 / SCALE / 2", {"Thrifty", "made", "instance"}),
        ('reason="base"', 'reason="the base"', {"Thrifty", "made", "instance"}),
        ("    return Thrifty()", "    return Thrifty()  # as it is", {"made"}),
        ("def plain(trajectory):\n    return 0.5", "def plain(trajectory):\n    return 0.25", {"plain"}),
        ("def numbered(trajectory):\n    return 0.5", "def numbered(trajectory):\n    return 0.25", {"numbered"}),
        ("def __call__(self, trajectory):\n        return 0.5", "def __call__(self, trajectory):\n        return 0.25", {"Called"}),
        ("return 0.75", "return 0.25", set()),
        ("SCALE = 2", "SCALE = 4", set()),
    ],
)
def test_another_body_is_another_version_though_the_string_stands(old: str, new: str, touched: set[str], written: Any) -> None:
    name = written(CODE)
    before = {held: vg.reward(f"ltr * {name}:{held}").version for held in HELD}
    assert CODE.count(old) == 1
    written(CODE.replace(old, new))
    after = {held: vg.reward(f"ltr * {name}:{held}").version for held in HELD}
    assert {held for held in HELD if before[held] != after[held]} == touched


def test_the_same_code_has_the_same_version_under_another_path_name_and_process(written: Any, tmp_path: Path) -> None:
    here = [component.load(f"{written(CODE)}:{held}").whole for held in HELD]
    again = [component.load(f"{written(CODE, 'copied')}:{held}").whole for held in HELD]
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "third.py").write_bytes(CODE.replace("\n", "\r\n").encode())
    script = f"import json; from rewards.component import load; print(json.dumps([load('third:' + held).whole for held in {HELD}]))"
    line = [sys.executable, "-c", script]
    done = subprocess.run(line, cwd=tmp_path / "elsewhere", capture_output=True, text=True, check=True)
    assert here == again == json.loads(done.stdout)
    assert len(set(here)) == len(HELD) - 1, "an instance of a class is what the class makes"


def test_a_run_goes_on_under_the_same_component_and_under_no_edited_one(written: Any, tmp_path: Path) -> None:
    expression = f"ltr * {written(CODE)}:Thrifty"
    for _ in range(2):
        Run(tmp_path / "run", GrpoConfig(reward=expression), reward=vg.reward(expression).version)
        written(CODE)
    written(CODE.replace('reason="base"', 'reason="the base"'))
    with pytest.raises(ConfigError, match=r"holds a run of another version \(reward is"):
        Run(tmp_path / "run", GrpoConfig(reward=expression), reward=vg.reward(expression).version)


def test_a_score_tells_the_version_that_its_component_gives_itself(written: Any) -> None:
    breakdown = vg.reward(f"{written(CODE)}:Thrifty")(PICTURE)
    score = breakdown.parts["own_module:Thrifty"]
    assert score is not None
    assert score.version == "own_module:Thrifty/1"


def test_where_no_source_can_be_had_the_string_alone_is_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("sourceless")
    exec(CODE, module.__dict__)
    monkeypatch.setitem(sys.modules, "sourceless", module)
    assert [component.load(f"sourceless:{held}").whole for held in HELD] == ["1", "1", "1", "unversioned", "7", "unversioned"]


def test_the_components_that_ship_have_the_version_they_give_themselves() -> None:
    assert component.load("price").whole == Price.version
    assert component.load("rewards.cost:Makespan").whole == "1"


# who is blamed


def endless(trajectory: Trajectory) -> float:
    return endless(trajectory)


def around(trajectory: Trajectory) -> float:
    return vg.reward(f"ltr * {ME}:around")(trajectory).total


class Judge:
    version = "own/1"

    def __call__(self, questions: Any) -> Any:
        return self(questions)


@pytest.mark.parametrize("name", ["endless", "around"])
def test_a_component_that_calls_itself_without_end_is_blamed_itself(name: str) -> None:
    with pytest.raises(RewardUnavailable, match=f"JudgeError: component '{ME}:{name}' failed: RecursionError") as error:
        vg.reward(f"ltr * {ME}:{name}")(PICTURE)
    assert " at 0x" not in str(error.value)


def test_a_judge_that_calls_itself_without_end_is_blamed_by_its_version() -> None:
    with pytest.raises(RewardUnavailable, match="JudgeError: judge 'own/1' failed: RecursionError"):
        vg.reward("ltr", judge=Judge())(PICTURE)


def test_a_breakdown_of_another_reward_is_not_recomputed() -> None:
    breakdown = vg.reward("ltr")(PICTURE)
    with pytest.raises(ConfigError, match=r"breakdown is of 'plan \* fine', this reward is 'mean\(result, format\)'"):
        vg.reward("RL1").recompute(breakdown)
    assert vg.reward("RL4").recompute(breakdown) == vg.reward("(plan) * fine").recompute(breakdown) == breakdown.total


# whose a name is

TAKING = """
import json, warnings
import visgenenv as vg

def tried(text):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        made = vg.reward(text)
    return made.version, made.expression, [f"{one.category.__name__}: {one.message}" for one in told]

texts = ["ltr", "RL2", "0.5*plan + 0.5*LTR", "plan", "plan", "price + ltr", "thrifty * fine", "thriftypkg:Thrifty * fine"]
print(json.dumps([tried(text) for text in texts]))
"""


def test_what_happens_to_be_installed_takes_no_name_of_ours_and_stops_no_reward(tmp_path: Path) -> None:
    (tmp_path / "site" / "thriftypkg-1.0.dist-info").mkdir(parents=True)
    (tmp_path / "site" / "thriftypkg.py").write_text(CODE)
    told = tmp_path / "site" / "thriftypkg-1.0.dist-info"
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: thriftypkg\nVersion: 1.0\n")
    names = ("plan", "ltr", "LTR", "fine", "price", "thrifty", "rl2", "result.count")
    entries = "".join(f"{name} = thriftypkg:Thrifty\n" for name in names)
    (told / "entry_points.txt").write_text(f"[visgenenv.rewards]\n{entries}\n[visgenenv.engines]\nreward = thriftypkg:made\n")
    (tmp_path / "script.py").write_text(TAKING)
    where = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, env=where, capture_output=True, text=True, check=True)
    ltr, second, mixed, plan, again, price, thrifty, written_out = json.loads(done.stdout)
    assert ltr[:2] == [vg.reward("ltr").version, "plan * fine"]
    assert [words.split(" in a ")[0] for words in ltr[2]] == ["UserWarning: 'ltr'"]
    assert second == [vg.reward("RL2").version, "plan * mean(result, format)", []]
    assert mixed[:2] == [vg.reward("0.5*plan + 0.5*ltr").version, "0.5 * plan + 0.5 * plan * fine"]
    assert len(mixed[2]) == 2
    for name, words in zip(("plan", "LTR"), mixed[2], strict=True):
        assert words.startswith(f"UserWarning: {name!r} in a reward is VisGenEnv's own; thriftypkg has another")
        assert words.endswith("write that one as 'thriftypkg:Thrifty'")
    assert plan == again == [vg.reward("plan").version, "plan", []], "told once"
    assert price[0] == vg.reward("price + ltr").version
    assert [words.split(" in a ")[0] for words in price[2]] == ["UserWarning: 'price'"], "of ltr it is told already"
    assert thrifty[1] == "thrifty * fine"
    assert [words.split(" in a ")[0] for words in thrifty[2]] == ["UserWarning: 'fine'"]
    assert written_out[1:] == ["thriftypkg:Thrifty * fine", []]


def test_a_file_that_is_edited_while_its_code_runs_changes_no_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "edited_meanwhile.py"
    path.write_text("def mine(trajectory):\n    return 0.5\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = vg.reward("mean(ltr, edited_meanwhile:mine)").version
    for text in ("def mine(trajectory):\n    return 0.75\n", "def mine(trajectory:\n    return '"):
        path.write_text(text)
        os.utime(path, (1, len(text)))
        assert vg.reward("mean(ltr, edited_meanwhile:mine)").version == before
