"""The grammar of a turn: any text at all is read, and what is wrong is said with its place and what to do."""

import json
import re
import sys

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import visgenenv as vg
from visgenenv.turns import MAX_CALLS, MAX_CHARS, MAX_DEPTH, MAX_ERRORS, encodable, openai_tools, parse, parse_any, render, sealed
from visgenenv.types import Answer, ParsedTurn, Plan, PlanStep, ToolCall

CALL = '<tool_call>{"name":"t","arguments":{}}</tool_call>'
TAGS = ("think", "reflect", "plan", "tool_call", "answer", "tool_response")
fragments = st.one_of(
    st.text(max_size=20),
    st.text(st.characters(categories=["Cc", "Cs", "Cf", "Zs"]), max_size=8),
    st.sampled_from([f"<{slash}{tag}>" for slash in ("", "/") for tag in TAGS]),
    st.sampled_from(
        ['{"name":"t","arguments":{}}', '{"steps":[]}', '{"deliverables":["img_1"]}', "{", "}", "[[[[", '"', "\\ud800", "1e999", "9" * 40]
    ),
)
any_text = st.lists(fragments, max_size=14).map("".join)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
calls = st.builds(lambda name, arguments: ToolCall(name=name, arguments=arguments), words, st.dictionaries(words, values, max_size=4))
steps = st.builds(
    lambda i, tool, goal, after: PlanStep(id=i, tool=tool, goal=goal, after=tuple(after)),
    st.integers(0, 99),
    words,
    words,
    st.lists(st.integers(0, 99), max_size=3),
)
plain = st.text("abc 猫,.", min_size=1, max_size=20).map(str.strip).filter(bool)


def all_of(parsed: ParsedTurn) -> str:
    return " ".join(parsed.errors)


@settings(max_examples=400)
@given(any_text, st.booleans())
@example("<think>\ud800</think>" + CALL, True)
@example("\x00", False)
def test_any_text_is_read_and_what_does_not_parse_says_why(text: str, first: bool) -> None:
    parsed = parse(text, first)
    assert parsed.errors or parsed.calls or parsed.answer is not None
    assert len(parsed.errors) <= MAX_ERRORS
    for encode in (msgspec.json.encode, msgspec.msgpack.encode):
        encode(parsed)  # what cannot be written down cannot be kept
    for error in parsed.errors:
        assert re.search(r"expected|at most|a turn has one|does not write it|answer in a turn of its own", error), error


@settings(max_examples=200)
@given(
    plain,
    st.none() | st.builds(lambda found: Plan(steps=tuple(found)), st.lists(steps, max_size=4)),
    st.lists(calls, min_size=1, max_size=4),
)
def test_a_rendered_turn_reads_back_whatever_its_strings_hold(think: str, plan: Plan | None, made: list[ToolCall]) -> None:
    parsed = parse(render(think, plan=plan, calls=tuple(made)), first=plan is not None)
    assert parsed == ParsedTurn(think=think, plan=plan, calls=tuple(made))


@settings(max_examples=100)
@given(plain, st.lists(words, max_size=3), st.lists(words, max_size=3))
def test_a_rendered_answer_reads_back_whatever_its_strings_hold(think: str, deliverables: list[str], checks: list[str]) -> None:
    answer = Answer(deliverables=tuple(deliverables), checks=tuple(checks))
    assert parse(render(think, answer=answer), first=False) == ParsedTurn(think=think, answer=answer)


