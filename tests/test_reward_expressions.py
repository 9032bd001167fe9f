"""Reward expressions: what they mean, how they are written, how they are refused."""

from __future__ import annotations

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rewarding import one_picture, task

import visgenenv as vg
from rewards.compose import at, evaluate, scheduled, write
from rewards.grammar import parse
from visgenenv.errors import ConfigError

NAMES = ("plan", "fine", "result.count", "mine:brevity", "format")
ALL = st.fixed_dictionaries({name: st.floats(0, 1) for name in NAMES})
VALUES = st.fixed_dictionaries({name: st.none() | st.floats(0, 1) for name in NAMES})


def _extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lists = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.builds("{} + {}".format, inner, inner),
        st.builds("{} - {}".format, inner, inner),
        st.builds("({}) * ({})".format, inner, inner),
        st.builds("-({})".format, inner),
        st.builds(lambda f, parts: f"{f}({', '.join(parts)})", st.sampled_from(["mean", "min", "max", "product"]), lists),
        st.builds("clip({}, 0.1, 0.9)".format, inner),
        st.builds("gate({}, .5)".format, inner),
        st.builds("({})".format, inner),
    )


ATOMS = st.sampled_from(NAMES) | st.integers(0, 9).map(str) | st.floats(0, 5).map(repr) | st.just("1e-3")
EXPRESSIONS = st.recursive(ATOMS, _extend, max_leaves=8)
_ENDS = st.floats(-5, 5).map(repr)
_STEPS = st.lists(st.integers(0, 400), min_size=2, max_size=2, unique=True).map(sorted)
SCHEDULES = st.builds(
    lambda function, a, b, steps: f"{function}({a}, {b}, {steps[0]}, {steps[1]})", st.sampled_from(["ramp", "cosine"]), _ENDS, _ENDS, _STEPS
) | st.builds("switch({}, {}, {})".format, _ENDS, _ENDS, st.integers(0, 400))
SCHEDULED = st.recursive(ATOMS | SCHEDULES, _extend, max_leaves=8)
STEP = st.integers(0, 500)


@given(SCHEDULED)
def test_what_is_written_reads_as_the_same_tree(text: str) -> None:
    tree = parse(text)
    assert parse(write(tree)) == tree
    assert write(parse(write(tree))) == write(tree)


@given(EXPRESSIONS, VALUES)
def test_what_is_written_has_the_same_value_to_the_last_bit(text: str, values: dict[str, float | None]) -> None:
    tree = parse(text)
    assert evaluate(tree, values) == evaluate(parse(write(tree)), values)


@given(SCHEDULED, VALUES, STEP)
def test_at_a_step_what_is_written_has_the_same_value_to_the_last_bit(text: str, values: dict[str, float | None], step: int) -> None:
    tree = parse(text)
    here = at(tree, step)
    assert not scheduled(here)
    assert here == tree or scheduled(tree)
    assert evaluate(here, values) == evaluate(at(parse(write(tree)), step), values) == evaluate(parse(write(here)), values)


