"""Pools, renamed tools and distractors: other tools, the same laws and the same scores."""

from collections.abc import Sequence

import pytest

from policies.expert import Expert
from visgenenv.conversation import Conversation
from visgenenv.episodes import rollout
from visgenenv.errors import ConfigError
from visgenenv.tasks.generator import GENERATED, GENERATED_TYPES
from visgenenv.tools.catalogue import PAPER36, toolset

TASKS = [GENERATED(seed) for seed in range(84)]


class Translator:
    """The expert, speaking a set's made-up names and reading its answers as if they were the usual ones."""

    def __init__(self, names: str) -> None:
        self.names = {spec.renames: spec.name for spec in toolset(names).values()}
        self.expert = Expert()

    def act(self, conversations: Sequence[Conversation], /) -> list[str]:
        turns = self.expert.act(conversations)
        return [self.said(turn) for turn in turns]

    def said(self, turn: str) -> str:
        for old, new in sorted(self.names.items(), key=lambda pair: -len(pair[0])):
            turn = turn.replace(f'"{old}"', f'"{new}"')
        return turn


def test_under_other_names_an_expert_does_as_well_and_scores_the_same() -> None:
    plain = rollout(Expert(), tasks=TASKS)
    other = rollout(Translator("renamed/7"), tasks=TASKS, tools="renamed/7")
    assert all(episode.success for episode in other)
    assert [episode.reward.total for episode in other if episode.reward] == [episode.reward.total for episode in plain if episode.reward]


def test_names_are_made_up_by_the_seed_and_each_its_own() -> None:
    names = list(toolset("renamed/7"))
    assert len(set(names)) == 36
    assert not set(names) & {spec.name for spec in PAPER36}
    assert names == list(toolset("renamed/7"))
    assert names != list(toolset("renamed/8"))
    assert [spec.description for spec in toolset("renamed/7").values()] == [spec.description for spec in PAPER36]


@pytest.mark.parametrize("kind", GENERATED_TYPES)
def test_a_pool_has_what_its_type_needs_and_no_short_cut(kind: str) -> None:
    source = GENERATED.only((kind,))
    names = f"pool/{kind}"
    assert "tool_video_auto_pipeline" not in toolset(names)
    assert all(episode.success for episode in rollout(Expert(), tasks=[source(seed) for seed in range(8)], tools=names))


def test_a_pool_for_pictures_makes_none_that_move() -> None:
    image, video = toolset("pool/image"), toolset("pool/video")
    assert len(image) < len(video) == 35
    assert not any(spec.category in ("text_to_video", "image_to_video", "editing", "audio_generation") for spec in image.values())


def test_distractors_run_and_help_nobody() -> None:
    tools = toolset(["paper36", "distractors/24"])
    assert len(tools) == 60
    assert len({spec.description for spec in tools.values()}) == 60
    idle = '<tool_call>{"name":"tool_font_match","arguments":{"request":"a serif"}}</tool_call>'
    (episode,) = rollout(lambda conversation: f"<think>x</think>{idle}", tasks=[TASKS[0]], tools=["paper36", "distractors/2"], max_turns=2)
    assert [call.fault for call in episode.calls] == [None, None]
    assert not episode.success
    sound = rollout(Expert(), tasks=TASKS[:12], tools=["paper36", "distractors/24"])
    assert all(episode.success and episode.reward and episode.reward.total == 1 for episode in sound)


@pytest.mark.parametrize("name", ["pool/moovies", "pool/", "renamed/x", "renamed/-1", "distractors/0", "distractors/25", "distractors/٣"])
def test_sets_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="expected"):
        toolset(name)
