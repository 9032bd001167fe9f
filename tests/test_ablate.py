"""Rewards compared from one start: two variants, two seeds, resumed once, every figure checked against the trajectories."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
import training
from rewarding import one_picture, short_film, task

import visgenenv as vg
from benchmarks.ablation_signs import pooled, practised
from benchmarks.ablation_table import Ablation, measures, pool, table, verdict
from benchmarks.crossed import Difference, Resamples, detectable, flip_p, holm, p_runs, student_quantile, student_tail
from benchmarks.report.ablation_page import render
from benchmarks.stats import Interval, crossed_interval
from benchmarks.variants import read_variants
from rewards.signs import Signs
from visgenenv.cli import main
from visgenenv.errors import ConfigError
from visgenenv.types import Trajectory

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
TINY = {"steps": 2, "prompts": 2, "group_size": 3, "max_turns": 2, "max_turn_tokens": 24, "max_length": 400, "lr": 0.003}
SHORT, LATER = "short=training:brevity", "later=mean(training:brevity * switch(0.5, 1, 1), training:chinese)"
COMMAND = ["ablate", "--reward", SHORT, "--reward", LATER, "--seeds", "2", "--start", "model", "--config", "tiny.json"]
COMMAND += ["--episodes", "8", "--jobs", "1", "--out", "ablation.json"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the ablation has run once."""
    found = tmp_path_factory.mktemp("ablation")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(found)
        training.saved(found / "model")
        (found / "tiny.json").write_text(json.dumps(TINY))
        assert main(COMMAND) == 0
    return found


@pytest.fixture(scope="module")
def result(folder: Path) -> Ablation:
    return msgspec.json.decode((folder / "ablation.json").read_bytes(), type=Ablation)


def held_out(folder: Path, name: str, decoding: str = "greedy") -> list[Trajectory]:
    """What was measured, both seeds together."""
    return [t for seed in (0, 1) for t in vg.load(folder / "runs/ablation" / name / f"seed{seed}" / "measured" / f"{decoding}.jsonl")]


def practice(folder: Path, name: str) -> list[list[Trajectory]]:
    """A run's samples, a step of a seed each."""
    return [vg.load(path) for path in sorted((folder / "runs/ablation" / name).glob("seed*/trajectories/grpo-*.jsonl"))]


def test_the_table_holds_the_start_and_each_reward_on_the_same_tasks(folder: Path, result: Ablation) -> None:
    assert [row.name for row in result.rows["greedy"]] == ["start", "short", "later"]
    assert result.scored == 8
    start = vg.load(folder / "runs/ablation/start/measured/greedy.jsonl")
    for name in ("short", "later"):
        for seed in (0, 1):
            for found in (held_out(folder, name)[8 * seed : 8 * seed + 8], held_out(folder, name, "T=1")[8 * seed : 8 * seed + 8]):
                assert [(t.task, t.chance_seed) for t in found] == [(t.task, t.chance_seed) for t in start]


def test_the_means_of_the_table_are_those_of_the_trajectories(folder: Path, result: Ablation) -> None:
    for decoding in ("greedy", "T=1"):
        for row in result.rows[decoding][1:]:
            for column, cell in row.cells.items():
                if column == "overall":
                    continue
                values = [value for t in held_out(folder, row.name, decoding) if (value := measures(t)[column]) is not None]
                assert (cell is None) == (not values)
                if cell is not None:
                    assert cell.mean == pytest.approx(np.mean(values))
                    assert cell.n == len(values)


def test_a_reward_with_a_schedule_is_measured_as_at_its_last_step(folder: Path, result: Ablation) -> None:
    expected = [(training.brevity(t) + training.chinese(t)) / 2 for t in held_out(folder, "later")]
    assert result.own["greedy"]["later"].trained.mean == pytest.approx(np.mean(expected))
    start = [training.brevity(t) for t in vg.load(folder / "runs/ablation/start/measured/greedy.jsonl")]
    assert result.own["greedy"]["short"].start.mean == pytest.approx(np.mean(start))
    own = [training.brevity(t) for t in held_out(folder, "short")]
    assert result.own["greedy"]["short"].gain.interval.mean == pytest.approx(np.mean(own) - np.mean(start))


def turned(before: list[float], after: list[float], size: int = 3) -> int:
    """Changes of sign, counted anew: groups stand next to each other."""
    count = 0
    for first in range(0, len(before), size):
        old, new = np.array(before[first : first + size]), np.array(after[first : first + size])
        count += int((((old - old.mean()).round(9) * (new - new.mean()).round(9)) < 0).sum())
    return count


