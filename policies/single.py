"""Baselines of one call: the task's words handed to one tool, and its output handed over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from policies import reading
from visgenenv.conversation import Conversation
from visgenenv.turns import render
from visgenenv.types import Answer, Plan, PlanStep, ToolCall

MOST_TRIES = 3
"""Times the one call is made while it fails."""
_LONGEST = {"tool_text2image_gemini": 4000, "tool_video_auto_pipeline": 8000}
"""Characters of a prompt that the tool takes."""


class SingleImage:
    """One text-to-image call with the task's words, whatever the task, again while it fails; answers with what it made."""

    def act(self, conversations: Sequence[Conversation], /) -> list[str]:
        """A turn for each conversation."""
        return [self._turn(conversation) for conversation in conversations]

    def tool_for(self, conversation: Conversation) -> str:
        """The one tool: words to picture."""
        return "tool_text2image_gemini"

    def _turn(self, conversation: Conversation) -> str:
        made = [handle for answer in reading.responses(conversation.messages) for handle in reading.outputs(answer)]
        tries = sum(1 for message in conversation.messages if message["role"] == "assistant")
        if made or tries >= MOST_TRIES:
            return render("done" if made else "it fails each time", answer=Answer(deliverables=tuple(made)))
        tool = self.tool_for(conversation)
        arguments: dict[str, Any] = {"prompt": conversation.task.prompt[: _LONGEST[tool]]}
        plan = None if tries else Plan(steps=(PlanStep(id=1, tool=tool, goal="all in one call"),))
        return render("one call does it" if not tries else "again", plan=plan, calls=(ToolCall(name=tool, arguments=arguments),))


class AutoPipeline(SingleImage):
    """One call of the automatic pipeline for a video, one text-to-image call for anything else."""

    def tool_for(self, conversation: Conversation) -> str:
        """Words to film, or to picture."""
        return "tool_video_auto_pipeline" if conversation.task.modality == "video" else super().tool_for(conversation)
