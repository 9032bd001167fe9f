"""Tools that answer, search, summarise and keep lists tell what is so, from provenance and from their own state."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workbench import Bench, stocked

from visgenenv.tasks.success import unmet
from visgenenv.tools.other import extract
from visgenenv.types import Answer, Task, Trajectory
from visgenenv.workspace import Workspace


def _answer(bench: Bench, name: str, **arguments: Any) -> Any:
    return msgspec.json.decode(bench.call(name, **arguments).text)


def test_analysis_tells_what_made_an_asset_and_its_attributes() -> None:
    bench = Bench()
    image = bench.call("tool_text2image_gemini", prompt='a red bicycle, "SALE"')
    (seen,) = _answer(bench, "tool_image_analysis", images=[image.handle])["answer"]
    assert seen == {"handle": image.handle, "shows": 'a red bicycle, "SALE"', "width": 1024, "height": 1024, "written": ["SALE"]}
    film = bench.call("tool_video_composite", clips=[image.handle, image.handle], bgm=bench.audio())
    (seen,) = _answer(bench, "tool_video_analysis", video=[film.handle])["answer"]
    assert (seen["shots"], seen["seconds"], seen["audio"], seen["bpm"]) == (2, 6.0, ["music"], 120.0)
    assert "red bicycle" in seen["shows"]


def test_a_question_is_answered_with_what_is_there() -> None:
    bench = Bench()
    image = bench.call("tool_text2image_gemini", prompt="a red bicycle").handle
    assert _answer(bench, "tool_image_analysis", images=[image], question="Is there a bicycle or a boat?")["mentioned"] == ["bicycle"]


def test_an_answer_has_the_properties_of_its_schema() -> None:
    bench = stocked()
    schema = {"type": "object", "properties": {"seconds": {"type": "number"}, "mood": {"type": "string"}}}
    assert _answer(bench, "tool_video_analysis", video=["vid_1"], json_schema=schema)["answer"] == [{"seconds": 8.0, "mood": None}]
    assert _answer(bench, "tool_audio_analysis", audio=["aud_1"], json_schema={})["answer"][0]["bpm"] == 120.0


def test_an_asset_without_a_caption_is_told_by_what_it_was_made_from() -> None:
    bench = Bench()
    bench.image(caption="a boat at dawn")
    edited = bench.put(modality="image", width=512, height=512)
    bench.workspace.assets[edited] = msgspec.structs.replace(bench.workspace.assets[edited], parents=("img_1",))
    assert _answer(bench, "tool_image_analysis", images=[edited])["answer"][0]["shows"] == "a boat at dawn"


def test_search_finds_notes_by_their_words_in_both_languages_and_says_that_they_are_local() -> None:
    bench = Bench()
    found = _answer(bench, "tool_search_content", query="how to cut a music video on the beat", max_results=3)
    assert found[0]["title"] == "Cutting on the beat"
    assert [entry["score"] for entry in found] == sorted((entry["score"] for entry in found), reverse=True)
    assert all(entry["url"].startswith("local:") for entry in found)
    assert len(found) <= 3
    assert _answer(bench, "tool_search_content", query="海报 标题")[0]["title"] == "Text on posters"
    assert _answer(bench, "tool_search_content", query="zzzz") == []


@pytest.mark.parametrize("modality", ["image", "video", "text"])
def test_inspiration_comes_as_references_of_the_modality_asked_for(modality: str) -> None:
    bench = Bench()
    record = bench.record("tool_search_inspire", query="a fox", modality=modality, max_results=4)
    found = [bench.workspace.assets[handle] for handle in record.outputs]
    assert [(asset.modality, asset.kind) for asset in found] == [(modality, "reference")] * 4
    assert all("a fox" in asset.caption for asset in found)


def test_a_reference_that_was_found_is_no_deliverable() -> None:
    bench = Bench()
    found = bench.call("tool_search_inspire", query="a fox")
    made = bench.call("tool_image_edit_qwen", prompt="a fox", images=[found.handle])

    def reasons(handle: str) -> list[str]:
        answer = Answer(deliverables=(handle,))
        assets = tuple(bench.workspace.assets.values())
        return unmet(Trajectory(id="", task=Task(modality="image", prompt="a fox"), seed=0, chance_seed=0, assets=assets, answer=answer))

    assert reasons(found.handle) == [f"{found.handle} was found by a search; a deliverable is made"]
    assert reasons(made.handle) == []


@pytest.mark.parametrize(
    ("tool", "arguments", "price"),
    [
        # Tokens in (media and 200 words) at 1.25, and 500 out at 10 micro-dollars.
        ("tool_video_analysis", {"video": ["vid_1"]}, (300 * 8 + 200) * 1.25 + 5000),
        ("tool_audio_analysis", {"audio": ["aud_1"]}, (32 * 60 + 200) * 1.25 + 5000),
        ("tool_image_analysis", {"images": ["img_1", "img_2"]}, (258 * (4 + 2) + 200) * 1.25 + 5000),
        ("tool_search_content", {"query": "x", "search_depth": "advanced"}, 16_000),
        ("tool_search_inspire", {"query": "x"}, 8000),
    ],
)
def test_a_question_costs_what_it_gives_to_look_at(tool: str, arguments: dict[str, Any], price: float) -> None:
    assert stocked().record(tool, **arguments).price_microusd == int(price)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(alphabet="ab .。海光\n!", max_size=300), st.integers(10, 60))
def test_a_summary_is_no_longer_than_asked(text: str, most: int) -> None:
    summary = extract(text, most)
    assert len(summary.split()) <= most
    assert sum(char in "海光" for char in summary) <= most


def test_a_summary_keeps_whole_sentences_in_their_order() -> None:
    text = "The fox ran far. Birds sang. The fox slept in the den. It rained. The fox ran home."
    assert extract(text, 10) == "The fox ran far. Birds sang. The fox ran home."
    bench = stocked()
    assert bench.call("tool_content_summary", text="", artifacts=["vid_1"]).text == "a red ball"
    assert bench.refusal("tool_content_summary", text=" ").startswith("text=")


def test_the_to_do_list_is_a_state_machine() -> None:
    bench = Bench()
    assert _answer(bench, "tool_task_manager", items=[{"id": "a", "title": "draw"}]) == [{"id": "a", "title": "draw", "status": "todo"}]
    _answer(bench, "tool_task_manager", action="add", items=[{"id": "b", "title": "cut", "status": "doing"}])
    assert [item["status"] for item in _answer(bench, "tool_task_manager", action="update", id="a", status="done")] == ["done", "doing"]
    before = _answer(bench, "tool_task_manager", action="list")
    for arguments, field in (
        ({"action": "update", "id": "c", "status": "done"}, "id='c'"),
        ({"action": "update", "status": "done"}, "id=None"),
        ({"action": "update", "id": "a"}, "status=None"),
        ({"action": "add", "items": [{"id": "a", "title": "again"}]}, "items[0].id='a'"),
        ({"action": "set"}, "items=[]"),
        ({"items": [{"id": "x", "title": "1"}, {"id": "x", "title": "2"}]}, "items='x'"),
    ):
        assert bench.refusal("tool_task_manager", **arguments).startswith(field)
    assert _answer(bench, "tool_task_manager", action="list") == before
    assert _answer(bench, "tool_task_manager", action="clear") == []


def test_a_fork_keeps_a_to_do_list_of_its_own() -> None:
    bench = Bench()
    bench.call("tool_task_manager", items=[{"id": "a", "title": "draw"}])
    original = bench.workspace
    bench.workspace = original.fork()
    bench.call("tool_task_manager", action="update", id="a", status="done")
    bench.workspace = original
    assert _answer(bench, "tool_task_manager", action="list")[0]["status"] == "todo"
    assert isinstance(original, Workspace)


def test_a_page_shows_only_what_it_was_given() -> None:
    bench = stocked()
    refused = bench.refusal("tool_html_builder", sections=[{"handles": ["img_2"]}], assets=["img_1"])
    assert refused == "sections[0].handles='img_2': is not among assets (img_1); name it there too"
    page = bench.call("tool_html_builder", sections=[{"handles": ["img_1"]}], assets=["img_1", "vid_1"], title="<Sale>")
    assert page.kind == "html"
    assert "&lt;Sale&gt;" in page.text
    assert page.parents == ("img_1", "vid_1")
