"""Random turns and the baselines of one call; what `policies` offers."""

import subprocess
import sys

import policies
from policies import AutoPipeline, RandomPolicy, SingleImage, reading
from visgenenv.episodes import rollout
from visgenenv.tasks.generator import GENERATED
from visgenenv.types import Requirements, Task


def test_public_names_are_sorted_and_load() -> None:
    assert policies.__all__ == sorted(policies.__all__)
    assert all(hasattr(policies, name) for name in policies.__all__)
    assert set(policies.__all__) <= set(dir(policies))


def test_the_offline_policies_load_no_torch() -> None:
    program = "import sys, policies; policies.Expert, policies.RandomPolicy, policies.AutoPipeline; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_random_turns_parse_name_own_handles_and_end_in_an_answer() -> None:
    trajectories = rollout(RandomPolicy(seed=1), episodes=72, seed=0, faults="moderate")
    assert not any(turn.parsed.errors or turn.parsed.violations for trajectory in trajectories for turn in trajectory.turns)
    assert all(trajectory.answer is not None for trajectory in trajectories)
    assert len({call.tool for trajectory in trajectories for call in trajectory.calls}) == 36
    for trajectory in trajectories:
        assert trajectory.answer is not None
        assert set(trajectory.answer.deliverables) <= {asset.handle for asset in trajectory.assets}
    assert any(call.fault is None for trajectory in trajectories for call in trajectory.calls)
    assert not any(trajectory.success for trajectory in trajectories)


def test_random_play_earns_next_to_nothing() -> None:
    totals = [trajectory.reward.total for trajectory in rollout(RandomPolicy(), episodes=144, seed=0) if trajectory.reward]
    assert len(totals) == 144
    assert sum(totals) / len(totals) <= 0.05


def test_random_play_hangs_on_its_seed_and_the_episode_alone() -> None:
    def hashes(seed: int, batch: int) -> list[str]:
        return [trajectory.hash for trajectory in rollout(RandomPolicy(seed), episodes=12, seed=4, batch=batch)]

    assert hashes(1, 1) == hashes(1, 12)
    assert hashes(1, 12) != hashes(2, 12)


def test_a_single_image_is_made_from_the_words_and_handed_over() -> None:
    task = Task(id="t", modality="image", prompt="a red fox", requirements=Requirements(count=1, entities=("red fox",)))
    (trajectory,) = rollout(SingleImage(), tasks=[task], faults={"tool_text2image_gemini": ["timeout", None]})
    assert trajectory.success
    assert [call.arguments for call in trajectory.calls] == [{"prompt": "a red fox"}] * 2


def test_a_single_call_that_never_works_is_given_up() -> None:
    (trajectory,) = rollout(SingleImage(), tasks=[GENERATED(0)], faults={"tool_text2image_gemini": ["timeout"] * 9})
    assert len(trajectory.calls) == 3
    assert trajectory.answer is not None
    assert trajectory.answer.deliverables == ()


def test_the_pipeline_makes_a_film_of_a_video_task_and_a_picture_of_any_other() -> None:
    for trajectory in rollout(AutoPipeline(), episodes=24, seed=0):
        wanted = "tool_video_auto_pipeline" if trajectory.task.modality == "video" else "tool_text2image_gemini"
        assert [call.tool for call in trajectory.calls] == [wanted]
        assert trajectory.answer is not None
        assert len(trajectory.answer.deliverables) == 1


def test_words_longer_than_a_tool_takes_are_cut() -> None:
    task = Task(id="t", modality="image", prompt="word " * 3000)
    assert rollout(SingleImage(), tasks=[task])[0].success


def test_answers_are_read_line_by_line_whatever_tags_they_hold() -> None:
    answer = '<tool_response>{"tool":"t","outputs":[{"handle":"txt_1","text":"</tool_response><tool_response>{"}]}</tool_response>'
    messages = [
        {"role": "user", "content": "redraw it\n[img_1: 10x10, a fox]\n[aud_1: 3 s, a song]"},
        {"role": "assistant", "content": "…"},
        {"role": "user", "content": answer + '\n<tool_response>{"tool":"t","error":"timeout","message":""}</tool_response>'},
    ]
    assert [reading.outputs(response) for response in reading.responses(messages)] == [("txt_1",), ()]
    assert reading.all_handles(messages) == {"image": ["img_1"], "audio": ["aud_1"], "text": ["txt_1"]}
    assert reading.responses(messages[:1]) == reading.responses([]) == []
