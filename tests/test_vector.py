"""The native vector environment does what as many single ones do."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from policies.expert import Expert
from visgenenv.episodes import make, rollout
from visgenenv.errors import ConfigError
from visgenenv.vector import VisGenVectorEnv

N = 12


def native(**more: Any) -> Any:
    return gymnasium.make_vec("VisGenEnv-v0", num_envs=N, vectorization_mode="vector_entry_point", system_prompt="none", **more)


def same(one: Any, other: Any, path: str = "") -> None:
    """Two infos of vector environments hold the same, arrays and masks alike."""
    assert one.keys() == other.keys(), path
    for key, value in one.items():
        if isinstance(value, dict):
            same(value, other[key], f"{path}/{key}")
        else:
            assert value.dtype == other[key].dtype, f"{path}/{key}"
            assert all(a == b for a, b in zip(value.tolist(), other[key].tolist(), strict=True)), f"{path}/{key}"


def talk(env: Any, steps: int) -> list[Any]:
    """Random well-formed turns, an empty answer now and then; everything the environment says."""
    said = []
    space = make(system_prompt="none").action_space
    space.seed(5)
    for number in range(steps):
        actions = ['<think>x</think><answer>{"deliverables":[]}</answer>' if (i + number) % 5 == 4 else space.sample() for i in range(N)]
        said.append(env.step(tuple(actions)))
    return said


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_it_says_what_gymnasiums_own_vector_environment_says(mode: AutoresetMode) -> None:
    mine = native(autoreset_mode=mode, faults="severe")
    theirs = gymnasium.vector.SyncVectorEnv(
        [lambda: make(system_prompt="none", faults="severe")] * N, autoreset_mode=mode, observation_mode="same"
    )
    opening, info = mine.reset(seed=3)
    other, other_info = theirs.reset(seed=3)
    assert opening == other
    same(info, other_info)
    for one, two in zip(talk(mine, 20), talk(theirs, 20), strict=True):
        assert one[0] == two[0]
        assert all((a == b).all() and a.dtype == b.dtype for a, b in zip(one[1:4], two[1:4], strict=True))
        same(one[4], two[4])


def test_episodes_have_the_hashes_they_have_alone() -> None:
    env = native(faults="severe", reward="ltr")
    alone = rollout(Expert(), N, seed=40, faults="severe", system_prompt="none")
    env.reset(seed=40)
    experts = [Expert() for _ in range(N)]
    single = make(system_prompt="none", faults="severe")
    conversations = [single_conversation(env, i, single) for i in range(N)]
    hashes: dict[int, str] = {}
    while len(hashes) < N:
        turns = [experts[i].act([conversations[i]])[0] if i not in hashes else "" for i in range(N)]
        _, _, terminations, truncations, infos = env.step(turns)
        for i in np.flatnonzero(terminations | truncations):
            if i not in hashes:
                hashes[int(i)] = infos["trajectory"][i].hash
        for i in range(N):
            conversations[i].messages.extend(infos["new_messages"][i])
        ended = terminations | truncations
        if ended.any() and len(hashes) < N:
            env.reset(options={"reset_mask": ended})
    assert [hashes[i] for i in range(N)] == [episode.hash for episode in alone]


def single_conversation(env: Any, number: int, single: Any) -> Any:
    from visgenenv.forks import restore

    restore(single, env.unwrapped.snapshot(number))
    return single.conversation()


def test_an_ended_episode_waits_for_its_reset() -> None:
    env = native()
    env.reset(seed=0)
    answer = '<think>x</think><answer>{"deliverables":[]}</answer>'
    _, rewards, terminations, _, infos = env.step([answer] + ["hello"] * (N - 1))
    assert (rewards[0], terminations.tolist()) == (0.0, [True] + [False] * (N - 1))
    assert infos["_trajectory"].tolist() == terminations.tolist()
    with pytest.raises(ConfigError, match=r"episodes \[0\] have ended"):
        env.step(["hello"] * N)
    _, info = env.reset(seed=[7] * N, options={"reset_mask": terminations})
    assert info["_task"].tolist() == terminations.tolist()
    assert env.step(["hello"] * N)[4]["turn"].tolist() == [1] + [2] * (N - 1)


def test_each_episode_may_have_a_task_and_a_luck_of_its_own() -> None:
    env = native(task="train")
    tasks = [{"prompt": f"{i} balls", "modality": "image"} for i in range(N)]
    observations, infos = env.reset(seed=0, options={"tasks": tasks, "chance_seeds": list(range(N))})
    assert observations == tuple(task["prompt"] for task in tasks)
    assert [env.unwrapped.snapshot(i).workspace.chance_seed for i in range(N)] == list(range(N))
    assert [task.prompt for task in infos["task"]] == list(observations)


def test_resets_without_a_seed_go_on_as_single_environments_do() -> None:
    env, alone = native(), [make(system_prompt="none") for _ in range(N)]
    env.reset(seed=9)
    for i, one in enumerate(alone):
        one.reset(seed=9 + i)
    for _ in range(2):
        observations, _ = env.reset()
        assert observations == tuple(one.reset()[0] for one in alone)


def test_the_spaces_hold_what_is_said_and_sample_what_can_be_played() -> None:
    env = native()
    env.action_space.seed(1)
    observations, _ = env.reset(seed=0)
    assert observations in env.observation_space
    actions = env.action_space.sample()
    assert actions in env.action_space
    assert len(set(actions)) > 1
    assert env.step(actions)[0] in env.observation_space


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"num_envs": 0}, "at least 1"), ({"autoreset_mode": "later"}, "expected one of 'disabled'"), ({"reward": "nonsense"}, "nonsense")],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        VisGenVectorEnv(**arguments)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reset_mask": [True] * N}, "boolean array"),
        ({"reset_mask": np.zeros(N, bool)}, "with a True in it"),
        ({"mask": 1}, "unknown; expected"),
        ({"tasks": []}, "expected a list of 12 entries"),
        ({"tasks": None}, "expected a list of 12 entries"),
        ({"task": {}, "tasks": [{}] * N}, "both 'task' and 'tasks'"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], message: str) -> None:
    env = native()
    with pytest.raises(ConfigError, match=message):
        env.reset(seed=0, options=options)
    with pytest.raises(ConfigError, match="3 entries"):
        env.reset(seed=[1, 2, 3])


def test_actions_of_another_number_are_refused() -> None:
    env = native()
    env.reset(seed=0)
    for wrong in ("hello", ["hello"], ["hello"] * (N + 1)):
        with pytest.raises(ConfigError, match=f"each of the {N} episodes"):
            env.step(wrong)
