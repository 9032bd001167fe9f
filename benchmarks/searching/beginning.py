"""What a search begins with: experts' and plain policies' episodes of many tasks, and the written exploits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.searching.luck import another
from rewards.audit.exploits import exploits
from rewards.audit.scenes import honest
from rewards.audit.script import Script, script_of
from visgenenv.episodes import rollout
from visgenenv.tasks.generator import IMAGE, VIDEO
from visgenenv.tasks.wording import DIFFICULTIES, LANGUAGES
from visgenenv.types import Task

GENERATED_TASKS = 32
"""Beside those of the audit's scenes; half of them ask for pictures, half for films."""
_PLAIN = ("single-image", "auto-pipeline", "random")


def tasks_of(generator: np.random.Generator) -> list[Task]:
    """The generated tasks of a search: both modalities, languages and all difficulties in turn, types drawn."""
    found = []
    for number in range(GENERATED_TASKS):
        source = (IMAGE, VIDEO)[number % 2]
        language, difficulty = number // 2 % len(LANGUAGES), number // 4 % len(DIFFICULTIES)
        again = int(generator.integers(1000))  # another task of the same type, language and difficulty
        turn = language + len(LANGUAGES) * (difficulty + len(DIFFICULTIES) * again)
        found.append(source(int(generator.integers(len(source.types))) + len(source.types) * turn))
    return found


def scripts(generator: np.random.Generator) -> Iterator[tuple[str, Script]]:
    """Where each comes from, and the script: first the experts' of all tasks, then all others of them."""
    scenes = honest()
    yield from ((f"expert of {name}", script) for name, script in scenes.items())
    tasks = tasks_of(generator)
    every = tasks + [script.task for script in scenes.values()]
    seed = int(generator.integers(2**31))
    for policy, asked in (("expert", tasks), *((plain, every) for plain in _PLAIN)):
        for trajectory in rollout(policy, tasks=asked, seed=seed, system_prompt="none", max_turns=60):
            if not any(turn.parsed.errors for turn in trajectory.turns):
                yield f"{policy} of {trajectory.task.id}", script_of(trajectory)
    for exploit in exploits():
        for name, script in scenes.items():
            rewritten = another(script)
            if exploit.rewrite(rewritten) is not False:
                yield f"{exploit.name!r} of {name}", rewritten
