"""What another reward, or one without a part, changes: signs of advantages known beforehand, order, parts, stored rewards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from rewarding import PICTURE, one_picture, picture, play, step, task, turn

import visgenenv as vg
from rewards import FakeJudge
from rewards.diff import RewardDiff, diff, table
from rewards.judges import JudgeError
from rewards.ltr import PARTS
from rewards.signs import advantages, grouped, signs, signs_without, used, without
from visgenenv.errors import ConfigError, RewardUnavailable
from visgenenv.types import RewardBreakdown, Score, Trajectory

ASKED = task(count=1, entities=("red bicycle",))


def breakdown(expression: str, parts: Mapping[str, float | None]) -> RewardBreakdown:
    """A breakdown of these parts; its total is not looked at unless a test says so."""
    scores = {name: None if (value := parts.get(name)) is None else Score(value=value) for name in dict.fromkeys((*PARTS, *parts))}
    made = RewardBreakdown(total=0.0, expression=expression, parts=scores)
    total = without(made)
    assert total is not None
    return msgspec.structs.replace(made, total=total)


def group(size: int, chance_seed: int = 5, **changes: Any) -> list[Trajectory]:
    """Trajectories of one task and one luck."""
    return [Trajectory(id=f"t{i}", task=ASKED, seed=1, chance_seed=chance_seed, **changes) for i in range(size)]


def test_leaving_out_a_part_turns_the_signs_that_hung_on_it() -> None:
    made = [breakdown("mean(format, tool)", {"format": 1.0, "tool": 0.0}), breakdown("mean(format, tool)", {"format": 0.2, "tool": 0.6})]
    found = signs_without(made, group(2))
    assert list(found) == ["format", "tool"]
    assert found["format"].changed == 2
    assert [(m.group, m.member, m.id) for m in found["format"].members] == [(0, 0, "t0"), (0, 1, "t1")]
    assert [m.before for m in found["format"].members] == pytest.approx([0.05, -0.05])
    assert [m.after for m in found["format"].members] == pytest.approx([-0.3, 0.3])
    assert found["format"].share == 1.0
    assert found["tool"].changed == 0


def test_a_part_inside_others_is_taken_out_of_all_that_is_made_of_it() -> None:
    parts = {
        "plan.requirement": 1.0,
        "plan.coherence": 1.0,
        "plan.optimal": 0.5,
        "plan": 0.75,
        "format": 1.0,
        "result": 0.4,
        "result.count": 0.6,
        "result.entities": 0.2,
        "fine": 0.7,
    }
    made = breakdown("plan * fine", parts)
    assert made.total == pytest.approx(0.75 * 0.7)
    assert without(made, "plan.optimal") == pytest.approx(1.0 * 0.7)
    assert without(made, "plan") == pytest.approx(0.7)
    assert without(made, "fine") == pytest.approx(0.75)
    assert without(made, "result.entities") == pytest.approx(0.75 * (1.0 + 0.6) / 2)
    assert without(made, "result") == pytest.approx(0.75 * 1.0)
    assert without(made, "result", "format") == pytest.approx(0.75)
    assert without(made, "plan", "fine") is None
    assert without(made, "format.turns") == made.total
    with pytest.raises(ConfigError, match=r"part='plan.wit'.*expected one of plan, plan.requirement"):
        without(made, "plan.wit")


def test_a_component_of_ones_own_can_be_left_out_too() -> None:
    made = breakdown("0.5 * format + 0.5 * mine:part", {"format": 0.2, "mine:part": 1.0})
    assert made.total == pytest.approx(0.6)
    assert without(made, "mine:part") == pytest.approx(0.2)


def test_a_reward_with_a_schedule_is_formed_again_as_at_its_step() -> None:
    parts = {"plan": 0.4, "format": 0.8}
    early = msgspec.structs.replace(breakdown("format", parts), expression="ramp(0, 1, 0, 10) * plan + format", step=5)
    assert without(early) == pytest.approx(0.5 * 0.4 + 0.8)
    assert without(msgspec.structs.replace(early, step=10)) == pytest.approx(0.4 + 0.8)
    assert without(early, "plan") == pytest.approx(0.8 * (0.5 + 1) / 1)


def test_the_parts_used_are_those_of_the_expression_and_what_they_are_made_of() -> None:
    assert used("mean(result, format)")[:2] == ("result", "result.modality")
    assert used("mean(result, format)")[-1] == "format"
    assert "plan.optimal" not in used("mean(result, format)")
    assert {"plan.optimal", "result.count", "consistency", "fine"} < set(used("plan * fine"))
    assert "format.turns" not in used("plan * fine")


def test_masked_members_and_groups_of_one_have_no_advantage() -> None:
    assert advantages([1.0, None, 0.0, 5.0, None, 2.0], [0, 0, 0, 1, 2, 2]) == [0.5, None, -0.5, None, None, None]


def test_zero_counts_apart_from_a_change_of_sign() -> None:
    found = signs([1.0, 0.0, 0.5], [0.5, 0.5, 0.5], group(3))
    assert (found.compared, found.changed, found.becomes_zero, found.leaves_zero, found.gone) == (3, 0, 2, 0, 0)
    found = signs([0.5, 0.5, 0.5], [1.0, 0.0, 0.5], group(3))
    assert (found.changed, found.becomes_zero, found.leaves_zero) == (0, 0, 2)
    found = signs([1.0, 0.0, 0.5], [1.0, None, None], group(3))
    assert (found.compared, found.gone) == (0, 3)
    assert found.share is None


def test_a_gap_below_the_rounding_of_a_mean_is_no_sign() -> None:
    found = signs([0.1 + 0.2, 0.3, 0.3], [1.0, 0.0, 0.0], group(3))
    assert (found.changed, found.leaves_zero) == (0, 3)


def test_groups_share_task_and_luck_and_else_the_task_and_else_nothing() -> None:
    found = grouped([*group(2, 5), *group(2, 6), *group(1, 5)])
    assert (found.by, found.groups, found.members) == ("task and luck", (0, 0, 1, 1, 0), (0, 1, 0, 1, 2))
    found = grouped([*group(1, 5), *group(1, 6)])
    assert (found.by, found.groups) == ("task", (0, 0))
    other = msgspec.structs.replace(group(1)[0], task=task(prompt="a blue boat"))
    assert grouped([*group(1), other]).by == "nothing"


def played() -> list[Trajectory]:
    """One group: a good episode, one whose picture shows another thing, and one without a plan."""
    wrong = turn(picture("a boat"), plan=[step(1, PICTURE, "picture")]), turn(answer=["img_1"])
    planless = turn(picture()), turn(answer=["img_1"])
    return [one_picture(ASKED), play(ASKED, *wrong), play(ASKED, *planless)]


def one(trajectory: Trajectory) -> float:
    """A component of one's own that pays by name."""
    return {"t0": 1.0, "t1": 1.0, "t2": 0.0}[trajectory.id]