def test_tags_inside_json_strings_do_not_cut_a_turn() -> None:
    body = sealed(json.dumps({"name": "t", "arguments": {"prompt": "a </tool_call><answer> b"}}))
    parsed = parse(f"<think>x</think><tool_call>{body}</tool_call>", first=False)
    assert not parsed.errors
    assert parsed.calls[0].arguments == {"prompt": "a </tool_call><answer> b"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "neither <tool_call> nor <answer>: given an empty text"),
        ("hello", "given 'hello'; expected <tool_call>"),
        ("<think>a", "<think> at character 0 is never closed; expected </think>"),
        ("<tool_call>{}", "<tool_call> at character 0 is never closed"),
        ("</think>" + CALL, "</think> at character 0 closes nothing; expected <think> before it"),
        ('<tool_call>{"name":"t"', "is never closed"),
        ('<tool_call>{"name":"t",}</tool_call>', "<tool_call> at character 0 holds"),
        ("<tool_call>{}</tool_call>", "missing required field `name`"),
        ('<tool_call>{"name":1}</tool_call>', "Expected `str`, got `int`"),
        ('<tool_call>{"name":"t","arguments":[]}</tool_call>', "Expected `object`, got `array`"),
        ('<tool_call>{"name":"t","args":{}}</tool_call>', "unknown field `args`"),
        (
            '<tool_call>{"name":"t"}<answer>{"deliverables":[]}</answer>',
            "<tool_call> at character 0: expected </tool_call> before <answer> at 23",
        ),
        ('<plan>{"steps":[{"id":1}]}</plan>' + CALL, "missing required field `tool`"),
        (CALL + '<answer>{"deliverables":[]}</answer>', "both <tool_call> and <answer> in one turn"),
        ('<answer>{"deliverables":[]}</answer><answer>{"deliverables":[]}</answer>', "a second <answer> at character 36; a turn has one"),
        ("<think>a</think><think>b</think>" + CALL, "a second <think> at character 16"),
        ("<tool_response>{}</tool_response>" + CALL, "<tool_response> at character 0 is the environment's word"),
        ('<tool_call>{"name":"t","arguments":{"n":' + "9" * 30 + "}}</tool_call>", "more than 64 bits"),
        ('<plan>{"steps":[{"id":' + "9" * 25 + ',"tool":"t"}]}</plan>' + CALL, "more than 64 bits"),
        ('<tool_call>{"name":"t","arguments":{"n":1e999}}</tool_call>', "Number out of range"),
        ('<tool_call>{"name":"t","arguments":{"p":"\\ud800"}}</tool_call>', "<tool_call> at character 0 holds"),
        ("x" * (MAX_CHARS + 1), f"the turn has {MAX_CHARS + 1} characters; at most {MAX_CHARS} are read"),
        (CALL * (MAX_CALLS + 1), f"{MAX_CALLS + 1} tool calls in one turn; at most {MAX_CALLS} are run"),
    ],
)
def test_what_does_not_parse_is_told_with_place_and_expectation(text: str, said: str) -> None:
    assert said in all_of(parse(text, first=False))


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 500, 5000])
def test_deep_nesting_is_refused_before_it_can_break_anything(depth: int) -> None:
    parsed = parse('<tool_call>{"name":"t","arguments":{"x":' + "[" * depth + "]" * depth + "}}</tool_call>", first=False)
    assert len(parsed.errors) == 1
    assert not parsed.calls


def test_nesting_and_numbers_within_the_limits_are_kept() -> None:
    arguments = {"x": [[[[{"n": 2**63 - 1, "m": -(2**63), "digits": "9" * 40}]]]], "many": [{}] * 40}
    parsed = parse(render("t", calls=(ToolCall(name="t", arguments=arguments),)), first=False)
    assert parsed.calls[0].arguments == arguments


def test_many_mistakes_are_told_a_few_at_a_time() -> None:
    assert len(parse("<plan></plan>" * 4000, first=False).errors) == MAX_ERRORS


@pytest.mark.parametrize(
    ("text", "first", "said"),
    [
        (CALL, False, "no <think>"),
        ("<think>a</think>" + CALL, True, "no <plan>…</plan> in the first turn"),
        ("<think>a</think>hello" + CALL, False, "text outside the tags at character 16: 'hello'"),
        (CALL + "<think>a</think>", False, "<think> at character 50 comes too late"),
        ("<think>a\udc00</think>" + CALL, False, "the lone surrogate '\\udc00' at character 8 is no character; it is read as U+FFFD"),
    ],
)
def test_a_broken_rule_of_order_still_runs_and_is_told(text: str, first: bool, said: str) -> None:
    parsed = parse(text, first)
    assert not parsed.errors
    assert len(parsed.calls) == 1
    assert any(said in rule for rule in parsed.violations)