@given(EXPRESSIONS, ALL)
def test_where_everything_applies_the_value_is_that_of_plain_arithmetic(text: str, values: dict[str, float]) -> None:
    scope = {
        "mean": lambda *xs: sum(xs) / len(xs),
        "min": lambda *xs: min(xs),
        "max": lambda *xs: max(xs),
        "product": lambda *xs: math.prod(xs),
        "clip": lambda x, low, high: min(max(x, low), high),
        "gate": lambda x, t: float(x >= t),
    }
    python = text
    for name in NAMES:
        python = python.replace(name, f"v[{name!r}]") if ":" in name or "." in name else python
    found = evaluate(parse(text), values)
    expected = eval(python, {**scope, "v": values, **{n: values[n] for n in ("plan", "fine", "format")}})
    assert found == pytest.approx(expected, abs=1e-9) or "gate" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mean(plan, fine)", 0.5),
        ("mean(fine, format)", None),
        ("plan * fine", 0.5),
        ("fine * format", None),
        ("2 * fine", None),
        ("min(plan, fine)", 0.5),
        ("max(fine)", None),
        ("min(fine, 0.2)", None),
        ("clip(fine, 0, 1)", None),
        ("gate(fine, 0)", None),
        ("0.7 * plan + 0.3 * fine", 0.5),
        ("0.6 * plan + 0.6 * fine", 0.6),
        ("plan - 0.2 * fine", 0.5),
        ("1 - plan", 0.5),
        ("1 - fine", None),
        ("fine + format", None),
        ("fine - plan", None),
        ("mean(plan, fine * format)", 0.5),
        ("gate(plan, 0.5) * 3", 3.0),
        ("0.5 * plan + 0.5 * fine + 1", 1.5),
    ],
)
def test_what_does_not_apply_leaves_its_mean_product_and_sum(text: str, expected: float | None) -> None:
    assert evaluate(parse(text), {"plan": 0.5, "fine": None, "format": None}) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("plan *", 6, "expected a name, a number, a function or ("),
        ("plan fine", 5, "expected + - * or the end"),
        ("(plan", 5, "expected )"),
        ("mean()", 5, "given ')'; expected an expression: mean(x, …)"),
        ("plan + product()", 15, "expected an expression: product(x, …)"),
        ("clip()", 5, "expected an expression: clip(x, low, high)"),
        ("mean(plan", 9, "expected , or )"),
        ("median(plan)", 0, "no such function; expected one of clip, cosine, gate, max, mean, min, product, ramp, switch"),
        ("plan / 2", 5, "'/' has no meaning here"),
        ("plan ** 2", 6, "expected a name"),
        ("gate(plan, fine)", 11, "given fine; expected a number: gate(x, threshold)"),
        ("gate(plan)", 9, "given ')'; expected a number: gate(x, threshold)"),
        ("gate(plan, 0.5, 1)", 16, "given 1; expected nothing more: gate(x, threshold)"),
        ("gate(plan, 0.5 1)", 15, "given '1'; expected , or )"),
        ("clip(plan, 1, 0)", 14, "given 0; low 1 is above high 0: clip(x, low, high) wants low <= high"),
        ("clip(plan, 0.8, -0.2)", 16, "given -0.2; low 0.8 is above high -0.2"),
        ("clip(plan, mean(fine, 1), 1)", 11, "given mean(fine, 1); expected a number: clip(x, low, high)"),
        ("clip(plan, 1)", 12, "given ')'; expected another number: clip(x, low, high)"),
        ("plan * -", 8, "expected a name, a number, a function or ("),
        ("1e999 * plan", 0, "too large"),
        ("(" * 60 + "plan" + ")" * 60, 41, "levels of parentheses"),
        ("__import__(os)", 0, "no such function"),
        ("ramp() * plan", 5, "expected a number: ramp(a, b, first, last)"),
        ("ramp(0, 1, 5) * plan", 12, "expected 4 numbers: ramp(a, b, first, last)"),
        ("switch(0, 1, 2, 3) * plan", 14, "expected 3 numbers: switch(a, b, at)"),
        ("cosine(0, plan, 0, 9) * plan", 10, "expected a number: cosine(a, b, first, last)"),
        ("ramp(0, 1, 9, 9) * plan", 14, "expected a step after 9: ramp(a, b, first, last) with first < last"),
        ("cosine(0, 1, 9, 3) * plan", 16, "expected a step after 9: cosine(a, b, first, last) with first < last"),
        ("ramp(0, 1, -1, 3) * plan", 11, "expected a number of 0 or more: ramp(a, b, first, last)"),
        ("ramp(0, 1e999, 0, 3) * plan", 8, "too large"),
        ("gate(plan, -ramp(0, 1, 0, 9))", 11, "expected a number: gate(x, threshold)"),
        ("clip(plan, ramp(0, 1, 0, 9), 0.5)", 29, "low ramp(0, 1, 0, 9) is above high 0.5 at some step"),
    ],
)
def test_a_wrong_expression_is_refused_with_the_place_and_what_was_expected(text: str, position: int, expected: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(text)
    assert expected in str(error.value)
    assert f"at character {position}:" in str(error.value)


@given(st.text(max_size=40) | st.text("plan()+-*,.:1e ", max_size=25))
def test_any_text_is_read_or_refused_and_never_breaks(text: str) -> None:
    with suppress(ConfigError):
        assert parse(write(parse(text))) == parse(text)


@pytest.mark.parametrize("text", ["", "   ", "x" * 3000])
def test_nothing_and_far_too_much_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="expected"):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "0 * ltr",
        "-0 * plan",
        "ltr * (0 * fine)",
        "0 * plan + 1",
        "mean(0 * plan, 0 * fine, 1)",
        "(1 - 1) * plan",
        "plan * mean(0, 0 * fine)",
        "plan * max(switch(0, 0, 5), 0)",
        "clip(0 * plan, 0.2, 1)",
        "ramp(0, 0, 5, 9) * ltr - switch(0, 0, 5) * fine",
    ],
)
def test_an_expression_in_which_nothing_measured_weighs_anything_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="nothing that is measured weighs anything in it"):
        vg.reward(text)


@pytest.mark.parametrize(
    "text",
    [
        "0 * plan + fine",
        "ramp(0, 1, 0, 100) * ltr",
        "switch(1, 0, 5) * plan",
        "-1 * plan",
        "(1 - plan) * fine",
        "mean(0, plan)",
        "mean(0, 0.5) * plan",
        "ltr * clip(ramp(0, 1, 0, 9), 0, 1)",
    ],
)
def test_a_weight_of_0_beside_others_or_at_some_steps_is_taken(text: str) -> None:
    assert vg.reward(text).expression


def test_what_is_no_text_is_refused_without_an_address_and_with_the_way_to_name_it() -> None:
    class Thrifty:
        pass

    for thing in (Thrifty(), write, None, [Thrifty()]):
        with pytest.raises(ConfigError, match=r'a component as in "0.9\*ltr \+ 0.1\*module:attribute"') as error:
            vg.reward(thing)  # type: ignore[arg-type]
        assert " at 0x" not in str(error.value)


def test_the_presets_are_known_in_small_letters_and_in_capitals() -> None:
    for name in ("ltr", "printed", "RL1", "RL2", "RL3", "RL4", "r1_sum"):
        assert vg.reward(name.upper()).expression == vg.reward(name.lower()).expression == vg.reward(name).expression
    assert vg.reward("RL4").version == vg.reward("LTR").version


def test_a_total_past_all_numbers_is_refused_when_it_comes_up() -> None:
    with pytest.raises(ConfigError, match="comes to inf for the trajectory"):
        vg.reward("1e308 * result + 1e308 * format + 1e308 * tool")(one_picture(task()))
