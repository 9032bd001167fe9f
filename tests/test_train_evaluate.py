"""Evaluation: any policy on any tasks, the same again for the same seed."""

from policies import Expert
from trainers import evaluate
from visgenenv.tasks.generator import HELDOUT


def test_the_expert_succeeds_on_tasks_nobody_trained_on() -> None:
    found = evaluate(Expert(), "heldout", 24, seed=50, batch=8)
    assert [trajectory.task for trajectory in found] == [HELDOUT(50 + number) for number in range(24)]
    assert all(trajectory.success for trajectory in found)
    assert [a.hash for a in found] == [b.hash for b in evaluate(Expert(), "heldout", 24, seed=50)]


def test_tasks_themselves_may_be_given() -> None:
    tasks = [HELDOUT(3), HELDOUT(9)]
    assert [trajectory.task for trajectory in evaluate(Expert(), tasks)] == tasks