def test_lone_surrogates_are_replaced_and_nothing_else_is() -> None:
    assert encodable("a\ud800b") == "a\ufffdb"
    text = "猫 \U0001f408 \x00"
    assert encodable(text) is text


def test_thoughts_may_speak_of_tags() -> None:
    parsed = parse("<think>then <answer> follows</think>" + CALL, first=False)
    assert parsed.think == "then <answer> follows"
    assert not parsed.errors


@pytest.mark.parametrize("size", [1_000_000])
@pytest.mark.parametrize("piece", ["x", "<", "<think>", "</plan>", "\x00", "\ud800", "[", '{"a":'])
def test_a_megabyte_of_anything_is_answered(piece: str, size: int) -> None:
    parsed = parse(piece * (size // len(piece)), first=True)
    assert "at most" in all_of(parsed)


@pytest.mark.parametrize("piece", ["<think>", "</plan>", "<tool_call>{", "\x00", "[", '<tool_call>{"a":', "<tool_call>"])
def test_the_longest_readable_text_of_anything_is_answered(piece: str) -> None:
    assert parse((piece * MAX_CHARS)[:MAX_CHARS], first=True).errors


class Bag:
    """What the client's objects look like: attributes, nothing else."""

    def __init__(self, **fields: object) -> None:
        self.__dict__.update(fields)


def as_objects(message: dict[str, object]) -> Bag:
    made = [Bag(id="1", type="function", function=Bag(**call["function"])) for call in message.get("tool_calls") or ()]  # type: ignore[attr-defined]
    return Bag(**{**message, "tool_calls": made or None})


def call_of(name: str, arguments: object) -> dict[str, object]:
    return {"id": "1", "type": "function", "function": {"name": name, "arguments": arguments}}


MESSAGES = [
    (
        {
            "content": "I draw.",
            "tool_calls": [
                call_of("tool_text2image_gemini", '{"prompt": "a <think> tag </tool_call>"}'),
                call_of("submit_plan", '{"steps":[{"id":1,"tool":"tool_text2image_gemini"}]}'),
            ],
        },
        ParsedTurn(
            think="I draw.",
            plan=Plan(steps=(PlanStep(id=1, tool="tool_text2image_gemini"),)),
            calls=(ToolCall(name="tool_text2image_gemini", arguments={"prompt": "a <think> tag </tool_call>"}),),
        ),
    ),
    (
        {"content": None, "reasoning_content": "done <answer>", "tool_calls": [call_of("submit_answer", '{"deliverables": ["img_1"]}')]},
        ParsedTurn(think="done ‹answer›", answer=Answer(deliverables=("img_1",))),
    ),
    (
        {
            "content": [{"type": "text", "text": "two "}, {"type": "text", "text": "parts"}],
            "tool_calls": [call_of("t", {"n": 1, "p": "猫\ud800"[:1]})],
        },
        ParsedTurn(think="two parts", calls=(ToolCall(name="t", arguments={"n": 1, "p": "猫"}),)),
    ),
    ({"content": "<think>own grammar</think>" + CALL}, ParsedTurn(think="own grammar", calls=(ToolCall(name="t"),))),
    ({"content": CALL, "reasoning": "aside"}, ParsedTurn(think="aside", calls=(ToolCall(name="t"),))),
    ({"content": "x", "tool_calls": [call_of("t", "")]}, ParsedTurn(think="x", calls=(ToolCall(name="t"),))),
]


@pytest.mark.parametrize("form", [dict, as_objects])
@pytest.mark.parametrize(("message", "expected"), MESSAGES)
def test_a_message_with_native_calls_becomes_the_turn_it_means(message: dict[str, object], expected: ParsedTurn, form: type) -> None:
    assert parse(vg.from_openai(form(message)), first=False) == expected


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"content": "just words"}, "neither <tool_call> nor <answer>"),
        ({"content": None}, "an empty text"),
        ({}, "an empty text"),
        ({"content": "", "tool_calls": [call_of("t", '{"prompt": ')]}, "<tool_call> at character 0 holds"),
        ({"content": "", "tool_calls": [call_of("t", {"x": float("nan")})]}, "<tool_call> at character 0 holds"),
        ({"content": "", "tool_calls": [call_of("submit_answer", '{"deliverable": "img_1"}')]}, "unknown field `deliverable`; expected {"),
        (
            {"content": "", "tool_calls": [call_of("submit_answer", '{"deliverables": []}'), call_of("t", "{}")]},
            "both <tool_call> and <answer>",
        ),
        ({"content": "", "tool_calls": [call_of("submit_plan", '{"steps":[]}')] * 2 + [call_of("t", "{}")]}, "a second <plan>"),
    ],
)
def test_a_message_that_means_no_turn_is_answered_like_any_text(message: dict[str, object], said: str) -> None:
    assert said in all_of(parse(vg.from_openai(message), first=False))


