"""Forks, snapshots and replays give the same bytes; the value of a turn is what it changed."""

import pickle
import re
import statistics
from collections.abc import Sequence

import msgspec
import pytest

import visgenenv as vg
from policies.expert import Expert
from policies.random import RandomPolicy
from visgenenv import values
from visgenenv.conversation import Conversation
from visgenenv.env import VisGenEnv
from visgenenv.episodes import advance, make, rollout
from visgenenv.errors import ConfigError, ReplayMismatch
from visgenenv.replays import replayed, state_before
from visgenenv.tasks.generator import GENERATED
from visgenenv.tools.spec import ImageHandle
from visgenenv.trajectories import trajectory_hash
from visgenenv.types import Trajectory

PLAYED: list[Trajectory] = [
    *rollout(Expert(), 84, seed=3, faults="severe"),
    *rollout(Expert(), 20, seed=500, faults="moderate"),
    *rollout(RandomPolicy(1), 30, seed=7, faults="severe", max_turns=6),
    *rollout(Expert(), tasks=[GENERATED(i) for i in range(252, 262)], faults="severe"),
]


def finish(env: VisGenEnv, policy: object) -> Trajectory:
    running = [(env, 0, env.conversation())]
    while True:
        running, ended = advance(policy, running)  # type: ignore[arg-type]
        for _, trajectory in ended:
            return trajectory


def test_the_drill_holds_every_kind_of_fault_and_notes() -> None:
    codes = {call.fault.code for episode in PLAYED for call in episode.calls if call.fault is not None}
    assert {"rate_limited", "timeout", "content_policy", "bad_arguments"} <= codes
    assert any(asset.claims for episode in PLAYED for asset in episode.assets)
    assert any(call.tool == "tool_task_manager" and call.fault is None for episode in PLAYED for call in episode.calls)


def test_a_whole_replay_has_the_same_hash() -> None:
    for episode in PLAYED:
        env = vg.replay(episode)
        again = env.trajectory(episode.answer, episode.truncated)
        assert again.hash == episode.hash == trajectory_hash(episode)


def test_every_turn_replayed_alone_gives_the_same_bytes() -> None:
    turns = 0
    for episode in PLAYED:
        for number, turn in enumerate(episode.turns):
            assert msgspec.json.encode(vg.replay_turn(episode, number)) == msgspec.json.encode(turn)
            turns += 1
    assert turns > 400


def test_the_state_put_together_from_a_record_is_the_one_that_was_there() -> None:
    for episode in PLAYED[::5]:
        for number, env in enumerate(replayed(episode)):
            built, was = state_before(episode, number, env), vg.snapshot(env)
            slots = type(was.workspace).__slots__
            assert {name: getattr(built.workspace, name) for name in slots} == {name: getattr(was.workspace, name) for name in slots}
            assert (built.turns, built.parsed_once, built.opening) == (was.turns, was.parsed_once, was.opening)


def test_a_replay_that_comes_out_otherwise_names_turn_and_field() -> None:
    episode = next(episode for episode in PLAYED if len(episode.turns) > 2)
    turns = list(episode.turns)
    turns[1] = msgspec.structs.replace(turns[1], observation="<tool_response>{}</tool_response>")
    damaged = msgspec.structs.replace(episode, turns=tuple(turns))
    with pytest.raises(ReplayMismatch, match=r"turn 1 comes out otherwise: its observation was .* and is now"):
        vg.replay(damaged)
    with pytest.raises(ReplayMismatch, match="turn 1"):
        vg.replay_turn(damaged, 1)
    assert vg.replay_turn(damaged, 0) == turns[0]


@pytest.mark.parametrize("wrong", [-1, 99, True, 1.5, "2"])
def test_turns_that_are_not_there_are_refused(wrong: object) -> None:
    with pytest.raises(ConfigError, match="expected 0 to"):
        vg.replay(PLAYED[0], wrong)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="expected a turn of this trajectory, 0 to"):
        vg.replay_turn(PLAYED[0], wrong)  # type: ignore[arg-type]


def test_a_fork_and_the_straight_way_have_the_same_hash() -> None:
    for seed in (1, 20, 33):
        env = make(faults="severe")
        env.reset(seed=seed)
        expert = Expert()
        env.step(expert.act([env.conversation()])[0])
        straight = finish(vg.fork(env), Expert())
        assert finish(vg.fork(vg.fork(env)), Expert()).hash == straight.hash
        assert finish(env, Expert()).hash == straight.hash


