"""Trajectories as text and as pages: complete, self-contained, and deaf to what a policy wrote."""

import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_env import FIRST, LAST, TASK, play
from test_turns import any_text

import visgenenv as vg
from media_db.library import build
from visgenenv.episodes import make
from visgenenv.errors import ConfigError
from visgenenv.show import facts
from visgenenv.show.page import page
from visgenenv.show.terminal import text
from visgenenv.show.thumbnails import open_library
from visgenenv.turns import render
from visgenenv.types import Answer, Plan, PlanStep, RewardBreakdown, Score, ToolCall, Trajectory

VOID = {"meta", "br", "wbr", "img"}
EVIL = "<script>alert(1)</script>\" onload='x' &amp; \x1b[31m"


class Balance(HTMLParser):
    """Every element that is opened is closed, in order; collects what could fetch or run."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.dangerous: list[str] = []
        self.feed(body)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        names = [name for name, _ in attrs]
        if tag in ("script", "link", "iframe", "object", "img") or any(name.startswith("on") or name in ("src", "href") for name in names):
            self.dangerous.append(f"{tag} {attrs}")

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


class Album:
    """A library of numbered pictures."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def thumbnail(self, media_id: int, max_side: int = 320) -> bytes:
        self.asked.append(media_id)
        return b"picture %d" % media_id


def episode(*turns: str, **arguments: object) -> Trajectory:
    env = make(task=arguments.pop("task", TASK), max_turns=len(turns), **arguments)
    *_, info = play(env, *turns)
    return info["trajectory"]  # type: ignore[no-any-return]


def check(body: str) -> None:
    found = Balance(body)
    assert found.open == []
    assert found.dangerous == []
    assert "url(http" not in body
    assert "@import" not in body


def test_a_page_tells_the_whole_episode() -> None:
    trajectory = episode(FIRST, LAST)
    body = page([trajectory])
    check(body)
    for words in ("two red balls", "2 to deliver", "tool_<wbr>text2image_<wbr>gemini", "img_1", "1024×1024", "success", "plan.<wbr>atomic"):
        assert words in body, words
    assert trajectory.reward is not None
    assert f"{trajectory.reward.total:.3f}" in body


@settings(max_examples=40)
@given(st.lists(any_text | st.sampled_from([FIRST, LAST]), min_size=1, max_size=3))
def test_whatever_a_policy_writes_stays_words(turns: list[str]) -> None:
    env = make(task=TASK, max_turns=len(turns))
    env.reset(seed=0)
    for turn in turns:
        *_, terminated, _, info = env.step(turn)
        if terminated:
            break
    check(page([info["trajectory"]]))
    for character in text(info["trajectory"]).replace("\n", ""):
        assert unicodedata.category(character)[0] != "C", repr(character)


def test_markup_in_every_field_stays_words() -> None:
    task = {
        "id": EVIL,
        "task_type": EVIL,
        "language": EVIL,
        "prompt": EVIL,
        "modality": "image",
        "requirements": {"drawn": [EVIL], "entities": [EVIL]},
    }
    task["inputs"] = [{"modality": "image", "caption": EVIL}, {"modality": "text", "caption": EVIL}]
    spoken = msgspec.json.encode(EVIL).decode()
    turn = (
        f'<think>{EVIL}</think><plan>{{"steps":[{{"id":1,"tool":{spoken},"goal":{spoken}}}]}}</plan>'
        f'<tool_call>{{"name":{spoken},"arguments":{{{spoken}:{spoken}}}}}</tool_call>'
        f'<tool_call>{{"name":"tool_text2image_gemini","arguments":{{"prompt":{spoken}}}}}</tool_call>'
    )
    last = f'<think>x</think><answer>{{"deliverables":["img_2",{spoken}],"checks":[{spoken}]}}</answer>'
    trajectory = episode(turn, last, task=task)
    assert len(trajectory.calls) == 2
    assert trajectory.calls[1].outputs == ("img_2",)
    reward = RewardBreakdown(total=0.5, expression=EVIL, parts={EVIL: Score(value=0.5, reason=EVIL)})
    trajectory = msgspec.structs.replace(trajectory, reward=reward)
    masked = msgspec.structs.replace(trajectory, reward=None, failure=EVIL)
    body = page([trajectory, masked], titles=[EVIL, EVIL], heading=EVIL)
    check(body)
    assert "<script" not in body
    assert "\x1b" not in text(trajectory)
    assert "\x1b" not in text(masked)


def test_each_picture_is_embedded_once_however_often_it_is_shown() -> None:
    album = Album()
    trajectory = episode(FIRST, LAST)
    body = page([trajectory, trajectory], album)
    media = {asset.media_id for asset in trajectory.assets}
    assert sorted(album.asked) == sorted(media)
    assert body.count("data:image/jpeg;base64,") == len(media)
    check(body)


def test_without_a_library_a_placeholder_says_what_is_there() -> None:
    body = page([episode(FIRST, LAST)])
    assert 'class="picture none"' in body
    assert "data:" not in body


def test_a_picture_that_is_gone_is_a_placeholder() -> None:
    class Empty:
        def thumbnail(self, media_id: int, max_side: int = 320) -> bytes:
            raise vg.VisGenError("no such asset")

    assert 'class="picture none"' in page([episode(FIRST, LAST)], Empty())


