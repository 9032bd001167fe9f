"""The audit: our reward passes it, rewards that pay for nothing do not, and its cases are what they say."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

import visgenenv as vg
from rewards.audit.exploits import Exploit, exploits
from rewards.audit.relations import RELATIONS, Relation
from rewards.audit.scenes import TASKS, honest
from rewards.audit.script import Script, Stage, script_of
from rewards.audit.suite import audit, figures, table
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
    assert all(before != after for before, after in pairs)


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
    assert "failures, the first 2:" in capsys.readouterr().out


def test_two_rewards_are_compared_on_the_same_episodes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = tmp_path / "x.jsonl"
    vg.save(runs, vg.rollout("expert", 4, seed=3) + vg.rollout("single-image", 4, seed=3))
    assert main(["reward", "diff", "ltr", "RL1", str(runs)]) == 0
    assert "plan.requirement" in capsys.readouterr().out
    assert main(["reward", "diff", "ltr", "RL1", str(runs), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)
    assert main(["reward", "diff", "ltr", "RL1", str(tmp_path / "none.jsonl")]) == 2
