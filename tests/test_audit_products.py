"""The audit of a reward that is no weighted sum: a product is found, and nothing is called wrong that is not shown to be."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from auditing import one, trl_rows, verifiers_rows, written

from rewards.audit.runs import audit_runs

Rows = list[dict[str, object]]
Formula = Callable[[float, float, float], float]


def logged(total: Formula, scaled: bool = False) -> Rows:
    """Rows of TRL with the advantages that a formula of their three components makes, `right` being 0 or 1."""
    rows = trl_rows(24)
    own = random.Random(2)
    for start in range(0, len(rows), 4):
        members = rows[start : start + 4]
        for row in members:
            row["right"] = float(own.random() < 0.6)
        totals = [total(*(float(str(row[name])) for name in ("right", "short", "watched"))) for row in members]
        mean = sum(totals) / 4
        deviation = (sum((value - mean) ** 2 for value in totals) / 3) ** 0.5 + 1e-4 if scaled else 1.0
        for row, value in zip(members, totals, strict=True):
            row["advantage"] = (value - mean) / deviation
    return rows


def saved(total: Formula) -> Rows:
    """Rows of verifiers with totals that a formula of their three components makes."""
    rows = verifiers_rows()
    for row in rows:
        metrics = row["metrics"]
        assert isinstance(metrics, dict)
        row["reward"] = total(metrics["correct"], metrics["style"], metrics["watched"])
    return rows


@pytest.mark.parametrize("scaled", [False, True])
def test_an_honest_product_of_trl_is_found_and_its_advantages_are_all_right(scaled: bool, tmp_path: Path) -> None:
    audited = audit_runs(written(tmp_path / "product.jsonl", logged(lambda right, short, watched: right * short, scaled)))
    check = one(audited, "recomputation")
    assert (check.verdict, check.count) == ("look", 0)
    assert "the advantages follow from a product" in check.detail
    assert check.detail.endswith("logged but not trained on (weight 0): watched")
    assert (one(audited, "advantages").verdict, one(audited, "advantages").count, one(audited, "advantages").of) == ("ok", 0, 96)
    assert audited.bad == 0
    assert any("take the nearest sum" in note for note in audited.notes)


def test_an_advantage_that_was_turned_stands_out_of_a_product(tmp_path: Path) -> None:
    rows = logged(lambda right, short, watched: right * short)
    strongest = max(range(len(rows)), key=lambda at: abs(float(str(rows[at]["advantage"]))))
    rows[strongest]["advantage"] = -float(str(rows[strongest]["advantage"]))
    audited = audit_runs(written(tmp_path / "turned.jsonl", rows))
    assert (one(audited, "recomputation").verdict, one(audited, "recomputation").count) == ("bad", 1)
    assert (one(audited, "advantages").verdict, one(audited, "advantages").worst) == ("bad", (f"1/{strongest + 1}",))


@pytest.mark.parametrize(
    ("total", "told"),
    [
        (lambda correct, style, watched: correct * style, "style 1"),
        (lambda correct, style, watched: style * watched, "watched 1"),
        (lambda correct, style, watched: correct * style * watched, "1"),
        (lambda correct, style, watched: correct * (0.7 * style + 0.3 * watched), "style 0.7, watched 0.3"),
    ],
)
def test_a_product_of_verifiers_is_found_and_a_hand_made_total_stands_out(total: Formula, told: str, tmp_path: Path) -> None:
    rows = saved(total)
    clean = one(audit_runs(written(tmp_path / "clean.jsonl", rows)), "recomputation")
    assert clean.verdict != "bad"
    assert clean.count == 0
    assert clean.detail.startswith("no weighted sum, but a product: ")
    assert told in clean.detail
    rows[6]["reward"] = 0.9
    edited = one(audit_runs(written(tmp_path / "edited.jsonl", rows)), "recomputation")
    assert (edited.verdict, edited.count, edited.worst) == ("bad", 1, ("1#2",))


def test_a_product_whose_factor_is_nearly_always_one_is_not_taken_for_a_sum_with_wrong_totals(tmp_path: Path) -> None:
    rows = saved(lambda correct, style, watched: style)
    for at in (4, 9):
        metrics = rows[at]["metrics"]
        assert isinstance(metrics, dict)
        metrics["style"], rows[at]["reward"] = at / 10, 0.0
    for at, row in enumerate(rows):
        metrics = row["metrics"]
        assert isinstance(metrics, dict)
        metrics["correct"] = float(at not in (4, 9))
    check = one(audit_runs(written(tmp_path / "gate.jsonl", rows)), "recomputation")
    assert (check.verdict, check.count) == ("look", 0)
    assert "correct times (style 1" in check.detail


def test_what_is_neither_sum_nor_product_is_said_to_be_so_and_not_called_wrong(tmp_path: Path) -> None:
    formula: Formula = lambda one_of, style, watched: min(style, watched) ** 2  # noqa: E731 (one formula for both formats)
    for name, rows, skipped in (("trl", logged(formula), True), ("verifiers", saved(formula), False)):
        audited = audit_runs(written(tmp_path / f"{name}.jsonl", rows))
        check = one(audited, "recomputation")
        assert (check.verdict, check.count) == ("look", 0)
        for cause in ("no weighted sum", "a part that was not logged", "its weights changed on the way"):
            assert cause in check.detail
        assert audited.bad == 0
        if skipped:
            assert one(audited, "advantages").verdict == "skipped"
            assert "neither weights nor a product explain them" in one(audited, "advantages").detail


def test_the_same_components_with_another_total_are_bad_whatever_the_formula(tmp_path: Path) -> None:
    rows = [
        *saved(lambda correct, style, watched: min(style, watched) ** 2),
        *saved(lambda correct, style, watched: min(style, watched) ** 2),
    ]
    for row in rows[40:]:
        row["completion"] = "said otherwise"
    assert one(audit_runs(written(tmp_path / "clean.jsonl", rows)), "recomputation").verdict == "look"
    rows[50]["reward"] = 0.9
    check = one(audit_runs(written(tmp_path / "edited.jsonl", rows)), "recomputation")
    assert (check.verdict, check.count) == ("bad", 1)
    assert "the totals were altered" in check.detail


def test_the_same_components_with_another_advantage_in_their_group_are_bad(tmp_path: Path) -> None:
    own = random.Random(0)
    rows = [{**row, "right": 1.0, "short": 0.5, "watched": float(at % 2)} for at, row in enumerate(trl_rows())]
    for row in rows:
        row["advantage"] = own.gauss(0, 1)
    check = one(audit_runs(written(tmp_path / "noise.jsonl", rows)), "recomputation")
    assert check.verdict == "bad"
    assert "same components as others and yet of other advantages" in check.detail


def test_weights_that_change_with_the_step_contradict_nothing(tmp_path: Path) -> None:
    rows = []
    for step in range(1, 9):
        for at, row in enumerate(trl_rows(2, step=step)):
            right, short = float(at % 2), float(at // 2 % 2)
            rows.append({**row, "right": right, "short": short, "watched": 0.0, "reward": step * right + short**step})
    check = one(audit_runs(written(tmp_path / "schedule.jsonl", rows)), "recomputation")
    assert (check.verdict, check.count) == ("look", 0)
    assert "weights changed on the way" in check.detail


def test_a_product_is_found_beside_what_verifiers_counts_by_itself(tmp_path: Path) -> None:
    rows = saved(lambda correct, style, watched: correct * style * watched)
    counters = ("total_tool_calls", "unique_tools_used", "has_tool_calls", "sandbox_oom", "sandbox_timeout", "sandbox_image_pull_error")
    for at, row in enumerate(rows):
        row["metrics"].update({name: float(at % 5) for name in counters})  # type: ignore[attr-defined]
    check = one(audit_runs(written(tmp_path / "results.jsonl", rows)), "recomputation")
    assert (check.verdict, check.count) == ("ok", 0)
    assert "a product" in check.detail
    assert sum(name.startswith("factor.") for name in check.figures) == 2
