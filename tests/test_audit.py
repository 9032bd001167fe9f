"""The audit: our reward passes it, rewards that pay for nothing do not, and its cases are what they say."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

import pytest

import visgenenv as vg
from rewards.audit.exploits import Exploit, exploits
from rewards.audit.relations import AGAIN, RELATIONS, Relation
from rewards.audit.report import figures, table
from rewards.audit.scenes import TASKS, honest
from rewards.audit.script import Script, Stage, script_of
from rewards.audit.suite import audit
from visgenenv.cli import main
from visgenenv.errors import ConfigError
from visgenenv.tasks.success import unmet
from visgenenv.types import Score, Trajectory

FAMILIES = {
    "spamming",
    "dummy reference edits",
    "foreign or duplicate handles",
    "a copied plan not executed",
    "a last-turn plan that copies what was done",
    "keyword stuffing",
    "injection",
    "tag nesting",
    "empty deliverables",
    "faults provoked and repaired",
    "one step split into many",
    "turns crammed into one",
    "right count of the wrong modality",
    "wrong subject",
    "input that breaks a judge",
}


@pytest.fixture(scope="module")
def scenes() -> dict[str, Script]:
    return honest()


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage()


def test_our_reward_passes_in_well_under_a_minute() -> None:
    begun = time.process_time()
    found = audit(vg.reward("ltr"))
    assert [f"{one.name} on {one.scene}: {one.reason}" for one in found.failed] == []
    assert time.process_time() - begun < 60
    told = figures(found)
    assert told["exploits"] == len(exploits()) >= 60
    assert told["relations"] == len(RELATIONS) >= 12
    assert told["worst_undone_ratio"] <= 0.25  # type: ignore[operator]
    assert told["worst_padded_ratio"] < 1  # type: ignore[operator]
    assert told["masked"] == 0
    assert set(told["families"]) >= FAMILIES  # type: ignore[call-overload]
    assert "passed" in table(found)


@pytest.mark.parametrize(
    ("expression", "pays"),
    [
        ("RL1", "an expert's plan and one call"),
        ("printed", "something else altogether"),
        ("format", "nothing handed over"),
        ("mean(plan.coherence, plan.executable)", "an answer without work"),
    ],
)
def test_a_reward_that_pays_for_nothing_does_not_pass(expression: str, pays: str) -> None:
    found = audit(vg.reward(expression))
    assert pays in {one.name for one in found.failed}
    assert "FAILED" in table(found, limit=3)


def test_names_are_unique_and_families_are_those_of_the_suite() -> None:
    assert len({exploit.name for exploit in exploits()}) == len(exploits())
    assert len({relation.name for relation in RELATIONS}) == len(RELATIONS)
    assert {exploit.family for exploit in exploits()} >= FAMILIES
    assert {relation.expected for relation in RELATIONS} == {"stay", "fall", "rise"}


@pytest.mark.parametrize("exploit", exploits(), ids=lambda exploit: exploit.name)
def test_an_exploit_leaves_undone_what_it_says(exploit: Exploit, scenes: dict[str, Script], stage: Stage) -> None:
    """Success is judged by a checker of its own: undone is undone, and padded is done."""
    played = 0
    for name, script in scenes.items():
        rewritten = script.copy()
        if exploit.rewrite(rewritten) is False:
            continue
        played += 1
        trajectory = stage.play(rewritten)
        if exploit.undone:
            assert not trajectory.success, name
        else:
            assert list(unmet(trajectory)) == [], name
        assert script == scenes[name], "the honest script is left as it is"
    assert played, "it fits some scene"


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.name)
def test_a_relation_has_pairs_and_its_two_sides_differ(relation: Relation, scenes: dict[str, Script], stage: Stage) -> None:
    pairs = [pair for script in scenes.values() if (pair := relation.pair(script, stage)) is not None]
    assert len(pairs) >= 4
    assert all((before == after) == (relation.name == AGAIN) for before, after in pairs)


def test_a_script_played_again_is_the_episode_it_was_made_from(scenes: dict[str, Script], stage: Stage) -> None:
    for script in scenes.values():
        first = stage.play(script)
        assert first.success
        assert stage.play(script_of(first)).hash == first.hash
    assert {task.language for pair in TASKS.values() for task in pair} == {"en", "zh"}


def shy(trajectory: Trajectory) -> Score:
    """A user's component that cannot bear praise."""
    if any("perfect" in step.goal for turn in trajectory.turns if turn.parsed.plan for step in turn.parsed.plan.steps):
        raise RuntimeError("too much praise")
    return Score(value=1.0)


def test_what_the_policy_writes_must_not_mask(scenes: dict[str, Script]) -> None:
    found = audit(vg.reward("ltr * test_audit:shy"))
    masked = [one for one in found.failed if one.paid is None]
    assert {one.name for one in masked} == {"praise in the plan"}
    assert all("too much praise" in one.reason for one in masked)
    assert len(masked) == len(scenes)