def test_the_signs_of_practice_are_counted_from_its_samples(folder: Path, result: Ablation) -> None:
    steps = practice(folder, "short")
    assert len(steps) == 4
    assert all(len(samples) == 6 for samples in steps)
    changed = sum(
        turned(
            [training.brevity(t) for t in samples],
            [training.brevity(t) * (0.5 if number % 2 == 0 else 1.0) + training.chinese(t) for t in samples],
        )
        for number, samples in enumerate(steps)
    )
    between = result.practice.between["later"]
    assert (between.compared, between.changed) == (24, changed)
    assert set(result.practice.between) == {"later"}
    own = result.practice.without["later"]["training:brevity"]
    recounted = sum(
        turned([t.reward.total for t in samples if t.reward], [training.chinese(t) for t in samples])
        for samples in practice(folder, "later")
    )
    assert (own.compared, own.changed) == (24, recounted)
    assert recounted > 0
    assert own.share == pytest.approx(recounted / 24)
    assert result.practice.without["short"]["training:brevity"].gone == 24


def test_the_curves_are_those_of_the_samples(folder: Path, result: Ablation) -> None:
    steps = practice(folder, "short")
    paid = [np.mean([t.reward.total for t in samples if t.reward]) for samples in steps]
    assert np.ravel(result.practice.curves["short"]["own"]) == pytest.approx(paid, abs=1e-5)
    ltr = [np.mean([vg.reward("ltr")(t).total for t in samples]) for samples in steps]
    assert np.ravel(result.practice.curves["short"]["yardstick"]) == pytest.approx(ltr, abs=1e-5)


def test_each_two_rewards_are_compared(folder: Path, result: Ablation, tmp_path: Path) -> None:
    shutil.copytree(folder / "runs/ablation", tmp_path / "runs")
    shutil.copytree(tmp_path / "runs/later", tmp_path / "runs/third")
    third = msgspec.structs.replace(result.variants[1], name="third")
    pairs = pool(tmp_path / "runs", (*result.variants, third), result.facts).pairs["greedy"]
    assert [(pair.before, pair.after) for pair in pairs[:3]] == [("short", "later"), ("short", "third"), ("later", "third")]
    assert [(pair.before, pair.after) for pair in pairs[3:]] == [("start", name) for name in ("short", "later", "third")]
    assert pairs[2].columns["success"].by_seed == (0, 0)


def test_pairs_are_each_two_rewards_and_each_reward_against_the_start(result: Ablation) -> None:
    assert [(pair.before, pair.after) for pair in result.pairs["greedy"]] == [("short", "later"), ("start", "short"), ("start", "later")]
    for pair in result.pairs["T=1"]:
        cells = {row.name: row.cells for row in result.rows["T=1"]}
        for column, difference in pair.columns.items():
            before, after = cells[pair.before][column], cells[pair.after][column]
            assert before is not None
            assert after is not None
            assert difference.interval.mean == pytest.approx(after.mean - before.mean, abs=1e-9)
            assert np.mean(difference.by_seed) == pytest.approx(difference.interval.mean)
            assert difference.p_holm is not None
            assert difference.p_holm >= difference.p


def test_the_page_holds_table_curves_and_signs(folder: Path, result: Ablation) -> None:
    page = (folder / "runs/ablation/report.html").read_text()
    assert page == render(result)
    for words in (
        "Measured on held-out tasks, greedy",
        "What is more than noise",
        "Whose advantage changes its sign",
        "<svg",
        "later − short",
    ):
        assert words in page
    assert "http-equiv" not in page
    assert "<script" not in page


def test_the_text_says_of_each_pair_what_it_comes_to(result: Ablation) -> None:
    said = table(result)
    for pair in ("later - short", "short - start", "later - start"):
        lines = [line for line in said.splitlines() if line.startswith(pair)]
        assert len(lines) == 4
        assert all(
            line.endswith(("more", "less", "interval holds zero", "not clear after Holm", "seeds too few to tell")) for line in lines
        )
    share = result.practice.between["later"].share
    assert share is not None
    assert f"on the practice of short, signs that change under later: {100 * share:.1f} %" in said
    assert "2 training seeds are few" in said


