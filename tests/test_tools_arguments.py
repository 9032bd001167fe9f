"""All 36 tools under drawn arguments: none raises, every refusal names field, value and rule."""

from __future__ import annotations

import re
from collections import defaultdict
from html.parser import HTMLParser
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tool_strategies import HANDLES, JSON, broken_arguments, valid_arguments
from workbench import TOOLS, Bench, stocked

from visgenenv.tools.draw import draw_arguments
from visgenenv.tools.spec import ToolSpec
from visgenenv.types import CallRecord, ToolCall

SPECS = list(TOOLS.values())
FEW = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
by_name = pytest.mark.parametrize("spec", SPECS, ids=[spec.name for spec in SPECS])


def well_recorded(record: CallRecord) -> None:
    """Whatever was called, the record can be written and its response is JSON."""
    msgspec.msgpack.encode(record)
    body = msgspec.json.decode(msgspec.json.decode(msgspec.json.encode(record))["response"])
    assert "</" not in record.response
    if record.fault is None:
        assert [output["handle"] for output in body["outputs"]] == list(record.outputs)
        assert record.outputs
    else:
        assert body["error"] == record.fault.code
        assert not record.outputs
        assert record.price_microusd == 0


@by_name
def test_valid_arguments_are_taken_or_refused_by_a_rule_across_fields(spec: ToolSpec[Any]) -> None:
    taken = 0

    @FEW
    @given(valid_arguments(spec))
    def play(arguments: dict[str, Any]) -> None:
        nonlocal taken
        record = stocked().record(spec.name, **arguments)
        well_recorded(record)
        if record.fault is None:
            taken += 1
        else:
            assert record.fault.code == "bad_arguments", record.fault
            assert "expected `" not in record.fault.message.lower(), "the types themselves refused a valid value"
            assert re.match(r"(?s)[\w.\[\]]+=.+: .+", record.fault.message), record.fault.message

    play()
    assert taken, "no drawn call was taken"


@by_name
def test_broken_arguments_are_refused_with_field_value_and_rule(spec: ToolSpec[Any]) -> None:
    @settings(FEW, max_examples=60)
    @given(broken_arguments(spec))
    def play(broken: tuple[dict[str, Any], str]) -> None:
        arguments, name = broken
        record = stocked().record(spec.name, **arguments)
        well_recorded(record)
        assert record.fault is not None, f"{name} was broken and taken: {arguments!r}"
        assert record.fault.code in ("bad_arguments", "unknown_handle", "wrong_modality")
        message = record.fault.message
        printable = repr(name)[1:-1]
        assert message.startswith((f"{printable}=", f"{printable}[", f"{printable}.")), (name, message)
        assert re.match(r"(?s).*?=.+: .+", message), message
        assert len(message) < 700

    play()


@by_name
def test_any_json_at_all_is_answered(spec: ToolSpec[Any]) -> None:
    @FEW
    @given(st.dictionaries(st.sampled_from([*spec.parameters["properties"], "other"]), JSON, max_size=4))
    def play(arguments: dict[str, Any]) -> None:
        well_recorded(stocked().record(spec.name, **arguments))

    play()


@by_name
def test_drawn_arguments_fit_the_types(spec: ToolSpec[Any]) -> None:
    generator = np.random.default_rng(3)
    for _ in range(40):
        msgspec.convert(draw_arguments(spec, generator, HANDLES), spec.args)
        msgspec.convert(draw_arguments(spec, generator, {}), spec.args)


def test_drawn_arguments_follow_the_generator() -> None:
    def drawn(seed: int) -> list[Any]:
        generator = np.random.default_rng(seed)
        return [draw_arguments(spec, generator, HANDLES) for spec in SPECS]

    assert drawn(5) == drawn(5) != drawn(6)


