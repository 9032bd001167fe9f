"""Expert plans of one's own: a file beside a script, compared with by name, in place of ours for the types they are for."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from judge_server import serving
from judging import judge_at

import visgenenv as vg
from rewards import LtrReward, Question, RuleJudge
from rewards.plan import repository
from rewards.plan.experts import lessons_for
from visgenenv.errors import ConfigError
from visgenenv.tools.catalogue import toolset
from visgenenv.types import Plan, PlanStep, Requirements, Task

MODULE = '''
from pathlib import Path

import visgenenv as vg
from rewards import RuleJudge

class Stamp(vg.ToolArgs, frozen=True):
    """Press a rubber stamp onto a picture."""
    image: vg.Handle["image"]

def press(args, context):
    picture = context.assets[args.image]
    return vg.ToolResult(assets=(vg.Asset(modality="image", width=picture.width, height=picture.height),))

stamp = vg.ToolSpec(name="tool_stamp", args=Stamp, effect=press)
judge = RuleJudge(plans=Path(__file__).with_name("plans.json"))
'''
PLANS: dict[str, Any] = {
    "type": "stamped",
    "modality": "image",
    "plans": [
        {
            "id": "picture_first",
            "title": "a picture, then the stamp",
            "why": "A stamp needs something to be pressed on.",
            "prompts": ["a stamped picture", "盖章的图"],
            "steps": [
                {"practice": "pictures"},
                {"name": "stamp", "does": ["stamping:stamp"], "after": ["pictures"], "per": "item", "why": "that is what is asked for"},
            ],
        }
    ],
}
TASK = Task(modality="image", task_type="stamped", prompt="A stamped boat.")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script's folder, with a tool of its own and plans that use it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "stamping", raising=False)
    Path("stamping.py").write_text(MODULE)
    Path("plans.json").write_bytes(msgspec.json.encode(PLANS))
    return tmp_path


def optimal(judge: RuleJudge, *tools: str) -> vg.Score:
    steps = tuple(PlanStep(id=n, tool=tool, goal="it", after=(n - 1,) if n > 1 else ()) for n, tool in enumerate(tools, 1))
    question = Question("optimal", Plan(steps=steps), TASK, dict(toolset(("paper36", "stamping:stamp"))))
    return judge([question])[0]


def test_a_plan_is_compared_with_ones_own(folder: Path) -> None:
    judge = RuleJudge(plans="plans.json")
    whole, half = optimal(judge, "tool_text2image_gemini", "tool_stamp"), optimal(judge, "tool_text2image_gemini")
    assert (whole.value, whole.reason) == (1.0, "beside stamped/picture_first: as an expert plans")
    assert half.value == pytest.approx(0.5)
    assert "that is what is asked for" in half.reason
    assert optimal(RuleJudge(), "tool_text2image_gemini").value == 1.0


def test_for_types_of_ours_ones_own_stand_in_place_of_ours_and_all_others_stay(folder: Path) -> None:
    Path("plans.json").write_bytes(msgspec.json.encode(PLANS | {"type": "icon_design"}))
    judge = RuleJudge(plans="plans.json")
    icon = Task(modality="image", task_type="icon_design", prompt="An icon.")
    film = Task(modality="video", task_type="movies", prompt="A film.")
    assert [lesson.plan.id for lesson in lessons_for(icon, experts=judge.experts)] == ["icon_design/picture_first"]
    assert lessons_for(film, experts=judge.experts) == lessons_for(film)
    assert lessons_for(icon)[0].plan.title == "the first icon leads the set"


def test_a_task_for_which_none_of_ones_own_is_meant_is_compared_with_the_general_ones(folder: Path) -> None:
    plans = [PLANS["plans"][0] | {"when": ["drawn"]}]
    Path("plans.json").write_bytes(msgspec.json.encode(PLANS | {"plans": plans}))
    experts = RuleJudge(plans="plans.json").experts
    lettered = msgspec.structs.replace(TASK, requirements=Requirements(drawn=("PAID",)))
    assert [lesson.plan.id for lesson in lessons_for(TASK, experts=experts)] == ["general_image/usual"]
    assert [lesson.plan.id for lesson in lessons_for(lettered, experts=experts)] == ["stamped/picture_first"]


def test_the_words_of_an_unknown_type_find_ones_own_plans_too(folder: Path) -> None:
    experts = RuleJudge(plans="plans.json").experts
    (lesson,) = lessons_for(msgspec.structs.replace(TASK, task_type="anything", prompt="a stamped picture"), experts=experts)
    assert lesson.plan.id == "stamped/picture_first"


def test_a_folder_of_plans_is_read_whole_and_the_version_says_what_stands_in_it(folder: Path) -> None:
    Path("plans").mkdir()
    for name in ("stamped", "sealed"):
        Path("plans", f"{name}.json").write_bytes(msgspec.json.encode(PLANS | {"type": name}))
    both = RuleJudge(plans=folder / "plans")
    assert both.experts is not None
    assert [plan.type for plan in both.experts.plans[-2:]] == ["sealed", "stamped"]
    versions = {RuleJudge().version, RuleJudge(plans="plans.json").version, both.version}
    assert len(versions) == 3
    assert RuleJudge(plans="plans.json").version == RuleJudge(plans=folder / "plans.json").version
    before = LtrReward("ltr", RuleJudge(plans="plans.json")).version
    os.utime("plans.json", (0, 0))
    assert LtrReward("ltr", RuleJudge(plans="plans.json")).version == before != vg.reward("ltr").version
    Path("plans.json").write_bytes(msgspec.json.encode(PLANS | {"type": "sealed"}))
    assert LtrReward("ltr", RuleJudge(plans="plans.json")).version != before


def test_a_copy_of_our_folder_is_a_folder_of_ones_own_and_its_practices_count(folder: Path) -> None:
    shutil.copytree(str(repository.FOLDER), "copied")
    icon = Task(modality="image", task_type="icon_design", prompt="An icon.")

    def goals() -> list[str]:
        experts = RuleJudge(plans="copied").experts
        return [step.goal for lesson in lessons_for(icon, experts=experts) for step, _ in lesson.steps]

    ours = goals()
    assert ours == [step.goal for lesson in lessons_for(icon) for step, _ in lesson.steps]
    version = RuleJudge(plans="copied").version
    shared = msgspec.json.decode(Path("copied/practices.json").read_bytes())
    for step in shared["steps"]["image"].values():
        step["does"] = ["tool_text2image_gemini"]
    Path("copied/practices.json").write_bytes(msgspec.json.encode(shared))
    assert RuleJudge(plans="copied").version != version
    assert goals() == ours
    experts = RuleJudge(plans="copied").experts
    assert lessons_for(icon, experts=experts) != lessons_for(icon)


def test_a_model_is_shown_ones_own_too_and_its_version_says_so(folder: Path) -> None:
    question = Question("optimal", Plan(steps=(PlanStep(id=1, tool="tool_stamp", goal="it"),)), TASK, dict(toolset()))
    with serving() as server:
        mine, ours = judge_at(server, plans="plans.json"), judge_at(server)
        assert mine.version != ours.version
        mine([question])
        ours([question])
    shown = [request["messages"][1]["content"] for request in server.requests]
    assert ["stamped/picture_first" in text for text in shown] == [True, False]


def test_they_are_used_by_name_wherever_a_judge_is(folder: Path) -> None:
    (episode,) = vg.rollout("auto-pipeline", tasks=[TASK], judge="stamping:judge", tools=["paper36", "stamping:stamp"])
    assert episode.reward is not None
    found = episode.reward.parts["plan.optimal"]
    assert found is not None
    assert found.reason.startswith("beside stamped/picture_first")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"steps": [{"name": "stamp", "does": ["tool_stamp"]}]},
            "'tool_stamp' is no tool .* of ours; a tool of your own is named as `tools=`",
        ),
        ({"steps": [{"name": "stamp", "does": ["tool_text2image_gemni"]}]}, "did you mean tool_text2image_gemini"),
        ({"steps": [{"name": "stamp", "does": ["nowhere_at_all:stamp"]}]}, "nowhere_at_all"),
        ({"steps": [{"practice": "pictuers"}]}, "'pictuers' is no practice of practices.json for this modality; did you mean pictures"),
        ({"steps": [{"name": "stamp", "does": ["json:dumps"]}]}, "tools='json:dumps': holds .*; expected a ToolSpec"),
        ({"steps": [{"practice": "pictures", "does": []}]}, "step 'pictures', does: missing"),
        ({"steps": []}, "steps: none; expected one at least"),
        ({"steps": [{"practice": "pictures"}, {"practice": "pictures"}]}, "steps: 'pictures' stands twice"),
        ({"steps": [{"practice": "pictures", "may": True}]}, "steps: all of them may be left out"),
        ({"avoid": [{"does": ["stamping:stamp", "tool_html_builder"]}]}, "avoid: tool_stamp is what the step 'stamp' needs"),
        ({"when": ["drawn", "!drawn"]}, "when: 'drawn' and '!drawn' never hold together"),
        ({"id": " "}, "id: ' '; expected words"),
        ({"prompts": [""]}, "prompts: ''; expected words"),
        ({"prompts": []}, "prompts: ''; expected words"),
        ({"steps": [{"practice": "pictures", "after": ["stamp"]}]}, "after: 'stamp' is no step above it; there is none"),
        ({"when": ["stamped"]}, "when: 'stamped' is no flag of a task; expected one of audio_input, beat, "),
    ],
)
def test_what_there_is_not_is_told_with_the_file_and_the_plan(folder: Path, change: dict[str, Any], told: str) -> None:
    plans = [PLANS["plans"][0] | change]
    Path("plans.json").write_bytes(msgspec.json.encode(PLANS | {"plans": plans}))
    with pytest.raises(ConfigError, match=told) as error:
        RuleJudge(plans="plans.json")
    assert f"plans.json, plan {change.get('id', 'picture_first')!r}" in str(error.value)


def test_a_file_that_is_not_there_or_holds_no_plan_is_told(folder: Path) -> None:
    Path("empty").mkdir()
    Path("none.json").write_bytes(msgspec.json.encode(PLANS | {"plans": []}))
    Path("broken.json").write_text("{")
    Path("twice").mkdir()
    for name in ("a.json", "b.json"):
        Path("twice", name).write_bytes(msgspec.json.encode(PLANS))
    wrong: tuple[tuple[Any, str], ...] = (
        ("nope.json", "No such file"),
        ("empty", "holds none"),
        ("none.json", "holds none"),
        ("broken.json", "truncated; expected an object with type, modality and plans"),
        ("twice", "id: 'stamped/picture_first' stands in another file too"),
        (["plans.json"], "expected a JSON file of expert plans"),
        ("", "plans='': expected a JSON file of expert plans"),
    )
    for name, told in wrong:
        with pytest.raises(ConfigError, match=told):
            RuleJudge(plans=name)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"type": "movies"}, "modality: 'image' given, and movies are of modality 'video'"),
        ({"type": "general_video"}, "type: 'general_video' of modality 'image'; expected 'general_image'"),
        ({"plans": PLANS["plans"] * 2}, "id: 'picture_first' stands twice"),
    ],
)
def test_plans_that_would_never_be_found_are_refused(folder: Path, change: dict[str, Any], told: str) -> None:
    Path("plans.json").write_bytes(msgspec.json.encode(PLANS | change))
    with pytest.raises(ConfigError, match=told):
        RuleJudge(plans="plans.json")


def test_a_type_that_is_nearly_one_of_ours_is_told(folder: Path) -> None:
    Path("plans.json").write_bytes(msgspec.json.encode(PLANS | {"type": "icon_desing"}))
    with pytest.warns(UserWarning, match="'icon_desing' is a type of your own; did you mean icon_design"):
        RuleJudge(plans="plans.json")


def test_a_plan_of_which_a_task_calls_for_no_step_is_not_compared_with(folder: Path) -> None:
    plans = [PLANS["plans"][0] | {"steps": [{"practice": "pictures", "when": ["drawn"]}]}]
    Path("plans.json").write_bytes(msgspec.json.encode(PLANS | {"plans": plans}))
    assert optimal(RuleJudge(plans="plans.json"), "tool_stamp").reason.startswith("beside general_image/usual")


def test_plans_are_no_retriever_and_are_given_by_name(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"retriever='plans.json': expected a callable .* plans=…"):
        RuleJudge("plans.json")  # type: ignore[arg-type]


def test_a_judge_above_the_tool_that_its_plans_name_is_told_to_stand_below_it(folder: Path) -> None:
    lines = MODULE.strip().splitlines()
    Path("above.py").write_text("\n".join([*lines[:4], lines[-1], *lines[4:-1]]))
    changed = msgspec.json.encode(PLANS).replace(b"stamping:stamp", b"above:stamp")
    Path("plans.json").write_bytes(changed)
    with pytest.raises(ConfigError, match="is still being imported; make what asks for it below 'stamp'"):
        vg.reward("ltr", judge="above:judge")
    sys.modules.pop("above", None)


def test_ones_own_general_plans_that_are_not_meant_for_a_task_leave_it_ours(folder: Path) -> None:
    plans = [PLANS["plans"][0] | {"when": ["drawn"]}]
    Path("plans.json").write_bytes(msgspec.json.encode(PLANS | {"type": "general_image", "plans": plans}))
    experts = RuleJudge(plans="plans.json").experts
    assert [lesson.plan.id for lesson in lessons_for(TASK, experts=experts)] == ["general_image/usual"]