def test_run_again_it_trains_nothing_anew_and_says_the_same(
    folder: Path, result: Ablation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    kept = sorted(Path("runs/ablation").glob("*/seed*/model/model.safetensors")) + sorted(
        Path("runs/ablation").glob("*/**/measured/*.jsonl")
    )
    assert len(kept) == 4 + 4 * 2 + 3
    stamps = [path.stat().st_mtime_ns for path in kept]
    assert main([*COMMAND, "--json"]) == 0
    assert [path.stat().st_mtime_ns for path in kept] == stamps
    again = msgspec.json.decode(Path("ablation.json").read_bytes(), type=Ablation)
    assert msgspec.json.decode(capsys.readouterr().out, type=Ablation) == again
    assert again.minutes >= result.minutes
    assert msgspec.structs.replace(again, minutes=result.minutes) == result


def test_variants_that_practised_on_other_tasks_are_refused(folder: Path, tmp_path: Path) -> None:
    variants = read_variants([SHORT, LATER])
    for name, seeds in (("short", (0, 1)), ("later", (1, 0))):
        for here, there in enumerate(seeds):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / f"seed{here}").symlink_to(folder / "runs/ablation" / name / f"seed{there}")
    with pytest.raises(ConfigError, match="short and later did not practise on the same tasks"):
        practised(tmp_path, variants, (0, 1), "ltr")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--reward", "ltr", "--reward", "RL4"], "'RL4': the same reward as 'ltr' (plan * fine)"),
        (["--reward", "RL1", "--reward", "rl1=plan"], "the name 'rl1' is given twice"),
        (["--reward", "mean(plan, fine)"], "expected letters and digits before a =, as in mine='mean(plan, fine)'"),
        (["--reward", "start=plan"], "'start' names no folder"),
        (["--reward", "mine=plann"], "'plann' is no part"),
        (["--seed", "-1"], "GrpoConfig.seed=-1: expected at least 0"),
        (["--start", "nowhere"], "--start nowhere: no model there"),
        (["--config", "seeded.json"], "seeded.json: seed=3: an ablation takes it from --seed and --seeds"),
        (["--config", "leaking.json"], "may hold what is measured on"),
    ],
)
def test_what_cannot_be_compared_is_told_before_anything_runs(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("seeded.json").write_text('{"seed": 3}')
    Path("leaking.json").write_text('{"tasks": "heldout"}')
    assert main(["ablate", *arguments]) == 2
    assert told in capsys.readouterr().err
    assert not Path("runs").exists()


def test_a_variant_is_a_name_an_expression_or_both() -> None:
    found = read_variants(["RL1", "mine=mean(plan, fine)"])
    assert [(v.name, v.given, v.expression) for v in found] == [
        ("RL1", "RL1", "mean(result, format)"),
        ("mine", "mean(plan, fine)", "mean(plan, fine)"),
    ]


def test_the_columns_are_read_from_parts_and_task() -> None:
    film = measures(short_film())
    assert (film["success"], film["amount"], film["storyboard"], film["duration"]) == (1.0, 1.0, 1.0, 1.0)
    assert (film["object"], film["scene"], film["style"], film["variety"]) == (None, None, None, None)
    assert film["consistency"] == 1.0
    picture = measures(one_picture(task(count=2, entities=("red bicycle", "blue boat"))))
    assert (picture["match"], picture["amount"], picture["consistency"]) == (0.5, measures(one_picture(task(count=2)))["amount"], None)
    assert measures(one_picture(task(count=1)))["match"] is None


def test_resampled_seeds_and_tasks_agree_with_the_crossed_interval() -> None:
    generator = np.random.default_rng(3)
    values = (generator.normal(size=(3, 200)) + generator.normal(size=(3, 1)) * 0.2 + generator.normal(size=200)).tolist()
    ours, theirs = Resamples(3, 200).interval(values), crossed_interval(values)
    assert ours is not None
    assert theirs is not None
    assert ours.mean == pytest.approx(theirs.mean)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.02)


def test_a_column_is_about_the_tasks_that_ask_for_it() -> None:
    resamples = Resamples(2, 4)
    found = resamples.interval([[1.0, None, 0.0, None], [1.0, None, 0.5, None]])
    assert found is not None
    assert (found.mean, found.n) == (0.625, 4)
    assert resamples.interval([[None] * 4, [None] * 4]) is None
    both = resamples.overall([[[1.0, None, 0.0, None]] * 2, [[None] * 4] * 2, [[None, 0.25, None, 0.25]] * 2])
    assert both is not None
    assert both.mean == pytest.approx((0.5 + 0.25) / 2)
    with pytest.raises(ConfigError, match="expected the same tasks for every seed"):
        resamples.interval([[1.0], [1.0, 2.0]])