def two(trajectory: Trajectory) -> float:
    return {"t0": 0.8, "t1": 0.2, "t2": 0.8}[trajectory.id]


def compared() -> RewardDiff:
    return diff(group(3), vg.reward("test_reward_diff:one"), vg.reward("test_reward_diff:two"))


def test_two_rewards_are_compared_by_mean_order_and_sign() -> None:
    found = compared()
    assert found.mean_a == pytest.approx(2 / 3)
    assert found.mean_b == pytest.approx(0.6)
    assert found.spearman == pytest.approx(-0.5)
    assert (found.grouping, found.groups, found.pairs, found.flips, found.ties) == ("task and luck", 1, 3, 1, 2)
    assert [m.member for m in found.signs.members] == [1, 2]
    assert [m.before for m in found.signs.members] == pytest.approx([1 / 3, -2 / 3])
    assert [m.after for m in found.signs.members] == pytest.approx([-0.4, 0.2])
    assert found.without["test_reward_diff:one"].gone == 3
    parts = {part.name: part for part in found.parts}
    assert (parts["test_reward_diff:one"].mean_b, parts["test_reward_diff:two"].mean_a) == (None, None)
    assert parts["test_reward_diff:one"].changed == 3
    assert not any(part.changed for name, part in parts.items() if ":" not in name)