def test_a_snapshot_goes_through_pickle_and_can_be_restored_as_often_as_wanted() -> None:
    env = make(faults="severe")
    env.reset(seed=28)
    env.step(Expert().act([env.conversation()])[0])
    kept = pickle.loads(pickle.dumps(vg.snapshot(env)))
    hashes = set()
    for _ in range(3):
        vg.restore(env, kept)
        hashes.add(finish(env, Expert()).hash)
        other = make(faults="severe")
        vg.restore(other, kept)
        hashes.add(finish(other, Expert()).hash)
    assert len(hashes) == 1


def test_what_is_no_snapshot_is_refused() -> None:
    env = make()
    with pytest.raises(ConfigError, match="call reset"):
        vg.snapshot(env)
    with pytest.raises(ConfigError, match=r"expected what snapshot\(env\) returned"):
        vg.restore(env, {})  # type: ignore[arg-type]


def test_changed_luck_is_replayed_too() -> None:
    env = make(faults="severe")
    env.reset(seed=33)
    env.step(Expert().act([env.conversation()])[0])
    episode = finish(vg.fork(env, chance_seed=77), Expert())
    assert episode.environment["forks"] == [{"turn": 1, "chance_seed": 33}]
    assert vg.replay(episode).trajectory(episode.answer).hash == episode.hash
    for number, turn in enumerate(episode.turns):
        assert vg.replay_turn(episode, number) == turn


@pytest.mark.parametrize("when", [(0,), (1,), (0, 0), (1, 1), (0, 1, 2)])
def test_luck_that_changed_at_any_turn_and_more_than_once_is_replayed(when: tuple[int, ...]) -> None:
    env = make(faults="severe")
    env.reset(seed=33)
    expert = Expert()
    for number, turn in enumerate(when):
        while env.state.workspace.turn < turn:
            env.step(expert.act([env.conversation()])[0])
        env = vg.fork(env, chance_seed=70 + number)
    episode = finish(env, Expert())
    assert [one["turn"] for one in episode.environment["forks"]] == list(when)
    assert vg.replay(episode).trajectory(episode.answer, episode.truncated).hash == episode.hash
    for number, turn_record in enumerate(episode.turns):
        assert vg.replay_turn(episode, number) == turn_record


def test_looking_at_an_episode_changes_nothing_about_it() -> None:
    turns = ['<tool_call>{"name":"tool_text2image_gemini","arguments":{"prompt":"a boat"}}</tool_call>'] * 2
    turns += ['<tool_call>{"name":"tool_copy","arguments":{"image":"img_1"}}</tool_call>', '<answer>{"deliverables":["img_3"]}</answer>']

    def played(look: bool) -> Trajectory:
        env = make(tools=["paper36", "test_replay:copier"], task={"prompt": "a boat", "modality": "image"}, on_failure="truncate")
        env.reset(seed=1)
        for turn in turns:
            if look:
                vg.snapshot(env)
                env.trajectory()
            *_, info = env.step(f"<think>x</think>{turn}")
        return info["trajectory"]  # type: ignore[no-any-return]

    assert played(True).hash == played(False).hash
    assert len({asset.media_id for asset in played(True).assets}) > 1


class Copy(vg.ToolArgs, frozen=True):
    """Copy a picture."""

    image: ImageHandle


copier = vg.ToolSpec(
    name="tool_copy",
    args=Copy,
    effect=lambda args, context: vg.ToolResult(assets=(msgspec.structs.replace(context.assets[args.image], handle="", drawn=("copy",)),)),
)


def test_a_snapshot_is_restored_only_under_the_same_rules() -> None:
    env = make()
    env.reset(seed=1)
    with pytest.raises(ConfigError, match="max_turns was 40 and is 7"):
        vg.restore(make(max_turns=7), vg.snapshot(env))
    with pytest.raises(ConfigError, match="call reset"):
        vg.fork(make(), chance_seed=3)


def test_a_replay_has_the_reward_and_wants_the_media_of_its_trajectory() -> None:
    (episode,) = rollout(Expert(), tasks=[GENERATED(3)], reward="mean(result, format)")
    *_, info = vg.replay(episode, len(episode.turns) - 1).step(episode.turns[-1].text)
    assert info["trajectory"].reward == episode.reward
    other = msgspec.structs.replace(episode, versions={**episode.versions, "media": "another"})
    with pytest.raises(ReplayMismatch, match="give media="):
        vg.replay(other)


