"""Calls as numbers: what Gymnasium and Stable-Baselines3 ask of an environment, masks that hold, and turns that parse."""

import warnings
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import visgenenv as vg
from visgenenv.errors import ConfigError
from visgenenv.structured import CHOICES, SLOTS
from visgenenv.turns import parse


def env_of(**arguments: Any) -> vg.StructuredActions:
    arguments = {"reward": "result", "system_prompt": "none", **arguments}
    return vg.StructuredActions(gymnasium.make("VisGenEnv-v0", disable_env_checker=True, **arguments))


def number(env: vg.StructuredActions, name: str) -> int:
    return [spec.name for spec in env.tools].index(name)


def test_gymnasium_finds_nothing_to_say_of_it() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*is different from the unwrapped.*")
        check_env(env_of(), skip_render_check=True)  # type: ignore[arg-type]


def test_stable_baselines_finds_nothing_to_say_of_it_and_learns_on_it() -> None:
    sb3 = pytest.importorskip("stable_baselines3", reason="Stable-Baselines3 is not installed")
    from stable_baselines3.common.env_checker import check_env as check

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(env_of(), skip_render_check=True)
    sb3.PPO("MlpPolicy", env_of(max_turns=4), n_steps=64, batch_size=64, device="cpu", seed=0).learn(128)


def test_a_drawn_action_is_a_turn_that_parses_and_mostly_a_call_that_runs() -> None:
    env = env_of(max_turns=8)
    env.action_space.seed(0)
    ran = failed = 0
    for seed in range(40):
        observation, _ = env.reset(seed=seed)
        ended = False
        while not ended:
            assert observation in env.observation_space
            action = env.action_space.sample()
            if not env.action_masks()[action[0]]:
                continue
            observation, _, terminated, truncated, info = env.step(action)
            ended = terminated or truncated
            assert parse(info["turn_text"], first=False).errors == ()
            for call in env.unwrapped.state.turns[-1].calls:  # type: ignore[attr-defined]
                ran, failed = ran + (call.fault is None), failed + (call.fault is not None)
    assert ran / (ran + failed) > 0.8


def test_choices_say_what_they_stand_for() -> None:
    task = vg.Task(modality="image", prompt='A fox that says "Hello".', requirements=vg.Requirements(count=2, entities=("fox",)))
    env = env_of(task=task)
    env.reset(seed=0)
    draw = number(env, "tool_text2image_gemini")
    assert '"arguments":{"prompt":"A fox that says \\"Hello\\"."}' in env.turn([draw, 0, 0, 0, 0])
    assert '"arguments":{"prompt":"Hello","aspect_ratio":"16:9","num_images":2}' in env.turn([draw, 1, 1, 2, 0])
    env.step([draw, 0, 0, 2, 0])
    edit = env.turn([number(env, "tool_image_edit_gemini"), 0, 0, 0, 0])
    assert '"images":["img_1","img_2"]' in edit
    assert '"images":["img_2"]' in env.turn([number(env, "tool_image_edit_gemini"), 0, 1, 0, 0])
    *_, terminated, _, info = env.step([len(env.tools), 0, 0, 0, 0])
    assert terminated
    assert info["is_success"]


def test_masks_open_a_tool_when_its_handles_are_there_and_the_answer_when_there_is_one() -> None:
    env = env_of(task=vg.Task(modality="image", prompt="A fox."))
    env.reset(seed=0)
    mask = env.action_masks()
    assert mask.shape == (len(env.tools) + 1 + CHOICES * SLOTS,)
    edit = number(env, "tool_image_edit_gemini")
    assert (mask[edit], mask[len(env.tools)], mask[number(env, "tool_text2image_gemini")]) == (False, False, True)
    env.step([number(env, "tool_text2image_gemini"), 0, 0, 0, 0])
    mask = env.action_masks()
    assert (mask[edit], mask[len(env.tools)], mask[number(env, "tool_video_trim_edit")]) == (True, True, False)


def test_the_same_seed_and_actions_give_the_same_vectors() -> None:
    def played() -> list[np.ndarray[Any, Any]]:
        env = env_of(faults="severe")
        env.action_space.seed(3)
        found = [env.reset(seed=4)[0]]
        return found + [env.step(env.action_space.sample())[0] for _ in range(6)]

    assert all((one == other).all() for one, other in zip(played(), played(), strict=True))


@pytest.mark.parametrize("action", [[0], [0, 0, 0, 0, 99], [-1, 0, 0, 0, 0], [99, 0, 0, 0, 0]])
def test_an_action_that_is_none_is_refused(action: list[int]) -> None:
    env = env_of()
    env.reset(seed=0)
    with pytest.raises(ConfigError, match="expected 5 integers from 0 and below"):
        env.step(action)


def test_only_a_visgenenv_can_be_wrapped() -> None:
    with pytest.raises(ConfigError, match="expected a VisGenEnv"):
        vg.StructuredActions(gymnasium.make("CartPole-v1"))
