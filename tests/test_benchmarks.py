"""Means, intervals, comparisons and the report."""

from __future__ import annotations

import html.parser
import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from benchmarks.evaluation import compare, measure, paired, summaries
from benchmarks.recompute import compare as recomputed
from benchmarks.report.charts import curves, smoothed
from benchmarks.report.page import Report, pick_pair, render
from benchmarks.side_by_side import Stage, side_by_side
from benchmarks.stats import crossed_interval, mean_interval, paired_difference
from benchmarks.summary import by_type, summarise, table
from policies import Expert, SingleImage
from rewards import JudgeError
from visgenenv.cli import main
from visgenenv.episodes import rollout


@pytest.fixture(scope="module")
def played():
    expert = rollout(Expert(), 24, 50, task="heldout", system_prompt="none")
    flawed = rollout(Expert(flaws=("forget_music", "skip_reference")), 24, 50, task="heldout", system_prompt="none")
    return {"PST greedy": flawed, "PST + GRPO greedy": expert}


def test_an_interval_holds_the_mean_and_covers_it_about_as_often_as_it_says():
    generator = np.random.default_rng(3)
    covered = 0
    for seed in range(60):
        interval = mean_interval(generator.normal(0.3, 1.0, 60).tolist(), seed)
        assert interval is not None
        assert interval.low <= interval.mean <= interval.high
        covered += interval.low <= 0.3 <= interval.high
    assert 51 <= covered <= 60


def test_the_mean_of_nothing_is_nothing_and_a_constant_has_no_spread():
    assert mean_interval([]) is None
    interval = mean_interval([0.25] * 9)
    assert interval is not None
    assert (interval.mean, interval.low, interval.high, interval.n) == (0.25, 0.25, 0.25, 9)


def test_pairing_takes_out_what_both_sides_share():
    generator = np.random.default_rng(0)
    shared = generator.normal(0, 5, 200)
    gain = paired_difference(shared.tolist(), (shared + 0.1 + generator.normal(0, 0.05, 200)).tolist())
    assert gain is not None
    assert 0.08 < gain.low < gain.mean < gain.high < 0.12


def test_a_paired_difference_refuses_lists_of_unlike_length():
    with pytest.raises(ValueError, match="2 values before, 1 after"):
        paired_difference([1.0, 2.0], [1.0])


def test_seeds_that_disagree_widen_the_pooled_interval():
    agreeing = crossed_interval([[0.5] * 100] * 3)
    disagreeing = crossed_interval([[0.0] * 100, [0.5] * 100, [1.0] * 100])
    assert agreeing is not None
    assert disagreeing is not None
    assert agreeing.mean == disagreeing.mean == 0.5
    assert agreeing.high - agreeing.low < 0.01 < 0.3 < disagreeing.high - disagreeing.low


def test_tasks_that_all_seeds_share_are_not_counted_once_a_seed():
    generator = np.random.default_rng(5)
    covered = 0
    for number in range(60):
        shared = (generator.random(200) < 0.5).astype(float)
        interval = crossed_interval([shared.tolist()] * 3, number)
        assert interval is not None
        covered += interval.low <= 0.5 <= interval.high
    assert covered >= 51


def test_seeds_with_unlike_tasks_are_refused():
    with pytest.raises(ValueError, match="same tasks"):
        crossed_interval([[1.0, 0.0], [1.0]])


def test_a_summary_counts_masked_episodes_apart(played):
    episodes = played["PST + GRPO greedy"]
    masked = [msgspec.structs.replace(episodes[0], reward=None, failure="the judge was down"), *episodes[1:]]
    summary = summarise("expert", masked)
    assert (summary.episodes, summary.masked) == (24, 1)
    assert summary.reward is not None
    assert summary.reward.n == 23
    assert "24 (1 masked)" in table([summary])


def test_summaries_split_by_task_type_hold_every_episode(played):
    split = by_type(played["PST greedy"])
    assert len(split) == 12
    assert sum(summary.episodes for summary in split.values()) == 24