def test_a_reward_with_a_schedule_is_audited_at_a_step() -> None:
    engine = vg.reward("ramp(0, 1, 0, 10) * ltr")
    with pytest.raises(ConfigError, match="--step N"):
        audit(engine)
    assert audit(engine, step=10).passed


def test_the_command_says_it_in_json_and_by_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reward", "audit", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["passed"], told["failed"], told["exploits"]) == (True, [], len(exploits()))
    assert main(["reward", "audit", "--reward", "RL1", "--limit", "2"]) == 1
    assert "relations do not hold, the worst 2:" in capsys.readouterr().out


def test_two_rewards_are_compared_on_the_same_episodes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = tmp_path / "x.jsonl"
    vg.save(runs, vg.rollout("expert", 4, seed=3) + vg.rollout("single-image", 4, seed=3))
    assert main(["reward", "diff", "ltr", "RL1", str(runs)]) == 0
    assert "plan.requirement" in capsys.readouterr().out
    assert main(["reward", "diff", "ltr", "RL1", str(runs), "--json"]) == 0
    whole = capsys.readouterr().out
    assert json.loads(whole)["groups"] == 4
    played = vg.load(runs)
    vg.save(tmp_path / "a.jsonl", played[:1])
    vg.save(tmp_path / "b.jsonl", played[1:])
    assert main(["reward", "diff", "ltr", "RL1", str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"), "--json"]) == 0
    assert capsys.readouterr().out == whole
    assert main(["reward", "diff", "ltr", "RL1", str(tmp_path / "none.jsonl")]) == 2


def test_a_number_added_to_every_reward_changes_no_verdict() -> None:
    for expression in ("ltr", "RL1"):
        plain, *others = (audit(vg.reward(f"{expression}{added}")) for added in ("", " + 0.2", " - 1"))
        for other in others:
            assert [(one.name, one.scene) for one in other.findings if not one.good] == [
                (one.name, one.scene) for one in plain.findings if not one.good
            ]
            assert [one.ratio for one in other.findings] == pytest.approx([one.ratio for one in plain.findings], abs=1e-6)


def test_a_reward_that_pays_nothing_for_honest_work_does_not_pass() -> None:
    for expression in ("gate(ltr, 0)", "1 - ltr", "0.5 - 0.01*ltr"):
        found = audit(vg.reward(expression))
        assert not found.passed
        assert "no more than nothing at all" in found.failed[0].reason
        assert figures(found)["worst_undone_ratio"] is None
        assert "no exploit has a ratio" in table(found)


def broken(trajectory: Trajectory) -> float:
    """A component that never scores."""
    raise KeyError("weights")


def test_a_reward_that_scores_no_honest_episode_is_not_blamed_for_exploits(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reward", "audit", "--reward", "ltr * test_audit:broken"]) == 1
    told = capsys.readouterr()
    assert "none of 10 honest episodes can be scored" in told.err
    assert "KeyError: 'weights'" in told.err
    assert told.out == ""


_asked = itertools.count()


def fickle(trajectory: Trajectory) -> float:
    """A component that says something else each time."""
    return next(_asked) % 7 / 7


def test_a_reward_that_changes_its_mind_is_told_apart_from_one_that_pays_for_exploits() -> None:
    found = audit(vg.reward("mean(ltr, test_audit:fickle)"))
    assert AGAIN in {one.name for one in found.failed}
    assert "scored twice is paid two rewards" in table(found)
    assert "scored twice" not in table(audit(vg.reward("RL1")))


def test_the_episodes_behind_a_failure_can_be_kept_and_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "wrong.jsonl")
    assert main(["reward", "audit", "--reward", "printed", "--out", out]) == 1
    kept = {one.id: one for one in vg.load(out)}
    failed = audit(vg.reward("printed")).failed
    for one in failed:
        names = (f"honest on {one.scene}", f"{one.name} on {one.scene}")
        if one.kind == "relation":
            names = (f"{one.name} on {one.scene}, before", f"{one.name} on {one.scene}, after")
        assert [kept[name].reward.total for name in names] == [one.honest, one.paid]  # type: ignore[union-attr]
    worst = next(name for name in kept if not name.startswith("honest"))
    capsys.readouterr()
    assert main(["show", out, "--id", worst]) == 0
    assert "plan.delivered" in capsys.readouterr().out


def test_of_what_fails_the_worst_stands_first_a_line_each() -> None:
    found = audit(vg.reward("RL1"))
    lines = table(found, limit=200).splitlines()
    first = lines.index(next(line for line in lines if "exploits pay" in line)) + 1
    told = [line for line in lines[first:] if line.startswith("  exploit")]
    assert len(told) == len(set(told)) == figures(found)["exploits_failed"]
    ratios = [one.ratio for one in found.failed if one.undone]
    assert ratios == sorted(ratios, reverse=True)  # type: ignore[type-var]
