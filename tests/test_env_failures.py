"""What fails through no fault of the policy masks the sample, and nothing of it is lost."""

import pickle
import re
from typing import Any

import pytest
from test_env import FIRST, LAST, TASK, play

import visgenenv as vg
from visgenenv.episodes import make
from visgenenv.errors import ConfigError, MissingExtra, RewardUnavailable
from visgenenv.turns import render
from visgenenv.types import Plan, PlanStep, RewardBreakdown, ToolCall, Trajectory


def no_judge(expression: str, judge: str) -> Any:
    return _Broken()


class _Broken:
    version = "broken"

    def __call__(self, trajectory: Trajectory) -> RewardBreakdown:
        raise RewardUnavailable("the judge is asleep", trajectory)


def test_a_judge_that_fails_raises_with_the_whole_trajectory(monkeypatch: pytest.MonkeyPatch) -> None:
    env = make(task=TASK)
    env._reward = _Broken()
    with pytest.raises(RewardUnavailable, match="asleep") as raised:
        play(env, FIRST, LAST)
    trajectory = raised.value.trajectory
    assert trajectory.reward is None
    assert trajectory.failure == "the judge is asleep"
    assert len(trajectory.calls) == 1


def test_a_judge_that_fails_masks_the_sample_where_that_is_asked() -> None:
    env = make(task=TASK, on_failure="truncate")
    env._reward = _Broken()
    _, reward, terminated, truncated, info = play(env, FIRST, LAST)
    assert (reward, terminated, truncated, info["masked"]) == (0.0, False, True, True)
    assert info["reward_parts"] is None
    assert info["trajectory"].reward is None
    assert info["is_success"]  # what happened is known; only the reward is not


def test_masked_samples_come_back_from_a_rollout(monkeypatch: pytest.MonkeyPatch) -> None:
    from visgenenv import plugins

    load = plugins.load
    monkeypatch.setattr(plugins, "load", lambda group, name: no_judge if group == "engines" else load(group, name))
    found = vg.rollout(lambda talk: FIRST if len(talk.messages) == 2 else LAST, episodes=2, task=TASK)
    assert [trajectory.failure for trajectory in found] == ["the judge is asleep"] * 2


class _Words(vg.ToolArgs, frozen=True):
    """Take the first of some words."""

    words: list[str]


def _first_word(args: _Words, context: object) -> vg.ToolResult:
    return vg.ToolResult(text=args.words[0])


FIRST_WORD = vg.ToolSpec(name="first_word", args=_Words, effect=_first_word)


@pytest.mark.parametrize("on_failure", ["raise", "truncate"])
def test_a_tool_that_breaks_masks_the_sample_and_loses_nothing(on_failure: str) -> None:
    env = make(task=TASK, tools=["paper36", f"{__name__}:FIRST_WORD"], on_failure=on_failure)
    env.reset(seed=0)
    call = ToolCall(name="first_word", arguments={"words": []})
    text = render("now", plan=Plan(steps=(PlanStep(id=1, tool="first_word"),)), calls=(call,))
    said = "tool 'first_word' failed: IndexError: tuple index out of range|tool 'first_word' failed: IndexError: list index out of range"
    if on_failure == "raise":
        with pytest.raises(RewardUnavailable, match=said) as raised:
            env.step(text)
        trajectory = raised.value.trajectory
    else:
        _, reward, terminated, truncated, info = env.step(text)
        assert (reward, terminated, truncated, info["masked"]) == (0.0, False, True, True)
        trajectory = info["trajectory"]
    assert re.match(said, trajectory.failure)
    assert [turn.text for turn in trajectory.turns] == [text]
    with pytest.raises(ConfigError, match="after the end"):
        env.step(text)
    *_, info = play(env, FIRST, LAST)
    assert info["is_success"]


def test_our_errors_survive_a_process_border() -> None:
    env = make(task=TASK)
    env.reset(seed=0)
    for error in (RewardUnavailable("down", env.trajectory()), MissingExtra("torch", "train")):
        twin = pickle.loads(pickle.dumps(error))
        assert (type(twin), str(twin), vars(twin)) == (type(error), str(error), vars(error))