def test_a_comparison_is_about_the_same_tasks_and_luck(played):
    found = compare("PST greedy", "PST + GRPO greedy", played)
    assert found.success is not None
    assert found.reward is not None
    assert found.success.mean > 0.3
    assert found.reward.mean > 0
    other = rollout(Expert(), 24, 51, task="heldout", system_prompt="none")
    with pytest.raises(ValueError, match="same task and luck"):
        paired(played["PST greedy"], other)


def test_measuring_again_reads_what_stands_and_plays_only_what_is_missing(tmp_path):
    calls = []

    def counted(policy):
        def make():
            calls.append(policy)
            return policy()

        return make

    policies = {"expert": counted(Expert), "one image": counted(SingleImage)}
    fingerprints = {"expert": "one", "one image": "another"}
    first = measure(tmp_path, policies, episodes=6, seed=9, task="heldout", system_prompt="none", fingerprints=fingerprints)
    assert len(calls) == 2
    (tmp_path / "one image.jsonl").unlink()
    again = measure(tmp_path, policies, episodes=6, seed=9, task="heldout", system_prompt="none", fingerprints=fingerprints)
    assert len(calls) == 3
    assert first == again
    measure(tmp_path, policies, episodes=5, seed=9, task="heldout", system_prompt="none", fingerprints=fingerprints)
    assert len(calls) == 5, "other tasks are asked for, so both are played again"
    severe = {"episodes": 5, "seed": 9, "task": "heldout", "system_prompt": "none", "faults": "severe"}
    measure(tmp_path, policies, **severe, fingerprints=fingerprints)
    assert len(calls) == 7, "another environment is another question"
    measure(tmp_path, policies, **severe, fingerprints=fingerprints | {"expert": "other weights"})
    assert len(calls) == 8, "another policy under the same name is played again"
    for _ in range(2):
        measure(tmp_path, policies, **severe)
    assert len(calls) == 12, "what a function has made may hold anything, so nothing of it is kept"


def test_a_trailing_mean_leaves_out_what_is_missing():
    assert smoothed([1.0, None, 3.0, None, None], 2) == [1.0, 1.0, 3.0, 3.0, None]


def test_curves_are_the_same_bytes_for_the_same_numbers():
    pytest.importorskip("matplotlib")
    series = {"reward": [0.1, 0.4, None, 0.8], "success": [0.0, 0.2, 0.3, 0.5]}
    assert curves(series, x_label="step") == curves(series, x_label="step")


