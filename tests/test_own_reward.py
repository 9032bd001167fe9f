"""The README's reward of a newcomer: from a plain script, and from a package of its own that pip has installed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = re.findall(r"^```python file=frugal.py\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)[0]
PROJECT = """
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"
[project]
name = "frugal"
version = "1.0"
[project.entry-points."visgenenv.rewards"]
frugal = "frugal:Frugal"
[tool.setuptools]
py-modules = ["frugal"]
"""
REWARD = "ltr * mean(1, NAME)"


@pytest.fixture(scope="module", params=["installed", "beside the script"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str], str]:
    """The folder to work in, the environment of its processes, and the reward's expression."""
    folder = tmp_path_factory.mktemp("work")
    where = {**os.environ, "OMP_NUM_THREADS": "1"}
    if request.param == "beside the script":
        (folder / "frugal.py").write_text(CODE)
        return folder, where, REWARD.replace("NAME", "frugal:Frugal")
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    (source / "frugal.py").write_text(CODE)
    (source / "pyproject.toml").write_text(PROJECT)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", target, source]
    subprocess.run(pip, check=True, capture_output=True)
    return folder, {**where, "PYTHONPATH": str(target)}, REWARD.replace("NAME", "frugal")


def run(line: list[str], folder: Path, where: dict[str, str]) -> str:
    done = subprocess.run(line, cwd=folder, env=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_has_about_twenty_lines() -> None:
    assert len([line for line in CODE.splitlines() if line.strip()]) <= 20


def test_it_is_used_by_name_in_the_environment(place: tuple[Path, dict[str, str], str]) -> None:
    folder, where, reward = place
    code = f"""
import gymnasium, visgenenv as vg
env = gymnasium.make("VisGenEnv-v0", reward={reward!r}, max_turns=1)
env.reset(seed=0)
*_, info = env.step("nothing")
print(info["reward_parts"].parts[{reward.split(", ")[1][:-1]!r}].reason)
"""
    (folder / "script.py").write_text(code)
    assert "calls," in run([sys.executable, "script.py"], folder, where)


def test_it_is_used_by_name_on_the_command_line(place: tuple[Path, dict[str, str], str]) -> None:
    folder, where, reward = place
    visgen = str(Path(sys.executable).with_name("visgen"))
    rolled = json.loads(
        run([visgen, "rollout", "--policy", "expert", "--episodes", "2", "--reward", reward, "--out", "x.jsonl", "--json"], folder, where)
    )
    assert rolled["reward"] == 1
    scored = json.loads(run([visgen, "score", "x.jsonl", "--reward", reward, "--json"], folder, where))
    assert scored["parts"]["total"]["mean"] == 1
    assert json.loads(run([visgen, "reward", "audit", "--reward", reward, "--json"], folder, where))["passed"]
    assert "frugal" in run([visgen, "reward", "diff", "ltr", reward, "x.jsonl"], folder, where)


TRAINING = """
import training, visgenenv as vg
from trl import GRPOConfig, GRPOTrainer

seen = []
arguments = GRPOConfig(
    output_dir="out", max_steps=1, per_device_train_batch_size=4, num_generations=4, learning_rate=1e-3,
    report_to="none", use_cpu=True, bf16=False, disable_tqdm=True, save_strategy="no",
)
rollouts = vg.rollout_function(
    REWARD, max_turns=2, max_turn_tokens=8, system_prompt="none", on_samples=lambda step, samples: seen.extend(samples)
)
GRPOTrainer(
    model=training.saved(training.Path("start")), args=arguments, train_dataset=vg.task_dataset(4),
    reward_funcs=vg.environment_reward, rollout_func=rollouts,
).train()
print({sample.trajectory.reward.expression for sample in seen})
"""


def test_it_is_trained_on_by_name(place: tuple[Path, dict[str, str], str]) -> None:
    folder, where, reward = place
    where = {**where, "PYTHONPATH": os.pathsep.join(filter(None, [where.get("PYTHONPATH"), str(ROOT / "tests")]))}
    (folder / "train.py").write_text(TRAINING.replace("REWARD", repr(reward)))
    name = reward.split(", ")[1][:-1]
    assert run([sys.executable, "train.py"], folder, where).strip().splitlines()[-1] == str({f"plan * fine * mean(1, {name})"})


def test_the_audit_says_of_it_what_the_readme_says(tmp_path: Path) -> None:
    (tmp_path / "frugal.py").write_text(CODE)
    lines = re.findall(r'^visgen reward audit --reward "(.*?)" +# (FAILED|passed): ', (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert [said for _, said in lines] == ["FAILED", "passed"]
    visgen = str(Path(sys.executable).with_name("visgen"))
    for reward, said in lines:
        done = subprocess.run([visgen, "reward", "audit", "--reward", reward], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == (said == "FAILED"), done.stderr
        assert done.stdout.rstrip().rpartition("\n")[2].startswith(f"{said}: ")
