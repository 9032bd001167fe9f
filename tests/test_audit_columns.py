"""Which columns of a record are components of its reward, and what is said where that is not known."""

from pathlib import Path

import pytest
from auditing import one, trl_rows, verifiers_rows, written

from rewards.audit.readers import read
from rewards.audit.runs import audit_runs, table


def bare_rows(**more: object) -> list[dict[str, object]]:
    """Rows of verifiers as older versions save them: no `metrics`, each metric a column."""
    kept = ("example_id", "prompt", "completion", "reward")
    return [{**{name: row[name] for name in kept}, "generation_ms": 12.5, "correct": 1.0, **more} for row in verifiers_rows(24)]


def test_rows_with_an_example_id_are_of_verifiers_and_without_metrics_their_components_are_unknown(tmp_path: Path) -> None:
    audited = audit_runs(written(tmp_path / "results.jsonl", bare_rows()))
    assert (audited.format, audited.samples, audited.groups, audited.bad) == ("verifiers", 24, 6, 0)
    for name in ("recomputation", "dead components", "components that decide nothing"):
        assert (one(audited, name).verdict, one(audited, name).detail) == ("skipped", "the records hold no components")
    assert audited.notes[0].startswith("24 rows without `metrics`")
    assert one(audited, "groups without a difference").verdict != "skipped"


def test_the_oldest_rows_of_verifiers_call_their_example_id(tmp_path: Path) -> None:
    rows = [{"id": row.pop("example_id"), **row} for row in bare_rows()]
    samples = read(written(tmp_path / "results.jsonl", rows)).samples
    assert (samples[0].id, samples[5].id, len({each.group for each in samples})) == ("0#0", "1#1", 6)


def test_rows_of_verifiers_with_metrics_take_no_other_column_for_a_component(tmp_path: Path) -> None:
    rows = [{**row, "seed": 3, "epoch": 1, "length": 44.0} for row in verifiers_rows(8)]
    rollouts = read(written(tmp_path / "results.jsonl", rows))
    assert set(rollouts.samples[0].parts) == {"correct", "style", "watched", "num_turns"}
    assert rollouts.notes == ()


@pytest.mark.parametrize("name", ["id", "prompt_id", "index", "seed", "epoch", "example_id", "generation_ms", "num_tokens", "length"])
def test_numbers_beside_the_components_of_trl_are_none_and_are_named(name: str, tmp_path: Path) -> None:
    rows = [{**row, name: 7 + at * at % 31} for at, row in enumerate(trl_rows())]
    audited = audit_runs(written(tmp_path / "rows.jsonl", rows))
    assert audited.format == "TRL"
    assert set(one(audited, "recomputation").figures) == {"weight.right", "weight.short", "weight.watched"}
    assert f"numbers that are no components: {name}," in audited.notes[0]


@pytest.mark.parametrize("name", ["length", "tokens", "reward_len", "valid_id", "diversity_index"])
def test_a_reward_function_with_such_a_name_stays_a_component(name: str, tmp_path: Path) -> None:
    rows = [{name if key == "short" else key: value for key, value in row.items()} for row in trl_rows()]
    audited = audit_runs(written(tmp_path / "rows.jsonl", rows))
    assert one(audited, "recomputation").figures[f"weight.{name}"] == pytest.approx(0.25, abs=1e-3)
    assert audited.notes == ()


def test_a_reward_that_counts_is_a_component_by_its_name_or_where_nothing_else_is_one(tmp_path: Path) -> None:
    rows = [{**row, "reward_len": 10 + at % 7, "num_tokens": 10 + at % 7} for at, row in enumerate(trl_rows())]
    audited = audit_runs(written(tmp_path / "rows.jsonl", rows))
    assert "weight.reward_len" in one(audited, "recomputation").figures
    assert "num_tokens" in audited.notes[0]
    kept = ("step", "prompt", "completion", "advantage", "num_tokens")
    alone = audit_runs(written(tmp_path / "alone.jsonl", [{name: row[name] for name in kept} for row in rows]))
    assert set(one(alone, "recomputation").figures) == {"weight.num_tokens"}


def test_rows_of_trl_to_which_somebody_added_an_example_id_are_of_trl(tmp_path: Path) -> None:
    rows = [{**row, "example_id": at // 4, "reward": 0.5} for at, row in enumerate(trl_rows())]
    assert audit_runs(written(tmp_path / "rows.jsonl", rows)).format == "TRL"


def test_without_advantages_that_is_the_reason_and_not_components_that_never_vary(tmp_path: Path) -> None:
    rows = [{key: value for key, value in row.items() if key != "advantage"} for row in trl_rows()]
    audited = audit_runs(written(tmp_path / "rows.jsonl", rows))
    for name in ("recomputation", "components that decide nothing"):
        assert one(audited, name).verdict == "skipped"
        assert one(audited, name).detail.startswith("neither a total nor an advantage is logged")
    assert one(audited, "advantages").detail == "the records hold no advantages"
    assert "they take the plain sum of the components" in audited.notes[0]
    assert max(map(len, table(audited).splitlines()[1:])) <= 140


def test_components_that_never_vary_within_a_group_are_still_the_reason_where_they_are(tmp_path: Path) -> None:
    rows = [{**row, "right": 1.0, "short": 0.5, "watched": 0.0, "advantage": 0.0} for row in trl_rows()]
    audited = audit_runs(written(tmp_path / "rows.jsonl", rows))
    assert one(audited, "recomputation").detail == "no component varies within a group"


def test_groups_of_one_member_with_an_advantage_are_the_reason_where_they_are(tmp_path: Path) -> None:
    rows = [{**row, "prompt": f"prompt {at}"} for at, row in enumerate(trl_rows())]
    assert one(audit_runs(written(tmp_path / "rows.jsonl", rows)), "recomputation").detail == (
        "no total is logged, and no group has two members with an advantage"
    )
