"""The discrimination benchmark: every damage lowers the part it is meant for, and what none sees is told."""

from __future__ import annotations

import contextlib
import io
from collections import Counter

import msgspec
import pytest

from benchmarks.damages import DAMAGES, TARGETS, UNSEEN, Damage
from benchmarks.discrimination import Discrimination, _table, measure
from visgenenv.cli import main
from visgenenv.errors import ConfigError


def _thoughtless(script):
    script.acts[0].think = None


@pytest.fixture(scope="module")
def found():
    """One episode of each damage, by the command."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = main(["bench", "discrimination", "--per-damage", "1", "--json"])
    assert status == 0
    return msgspec.json.decode(said.getvalue(), type=Discrimination)


def test_each_facet_and_component_is_damaged_in_five_ways_or_more():
    kinds = Counter(damage.part for damage in DAMAGES)
    assert set(kinds) == set(TARGETS)
    assert min(kinds.values()) >= 5
    assert len({damage.name for damage in (*DAMAGES, *UNSEEN)}) == len(DAMAGES) + len(UNSEEN)


def test_every_damage_has_a_task_that_it_applies_to_and_lowers_the_part_it_is_meant_for(found):
    assert [row.n for row in found.damages] == [1] * len(DAMAGES)
    assert found.examples == ()
    assert all(row.good for row in found.damages)


def test_a_damaged_result_falls_in_the_very_requirement_that_it_is_against(found):
    against = {damage.name: damage.related[0] for damage in DAMAGES if damage.part == "result"}
    for row in found.damages:
        if row.part == "result":
            assert row.related.get(against[row.name]) == row.n, row.name


def test_what_the_scorers_do_not_see_is_told_beside_the_rest_and_counted_nowhere_else(found):
    assert [row.name for row in found.unseen] == [damage.name for damage in UNSEEN]
    for row in found.unseen:
        assert row.fell.mean == 0, f"{row.name} is seen now: move it to the damages that count"
    assert found.overall.n == found.total.n + len(UNSEEN)
    assert sum(row.n for row in found.parts) == found.total.n


def test_most_damages_need_no_related_part():
    assert sum(not damage.related for damage in DAMAGES) > len(DAMAGES) / 2


def test_a_damage_that_does_nothing_misses_the_bar_and_is_named():
    found = measure(3, damages=[Damage("none at all", "tool", lambda script: None)], pool=1)
    assert found.total.fell.mean == 0
    assert not found.good
    assert "none at all (tool)" in found.examples[0]
    assert "tool stays 1.000" in found.examples[0]


def test_a_damage_that_harms_what_it_did_not_declare_is_told_with_the_part():
    def silent_and_chatty(script):
        script.acts[0].think = None
        script.answer.append("img_909")

    (row,) = measure(3, damages=[Damage("two harms", "format", silent_and_chatty)], pool=1).damages
    assert row.fell.mean == 1
    assert row.clean.mean == 0
    assert row.moved == {"plan": 3, "plan.requirement": 3, "plan.delivered": 3, "result": 3, "result.modality": 3}


def test_a_damage_that_applies_to_nothing_is_not_good():
    found = measure(3, damages=[Damage("never", "tool", lambda script: False)], pool=1)
    assert (found.total.n, found.total.fell, found.good) == (0, None, False)


def test_a_part_of_which_no_damage_applies_keeps_its_row_and_is_not_good():
    damages = [Damage("never", "tool", lambda script: False), Damage("thoughtless", "format", _thoughtless)]
    found = measure(3, damages=damages, pool=1)
    assert [(row.part, row.n, row.good) for row in found.parts] == [("format", 3, True), ("tool", 0, False)]
    assert not found.good


def test_a_damage_with_fewer_episodes_than_asked_for_is_told():
    alone = Damage("of one type", "format", lambda script: _thoughtless(script) if script.task.task_type == "movies" else False)
    found = measure(3, damages=[alone, Damage("thoughtless", "format", _thoughtless)], pool=1)
    assert found.short == {"of one type": 1}
    assert "Fewer than 3 episodes: of one type (1)." in _table(found)


def test_the_run_by_default_needs_four_hundred_episodes_and_a_smaller_one_says_that_it_has_fewer(monkeypatch):
    monkeypatch.setattr("benchmarks.damages.DAMAGES", (Damage("thoughtless", "format", _thoughtless),))
    asked, smaller = measure(12, pool=1), measure(11, pool=1)
    assert all(row.good for row in (*asked.parts, *smaller.parts))
    assert (asked.good, smaller.good) == (False, True)
    assert "12 episodes: too few, at least 400 are expected." in _table(asked)
    assert "11 episodes, where a run by default has at least 400: the figures are rough." in _table(smaller)


def test_the_verdict_says_in_one_sentence_what_it_is_with_those_not_seen(found):
    (verdict,) = [line for line in _table(found).splitlines() if line.startswith("Held: ")]
    share = f"{found.overall.fell.mean:.1%}"
    assert verdict.endswith(f"; with the {len(UNSEEN)} kinds that the scorers do not see, and no bar counts, it falls in {share}.")
    nothing = measure(2, damages=[Damage("none", "tool", lambda script: None)], pool=1)
    assert "\nMISSED: the right part is to fall" in _table(nothing)


def test_the_tasks_of_a_damage_are_of_many_types_and_the_same_for_the_same_seed():
    seen = []

    def look(script):
        seen.append(script.task.id)

    measure(12, 5, [Damage("looks", "format", look)], pool=2)
    measure(12, 5, [Damage("looks", "format", look)], pool=2)
    assert seen[:12] == seen[12:]
    assert len({task.split("/")[1] for task in seen}) == 12
    assert {task.split("/")[2] for task in seen} == {"en", "zh"}


def test_what_is_made_of_a_part_need_not_be_declared_with_it():
    damage = Damage("one", "result", lambda script: None, ("result.aspect",))
    assert damage.touched == {"result", "result.aspect", "fine", "plan.requirement", "plan"}
    assert Damage("two", "plan.atomic", lambda script: None).touched == {"plan.atomic", "plan"}


@pytest.mark.parametrize(("part", "related"), [("result.aspect", ()), ("tools", ()), ("tool", ("results",))])
def test_a_damage_is_meant_for_a_known_part_and_names_known_ones(part, related):
    with pytest.raises(ConfigError, match="damage 'odd'"):
        Damage("odd", part, lambda script: None, related)
