"""Quotas hold, are told, and cost and time can be part of a reward."""

from typing import Any

import pytest

import visgenenv as vg
from policies.expert import Expert
from visgenenv.episodes import make, rollout
from visgenenv.errors import ConfigError
from visgenenv.tasks.generator import GENERATED
from visgenenv.turns import render
from visgenenv.types import Task, ToolCall, Trajectory

DRAW = ToolCall(name="tool_text2image_gemini", arguments={"prompt": "a fox"})
SPEAK = ToolCall(name="tool_tts_generation", arguments={"text": "hello"})
NOTE = ToolCall(name="tool_task_manager", arguments={"action": "list"})
TASK = Task(id="q", modality="image", prompt="a fox")


def codes(quota: Any, *calls: ToolCall) -> list[str | None]:
    env = make(task=TASK, quota=quota)
    env.reset(seed=0)
    for call in calls:
        env.step(render("on", calls=(call,)))
    return [call.fault.code if call.fault else None for call in env.trajectory().calls]


def test_a_number_of_calls_holds() -> None:
    assert codes({"calls": 2}, DRAW, DRAW, NOTE, DRAW) == [None, None, "quota", "quota"]


def test_a_tool_may_have_a_quota_of_its_own() -> None:
    assert codes({"tool_text2image_gemini": 1, "tool_tts_generation": 0}, DRAW, DRAW, SPEAK, NOTE) == [None, "quota", "quota", None]


def test_when_the_money_is_spent_only_what_costs_nothing_runs() -> None:
    assert codes({"usd": 0.06}, DRAW, DRAW, DRAW, NOTE) == [None, None, "quota", None]


def test_the_refusal_says_which_limit_and_what_to_do() -> None:
    env = make(task=TASK, quota={"tool_text2image_gemini": 0})
    env.reset(seed=0)
    observation = env.step(render("on", calls=(DRAW,)))[0]
    assert "tool_text2image_gemini: its 0 calls are used up; answer with what there is, or use another tool" in observation


@pytest.mark.parametrize(
    ("quota", "message"),
    [
        ({"calls": 0}, r"quota\['calls'\]=0: expected an integer of at least 1"),
        ({"calls": 2.5}, "expected an integer"),
        ({"usd": -1}, "expected a number of at least 0"),
        ({"usd": True}, "expected a number"),
        ({"dollars": 3}, "did you mean"),
        ({"tool_music_sumo": 3}, "tool_music_suno"),
        ({"tool_music_suno": "3"}, "expected an integer"),
        ([3], "expected a mapping such as"),
    ],
)
def test_limits_that_are_none_are_refused(quota: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make(quota=quota)


def test_a_quota_is_kept_in_the_record_and_replayed() -> None:
    (episode,) = rollout(Expert(), tasks=[GENERATED(28)], quota={"calls": 3})
    assert episode.environment["quota"] == {"calls": 3}
    assert not episode.success
    assert vg.replay(episode).trajectory(episode.answer, episode.truncated).hash == episode.hash
    (plain,) = rollout(Expert(), tasks=[GENERATED(28)])
    assert "quota" not in plain.environment


def value(trajectory: Trajectory, component: str) -> float:
    return vg.reward(f"mean(result, {component})")(trajectory).parts[component].value  # type: ignore[union-attr]


def test_time_and_money_can_be_part_of_a_reward() -> None:
    cheap, dear = rollout(Expert(), tasks=[GENERATED(i) for i in (0, 21)])
    for name in ("rewards.cost:Price", "rewards.cost:Makespan"):
        assert 0 < value(dear, name) < value(cheap, name) < 1
    assert value(dear, "rewards.cost:Price") == pytest.approx(10 / (10 + dear.price_microusd / 1e6))
    assert value(dear, "rewards.cost:Makespan") == pytest.approx(10 / (10 + dear.virtual_ms / 60_000))
