"""Rewards that change with the training step: what they come to at each, where the step comes from, and who keeps it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import gymnasium
import msgspec
import pytest
from rewarding import one_picture, short_film, task

import visgenenv as vg
from rewards import PARTS, LtrReward, recompute
from rewards.bits import bits, difference
from rewards.compose import Schedule, Sum, at, evaluate
from rewards.grammar import parse
from visgenenv.cli import main
from visgenenv.env import VisGenEnv
from visgenenv.errors import ConfigError
from visgenenv.replays import environment_of
from visgenenv.trajectories import trajectory_hash
from visgenenv.types import RewardBreakdown, Trajectory

MIXED = "ramp(0, 1, 10, 110) * plan + ramp(1, 0, 10, 110) * result"
HELD = LtrReward("plan")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("ramp(0, 1, 10, 20)", {0: 0.0, 10: 0.0, 15: 0.5, 20: 1.0, 99: 1.0}),
        ("ramp(1, -1, 0, 4)", {0: 1.0, 1: 0.5, 2: 0.0, 3: -0.5, 4: -1.0}),
        ("cosine(0, 1, 0, 4)", {0: 0.0, 1: 0.14644660940672624, 2: 0.5, 3: 0.8535533905932737, 4: 1.0, 5: 1.0}),
        ("switch(0.25, 2, 7)", {0: 0.25, 6: 0.25, 7: 2.0, 8: 2.0}),
    ],
)
def test_a_schedule_is_a_number_of_the_step(text: str, values: dict[int, float]) -> None:
    tree = parse(text)
    assert {step: evaluate(at(tree, step), {}) for step in values} == pytest.approx(values, abs=1e-15)


@pytest.mark.parametrize("function", ["ramp", "cosine"])
def test_a_schedule_never_leaves_what_lies_between_its_two_values(function: str) -> None:
    drawn = random.Random(5)
    for _ in range(2000):
        before, after = (drawn.choice([0.1, drawn.uniform(-3, 3), 1.7e308, -1.7e308]) for _ in range(2))
        first = drawn.randrange(50)
        own = Schedule(function, (before, after, first, first + drawn.randrange(1, 90)))
        assert min(before, after) <= own.at(drawn.randrange(150)) <= max(before, after)


def test_the_weights_of_a_sum_are_those_of_the_step() -> None:
    """What does not apply leaves the sum, and the others are scaled up to what all weigh at that step."""
    tree = parse("ramp(0, 1, 0, 10) * plan + ramp(1, 0, 0, 10) * fine + switch(-1, 0.5, 5) * format")
    values = {"plan": 0.5, "fine": None, "format": 0.25}
    assert evaluate(at(tree, 0), values) is None  # of what is added only `fine` has a weight, and it does not apply
    assert evaluate(at(tree, 2), values) == pytest.approx(0.2 * 0.5 / 0.2 - 0.25)
    assert evaluate(at(tree, 6), values) == pytest.approx((0.6 * 0.5 + 0.5 * 0.25) * 1.5 / 1.1)
    here = at(tree, 5)
    assert isinstance(here, Sum)
    assert [weight for *_, weight in here.weighed] == [0.5, 0.5, 0.5]


def test_bounds_and_thresholds_may_change_with_the_step() -> None:
    tree = parse("gate(plan, switch(0.2, 0.8, 3)) + clip(plan, ramp(0, 0.6, 0, 3), switch(0.6, 1, 2))")
    assert [evaluate(at(tree, step), {"plan": 0.5}) for step in (0, 2, 3)] == pytest.approx([1.5, 1.5, 0.6])


def test_an_expression_with_a_schedule_is_not_worked_out_without_a_step() -> None:
    with pytest.raises(ConfigError, match=r"ramp\(0, 1, 0, 5\) hangs on the training step"):
        evaluate(parse("plan * ramp(0, 1, 0, 5)"), {"plan": 1.0})


def at_step(trajectory: Trajectory, step: int | None) -> Trajectory:
    return msgspec.structs.replace(trajectory, step=step)


def test_the_breakdown_holds_the_step_and_recomputes_with_it() -> None:
    engine = vg.reward(MIXED)
    assert engine.scheduled
    film = short_film()
    found = [engine(at_step(film, step)) for step in (0, 60, 110)]
    first, middle, last = found
    assert [breakdown.step for breakdown in found] == [0, 60, 110]
    assert first.total == first.parts["result"].value  # type: ignore[union-attr]
    assert last.total == last.parts["plan"].value  # type: ignore[union-attr]
    assert middle.total == pytest.approx((first.total + last.total) / 2)
    assert all(engine.recompute(breakdown) == breakdown.total for breakdown in found)
    assert recompute(msgspec.structs.replace(middle, step=0)) == first.total
    with pytest.raises(ConfigError, match="the breakdown holds none"):
        recompute(msgspec.structs.replace(middle, step=None))


def test_a_reward_without_schedules_knows_no_step() -> None:
    engine = vg.reward("plan * fine")
    assert not engine.scheduled
    assert engine(at_step(one_picture(task()), 7)).step is None


def test_a_trajectory_without_a_step_is_refused_by_name() -> None:
    picture = one_picture(task())
    with pytest.raises(ConfigError, match=rf"the trajectory '{picture.id}' holds none: play it with options"):
        vg.reward(MIXED)(picture)


def test_ten_thousand_breakdowns_recompute_to_the_last_bit() -> None:
    """Every trajectory under many expressions and steps, each written and read before it is worked out again."""
    drawn = random.Random(11)

    def number() -> str:
        first = drawn.randrange(100)
        ends = f"{drawn.uniform(-1, 2)!r}, {drawn.uniform(-1, 2)!r}, {first}"
        last = first + drawn.randrange(1, 100)
        return drawn.choice([f"ramp({ends}, {last})", f"cosine({ends}, {last})", f"switch({ends})", repr(drawn.uniform(0, 2))])

    def term() -> str:
        some = ", ".join(drawn.sample(PARTS, drawn.randrange(1, 4)))
        return f"{number()} * {drawn.choice(['mean', 'min', 'max', 'product'])}({some}, format)"

    engines = [vg.reward(f"{term()} + {term()} - {number()} * {term()} + {number()}") for _ in range(100)]
    played = [
        trajectory
        for policy, count in (("random", 25), ("single-image", 25), ("auto-pipeline", 25), ("expert", 25))
        for trajectory in vg.rollout(policy, count, seed=count, faults="moderate", system_prompt="none", max_turns=8)
    ]
    parts = [vg.reward("ltr")(trajectory).parts for trajectory in played]
    trees = [parse(engine.expression) for engine in engines]
    compared = 0
    decoder = msgspec.json.Decoder(RewardBreakdown)
    for measured in parts:
        values = {name: None if score is None else score.value for name, score in measured.items()}
        used = {name: None if score is None else msgspec.structs.replace(score, reason="") for name, score in measured.items()}
        for engine, tree in zip(engines, trees, strict=True):
            step = drawn.randrange(250)
            total = evaluate(at(tree, step), values)
            if total is None:
                continue
            kept = RewardBreakdown(total=total, expression=engine.expression, parts=used, step=step)
            assert bits(recompute(decoder.decode(msgspec.json.encode(kept)))) == bits(total)
            compared += 1
    assert compared > 9000
    for trajectory, engine in zip(played, engines, strict=True):
        first, again = (engine(at_step(trajectory, 40)) for _ in range(2))
        assert difference(first, again) is None
        assert bits(recompute(first)) == bits(first.total)


def test_a_difference_names_the_part() -> None:
    kept = vg.reward("ltr")(short_film())
    plan = kept.parts["plan"]
    assert plan is not None
    other = {**kept.parts, "plan": msgspec.structs.replace(plan, value=plan.value + 1e-16 if plan.value < 0.1 else plan.value - 2**-50)}
    told = difference(kept, msgspec.structs.replace(kept, parts=other))
    assert told is not None
    assert told.startswith("part 'plan' was Score(")
    asked_before = {**kept.parts, "plan": msgspec.structs.replace(plan, cached=True)}
    assert difference(kept, msgspec.structs.replace(kept, parts=asked_before)) is None
    assert "total was" in (difference(kept, msgspec.structs.replace(kept, total=-1.0)) or "")


# --- where the step comes from ---


def finish(env: Any) -> Trajectory:
    *_, info = env.step('<think>Done.</think><answer>{"deliverables": []}</answer>')
    assert isinstance(info["trajectory"], Trajectory)
    return info["trajectory"]


def test_reset_takes_the_step_and_the_record_keeps_it() -> None:
    env = VisGenEnv(reward=MIXED)
    env.reset(seed=1, options={"step": 60})
    played = finish(env)
    assert played.step == 60
    assert played.reward is not None
    assert played.reward.step == 60
    env.reset(seed=1, options={"step": 61})
    assert finish(env).hash == played.hash == trajectory_hash(played)


@pytest.mark.parametrize(
    ("step", "told"), [(-1, "at least 0"), (1.5, "expected an integer"), (True, "expected an integer"), ("3", "integer")]
)
def test_a_wrong_step_is_told(step: Any, told: str) -> None:
    with pytest.raises(ConfigError, match=rf"options\['step'\]=.*{told}"):
        VisGenEnv().reset(options={"step": step})


def test_a_reward_with_a_schedule_wants_a_step_at_once() -> None:
    env = VisGenEnv(reward=MIXED)
    with pytest.raises(ConfigError, match=r"give options=\{'step': n\} to reset, step=n to vg.rollout, or --step N"):
        env.reset(seed=1)
    with pytest.raises(ConfigError, match="none was given"):
        vg.rollout("expert", reward=MIXED)


def test_forks_snapshots_and_replays_keep_the_step() -> None:
    env = VisGenEnv(reward=MIXED)
    env.reset(seed=1, options={"step": 60})
    state = vg.snapshot(env)
    whole = finish(env)
    vg.restore(env, state)
    assert finish(env) == whole
    env.reset(seed=1, options={"step": 60})
    assert finish(vg.fork(env)) == whole
    again = vg.replay(whole, 0)
    assert again.state.step == 60
    assert finish(again).reward == whole.reward
    plain = VisGenEnv()
    plain.reset(seed=1)
    with pytest.raises(ConfigError, match="none was given"):
        vg.restore(env, vg.snapshot(plain))


def test_the_vector_environment_passes_the_step_on_and_resets_no_episode_without_one() -> None:
    def vector(mode: str) -> Any:
        return gymnasium.make_vec("VisGenEnv-v0", num_envs=2, vectorization_mode="vector_entry_point", reward=MIXED, autoreset_mode=mode)

    env = vector("disabled")
    for step in (60, 61):
        env.reset(seed=1, options={"step": step})
        *_, infos = env.step(['<think>Done.</think><answer>{"deliverables": []}</answer>'] * 2)
        assert {trajectory.step for trajectory in infos["trajectory"]} == {step}
    with pytest.raises(ConfigError, match="none was given"):
        env.reset()
    for mode in ("next_step", "same_step"):
        with pytest.raises(ConfigError, match="is told of no step"):
            vector(mode)


def test_a_rollout_passes_the_step_on() -> None:
    (played,) = vg.rollout("expert", seed=3, reward=MIXED, step=110, system_prompt="none")
    assert played.step == 110
    assert played.reward is not None
    assert played.reward.total == played.reward.parts["plan"].value  # type: ignore[union-attr]


def test_records_from_before_there_were_steps_are_read(tmp_path: Path) -> None:
    (played,) = vg.rollout("expert", seed=3, system_prompt="none")
    old = json.loads(msgspec.json.encode(played))
    assert set(old["reward"]) == {"total", "expression", "parts"}
    del old["step"]
    (tmp_path / "old.jsonl").write_text(json.dumps(old) + "\n")
    assert vg.load(tmp_path / "old.jsonl") == [played]


# --- judges by name, and the command line ---


class Kind:
    """A judge that likes everything."""

    version = "kind/1"

    def __call__(self, questions: Any) -> list[vg.Score]:
        return [vg.Score(value=1.0, reason="kind", version=self.version) for _ in questions]


def test_a_judge_is_named_where_an_environment_is_made() -> None:
    (played,) = vg.rollout("auto-pipeline", seed=3, judge="test_reward_schedules:Kind")
    plain = vg.rollout("auto-pipeline", seed=3)[0]
    assert played.reward is not None
    score = played.reward.parts["plan.coherence"]
    assert score is not None
    assert score.version == "kind/1"
    assert played.versions["reward"] != plain.versions["reward"]
    assert played.hash == plain.hash


def test_a_judge_beside_a_reward_that_has_one_is_refused() -> None:
    assert vg.reward("test_reward_schedules:HELD") is HELD
    with pytest.raises(ConfigError, match="holds an LtrReward, which has its judge"):
        VisGenEnv(reward="test_reward_schedules:HELD", judge="test_reward_schedules:Kind")


def test_the_commands_take_a_step_and_a_judge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs, scored = str(tmp_path / "runs.jsonl"), str(tmp_path / "scored.jsonl")
    line = ["rollout", "--policy", "auto-pipeline", "--episodes", "2", "--out", runs]
    assert main([*line, "--reward", MIXED]) == 2
    assert "--step N" in capsys.readouterr().err
    assert main([*line, "--reward", MIXED, "--step", "60", "--judge", "test_reward_schedules:Kind"]) == 0
    assert {trajectory.step for trajectory in vg.load(runs)} == {60}
    assert main(["score", runs, "--reward", MIXED, "--step", "0", "--out", scored]) == 0
    assert {trajectory.reward.step for trajectory in vg.load(scored) if trajectory.reward} == {60}  # each has its own
    assert main(line) == 0
    assert main(["score", runs, "--reward", MIXED]) == 2
    assert main(["score", runs, "--reward", MIXED, "--step", "5", "--out", scored]) == 0
    assert {trajectory.reward.step for trajectory in vg.load(scored) if trajectory.reward} == {5}


def test_a_measure_under_a_schedule_is_kept_by_its_step(tmp_path: Path) -> None:
    from benchmarks.evaluation import measure

    for step in (60, 61):
        found = measure(tmp_path, {"one": "auto-pipeline"}, episodes=2, seed=0, reward=MIXED, step=step)
        assert {trajectory.step for trajectory in found["one"]} == {step}
        assert measure(tmp_path, {"one": "auto-pipeline"}, episodes=2, seed=0, reward=MIXED, step=step) == found


@pytest.mark.parametrize(("reward", "step"), [(MIXED, 8), ("ltr", None)])
def test_an_experiment_measures_at_the_last_step_of_its_training(
    reward: str, step: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmarks import experiment
    from trainers import GrpoConfig

    told: dict[str, Any] = {}
    monkeypatch.setattr(experiment, "measure", lambda *_, **more: told.update(more))
    config = experiment.ExperimentConfig(grpo=GrpoConfig(steps=9, reward=reward, judge="test_reward_schedules:Kind"), baselines=False)
    experiment._measure(config, tmp_path, tmp_path, tmp_path)
    assert (told["reward"], told["step"], told["judge"]) == (reward, step, "test_reward_schedules:Kind")


def test_the_bench_finds_what_comes_out_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks import recompute as bench

    monkeypatch.setattr(bench, "BATCH", 4)
    found = bench.compare(16, 0, reward=MIXED)
    assert (found.episodes, found.different, found.masked) == (16, 0, 0)
    assert set(found.policies.values()) == {4}
    played = vg.rollout("auto-pipeline", seed=3)[0]
    assert played.reward is not None
    changed = msgspec.structs.replace(played, reward=msgspec.structs.replace(played.reward, total=0.123))
    told = bench._differs(changed, vg.reward("ltr"))
    assert told is not None
    assert "total was 0.123" in told


def _totals(expression: str, step: int | None = None, **values: float | None) -> float | None:
    tree = parse(expression)
    return evaluate(tree if step is None else at(tree, step), values)


def test_a_weight_is_worked_out_whatever_it_is_written_as() -> None:
    fade = "(1 - ramp(0, 1, 0, 100)) * consistency + ramp(0, 1, 0, 100) * plan"
    assert _totals(fade, 50, consistency=None, plan=1.0) == pytest.approx(1)
    assert _totals("(1 - ramp(0, 1, 0, 100)) * plan + ramp(0, 1, 0, 100) * consistency", 50, consistency=None, plan=1.0) == pytest.approx(1)
    for weight in ("0.7", "(1 - 0.3)", "mean(0.6, 0.8)", "clip(2, 0, 0.7)", "0.35 * 2"):
        assert _totals(f"{weight} * plan + 0.3 * consistency", consistency=None, plan=0.5) == pytest.approx(0.5)
        assert _totals(f"{weight} * consistency + 0.3 * plan", consistency=None, plan=0.5) == pytest.approx(0.5)


def test_parentheses_change_no_sum() -> None:
    values = {"consistency": None, "tool": 1.0, "result": 0.4}
    flat = _totals("0.7 * consistency + 0.2 * tool + 0.1 * result", **values)
    assert _totals("0.7 * consistency + (0.2 * tool + 0.1 * result)", **values) == pytest.approx(flat)
    assert _totals("0.5 * (1 - tool) + 0.5 * result", **values) == pytest.approx(0.2)


class Half:
    """A judge that finds everything half good."""

    version = "half/1"
    deterministic = True

    def __call__(self, questions: Any) -> list[vg.Score]:
        return [vg.Score(value=0.5, reason="half", version=self.version) for _ in questions]


def test_who_judged_is_recorded_and_judges_again_in_replays_and_turn_values() -> None:
    (played,) = vg.rollout("expert", seed=3, judge="test_reward_schedules:Half", system_prompt="none")
    assert played.versions["judge"] == "test_reward_schedules:Half"
    assert played.reward is not None
    assert environment_of(played).engine.version == played.versions["reward"]
    values = vg.turn_values(played, "expert", k=1)
    assert {value.after for value in values} == {played.reward.total}
    with pytest.raises(ConfigError, match="judged by another judge"):
        vg.turn_values(played, "expert", k=1, judge="rules")
    (plain,) = vg.rollout("expert", seed=3, system_prompt="none")
    assert "judge" not in plain.versions
    assert plain.hash == played.hash


def test_members_of_a_group_were_played_at_the_same_step() -> None:
    from rewards.signs import grouped

    early, late = (vg.rollout("expert", tasks=[task()] * 2, seed=0, step=step, system_prompt="none") for step in (0, 8))
    alike = [msgspec.structs.replace(one, chance_seed=5) for one in (*early, *late)]
    assert grouped(alike).groups == (0, 0, 1, 1)
