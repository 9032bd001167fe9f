"""Luck hangs on what it should hang on, and on nothing else; fault profiles have the rates they say."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from typing import Any

import pytest
from workbench import TOOLS, Bench

from visgenenv import chance
from visgenenv.episodes import make, rollout
from visgenenv.errors import ConfigError
from visgenenv.faults import SCALES, FaultProfile
from visgenenv.tasks.success import unmet
from visgenenv.tools.execute import REFUSED_MS, execute
from visgenenv.types import Requirements, Task, ToolCall
from visgenenv.workspace import Workspace

VEO = TOOLS["tool_text2video_veo"]
TRANSIENT = {"rate_limited", "timeout", "malformed_output", "internal_error"}


def test_latency_hangs_on_seed_tool_and_attempt_not_on_the_words() -> None:
    def latencies(seed: int, words: str) -> list[int]:
        bench = Bench(seed)
        return [bench.record("tool_text2image_gemini", prompt=f"{words} {n}").latency_ms for n in range(5)]

    assert latencies(1, "a fox") == latencies(1, "some other words")
    assert latencies(1, "a fox") != latencies(2, "a fox")
    assert len(set(latencies(1, "a fox"))) == 5


def test_the_order_of_tools_changes_nothing_about_their_luck() -> None:
    one, other = Bench(3), Bench(3)
    first = (one.record("tool_text2image_gemini", prompt="a"), one.record("tool_music_suno", prompt="b"))
    second = (other.record("tool_music_suno", prompt="b"), other.record("tool_text2image_gemini", prompt="a"))
    assert [(r.latency_ms, r.price_microusd) for r in first] == [(r.latency_ms, r.price_microusd) for r in reversed(second)]
    song, same = (bench.workspace.assets["aud_1"] for bench in (one, other))
    assert (song.duration_ms, song.bpm_milli, one.media("aud_1")) == (same.duration_ms, same.bpm_milli, other.media("aud_1"))


def test_sampled_media_hang_on_the_arguments_and_the_number_of_the_output() -> None:
    def media(seed: int, prompt: str, **more: object) -> list[int | None]:
        bench = Bench(seed)
        outputs = bench.record("tool_text2image_gemini", prompt=prompt, num_images=4, **more).outputs
        return [bench.media(handle) for handle in outputs]

    assert media(1, "a fox") == media(1, "a fox", aspect_ratio="1:1"), "a default said aloud is the same call"
    assert media(1, "a fox") != media(1, "a cat")
    assert media(1, "a fox") != media(2, "a fox")
    assert len(set(media(1, "a fox"))) > 1


def test_a_refused_call_does_not_use_up_an_attempt() -> None:
    plain, clumsy = Bench(5), Bench(5)
    clumsy.record("tool_text2image_gemini", prompt="x", num_images=9)
    clumsy.record("tool_image_edit_gemini", prompt="x", images=["img_9"])
    assert plain.record("tool_text2image_gemini", prompt="x").latency_ms == clumsy.record("tool_text2image_gemini", prompt="x").latency_ms


def test_transient_faults_hang_on_the_attempt_whatever_the_words() -> None:
    profile = FaultProfile("severe")
    seen = set()
    for seed in range(300):
        faults = [profile.draw(seed, VEO, 0, VEO.args(prompt=words)) for words in ("a", "b", "c")]
        transient = {fault.code for fault in faults if fault and fault.code != "content_policy"}
        assert len(transient) <= 1
        seen |= transient
    assert seen == {"rate_limited", "timeout", "internal_error"}


def test_content_policy_clears_only_when_the_words_change() -> None:
    profile = FaultProfile("severe")
    refused = [seed for seed in range(200) if _code(profile, seed, 0, "a") == "content_policy"]
    assert refused
    for seed in refused:
        assert {_code(profile, seed, attempt, "a") for attempt in range(6)} == {"content_policy"}
        assert _code(profile, seed, 1, "a", aspect_ratio="9:16") == "content_policy"
    assert sum(_code(profile, seed, 1, "b") == "content_policy" for seed in refused) < len(refused) / 2


def test_what_a_content_policy_reads_is_free_text_alone() -> None:
    read = {name: set(tool.words) for name, tool in TOOLS.items()}
    assert read["tool_text2image_hunyuan"] == {"prompt", "negative_prompt"}
    assert "items" in read["tool_subtitle_add_text"]
    for name, tool in TOOLS.items():
        assert {field.name for field in tool.handles} & read[name] <= {"sections"}  # which have both inside


def _code(profile: FaultProfile, seed: int, attempt: int, words: str, **others: Any) -> str | None:
    fault = profile.draw(seed, VEO, attempt, VEO.args(prompt=words, **others))
    return fault.code if fault else None


@pytest.mark.parametrize("name", ["moderate", "severe"])
def test_a_profile_has_the_rates_of_its_tools_times_its_scale(name: str) -> None:
    profile, count = FaultProfile(name), 4000
    drawn = Counter(_code(profile, seed, 0, "a") for seed in range(count))
    passed = count - drawn["content_policy"]
    drawn["silently_wrong"] = sum(profile.wrong(VEO, 0, chance.words(seed, VEO.name, 0)[2]) for seed in range(passed))
    for code, rate in VEO.faults.items():
        of = count if code == "content_policy" else passed
        expected = rate * SCALES[name]
        assert drawn[code] / of == pytest.approx(expected, abs=4 * (expected * (1 - expected) / of) ** 0.5)


def test_without_a_profile_nothing_fails() -> None:
    profile = FaultProfile("none")
    assert all(profile.draw(seed, spec, 0, "a") is None for seed in range(50) for spec in TOOLS.values())


def test_no_tool_fails_for_certain_under_the_severe_profile() -> None:
    for spec in TOOLS.values():
        assert sum(rate for code, rate in spec.faults.items() if code in TRANSIENT) * SCALES["severe"] < 0.9


def test_a_plan_is_followed_attempt_by_attempt() -> None:
    bench = Bench(faults={"tool_music_suno": ["timeout", None, "rate_limited"]})
    records = [bench.record("tool_music_suno", prompt="x") for _ in range(5)]
    assert [record.fault.code if record.fault else None for record in records] == ["timeout", None, "rate_limited", None, None]
    assert records[2].fault is not None
    assert records[2].fault.retry_after_ms is not None
    assert 2000 <= records[2].fault.retry_after_ms <= 30_000
    assert bench.record("tool_text2image_gemini", prompt="x").fault is None


def test_a_tool_over_its_rate_limit_serves_again_only_when_the_time_is_up() -> None:
    bench = Bench(faults={"tool_music_suno": ["rate_limited"]})
    refused = bench.record("tool_music_suno", prompt="x")
    assert refused.fault is not None
    assert refused.fault.retry_after_ms is not None
    assert refused.latency_ms == REFUSED_MS
    at_once = bench.record("tool_text2image_gemini", prompt="x")
    assert at_once.started_ms == REFUSED_MS
    waited = bench.record("tool_music_suno", prompt="x")
    assert waited.fault is None
    assert waited.started_ms == max(REFUSED_MS + refused.fault.retry_after_ms, at_once.started_ms + at_once.latency_ms)
    assert bench.workspace.clock_ms == waited.started_ms + waited.latency_ms


def test_calls_of_a_turn_overlap_and_do_not_wait_for_each_others_limits() -> None:
    env = make(faults={"tool_music_suno": ["rate_limited", None]})
    env.reset(seed=0)
    call = '<tool_call>{"name":"tool_music_suno","arguments":{"prompt":"x"}}</tool_call>'
    env.step(f"<think>two songs</think>{call}{call}")
    first, second = env.trajectory().calls
    assert (first.started_ms, second.started_ms, second.fault) == (0, 0, None)
    assert env.trajectory().virtual_ms == max(first.latency_ms, second.latency_ms)


def test_a_silently_wrong_asset_is_told_as_asked_and_only_looking_reveals_it() -> None:
    seen = set()
    for seed in range(30):
        bench = Bench(seed, {"tool_text2video_veo": ["silently_wrong"], "tool_text2image_gemini": ["silently_wrong"]})
        record = bench.record("tool_text2video_veo", prompt="a fox", duration=8)
        assert record.fault is None
        (handle,) = record.outputs
        wrong = bench.workspace.assets[handle]
        told = json.loads(record.response)["outputs"][0]
        assert told == {"handle": handle, "size": "1280x720", "seconds": 8.0, "audio": ["sound"]}
        looked = json.loads(bench.call("tool_video_analysis", video=[handle], question="what is it?").text)["answer"][0]
        way = (wrong.width, wrong.duration_ms, wrong.audio)
        assert way in {(720, 8000, ("sound",)), (1280, 4000, ("sound",)), (1280, 8000, ())}
        seen.add(way)
        assert (looked["width"], looked["seconds"], looked["audio"]) == (wrong.width, wrong.duration_ms / 1000, list(wrong.audio))
        shorter = bench.call("tool_video_trim_edit", video=handle, end=2)
        assert (shorter.claims, shorter.width, shorter.audio) == ({}, wrong.width, wrong.audio)
    assert len(seen) == 3


def test_a_film_that_is_silently_wrong_may_lack_its_last_shot() -> None:
    shots = set()
    for seed in range(30):
        bench = Bench(seed, {"tool_video_auto_pipeline": ["silently_wrong"]})
        shots.add(bench.call("tool_video_auto_pipeline", prompt="a fox", num_shots=4).shots)
    assert shots == {3, 4}


def test_one_of_several_outputs_is_silently_wrong() -> None:
    bench = Bench(3, {"tool_text2image_gemini": ["silently_wrong", None]})
    for wrong in (1, 0):
        outputs = bench.record("tool_text2image_gemini", prompt="x", num_images=4, aspect_ratio="16:9").outputs
        assets = [bench.workspace.assets[handle] for handle in outputs]
        assert sum((asset.width, asset.height) == (768, 1344) for asset in assets) == sum(bool(asset.claims) for asset in assets) == wrong


def test_what_is_silently_wrong_spoils_success_and_reward() -> None:
    asked = Task(id="f", modality="image", prompt="a fox, 16:9", requirements=Requirements(count=1, aspect="16:9", entities=("fox",)))
    (trajectory,) = rollout("expert", tasks=[asked], faults={"tool_text2image_gemini": ["silently_wrong"]})
    assert unmet(trajectory) == ["aspect: img_1 is 768x1344; 16:9 asked"]
    assert trajectory.reward is not None
    assert trajectory.reward.parts["result.aspect"].value == 0  # type: ignore[union-attr]


def test_a_tool_keeps_notes_only_if_it_says_so() -> None:
    silent = dataclasses.replace(TOOLS["tool_task_manager"], keeps_notes=False)
    workspace = Workspace(1)
    call = ToolCall(name=silent.name, arguments={"items": [{"id": "1", "title": "draw"}]})
    with pytest.raises(ConfigError, match=r"ToolSpec\(keeps_notes=True\)"):
        execute(workspace, call, {silent.name: silent}, Bench().backend, FaultProfile())


def test_a_failed_call_costs_time_but_no_money_and_makes_nothing() -> None:
    bench = Bench(faults={"tool_music_suno": ["timeout"]})
    record = bench.record("tool_music_suno", prompt="x")
    assert (record.outputs, record.price_microusd, bench.workspace.price_microusd) == ((), 0, 0)
    assert record.latency_ms > 0
    assert bench.call("tool_music_suno", prompt="x").handle == "aud_1"


@pytest.mark.parametrize(
    "faults",
    ["mild", {"tool_music_suno": "timeout"}, {"tool_music_suno": ["tmeout"]}, {"tool_music_suno": [["timeout"]]}, 3, ["timeout"], None],
)
def test_a_profile_that_is_none_is_refused_with_what_is_expected(faults: object) -> None:
    with pytest.raises(ConfigError, match=r"(?s)faults.*expected"):
        FaultProfile(faults)  # type: ignore[arg-type]


def test_a_plan_for_a_tool_that_is_not_there_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match="did you mean tool_music_suno"):
        FaultProfile({"tool_music_suna": ["timeout"]}, TOOLS)