def test_a_long_random_episode_never_raises_and_keeps_its_provenance() -> None:
    generator = np.random.default_rng(11)
    bench = Bench(faults="moderate")
    for _ in range(400):
        own: dict[str, list[str]] = defaultdict(list)
        for handle, asset in bench.workspace.assets.items():
            own[asset.modality].append(handle)
        spec = SPECS[generator.integers(len(SPECS))]
        well_recorded(bench.record(spec.name, **draw_arguments(spec, generator, own)))
    for asset in bench.workspace.assets.values():
        assert all(parent in bench.workspace.assets for parent in asset.parents)
        if asset.modality == "video":
            assert asset.frames >= 1
            assert asset.width % 2 == asset.height % 2 == 0
            assert list(asset.cuts) == sorted(set(asset.cuts))
            assert all(0 < cut < asset.frames for cut in asset.cuts)
        if asset.modality in ("video", "audio"):
            assert asset.duration_ms > 0
            assert list(asset.audio) == sorted(set(asset.audio))


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("tool_text2image_gemini", {"prompt": "x", "num_images": 9}, "num_images=9: expected `int` <= 4"),
        (
            "tool_text2video_veo",
            {"prompt": "x", "duration": 5},
            "duration=5: expected one of 4, 6, 8",
        ),
        ("tool_video_postprocess", {"video": "vid_1", "fps": 23}, "fps=23: expected one of 16, 24, 25, 30, 60"),
        ("tool_text2image_gemini", {}, "prompt=(missing): required; expected a string"),
        ("tool_text2image_gemini", {"prompt": "x", "n": 2}, "n=2: unknown; expected only prompt, aspect_ratio, num_images"),
        (
            "tool_subtitle_add_text",
            {"video": "vid_1", "items": [{"text": "a"}, {"text": 3}]},
            "items[1].text=3: expected `str`, got `int`",
        ),
        ("tool_subtitle_add_text", {"video": "vid_1", "items": [{"start": 1}]}, "items[0].text=(missing): required; expected a string"),
        (
            "tool_subtitle_add_text",
            {"video": "vid_1", "items": [{"text": "a", "stop": 1}]},
            "items[0].stop=1: unknown; expected only text, start, end",
        ),
        ("tool_video_trim_edit", {"video": "vid_1", "start": 8.0}, "start=8.0: lies past the end of vid_1, which lasts 8 s"),
        ("tool_video_trim_edit", {"video": "vid_1", "start": 3, "end": 2}, "end=2.0: expected more than start=3; vid_1 lasts 8 s"),
    ],
)
def test_refusals_read_like_this(tool: str, arguments: dict[str, Any], message: str) -> None:
    assert stocked().refusal(tool, **arguments) == message


def test_a_handle_of_this_same_turn_is_refused_and_says_when_it_can_be_named() -> None:
    bench = Bench()
    first = bench.record("tool_text2image_gemini", prompt="x")
    bench.workspace.turn -= 1
    second = bench.record("tool_image_edit_gemini", prompt="y", images=list(first.outputs))
    assert second.fault is not None
    assert second.fault.code == "unknown_handle"
    assert "from the next turn on" in second.fault.message


def test_a_handle_of_another_kind_is_refused_by_name() -> None:
    record = stocked().record("tool_video_trim_edit", video="img_1")
    assert record.fault is not None
    assert (record.fault.code, record.fault.message) == ("wrong_modality", "video='img_1': is image; expected video")


def test_an_unknown_tool_is_answered_with_its_nearest_names() -> None:
    record = Bench().record("text2image_gemini", prompt="x")
    assert record.fault is not None
    assert record.fault.code == "unknown_tool"
    assert "tool_text2image_gemini" in record.fault.message


def test_a_name_that_cannot_be_written_is_refused_and_recorded() -> None:
    record = Bench().record("tool_\ud800", prompt="x")
    well_recorded(record)
    assert record.fault is not None


def test_past_its_quota_an_episode_refuses_calls() -> None:
    bench = Bench()
    bench.workspace.calls = 400
    record = bench.record("tool_text2image_gemini", prompt="x")
    assert record.fault is not None
    assert record.fault.code == "quota"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.sources += [value for name, value in attrs if name == "src" and value]
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@settings(FEW, max_examples=100)
@given(
    st.lists(st.sampled_from(["img_1", "img_2", "vid_1", "aud_1", "txt_1"]), max_size=8),
    st.text(max_size=60) | st.just("</section><script>alert(1)</script>"),
)
def test_a_page_parses_and_shows_each_asset_once_whatever_its_words(handles: list[str], words: str) -> None:
    words = words.encode("utf-8", "replace").decode()
    bench = stocked()
    sections = [{"heading": words, "text": words, "handles": handles[: len(handles) // 2]}, {"text": words}]
    page = bench.call("tool_html_builder", title=words[:200], sections=sections, assets=handles)
    tags = _Tags()
    tags.feed(page.text)
    tags.close()
    assert not tags.open
    assert sorted(tags.sources) == sorted({f"handle:{handle}" for handle in handles})
    assert "<script>" not in page.text


def test_calls_leave_their_arguments_as_they_were() -> None:
    arguments = {"prompt": "x", "images": ["img_1"]}
    call = ToolCall(name="tool_image_edit_gemini", arguments=arguments)
    record = stocked().record(call.name, **arguments)
    assert record.arguments == {"prompt": "x", "images": ["img_1"]}