def test_what_has_no_end_or_no_reward_has_no_values() -> None:
    env = make()
    env.reset(seed=3)
    with pytest.raises(ConfigError, match="has not ended"):
        vg.turn_values(env.trajectory(), Expert())
    unscored = msgspec.structs.replace(PLAYED[0], reward=None, failure="the judge slept")
    with pytest.raises(ConfigError, match=r"the judge slept.*say which"):
        vg.turn_values(unscored, Expert())
    assert vg.turn_values(unscored, Expert(), k=1, reward="ltr")[-1].after is not None


def test_a_fork_draws_from_a_generator_of_its_own() -> None:
    env = make()
    env.reset(seed=5)
    twin = vg.fork(env)
    tasks = [[one.reset()[1]["task"].id for _ in range(3)] for one in (env, twin)]
    assert tasks[0] == tasks[1]
    assert twin.np_random is not env.np_random
    assert twin.action_space is not env.action_space


class Wavering:
    """An expert that in every other continuation, by its conversation's name, gives up and answers with the last video there is."""

    def act(self, conversations: Sequence[Conversation], /) -> list[str]:
        return [self._turn(conversation) for conversation in conversations]

    def _turn(self, conversation: Conversation) -> str:
        if conversation.memory["name"][-1] % 2 == 0:
            return Expert().act([conversation])[0]
        made = re.findall(r"vid_\d+", " ".join(message["content"] for message in conversation.messages if message["role"] == "user"))
        return f'<think>enough</think><answer>{{"deliverables":["{(made or ["vid_1"])[-1]}"]}}</answer>'


def test_the_value_of_a_turn_is_what_it_changed_and_all_add_up_to_the_reward() -> None:
    (episode,) = rollout(Expert(), tasks=[GENERATED.only(("event_promotion_videos",))(0)])
    found = vg.turn_values(episode, Wavering(), k=8)
    assert [value.turn for value in found] == list(range(len(episode.turns)))
    assert [call.tool for call in episode.turns[1].calls] == ["tool_video_composite"]
    joined = found[1].value
    assert joined is not None
    assert all(value.value is None or value.value < joined for value in found[2:]), "whoever gives up then has a film"
    assert found[0].standard_error is not None
    assert found[0].standard_error > 0
    assert found[0].before is not None
    assert episode.reward is not None
    total = statistics.fsum(value.value for value in found if value.value is not None)
    assert total == pytest.approx(episode.reward.total - found[0].before)
    assert found == vg.turn_values(episode, Wavering(), k=8, batch=3)


def test_a_policy_that_would_have_done_the_same_gives_every_turn_the_value_nought() -> None:
    (episode,) = rollout(Expert(), tasks=[GENERATED(30)], faults="moderate")
    assert [value.value for value in vg.turn_values(episode, Expert(), k=2)] == [0.0] * len(episode.turns)


def test_a_turn_that_spoils_the_episode_has_a_value_below_nought() -> None:
    (sound,) = rollout(Expert(), tasks=[GENERATED.only(("icon_design",))(0)])
    hasty = '<think>done</think><answer>{"deliverables":["img_1"]}</answer>'
    (episode,) = rollout(lambda conversation: sound.turns[0].text if len(conversation.messages) < 3 else hasty, tasks=[sound.task])
    found = [value.value for value in vg.turn_values(episode, Expert(), k=1)]
    assert found[0] == 0
    assert found[1] is not None
    assert found[1] < -0.5


def test_fresh_luck_is_the_same_for_every_state() -> None:
    (episode,) = rollout(Expert(), tasks=[GENERATED(30)], faults="severe")
    with_luck = vg.turn_values(episode, Expert(), k=6, fresh_luck=True)
    assert {value.n for value in with_luck} == {12, 6}
    assert with_luck == vg.turn_values(episode, Expert(), k=6, fresh_luck=True)
    lucks: dict[int, list[int]] = {}
    real = values.fork

    def spy(env: VisGenEnv, chance_seed: int | None = None) -> VisGenEnv:
        if chance_seed is not None:
            lucks.setdefault(env.state.workspace.turn, []).append(chance_seed)
        return real(env, chance_seed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "fork", spy)
        vg.turn_values(episode, Expert(), k=6, fresh_luck=True)
    assert len(lucks) == len(episode.turns)
    assert len({tuple(found) for found in lucks.values()}) == 1
    assert len(set(lucks[0])) == 6
    assert episode.chance_seed not in lucks[0]


@pytest.mark.parametrize("k", [0, -1, True, 2.0, "8"])
def test_a_number_of_continuations_that_is_none_is_refused(k: object) -> None:
    with pytest.raises(ConfigError, match="expected an integer of at least 1"):
        vg.turn_values(PLAYED[0], Expert(), k)  # type: ignore[arg-type]
