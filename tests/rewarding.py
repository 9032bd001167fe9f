"""Episodes for the reward tests: turns written by hand, played in the environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import visgenenv as vg
from visgenenv.env import VisGenEnv
from visgenenv.turns import render
from visgenenv.types import Answer, Plan, PlanStep, Requirements, Task, TaskInput, ToolCall, Trajectory

PICTURE = "tool_text2image_gemini"
EDIT = "tool_image_edit_gemini"
CLIP = "tool_text2video_veo"
ANIMATE = "tool_image2video_veo3"
JOIN = "tool_video_composite"
MUSIC = "tool_music_suno"
BEATS = "tool_beat_detect"
SPEAK = "tool_tts_generation"
TITLE = "tool_subtitle_add_text"


def task(modality: str = "image", prompt: str = "a red bicycle", inputs: Sequence[TaskInput] = (), **asked: Any) -> Task:
    return Task(id="t", modality=modality, prompt=prompt, requirements=Requirements(**asked), inputs=tuple(inputs))  # type: ignore[arg-type]


def step(number: int, tool: str, goal: str = "", n: int = 1, after: Sequence[int] = ()) -> PlanStep:
    return PlanStep(id=number, tool=tool, goal=goal or f"goal {number}", n=n, after=tuple(after))


PLAN = [step(1, PICTURE, "picture")]
"""The shortest plan: one picture."""


def turn(
    *calls: tuple[str, dict[str, Any]], plan: Sequence[PlanStep] = (), answer: Sequence[str] | None = None, think: str = "On it."
) -> str:
    return render(
        think,
        plan=Plan(steps=tuple(plan)) if plan else None,
        calls=tuple(ToolCall(name=name, arguments=arguments) for name, arguments in calls),
        answer=None if answer is None else Answer(deliverables=tuple(answer)),
    )


def play(asked: Task, *turns: str, reward: str = "ltr", **environment: Any) -> Trajectory:
    """The trajectory of these turns; cut off after the last where none answers."""
    env = VisGenEnv(task=asked, reward=reward, max_turns=len(turns), on_failure="truncate", **environment)
    env.reset(seed=3)
    for text in turns:
        *_, info = env.step(text)
    trajectory = info["trajectory"]
    assert isinstance(trajectory, Trajectory)
    return trajectory


def value(trajectory: Trajectory, part: str) -> float | None:
    score = parts(trajectory)[part]
    return None if score is None else score.value


def parts(trajectory: Trajectory) -> dict[str, vg.Score | None]:
    return vg.reward("ltr")(trajectory).parts


def picture(prompt: str = "a red bicycle", **more: Any) -> tuple[str, dict[str, Any]]:
    return PICTURE, {"prompt": prompt, **more}


def one_picture(asked: Task, prompt: str = "a red bicycle", **more: Any) -> Trajectory:
    """The shortest good episode: one planned picture, answered."""
    return play(asked, turn(picture(prompt, **more), plan=[step(1, PICTURE, "picture")]), turn(answer=["img_1"]))


def short_film(asked: Task | None = None) -> Trajectory:
    """Eight calls: reference, three shots, song, voice, join, subtitle."""
    asked = asked or task(
        "video",
        "a story of a red fox",
        count=1,
        shots=3,
        duration_s=24,
        audio=("music", "narration"),
        narration="Home again",
        subtitles=("Home again",),
        entities=("red fox",),
        consistency="character",
    )
    plan = [
        step(1, PICTURE, "reference"),
        step(2, MUSIC, "music"),
        step(3, SPEAK, "voice"),
        step(4, ANIMATE, "shots", 3, [1]),
        step(5, JOIN, "film", 1, [2, 3, 4]),
        step(6, TITLE, "subtitle", 1, [5]),
    ]
    first = turn(picture("a red fox", aspect_ratio="16:9"), (MUSIC, {"prompt": "calm"}), (SPEAK, {"text": "Home again"}), plan=plan)
    shots = turn(*((ANIMATE, {"image": "img_1", "prompt": f"the red fox {act}"}) for act in ("runs", "rests", "looks up")))
    film = turn((JOIN, {"clips": ["vid_1", "vid_2", "vid_3"], "bgm": "aud_1", "voice": ["aud_3"]}))
    title = turn((TITLE, {"video": "vid_4", "items": [{"text": "Home again"}]}))
    return play(asked, first, shots, film, title, turn(answer=["vid_5"]))