def test_a_custom_call_without_a_function_is_an_unknown_tool() -> None:
    parsed = parse(vg.from_openai({"content": "x", "tool_calls": [{"id": "1", "type": "custom", "custom": {}}]}), first=False)
    assert parsed.calls == (ToolCall(name="None"),)


def test_the_reserved_tools_have_schemas_that_stand_alone() -> None:
    schemas = {schema["function"]["name"]: schema["function"]["parameters"] for schema in openai_tools()}
    assert sorted(schemas) == ["submit_answer", "submit_plan"]
    for parameters in schemas.values():
        text = json.dumps(parameters)
        for name in re.findall(r'"#/\$defs/(\w+)"', text):
            assert name in parameters["$defs"]


def test_reading_is_iterative_enough_to_run_near_the_recursion_limit() -> None:
    text = '<tool_call>{"name":"t","arguments":{"x":' + "[" * 30 + "]" * 30 + "}}</tool_call>"

    def deep(left: int) -> ParsedTurn:
        return parse(text, first=False) if left == 0 else deep(left - 1)

    assert not deep(sys.getrecursionlimit() - 150 - len(_stack())).errors


def _stack() -> list[object]:
    found, frame = [], sys._getframe()
    while frame:
        found.append(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return found


usual = st.builds(
    lambda thought, plan, calls, gap, end: gap.join([f"<think>{thought}</think>", *plan, *calls]) + end,
    st.sampled_from(["next", " a thought ", "", "猫", "\ud800", "<", "]" * 9]),
    st.lists(
        st.sampled_from(
            ['<plan>{"steps":[]}</plan>', "<plan>{}</plan>", '<plan>{"steps":[{"id":99999999999999999999,"tool":"t"}]}</plan>']
        ),
        max_size=2,
    ),
    st.lists(
        st.sampled_from(
            [
                CALL,
                '<tool_call>{"name":"t","arguments":{"n":12345678901234567890123}}</tool_call>',
                '<tool_call>{"name":"t","arguments":{"n":9223372036854775808,"m":[18446744073709551615]}}</tool_call>',
                '<tool_call>{"name":"t","arguments":{"n":9223372036854775807,"s":"\u03c0"}}</tool_call>',
                '<tool_call>{"name":"t","arguments":{"n":-9223372036854775809}}</tool_call>',
                '<tool_call>{"name":"t","arguments":{"s":"\\ud800"}}</tool_call>',
                '<tool_call>{"name":"t"}</tool_call>',
                "<tool_call>nonsense</tool_call>",
                '<tool_call>{"name":"t","arguments":' + "[" * 40 + "]" * 40 + "}</tool_call>",
                '<tool_call>{"name":"a < b","arguments":{}}</tool_call>',
                "<tool_call></tool_call>",
            ]
        ),
        max_size=4,
    ),
    st.sampled_from(["", "\n", "  ", " stray "]),
    st.sampled_from(["", "\n", " stray", "</tool_call>"]),
)


@settings(max_examples=600)
@given(usual | any_text, st.booleans())
@example("<think>x</think>" + CALL * (MAX_CALLS + 1), False)
@example("<think>x</think>" + CALL * MAX_CALLS, True)
@example(f"<think>{'x' * MAX_CHARS}</think>{CALL}", False)
def test_the_quick_way_to_read_a_usual_turn_says_what_the_long_way_says(text: str, first: bool) -> None:
    assert parse(text, first) == parse_any(text, first)
