"""The environment is fast, and the benchmark that says so measures what it names."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from benchmarks.speed import measure as speed
from visgenenv.cli import main


def test_steps_forks_vectors_and_resets_stay_near_their_floor() -> None:
    # Ratios, for machines differ; the best of five, since other work on the machine can only slow a step down.
    found = [speed.measure(seed, 600) for seed in range(5)]
    assert min(one.ratio for one in found) <= 13
    assert min(one.step.p99 / one.step.p50 for one in found) <= 4
    assert min(one.fork.p50 / one.floor.p50 for one in found) <= 6
    assert min(one.vector.p50 / one.step.p50 for one in found) <= 3
    assert min(one.reset.p50 / one.step.p50 for one in found) <= 4
    assert min(one.score.p50 / one.step.p50 for one in found) <= 80
    assert found[0].episode_bytes <= 8192


def test_the_figures_hang_together() -> None:
    found = speed.measure(0, 400)
    assert 0 < found.floor.p50 < found.step.p50 < found.step.p99
    assert found.ratio == pytest.approx(found.step.p50 / found.floor.p50)
    assert found.step.n == 400
    assert "Python" in found.machine


def test_the_episode_that_is_scored_is_a_good_one_of_twenty_turns() -> None:
    found = speed.long_episode(np.random.default_rng(0), 1)
    assert len(found.turns) == 20
    assert found.success
    assert found.reward is not None
    assert found.reward.parts["result.each"] is not None
    assert found.reward.parts["consistency"] is not None


def test_inputs_are_never_repeated_and_every_step_makes_its_call() -> None:
    seen: list[str] = []
    faults = []

    class Watched(speed._Stepper):
        def __call__(self, turn: str) -> object:
            seen.append(turn)
            found = super().__call__(turn)
            faults.append(self._env.trajectory().calls[-1].fault)
            return found

    real, speed._Stepper = speed._Stepper, Watched  # type: ignore[misc]
    try:
        speed.measure(0, 200)
    finally:
        speed._Stepper = real  # type: ignore[misc]
    assert len(set(seen)) == len(seen) == 200 + speed._WARM_UP
    assert faults == [None] * len(seen)


def test_the_command_prints_json_and_refuses_too_few_steps(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "speed", "--steps", "200", "--json"]) == 0
    assert msgspec.json.decode(capsys.readouterr().out, type=speed.Speed).step.n == 200
    assert main(["bench", "speed", "--steps", "200"]) == 0
    assert "times its floor" in capsys.readouterr().out
    assert main(["bench", "speed", "--steps", "10"]) == 2
    assert "expected at least 100" in capsys.readouterr().err


def test_the_peer_is_refused_without_a_checkout_or_episodes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["bench", "peer", "--episodes", "0"]) == 2
    assert "expected at least 1" in capsys.readouterr().err
    monkeypatch.setattr("benchmarks.speed.peer.ROOT", Path("nowhere"))
    assert main(["bench", "peer"]) == 2
    assert "run it from a checkout" in capsys.readouterr().err