class _Reader(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br", "img", "wbr"):
            self.open.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href") and not (value or "").startswith(("#", "data:"))]

    def handle_endtag(self, tag):
        if tag in self.open:
            assert self.open[-1] == tag, (tag, self.open[-3:])
            self.open.pop()

    def handle_data(self, data):
        self.words.append(data)


def test_the_report_is_one_whole_page_that_fetches_nothing_and_says_the_figures(played):
    pytest.importorskip("matplotlib")
    pair = pick_pair(played["PST greedy"], played["PST + GRPO greedy"])
    assert pair is not None
    assert not pair[0].success
    assert pair[1].success
    comparison = compare("PST greedy", "PST + GRPO greedy", played)
    report = Report(
        heading="A <test> run",
        facts={"seed": "0"},
        comparisons=(("success, greedy", comparison),),
        summaries=tuple(summaries(played)),
        pst=({"stage": "stage1", "step": 20, "loss": 1.5}, {"stage": "stage2", "step": 20, "loss": 0.5}),
        grpo=tuple({"step": i, "reward": i / 10, "success": i / 20, "parts": {"plan": 0.5}, "kl": 0.01} for i in range(6)),
    )
    page = render(report, played, ("before", pair[0], "after", pair[1]), None)
    reader = _Reader()
    reader.feed(page)
    words = " ".join(reader.words)
    assert not reader.open
    assert not reader.fetched
    assert "A <test> run" in words
    assert comparison.success is not None
    assert f"{comparison.success.mean * 100:+.0f} points" in words
    assert pair[1].task.prompt.splitlines()[0] in words


def test_the_pooled_study_reads_the_runs_that_stand(tmp_path, played):
    from benchmarks.experiment import COMPARISONS, ExperimentConfig, Outcome
    from benchmarks.study import _pool
    from visgenenv.trajectories import save

    names = {
        "PST greedy": "PST greedy",
        "PST T=1": "PST greedy",
        "PST + GRPO greedy": "PST + GRPO greedy",
        "PST + GRPO T=1": "PST + GRPO greedy",
    }
    for seed in (0, 1):
        folder = tmp_path / f"seed{seed}"
        for name, source in names.items():
            save(folder / "trajectories" / f"{name}.jsonl", played[source])
        trajectories = {name: played[source] for name, source in names.items()}
        outcome = Outcome(
            seed=seed,
            episodes=24,
            summaries=tuple(summaries(trajectories)),
            comparisons={label: compare(before, after, trajectories) for label, before, after in COMPARISONS},
            versions={},
            machine="here",
            clock={},
        )
        (folder / "results.json").write_bytes(msgspec.json.encode(outcome))
    study = _pool(ExperimentConfig(), Path(tmp_path), [0, 1], 1.0, "visgen bench training")
    assert set(study.gains) == {label for label, _, _ in COMPARISONS}
    for label, before, after in COMPARISONS:
        single = getattr(compare(names[before], names[after], played), "success" if "success" in label else "reward")
        assert study.gains[label].mean == pytest.approx(single.mean)
        assert single.mean > 0
    assert study.final_success.mean == 1.0
    assert json.loads(msgspec.json.encode(study))["by_seed"]["1"]["policies"]["PST greedy"]["success"]["mean"] < 1.0


def test_other_versions_are_measured_again(tmp_path, monkeypatch):
    question = {"episodes": 2, "seed": 9, "task": "heldout", "system_prompt": "none"}
    measure(tmp_path, {"one image": SingleImage}, **question)
    stamp = (tmp_path / "one image.jsonl").stat().st_mtime_ns
    measure(tmp_path, {"one image": SingleImage}, **question)
    assert (tmp_path / "one image.jsonl").stat().st_mtime_ns == stamp
    monkeypatch.setattr("benchmarks.evaluation.versions", lambda: {"success": "another"})
    measure(tmp_path, {"one image": SingleImage}, **question)
    assert (tmp_path / "one image.jsonl").stat().st_mtime_ns > stamp


def test_a_policy_may_be_named_as_on_the_command_line(tmp_path):
    question = {"episodes": 2, "seed": 9, "task": "heldout", "system_prompt": "none"}
    named = measure(tmp_path, {"teacher": "expert"}, **question)
    assert named["teacher"] == measure(tmp_path / "again", {"teacher": Expert}, **question)["teacher"]
    stamp = (tmp_path / "teacher.jsonl").stat().st_mtime_ns
    measure(tmp_path, {"teacher": "expert"}, **question)
    assert (tmp_path / "teacher.jsonl").stat().st_mtime_ns == stamp
    measure(tmp_path, {"teacher": "single-image"}, **question)
    assert (tmp_path / "teacher.jsonl").stat().st_mtime_ns > stamp


def moody(trajectory):
    raise JudgeError("out of mood")


def test_scored_again_where_all_is_masked_twice_nothing_was_compared(capsys):
    assert main(["bench", "recompute", "--episodes", "4", "--reward", f"{__name__}:moody"]) == 1
    assert "nothing was compared" in capsys.readouterr().err


@pytest.mark.parametrize(("episodes", "each"), [(10, [3, 3, 3, 1]), (4, [1, 1, 1, 1]), (2, [1, 1, 0, 0])])
def test_few_episodes_scored_again_are_of_all_policies(episodes, each):
    assert list(recomputed(episodes, 0).policies.values()) == each


def test_processes_side_by_side_that_are_interrupted_are_waited_for(monkeypatch):
    told = []

    class Process:
        def __init__(self, *_, **__):
            self.returncode = None

        def poll(self):
            raise KeyboardInterrupt

        def terminate(self):
            told.append("terminate")

        def wait(self):
            told.append("wait")

    monkeypatch.setattr("benchmarks.side_by_side.subprocess.Popen", Process)
    with pytest.raises(KeyboardInterrupt):
        side_by_side([Stage(line=line, arguments=()) for line in "ab"], 2)
    assert told == ["terminate", "terminate", "wait", "wait"]
