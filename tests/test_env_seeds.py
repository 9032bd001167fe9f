"""Seeds and luck: what they decide, what forks and order leave alone, and the same bytes in another process."""

import subprocess
import sys
from pathlib import Path

import gymnasium
import msgspec
import numpy as np
import pytest
from test_env import DRAW, FIRST, LAST, TASK, play

import visgenenv as vg
from visgenenv.episodes import luck, make
from visgenenv.errors import ConfigError
from visgenenv.types import Trajectory


def test_the_seed_alone_chooses_task_and_luck() -> None:
    env = gymnasium.make("VisGenEnv-v0").unwrapped
    for seed in (0, 7, 2**31):
        _, info = env.reset(seed=seed)
        assert info["task"] == make().reset(seed=seed)[1]["task"]
    assert len({env.reset(seed=seed)[1]["task"].id for seed in range(30)}) == 30


def test_resets_without_a_seed_go_on_from_the_last_one() -> None:
    first, second = make(), make()
    for env in (first, second):
        env.reset(seed=11)
    assert [first.reset()[1]["task"].id for _ in range(5)] == [second.reset()[1]["task"].id for _ in range(5)]


def test_members_of_a_group_share_their_luck_whatever_their_wording() -> None:
    env = make(task=TASK, faults="severe")
    found = []
    for words in ("two red balls", "a pair of red balls"):
        play(
            env, FIRST.replace("two red balls", words), *[f"<think>again</think>{DRAW.replace('two red balls', words)}"] * 8, chance_seed=5
        )
        found.append([(call.latency_ms, call.fault and call.fault.code) for call in env.trajectory().calls])
    assert [latency for latency, _ in found[0]] == [latency for latency, _ in found[1]]
    transient = [[code for _, code in calls if code != "content_policy"] for calls in found]
    if not any(code == "content_policy" for calls in found for _, code in calls):
        assert transient[0] == transient[1]


def test_another_chance_seed_gives_other_luck_on_the_same_task() -> None:
    env = make(task=TASK)
    latencies = set()
    for chance_seed in range(6):
        play(env, FIRST, chance_seed=chance_seed)
        latencies.add(env.trajectory().virtual_ms)
    assert len(latencies) == 6


def test_a_fork_goes_its_own_way_and_the_original_does_not_notice() -> None:
    env = gymnasium.make("VisGenEnv-v0", task=TASK, faults="moderate")
    *_, straight = play(env, FIRST, LAST)
    env.reset(seed=0)
    env.step(FIRST)
    twin, other = vg.fork(env), vg.fork(env, chance_seed=9)
    for _ in range(3):
        other.step(f"<think>more</think>{DRAW}")
    *_, of_twin = twin.step(LAST)
    *_, of_env = env.step(LAST)
    *_, of_other = other.step(LAST)
    assert of_twin["trajectory"] == of_env["trajectory"] == straight["trajectory"]
    assert of_other["trajectory"].chance_seed == 9
    assert of_other["trajectory"].environment["forks"] == [{"turn": 1, "chance_seed": 0}]
    assert [env.reset()[1]["task"] for _ in range(2)] == [twin.reset()[1]["task"] for _ in range(2)]
    *_, anew = play(other, FIRST, LAST)
    assert anew["trajectory"] == straight["trajectory"]


def test_forking_what_is_no_visgenenv_is_told() -> None:
    with pytest.raises(ConfigError, match="expected a VisGenEnv"):
        vg.fork(gymnasium.make("CartPole-v1"))


def test_calls_of_one_turn_overlap_in_virtual_time() -> None:
    env = make(task=TASK)
    play(env, FIRST + DRAW + DRAW)
    trajectory = env.trajectory()
    assert trajectory.virtual_ms == max(call.latency_ms for call in trajectory.calls)
    assert {call.started_ms for call in trajectory.calls} == {0}


_TWICE = """
import sys, msgspec
from visgenenv.episodes import make
for seed in range(12):
    env = make(faults="moderate", max_turns=6)
    env.action_space.seed(seed)
    env.reset(seed=seed)
    done = False
    while not done:
        *_, terminated, truncated, info = env.step(env.action_space.sample())
        done = terminated or truncated
    sys.stdout.buffer.write(msgspec.json.encode(info["trajectory"]) + b"\\n")
"""


def test_same_seed_and_actions_are_the_same_bytes_in_two_processes(tmp_path: Path) -> None:
    found = []
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", _TWICE],
            capture_output=True,
            check=True,
            cwd=tmp_path,
            env={"PYTHONHASHSEED": hash_seed, "PATH": "/usr/bin:/bin"},
        )
        found.append(done.stdout)
    assert found[0] == found[1]
    assert found[0].count(b"\n") == 12
    calls = [call for line in found[0].splitlines() for call in msgspec.json.decode(line, type=Trajectory).calls]
    assert len({call.tool for call in calls}) > 20


def test_the_order_in_which_episodes_run_changes_nothing() -> None:
    def policy(conversation: vg.Conversation) -> str:
        return FIRST if len(conversation.messages) == 2 else LAST

    forward = vg.rollout(policy, episodes=6, seed=3, batch=1, faults="moderate")
    together = vg.rollout(policy, episodes=6, seed=3, batch=6, faults="moderate")
    alone = vg.rollout(policy, episodes=1, seed=7, faults="moderate")
    assert forward == together
    assert forward[4] == alone[0]


def test_a_task_played_several_times_has_other_luck_each_time() -> None:
    task = msgspec.convert(TASK, vg.Task)
    found = vg.rollout(lambda talk: FIRST if len(talk.messages) == 2 else LAST, tasks=[task, task], seeds=3, seed=2)
    assert [trajectory.seed for trajectory in found] == [2, 2, 2, 3, 3, 3]
    assert [trajectory.chance_seed for trajectory in found] == [luck(seed, nth) for seed in (2, 3) for nth in range(3)]
    assert found[0].chance_seed == 2
    assert len({trajectory.virtual_ms for trajectory in found}) == 6


def test_numpy_seeds_are_seeds() -> None:
    env = make(task=TASK)
    _, info = env.reset(seed=np.int64(3))
    assert type(env.trajectory().seed) is int
    env.reset(options={"chance_seed": np.uint32(7)})
    assert env.trajectory().chance_seed == 7
    *_, info = play(env, FIRST, LAST, chance_seed=2**63 - 1)
    assert info["is_success"]
