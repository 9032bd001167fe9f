"""`visgen new`: a small module of one's own with a test beside it, both of which run as they are written."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from visgenenv.errors import ConfigError, SaveError
from visgenenv.plugins import OWN_PACKAGES
from visgenenv.trajectories import replacing

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

TOOL = '''"""{title}: a tool of your own. Use it with tools=["paper36", "{name}:tool"]."""

from typing import Annotated

import msgspec
import visgenenv as vg


class {camel}(vg.ToolArgs, frozen=True):
    """Say here what the tool does; the model reads this."""

    image: vg.Handle["image"]
    words: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


def effect(args: {camel}, context: vg.CallContext) -> vg.ToolResult:
    """What comes out: drafts of assets, whose attributes follow the call."""
    picture = context.assets[args.image]
    return vg.ToolResult(assets=(vg.Asset(modality="image", width=picture.width, height=picture.height, drawn=(args.words,)),))


tool = vg.ToolSpec(name="tool_{name}", args={camel}, effect=effect, category="image_to_image", latency_s=(2, 6), price_microusd=10_000)
'''
TOOL_TEST = """import visgenenv as vg
from {name} import tool
from visgenenv.testing import check_tool


def test_the_tool_keeps_the_rules():
    check_tool(tool)


def test_a_policy_can_call_it():
    draw = '<tool_call>{{"name": "tool_text2image_gemini", "arguments": {{"prompt": "a boat"}}}}</tool_call>'
    use = '<tool_call>{{"name": "tool_{name}", "arguments": {{"image": "img_1", "words": "PAID"}}}}</tool_call>'
    turns = [draw, use, '<answer>{{"deliverables": ["img_2"]}}</answer>']
    task = vg.Task(modality="image", prompt="A boat that says PAID.", requirements=vg.Requirements(drawn=("PAID",)))
    (episode,) = vg.rollout(lambda c: turns[len(c.messages) // 2 - 1], tasks=[task], tools=["paper36", "{name}:tool"])
    assert [call.fault for call in episode.calls] == [None, None]
    assert episode.success
"""
TASK = '''"""{title}: tasks of your own. Use them with task="{name}:source"."""

import visgenenv as vg

THINGS = ("kite", "lamp", "boat", "clock")


def source(seed: int) -> vg.Task:
    """The task of a seed; the same seed gives the same task."""
    thing, count = THINGS[seed % len(THINGS)], 1 + seed // len(THINGS) % 3
    return vg.Task(
        id=f"{name}/{{seed}}",
        task_type="{name}",
        modality="image",
        prompt=f"{{count}} square pictures of a {{thing}}.",
        requirements=vg.Requirements(count=count, aspect="1:1", entities=(thing,)),
    )
'''
TASK_TEST = """import visgenenv as vg
from {name} import source
from visgenenv.testing import check_source


def test_the_source_keeps_the_rules():
    check_source(source)


def test_the_expert_solves_its_tasks():
    assert all(episode.success for episode in vg.rollout("expert", episodes=12, task="{name}:source"))
"""
REWARD = '''"""{title}: a reward component of your own. Use it as "0.9*ltr + 0.1*{name}:component"."""

import visgenenv as vg


class Component:
    """Say here what it rewards; raise the version whenever a score changes."""

    name, version = "{name}", "1"

    def score(self, trajectory: vg.Trajectory) -> vg.Score | None:
        """A value from 0 to 1, or None where the task does not call for it."""
        calls = len(trajectory.calls)
        return vg.Score(value=1 / (1 + calls / 20), reason=f"{{calls}} calls", version=self.version)


component = Component()
'''
REWARD_TEST = """import visgenenv as vg
from {name} import component
from visgenenv.testing import check_component


def test_the_component_keeps_the_rules():
    check_component(component)


def test_it_is_part_of_a_reward():
    (episode,) = vg.rollout("expert", reward="0.9*ltr + 0.1*{name}:component")
    part = episode.reward.parts["{name}:component"]
    assert 0 < part.value < 1
    assert episode.reward.total == 0.9 * episode.reward.parts["plan"].value * episode.reward.parts["fine"].value + 0.1 * part.value
"""
ENV = '''"""{title}: an environment of your own, registered as "{camel}-v0" when this module is imported."""

import gymnasium
import visgenenv as vg


class {camel}(vg.VisGenEnv):
    """Say here what is different: this one tells whether a deadline of half an hour of virtual time was kept."""

    def step(self, action):
        *found, info = super().step(action)
        info["in_time"] = info["virtual_seconds"] <= 1800
        return *found, info


# The reward has its name here: that is the one which rollouts keep and trainers train on, not what `step` makes of it.
KWARGS = {{"task": "video", "faults": "moderate", "reward": "0.9*ltr + 0.1*makespan"}}
gymnasium.register(id="{camel}-v0", entry_point="{name}:{camel}", kwargs=KWARGS)
'''
ENV_TEST = """import gymnasium
import {name}  # noqa: F401 - registers the environment
import visgenenv as vg
from visgenenv.testing import check_environment


def test_the_environment_keeps_the_rules():
    check_environment("{camel}-v0")


def test_it_plays():
    env = gymnasium.make("{camel}-v0")
    assert env.reset(seed=0)[1]["task"].modality == "video"
    assert all(episode.success for episode in vg.rollout("expert", episodes=4, env="{camel}-v0", faults="none"))
"""
KINDS: Mapping[str, tuple[str, str]] = {
    "tool": (TOOL, TOOL_TEST),
    "task": (TASK, TASK_TEST),
    "reward": (REWARD, REWARD_TEST),
    "env": (ENV, ENV_TEST),
}
"""By kind: the module and its test."""


def write(kind: str, name: str, folder: Path) -> list[Path]:
    """Write a module and its test into a folder; returns their paths.

    Raises `ConfigError` for a name that would not do, and `SaveError` where one of the files is there already.
    """
    if kind not in KINDS:
        raise ConfigError(f"kind={kind!r}: expected one of {', '.join(KINDS)}")
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise ConfigError(f"name={name!r}: expected a module's name: small letters, digits and underscores, such as my_{kind}")
    paths = [folder / f"{name}.py", folder / f"test_{name}.py"]
    for path in paths:
        if path.exists():
            raise SaveError(f"{path} is there already; choose another name, or another folder with --out")
    if name in (*OWN_PACKAGES, "test", "tests", "conftest") or name in sys.stdlib_module_names or find_spec(name) is not None:
        raise ConfigError(f"name={name!r}: is the name of a package that is there already; choose another")
    words = {"name": name, "title": name.replace("_", " ").capitalize(), "camel": name.title().replace("_", "")}
    for path, text in zip(paths, KINDS[kind], strict=True):
        with replacing(path) as file:
            file.write(text.format(**words).encode())
    return paths