def test_a_difference_that_is_there_is_shown_and_one_that_is_not_is_not() -> None:
    generator = np.random.default_rng(5)
    before = generator.normal(size=(3, 300))
    noise = generator.normal(size=(3, 300)) * 0.5
    clear = Resamples(3, 300).difference(before.tolist(), (before + 0.3 + noise).tolist())
    none = Resamples(3, 300).difference(before.tolist(), (before - noise + noise.mean()).tolist())
    assert clear is not None
    assert none is not None
    assert verdict(msgspec.structs.replace(clear, p_holm=clear.p)) == "more"
    assert verdict(msgspec.structs.replace(none, p_holm=none.p)) == "interval holds zero"
    assert clear.p < 0.001
    assert none.p > 0.5
    assert clear.detectable is not None
    assert clear.detectable < 0.3


@pytest.mark.parametrize(
    ("p_holm", "p_runs", "said"),
    [
        (0.09, 0.01, "not clear after Holm"),
        (0.03, 0.2, "seeds too few to tell"),
        (0.03, None, "seeds too few to tell"),
        (0.03, 0.03, "more"),
    ],
)
def test_a_difference_is_called_one_only_where_both_tests_agree(p_holm: float, p_runs: float | None, said: str) -> None:
    interval = Interval(mean=0.1, low=0.01, high=0.2, n=9)
    found = Difference(interval=interval, by_seed=(0.1,), p=0.03, p_holm=p_holm, p_runs=p_runs, detectable=None)
    assert (verdict(found), found.shown) == (said, said == "more")


def test_seeds_that_only_happen_to_agree_are_rarely_taken_for_a_difference() -> None:
    generator = np.random.default_rng(2)
    taken = aside = 0
    for _ in range(200):
        study = generator.normal(size=(3, 1)) * 0.2 + generator.normal(size=(3, 60)) * 0.3
        p = p_runs(study)
        assert p is not None
        taken += p < 0.05
        aside += len({*np.sign(study.mean(axis=1))}) == 1
    assert taken / 200 < 0.09
    assert aside / 200 > 0.15
    assert p_runs(np.ones((1, 5))) is None


def test_students_distribution_is_that_of_the_tables() -> None:
    for freedom, t in ((1, 12.706), (2, 4.3027), (10, 2.2281), (407, 1.9658)):
        assert student_quantile(0.05, freedom) == pytest.approx(t, rel=2e-3)
        assert student_tail(t, freedom) == pytest.approx(0.05, abs=2e-4)


def test_the_flip_test_is_exact_where_it_can_be_counted() -> None:
    assert flip_p(np.zeros(5)) == 1.0
    assert flip_p(np.ones(4)) == pytest.approx(2 / 16, abs=0.02)
    assert flip_p(np.array([1.0, -1.0, 1.0, -1.0])) == 1.0


def test_where_seeds_share_what_a_task_does_to_them_the_flip_test_errs_as_seldom_as_it_says() -> None:
    generator, resamples = np.random.default_rng(6), Resamples(3, 40)
    taken = 0
    for _ in range(300):
        study = generator.normal(size=40) + generator.normal(size=(3, 40)) * 0.5
        found = resamples.difference([[0.0] * 40] * 3, study.tolist())
        assert found is not None
        taken += found.p < 0.05
    assert 0.02 < taken / 300 < 0.09


def test_holm_multiplies_by_what_is_left_and_never_falls() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06})
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}


def test_what_can_be_detected_is_found_in_four_of_five_studies() -> None:
    generator = np.random.default_rng(8)
    least = detectable(generator.normal(size=(1, 400)))
    assert least is not None
    assert least == pytest.approx(2.8 / 20, rel=0.1)
    found = 0
    for _ in range(400):
        study = generator.normal(least, 1.0, 400)
        found += abs(study.mean()) > 1.96 * study.std(ddof=1) / 20
    assert 0.74 < found / 400 < 0.86
    assert detectable(np.zeros((3, 10))) is None
    assert detectable(np.ones((3, 1))) is None


def test_shares_are_of_all_members_and_by_seed() -> None:
    steps = [Signs(compared=10, changed=changed, becomes_zero=1, leaves_zero=0, gone=0) for changed in (1, 2, 6)]
    found = pooled([steps[:2], steps[2:]])
    assert (found.compared, found.changed, found.becomes_zero, found.share, found.by_seed) == (30, 9, 3, 0.3, (0.15, 0.6))
    assert pooled([[]]).share is None
