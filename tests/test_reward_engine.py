"""LtrReward as a whole: breakdowns that recompute, components of one's own, masking, versions, and `visgen score`."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rewarding import PICTURE, one_picture, picture, play, short_film, step, task, turn

import rewards
import visgenenv as vg
from policies.random import RandomPolicy
from rewards import DEFINITIONS, PARTS, FakeJudge, JudgeError, LtrReward, UnreadablePlan
from rewards.compose import evaluate
from visgenenv import plugins
from visgenenv.cli import main
from visgenenv.env import VisGenEnv
from visgenenv.errors import ConfigError, PluginError, RewardUnavailable
from visgenenv.types import RewardBreakdown, Score, Trajectory

TRAJECTORIES = [
    short_film(),
    one_picture(task()),
    one_picture(task(count=2, drawn=("Home",), entities=("red bicycle", "snow"))),
    play(task(), "nonsense"),
    play(task(consistency="style"), turn(picture(), plan=[step(1, PICTURE)]), turn(answer=["img_1", "img_7"])),
]
EXPRESSIONS = st.recursive(
    st.sampled_from(PARTS) | st.floats(0, 2).map(repr),
    lambda inner: st.one_of(
        st.builds("{} + {}".format, inner, inner),
        st.builds("0.3 * ({}) - {}".format, inner, inner),
        st.builds("mean({}, {}, format)".format, inner, inner),
        st.builds("min({}) * {}".format, inner, inner),
    ),
    max_leaves=6,
).map("tool + {}".format)


def brevity(trajectory: Trajectory) -> float:
    return 1 / max(1, len(trajectory.turns))


def only_films(trajectory: Trajectory) -> Score | None:
    return Score(value=0.25, reason="a film") if trajectory.task.modality == "video" else None


def too_much(trajectory: Trajectory) -> float:
    return 3.0


def broken_judge(trajectory: Trajectory) -> float:
    raise JudgeError("the endpoint is down")


class Patience:
    name, version = "patience", "7"

    def score(self, trajectory: Trajectory) -> vg.Score | None:
        return vg.Score(value=0.5, reason="always")


class Nameless:
    def score(self, trajectory: Trajectory) -> vg.Score | None:
        return None


HELD = LtrReward("plan", FakeJudge(0.5))
ME = __name__


def _score(breakdown: RewardBreakdown, part: str) -> Score:
    score = breakdown.parts[part]
    assert score is not None
    return score


# breakdowns


@given(EXPRESSIONS, st.sampled_from(TRAJECTORIES))
@settings(max_examples=200)
def test_parts_recompute_to_the_total_to_the_last_bit_even_after_a_file(expression: str, trajectory: Trajectory) -> None:
    engine = vg.reward(expression)
    breakdown = engine(trajectory)
    read = msgspec.json.decode(msgspec.json.encode(breakdown), type=RewardBreakdown)
    assert rewards.recompute(breakdown) == breakdown.total == rewards.recompute(read) == engine.recompute(read)


@pytest.mark.parametrize("trajectory", TRAJECTORIES)
def test_parts_made_of_parts_recompute_too(trajectory: Trajectory) -> None:
    parts = vg.reward("ltr")(trajectory).parts
    values = {name: None if score is None else score.value for name, score in parts.items()}
    for name, definition in DEFINITIONS.items():
        assert evaluate(definition, values) == values[name]


@pytest.mark.parametrize("expression", ["ltr", "format", "r1_sum"])
def test_every_standard_part_is_there_whatever_the_expression(expression: str) -> None:
    for trajectory in TRAJECTORIES:
        parts = vg.reward(expression)(trajectory).parts
        assert tuple(parts) == PARTS
        assert all(score is None or (0 <= score.value <= 1 and score.reason and score.version) for score in parts.values())


def test_the_papers_names_mean_what_the_paper_says() -> None:
    film, half = TRAJECTORIES[0], TRAJECTORIES[2]
    for trajectory in (film, half):
        parts = vg.reward("ltr")(trajectory)
        plan, fine, result, form = (_score(parts, name).value for name in ("plan", "fine", "result", "format"))
        expected = {"ltr": plan * fine, "RL1": (result + form) / 2, "RL2": plan * (result + form) / 2, "RL4": plan * fine}
        for name, total in expected.items():
            assert vg.reward(name)(trajectory).total == vg.reward(name.lower())(trajectory).total == pytest.approx(total)
    assert vg.reward("RL3").expression == vg.reward("RL2").expression == "plan * mean(result, format)"
    assert vg.reward("ltr").expression == "plan * fine"
    assert vg.reward("0.5 * RL1 + 0.5 * plan").expression == "0.5 * mean(result, format) + 0.5 * plan"
    facets = ("plan.delivered", "plan.coherence", "plan.executable", "plan.atomic", "plan.optimal", "fine")
    there, *judged, fine = (_score(vg.reward("ltr")(half), name).value for name in facets)
    assert vg.reward("printed")(half).total == pytest.approx(there * sum(judged) / 4 * fine)


def test_the_same_trajectory_scores_the_same_bytes() -> None:
    engine = vg.reward("ltr")
    assert msgspec.json.encode(engine(short_film())) == msgspec.json.encode(vg.reward("ltr")(short_film()))


def test_score_many_keeps_the_order_and_gives_errors_in_place() -> None:
    engine = vg.reward("consistency")
    found = engine.score_many(TRAJECTORIES)
    assert [isinstance(item, RewardUnavailable) for item in found] == [False, True, True, True, False]


# names


def test_an_unknown_name_is_refused_with_its_place_and_what_is_near() -> None:
    with pytest.raises(
        ConfigError,
        match=r"character 7: 'fien' is no part, preset or registered component; did you mean fine[^?]*[?] Expected one of plan, ",
    ):
        vg.reward("plan * fien")
    with pytest.raises(ConfigError, match="names nothing that is measured"):
        vg.reward("0.5 + 1")
    with pytest.raises(PluginError, match="cannot import 'no_such_module'"):
        vg.reward("plan * no_such_module:part")
    with pytest.raises(ConfigError, match="at character 7"):
        VisGenEnv(task=task(), reward="plan * fien")


# components of one's own


def test_a_function_of_ones_own_is_a_component() -> None:
    engine = vg.reward(f"0.5*plan + 0.5*{ME}:brevity")
    breakdown = engine(TRAJECTORIES[1])
    assert _score(breakdown, f"{ME}:brevity").value == 0.5
    assert breakdown.total == rewards.recompute(breakdown) == 0.75


def test_an_object_or_a_class_of_ones_own_is_a_component_with_its_version() -> None:
    breakdown = vg.reward(f"{ME}:Patience * plan")(TRAJECTORIES[1])
    assert _score(breakdown, f"{ME}:Patience") == Score(value=0.5, reason="always", version=f"{ME}:Patience/7")


def test_a_registered_name_is_a_component(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint(name="short", value=f"{ME}:brevity", group="visgenenv.rewards")
    monkeypatch.setattr(plugins, "_registered", lambda group: {"short": entry} if group == "rewards" else {})
    assert vg.reward("plan * short")(TRAJECTORIES[1]).total == 0.5
    with pytest.raises(ConfigError, match="did you mean short"):
        vg.reward("plan * shor")


def test_a_component_that_does_not_apply_leaves_its_mean() -> None:
    engine = vg.reward(f"mean(plan, {ME}:only_films)")
    assert engine(TRAJECTORIES[1]).total == 1
    assert engine(TRAJECTORIES[0]).total == 0.625


def test_a_component_in_a_users_file_works_in_the_environment(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import visgenenv as vg\n\n"
        "class Thrift:\n"
        "    name, version = 'thrift', '1'\n\n"
        "    def score(self, trajectory):\n"
        "        dollars = trajectory.price_microusd / 1e6\n"
        "        return vg.Score(value=max(0.0, 1 - dollars), reason=f'{dollars} USD')\n\n"
        "if __name__ == '__main__':\n"
        "    print(vg.reward('ltr * mine:Thrift').expression)\n"
    )
    done = subprocess.run([sys.executable, "mine.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "plan * fine * mine:Thrift"


def test_a_component_outside_its_bounds_is_an_error_and_no_reward() -> None:
    with pytest.raises(ConfigError, match=r"too_much' gave 3.0 .* expected a number in \[0, 1\], or None"):
        vg.reward(f"{ME}:too_much")(TRAJECTORIES[1])


def test_an_object_without_name_or_version_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected the attributes name, version and score"):
        vg.reward(f"{ME}:Nameless")
    with pytest.raises(ConfigError, match="expected a function of a trajectory"):
        vg.reward(f"{ME}:TRAJECTORIES")


def test_a_whole_reward_can_stand_behind_a_name() -> None:
    assert vg.reward(f"{ME}:HELD") is HELD


# masking


def test_a_failing_judge_masks_the_sample_and_never_scores_it() -> None:
    engine = vg.reward("ltr", judge=FakeJudge(error=JudgeError("no answer in 60 s")))
    with pytest.raises(RewardUnavailable, match="no answer in 60 s") as error:
        engine(TRAJECTORIES[0])
    assert error.value.trajectory is TRAJECTORIES[0]


@pytest.mark.parametrize("answer", [1.5, -0.1, float("nan")])
def test_a_judge_that_answers_nonsense_has_failed(answer: float) -> None:
    with pytest.raises(RewardUnavailable, match=r"expected 5 scores with values in \[0, 1\]"):
        vg.reward("ltr", judge=FakeJudge(answer))(TRAJECTORIES[0])


def test_a_plan_that_breaks_the_judge_is_the_policys_fault() -> None:
    breakdown = vg.reward("ltr", judge=FakeJudge(error=UnreadablePlan("not to be decoded")))(TRAJECTORIES[0])
    assert (breakdown.total, _score(breakdown, "format").value) == (0, 0)
    assert "not to be decoded" in _score(breakdown, "format").reason


def test_the_judge_is_not_asked_where_there_is_no_plan_and_of_the_plan_sees_nothing_else() -> None:
    judge = FakeJudge(0.5)
    vg.reward("ltr", judge=judge)(TRAJECTORIES[3])
    assert judge.asked == []
    breakdown = vg.reward("ltr", judge=judge)(TRAJECTORIES[0])
    assert _score(breakdown, "plan").value == 0.5
    assert [question.facet for question in judge.asked] == ["coherence", "executable", "atomic", "optimal", "trajectory"]
    assert [question.record is not None for question in judge.asked] == [False, False, False, False, True]
    assert _score(breakdown, "coherence").value == 0.5


def _episode(on_failure: str) -> dict[str, Any]:
    env = VisGenEnv(task=task(), reward=f"{ME}:broken_judge * plan", on_failure=on_failure)
    env.reset(seed=0)
    env.step(turn(picture(), plan=[step(1, PICTURE)]))
    *_, info = env.step(turn(answer=["img_1"]))
    return info


def test_the_environment_masks_or_raises_where_a_judge_fails() -> None:
    info = _episode("truncate")
    assert info["masked"] is True
    assert info["trajectory"].reward is None
    assert "the endpoint is down" in info["trajectory"].failure
    with pytest.raises(RewardUnavailable, match="the endpoint is down") as error:
        _episode("raise")
    assert len(error.value.trajectory.turns) == 2


def test_a_reward_that_does_not_apply_to_the_task_masks_and_says_what_to_do() -> None:
    with pytest.raises(RewardUnavailable, match="none of its parts that weigh anything applies to the task 't'; add one that always does"):
        vg.reward("consistency * result.beat")(TRAJECTORIES[1])


def test_tools_that_are_gone_when_scored_again_mask() -> None:
    gone = msgspec.structs.replace(TRAJECTORIES[1], environment={"tools": ["paper36", "no_such_module:tool"]})
    with pytest.raises(RewardUnavailable, match="no_such_module"):
        vg.reward("ltr")(gone)


@given(st.lists(st.text(max_size=80), min_size=1, max_size=3))
def test_whatever_the_policy_writes_is_scored(turns: list[str]) -> None:
    done = play(task(count=2, entities=("a",)), *turns)
    assert done.failure is None
    assert done.reward is not None


@pytest.mark.parametrize("modality", ["text", "image", "video", "audio"])
@pytest.mark.parametrize("tools", ["paper36", ["tool_text2image_gemini", "tool_tts_generation"]])
def test_random_episodes_of_any_modality_and_tools_are_scored(modality: str, tools: Any) -> None:
    look: dict[str, Any] = {"consistency": "style"} if modality in ("image", "video") else {}
    sound: dict[str, Any] = {"audio": ("music",), "narration": "a"} if modality in ("video", "audio") else {}
    film: dict[str, Any] = {"subtitles": ("b",), "beat": True} if modality == "video" else {}
    asked = task(modality, count=2, **look, **sound, **film)
    for done in vg.rollout(RandomPolicy(1), tasks=[asked] * 20, faults="severe", tools=tools):
        assert done.reward is not None
        assert done.reward.total == rewards.recompute(done.reward)


def test_scoring_eight_calls_takes_far_less_than_a_millisecond() -> None:
    engine, film = vg.reward("ltr"), TRAJECTORIES[0]
    seconds = []
    for _ in range(50):
        start = time.perf_counter()
        engine(film)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 1e-3


# versions


def test_the_version_hangs_on_the_expression_the_judge_and_the_components() -> None:
    versions = {
        vg.reward("ltr").version,
        vg.reward("fine").version,
        vg.reward("ltr", judge=FakeJudge()).version,
        vg.reward(f"ltr * {ME}:brevity").version,
        vg.reward(f"ltr * {ME}:Patience").version,
    }
    assert len(versions) == 5
    assert vg.reward("ltr").version == vg.reward(" plan*fine ").version


# visgen score


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    masked = msgspec.structs.replace(TRAJECTORIES[1], reward=None, failure="the endpoint was down")
    vg.save(tmp_path / "x.jsonl", [*TRAJECTORIES[:3], masked])
    return tmp_path / "x.jsonl"


def test_saved_runs_are_scored_again_and_masked_ones_stay_masked(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = saved.read_bytes()
    out = saved.with_name("y.jsonl")
    assert main(["score", str(saved), "--reward", "plan * mean(format, result)", "--out", str(out), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["scored"], figures["masked"], figures["expression"]) == (3, 1, "plan * mean(format, result)")
    read = vg.load(out)
    assert figures["parts"]["total"]["mean"] == pytest.approx(sum(t.reward.total for t in read[:3] if t.reward) / 3)
    assert figures["parts"]["result.shots"]["n"] == 1
    assert [t.reward is None for t in read] == [False, False, False, True]
    assert read[3].failure == "the endpoint was down"
    assert read[0].versions["reward"] == vg.reward("plan * mean(format, result)").version
    assert [t.hash for t in read] == [t.hash for t in vg.load(saved)]
    assert saved.read_bytes() == before


def test_masked_samples_are_scored_when_asked_and_a_table_is_printed(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(saved), "--masked"]) == 0
    shown = capsys.readouterr().out
    assert "4 scored, 0 masked" in shown
    assert "plan.requirement" in shown


def test_the_same_seed_prints_the_same_intervals(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for _ in range(2):
        main(["score", str(saved), "--seed", "4", "--json"])
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--reward", "plan * fien"], "at character 7"),
        (["--judge", "nobody"], "'nobody' is no registered name"),
        (["--out", "/proc/no/y"], ""),
    ],
)
def test_wrong_arguments_are_told_and_nothing_is_written(saved: Path, arguments: list[str], said: str, capsys: Any) -> None:
    assert main(["score", str(saved), *arguments]) in (1, 2)
    assert said in capsys.readouterr().err
    assert list(saved.parent.iterdir()) == [saved]


def test_an_empty_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    assert main(["score", str(tmp_path / "empty.jsonl")]) == 2
    assert "holds no trajectory" in capsys.readouterr().err


def test_public_names_are_sorted_and_there() -> None:
    assert rewards.__all__ == sorted(rewards.__all__, key=lambda name: (not name.isupper(), name))
    assert all(hasattr(rewards, name) for name in rewards.__all__)