def test_a_part_that_another_judge_sees_otherwise_is_named_with_both_reasons() -> None:
    trajectories = played()
    found = diff(trajectories, vg.reward("ltr"), vg.reward("ltr", judge=FakeJudge(0.25)))
    parts = {part.name: part for part in found.parts}
    assert parts["format"].changed == 0
    changed = [part for name, part in parts.items() if part.changed and name.startswith("plan.")]
    assert changed
    worst = changed[0].most[0]
    assert worst.id in {t.id for t in trajectories}
    assert worst.a is not None
    assert worst.b is not None
    assert abs(worst.a - worst.b) == max(abs((one.a or 0) - (one.b or 0)) for one in changed[0].most)
    assert worst.reason_a != worst.reason_b
    assert f"{worst.id}: {worst.a:.3f} ({worst.reason_a})" in table(found)


def test_stored_rewards_are_compared_with_those_of_a() -> None:
    trajectories = played()
    same = diff(trajectories, vg.reward("ltr"), vg.reward("RL1")).stored
    assert (same.compared, same.differing, same.largest) == (3, 0, 0.0)
    assert same.expressions == {"plan * fine": 3}
    other = diff(trajectories, vg.reward("RL1"), vg.reward("ltr")).stored
    assert other.differing > 0
    assert other.largest > 0


def mostly(trajectory: Trajectory) -> float:
    """A component that fails on the last of the episodes played here."""
    if trajectory.hash == played()[-1].hash:
        raise JudgeError("away")
    return 1.0


def test_masked_samples_stay_out_and_are_counted() -> None:
    trajectories = played()
    trajectories[1] = msgspec.structs.replace(trajectories[1], reward=None, failure="the judge was down")
    found = diff(trajectories, vg.reward("plan"), vg.reward("mean(result, test_reward_diff:mostly)"))
    assert (found.masked, found.scored, found.unavailable_a, found.unavailable_b) == (1, 1, 0, 1)
    assert (list(found.failures_a.values()), list(found.failures_b.values())) == ([], [1])
    assert "1 without a reward under B: reward 'mean(result, test_reward_diff:mostly)': JudgeError" in table(found)
    assert found.signs.gone == 2
    with pytest.raises(RewardUnavailable, match="none of 2 is scored"):
        diff(trajectories, vg.reward("plan"), vg.reward("consistency"))


def test_members_that_gain_or_lose_an_advantage_are_named_and_even_groups_are_counted() -> None:
    trajectories = [episode for episode in played() for _ in range(2)]
    flat = diff(trajectories[:2], vg.reward("ltr"), vg.reward("RL1"))
    assert (flat.groups, flat.even_a, flat.even_b) == (1, 1, 1)
    assert "nobody has an advantage under either: these groups do not tell the two rewards apart" in table(flat)
    lifted = diff(played(), vg.reward("gate(format, 0)"), vg.reward("plan"))
    assert (lifted.even_a, lifted.even_b, lifted.signs.leaves_zero) == (1, 0, len(lifted.signs.zeros))
    assert lifted.signs.zeros
    assert all(one.before == 0 != one.after for one in lifted.signs.zeros)
    assert f"member {lifted.signs.zeros[0].member}, {lifted.signs.zeros[0].id}: +0.0000 to" in table(lifted)
    back = diff(played(), vg.reward("plan"), vg.reward("gate(format, 0)"))
    assert [one.index for one in back.signs.zeros] == [one.index for one in lifted.signs.zeros]


def test_without_groups_it_is_told_how_to_play_them() -> None:
    assert "play each task several times, `visgen rollout … --group-size 8`" in table(
        diff(played()[:1], vg.reward("ltr"), vg.reward("RL1"))
    )


def test_the_table_names_members_and_says_how_they_are_grouped() -> None:
    said = table(compared())
    assert "groups of the same task and luck: 1; all paid the same in 0 under A, in 0 under B" in said
    assert "of their 3 pairs 1 change their order" in said
    assert "advantage, from A to B: 2 of 3 change their sign (66.7 %)" in said
    assert "group 0, member 2" in said
    assert "and 1 more" in table(compared(), limit=1)
    assert "no part differs" in table(diff(played(), vg.reward("plan"), vg.reward("result")))


def test_nothing_to_compare_is_told() -> None:
    with pytest.raises(ConfigError, match="no trajectory to compare"):
        diff([], vg.reward("ltr"), vg.reward("RL1"))
    made = [breakdown("format", {"format": 1.0}), breakdown("tool", {"tool": 1.0})]
    with pytest.raises(ConfigError, match=r"of 2 rewards, \['format', 'tool'\]"):
        signs_without(made, group(2))
