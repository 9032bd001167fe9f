"""The kits for users' own objects: what is ours passes them, and each rule they name can be broken."""

import itertools
from typing import Any

import pytest

import visgenenv as vg
from rewards.cost import Makespan, Price
from visgenenv.backends.simulated import SimulatedBackend
from visgenenv.episodes import make, rollout
from visgenenv.errors import ConfigError
from visgenenv.tasks.generator import GENERATED, HELDOUT, IMAGE, TRAIN, VIDEO
from visgenenv.tasks.success import unmet
from visgenenv.testing import (
    FakeIndex,
    check_backend,
    check_component,
    check_environment,
    check_requirement,
    check_source,
    check_tool,
)
from visgenenv.tools.catalogue import PAPER36, toolset
from visgenenv.tools.spec import ImageHandle, ToolSpec
from visgenenv.types import Asset, Requirements, Task, Trajectory


@pytest.mark.parametrize("spec", PAPER36, ids=lambda spec: spec.name)
def test_our_own_tools_pass(spec: ToolSpec[Any]) -> None:
    check_tool(spec, calls=60)


def test_our_own_sources_components_backends_and_environments_pass() -> None:
    for source in (GENERATED, TRAIN, HELDOUT, IMAGE, VIDEO):
        check_source(source)
    for component in (Price(), Makespan()):
        check_component(component)
    check_backend(SimulatedBackend(FakeIndex()), calls=5)  # type: ignore[arg-type]
    check_environment("VisGenEnv-v0")
    check_environment("VisGenEnv-Video-v0", faults="severe")
    for spec in toolset("distractors/3").values():
        check_tool(spec)


class Args(vg.ToolArgs, frozen=True):
    """Press a stamp."""

    image: ImageHandle
    times: int = 1


class Undocumented(vg.ToolArgs, frozen=True):
    words: str


def picture(args: Any, context: Any) -> vg.ToolResult:
    return vg.ToolResult(assets=(vg.Asset(modality="image", width=64, height=64),))


def tool(effect: Any = picture, args: Any = Args) -> ToolSpec[Any]:
    return vg.ToolSpec(name="tool_own", args=args, effect=effect)


NUMBERS = itertools.count()


@pytest.mark.parametrize(
    ("effect", "broken"),
    [
        (lambda a, c: vg.ToolResult(assets=(vg.Asset(modality="image", width=next(NUMBERS) + 1, height=64),)), "came out otherwise"),
        (lambda a, c: vg.ToolResult(assets=(vg.Asset(modality="image"),)), "without a width"),
        (lambda a, c: vg.ToolResult(assets=(vg.Asset(modality="video", width=64, height=64),)), "without frames"),
        (lambda a, c: vg.ToolResult(assets=(vg.Asset(modality="image", width=-4, height=64),)), "negative"),
    ],
)
def test_a_tool_that_breaks_a_rule_is_told_which(effect: Any, broken: str) -> None:
    with pytest.raises(AssertionError, match=broken):
        check_tool(tool(effect))


def test_a_tool_without_words_for_the_model_or_that_is_none_is_told() -> None:
    with pytest.raises(AssertionError, match="is no ToolSpec"):
        check_tool("tool_own")  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="price -1"):
        check_tool(vg.ToolSpec(name="tool_own", args=Args, effect=picture, price_microusd=-1))
    check_tool(tool())


def test_sources_components_and_requirements_that_break_a_rule_are_told_which() -> None:
    def task(seed: int, **more: Any) -> Task:
        return Task(**{"id": f"t{seed}", "modality": "image", "prompt": f"{seed}", **more})

    for source, broken in (
        (lambda seed: task(seed, prompt=str(next(NUMBERS))), "another task the second time"),
        (lambda seed: task(seed, id="t"), "is that of another task"),
        (lambda seed: task(seed, requirements=Requirements(count=-1)), "expected more than 0"),
        (lambda seed: "a task", "expected a visgenenv.Task"),
    ):
        with pytest.raises(AssertionError, match=broken):
            check_source(source)  # type: ignore[arg-type]
    for component, broken in (
        (lambda trajectory: 2.0, "from 0 to 1"),
        (lambda trajectory: next(NUMBERS) / 1e9, "then"),
    ):
        with pytest.raises(AssertionError, match=broken):
            check_component(component)
    with pytest.raises(AssertionError, match="depends on more than the task"):
        check_component(lambda trajectory: 1.0 if trajectory.calls else None)
    with pytest.raises(AssertionError, match="expected None or a reason"):
        check_requirement(lambda delivered, asked, trajectory: "", 1)


def few(delivered: list[Asset], asked: int, trajectory: Trajectory) -> str | None:
    return None if len(trajectory.calls) <= asked else f"{len(trajectory.calls)} calls; {asked} asked"


def broken(delivered: list[Asset], asked: int, trajectory: Trajectory) -> str | None:
    raise RuntimeError("no idea")


def test_a_requirement_of_ones_own_counts_for_success_and_reward() -> None:
    for asked, met in ((1, True), (0, False)):
        task = Task(id="own", modality="image", prompt="a fox", requirements=Requirements(count=1, own={"test_conformance:few": asked}))
        (episode,) = rollout("expert", tasks=[task])
        assert episode.success is met
        assert unmet(episode) == ([] if met else ["own: test_conformance:few: 1 calls; 0 asked"])
        assert episode.reward is not None
        part = episode.reward.parts["result.own"]
        assert part is not None
        assert (part.value, part.reason) == (float(met), "all 1 met" if met else "test_conformance:few: 1 calls; 0 asked")


def test_a_requirement_that_breaks_masks_the_sample_and_keeps_the_trajectory() -> None:
    task = Task(id="own", modality="image", prompt="a fox", requirements=Requirements(own={"test_conformance:broken": 1}))
    (episode,) = rollout("expert", tasks=[task])
    assert episode.reward is None
    assert episode.success is False
    assert episode.failure is not None
    assert "requirement 'test_conformance:broken' failed: RuntimeError: no idea" in episode.failure
    assert len(episode.calls) == 1


def test_a_requirement_that_is_not_there_is_refused_before_anything_is_played() -> None:
    env = make()
    for name in ("nonsense", "test_conformance:nowhere"):
        with pytest.raises(ConfigError, match=r"requirements\.own"):
            env.reset(options={"task": {"modality": "image", "prompt": "x", "requirements": {"own": {name: 1}}}})
