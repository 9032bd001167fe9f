"""Two checkers, written apart, agree: what is a success has every requirement scored 1, whatever is done to it at the end."""

import re
from collections.abc import Sequence
from random import Random
from typing import Any

from policies.expert import Expert, applicable
from visgenenv.episodes import Conversation, rollout
from visgenenv.tasks.success import unmet
from visgenenv.turns import parse, render
from visgenenv.types import Answer, ToolCall

EDITS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("tool_video_trim_edit", {"start": 0.7}),
    ("tool_video_trim_edit", {"end": 4.0}),
    ("tool_video_speed_adjust", {"factor": 1.05}),
    ("tool_video_postprocess", {"volume": 0.0}),
    ("tool_video_postprocess", {"fps": 30}),
    ("tool_video_postprocess", {"width": 640, "height": 640}),
    ("tool_tts_composite", {"text": "Thank you.", "keep_original_audio": False}),
    ("tool_subtitle_add_text", {"items": [{"text": "one more line"}]}),
)


class Meddler:
    """An expert with drawn flaws who, before answering with a film, does one more thing to it."""

    def act(self, conversations: Sequence[Conversation], /) -> list[str]:
        return [self._turn(conversation) for conversation in conversations]

    def _turn(self, conversation: Conversation) -> str:
        if conversation.memory.get("meddled"):
            (handle,) = re.findall(r'"(vid_\d+)"', conversation.messages[-1]["content"])[-1:]
            return render("done", answer=Answer(deliverables=(handle,)))
        random = Random(conversation.seed)
        flaws = tuple(name for name in applicable(conversation.task) if random.random() < 0.2)
        (turn,) = Expert(flaws=flaws).act([conversation])
        answer = parse(turn, first=False).answer
        if answer is None or conversation.task.modality != "video" or len(answer.deliverables) != 1:
            return turn
        tool, arguments = random.choice(EDITS)
        conversation.memory["meddled"] = True
        return render("one more thing", calls=(ToolCall(name=tool, arguments={"video": answer.deliverables[0], **arguments}),))


EPISODES = rollout(Meddler(), 360, 5, task="generated", system_prompt="none", reward="ltr")


def test_the_drill_has_both_successes_and_every_kind_of_failure() -> None:
    share = sum(episode.success for episode in EPISODES) / len(EPISODES)
    assert 0.3 < share < 0.9
    reasons = {reason.split(":")[0] for episode in EPISODES for reason in unmet(episode)}
    assert {"audio", "beat", "consistency", "duration_s", "subtitles"} <= reasons


def test_what_is_a_success_has_every_requirement_scored_one() -> None:
    for episode in EPISODES:
        assert episode.reward is not None
        parts = {name: score.value for name, score in episode.reward.parts.items() if score is not None}
        full = all(value == 1 for name, value in parts.items() if name.startswith("result.") or name in ("consistency", "plan.requirement"))
        assert full or not episode.success, (episode.seed, parts)
        if full and parts["format"] == 1:
            assert episode.success, (episode.seed, unmet(episode))