def test_trajectories_stand_side_by_side_under_their_titles() -> None:
    first, second = episode("hello"), episode(FIRST, LAST)
    body = page([first, second], titles=["before", "after"], heading="One task")
    check(body)
    assert body.count("<article") == 2
    assert body.index("before") < body.index("after")
    with pytest.raises(ConfigError, match="1 for 2 trajectories"):
        page([first, second], titles=["before"])


def test_the_same_trajectories_are_the_same_page() -> None:
    assert page([episode(FIRST, LAST)]) == page([episode(FIRST, LAST)])


def test_a_turn_that_does_not_parse_is_shown_with_its_reason() -> None:
    trajectory = episode("hello <b>")
    assert "hello &lt;b&gt;" in page([trajectory])
    assert "does not parse: neither &lt;tool_call&gt; nor &lt;answer&gt;" in page([trajectory])
    said = text(trajectory)
    assert "does not parse" in said
    assert "✗ there is no answer" in said


def test_a_masked_sample_says_why_and_shows_no_zero() -> None:
    masked = msgspec.structs.replace(episode(FIRST, LAST), reward=None, failure="the judge is asleep")
    for said in (page([masked]), text(masked)):
        assert "masked" in said
        assert "the judge is asleep" in said
        assert "0.000" not in said.replace("$0.000", "")


def test_requirements_carry_the_success_checkers_verdict() -> None:
    trajectory = episode(FIRST, LAST.replace(',"img_2"', ""))
    found, general = facts.checks(trajectory)
    assert [(check.name, check.met, check.reason) for check in found] == [("count", False, "1 delivered; 2 asked")]
    assert general == []
    found, general = facts.checks(episode("hello"))
    assert [check.met for check in found] == [False]
    assert "there is no answer" in " ".join(general)


def plan(*steps: tuple[int, tuple[int, ...]]) -> Plan:
    return Plan(steps=tuple(PlanStep(id=i, tool="t", after=after) for i, after in steps))


@pytest.mark.parametrize(
    ("given_plan", "expected"),
    [
        (plan((1, ()), (2, (1,)), (3, (1,)), (4, (2, 3))), [[1], [2, 3], [4]]),
        (plan((1, (2,)), (2, (1,))), [[1, 2]]),
        (plan((1, ()), (2, (9,))), [[1], [2]]),
        (plan((1, ()), (1, (1,))), [[1], [1]]),
        (plan(), []),
    ],
)
def test_steps_stand_in_the_order_in_which_they_can_run(given_plan: Plan, expected: list[list[int]]) -> None:
    assert [[step.id for step in level] for level in facts.levels(given_plan)] == expected


def test_every_part_of_a_reward_is_shown_under_its_own() -> None:
    trajectory = episode(FIRST, LAST)
    assert trajectory.reward is not None
    shown = [name for name, _, _ in facts.parts(trajectory)]
    assert sorted(shown) == sorted(trajectory.reward.parts)
    assert shown.index("plan.atomic") > shown.index("plan")


def test_long_texts_are_cut_with_a_word_on_how_much_is_left() -> None:
    trajectory = episode("x" * 60_000)
    assert len(page([trajectory])) < 60_000
    assert re.search(r"\(\d+ characters more\)", text(trajectory))


def test_colours_are_for_terminals_alone() -> None:
    trajectory = episode(FIRST, LAST)
    assert "\x1b[" in text(trajectory, colour=True)
    assert re.sub(r"\x1b\[\d+m", "", text(trajectory, colour=True)) == text(trajectory)


def test_without_a_built_library_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VISGEN_MEDIA", raising=False)
    library, why_not = open_library(None, "x")
    assert library is None
    assert "visgen media build" in why_not
    with pytest.raises(vg.VisGenError, match="nowhere"):
        open_library("nowhere", "x")


def test_pictures_are_of_the_library_the_episode_ran_with_or_left_out(tmp_path: Path) -> None:
    place = str(tmp_path / "library")
    build(place, images=2, videos=1, sounds=1)
    ran_with_it, ran_without = episode(FIRST, LAST, media=place), episode(FIRST, LAST)
    library, why_not = open_library(place, ran_with_it.versions["media"])
    assert why_not == ""
    assert "data:image/jpeg;base64," in page([ran_with_it], library)
    library, why_not = open_library(place, ran_without.versions["media"])
    assert library is None
    assert "name the library it ran with" in why_not


def test_what_a_search_found_ticks_no_requirement() -> None:
    asked = {"prompt": "Two balls.", "modality": "image", "requirements": {"count": 1, "entities": ["ball"]}}
    search = ToolCall(name="tool_search_inspire", arguments={"query": "ball", "modality": "image", "max_results": 1})
    plan = Plan(steps=(PlanStep(id=1, tool="tool_search_inspire"),))
    *_, info = play(make(task=asked), render("look", plan=plan, calls=(search,)), render("done", answer=Answer(deliverables=("img_1",))))
    found, general = facts.checks(info["trajectory"])
    assert not any(check.met for check in found)
    assert general == ["img_1 was found by a search; a deliverable is made"]
