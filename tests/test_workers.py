"""What a user installs or writes beside a script is there in schemas, rollouts, Ray workers and training; hashes stay the same."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import visgenenv as vg

ROOT = Path(__file__).resolve().parent.parent
FILES = dict(re.findall(r"^```\w+ file=(\S+)\n(.*?)^```$", (ROOT / "docs" / "own-package.md").read_text("utf-8"), re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The package of the documentation, installed by pip into a folder; the environment in which Python finds it."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    for name, text in FILES.items():
        (source / name).write_text(text, "utf-8")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", target, source]
    subprocess.run(pip, check=True, capture_output=True)
    return {**os.environ, "PYTHONPATH": str(target), "OMP_NUM_THREADS": "1"}


def run(code: str, where: dict[str, str], folder: Path) -> str:
    (folder / "script.py").write_text(code)
    done = subprocess.run([sys.executable, "script.py"], cwd=folder, env=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def visgen(where: dict[str, str], folder: Path, *words: str) -> str:
    line = [Path(sys.executable).with_name("visgen"), *words]
    done = subprocess.run(line, cwd=folder, env=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_installed_package_is_there_by_its_short_names(installed: dict[str, str], tmp_path: Path) -> None:
    (schema,) = json.loads(visgen(installed, tmp_path, "tools", "--tools", "inkpad", "--json"))
    assert schema["function"]["name"] == "tool_stamp"
    words = ("--env", "Inkpad-v0", "--policy", "clerk", "--episodes", "4", "--out", "stamped.jsonl", "--json")
    found = json.loads(visgen(installed, tmp_path, "rollout", *words))
    assert (found["success"], found["expression"]) == (1.0, "0.5 * plan * fine + 0.5 * brief")
    assert "brief" in visgen(installed, tmp_path, "score", "stamped.jsonl", "--reward", "0.2*ltr + 0.8*brief")
    code = "import visgenenv as vg; print([e.success for e in vg.rollout('clerk', 3, env='Inkpad-v0')])"
    assert run(code, installed, tmp_path) == "[True, True, True]"


IN_RAY = """
import json, ray, visgenenv as vg
from visgenenv.episodes import make

@ray.remote
class Worker:
    def __init__(self, env):
        self.env = env
    def play(self, **more):
        return [(e.hash, e.success) for e in vg.rollout("POLICY", 3, seed=5, env=self.env, **more)]
    def go_on(self, kept, turn, **more):
        env = make(self.env, **more)
        vg.restore(env, kept)
        env.step(turn)
        return env.trajectory().hash

if __name__ == "__main__":
    here = [(e.hash, e.success) for e in vg.rollout("POLICY", 3, seed=5, env="ENV", **MORE)]
    ray.init(num_cpus=1, _node_ip_address="127.0.0.1", include_dashboard=False, log_to_driver=False, configure_logging=False)
    worker = Worker.remote("ENV")
    there = ray.get(worker.play.remote(**MORE))
    env = make("ENV", **MORE)
    env.reset(seed=1)
    turn = '<tool_call>{"name": "tool_text2image_gemini", "arguments": {"prompt": "a letter"}}</tool_call>'
    kept = vg.snapshot(env)
    env.step(turn)
    moved = ray.get(worker.go_on.remote(kept, turn, **MORE)) == env.trajectory().hash
    ray.shutdown()
    print(json.dumps([here == [tuple(pair) for pair in there], all(success for _, success in here), moved]))
"""


@pytest.mark.parametrize(
    ("policy", "env", "more"),
    [
        ("clerk", "Inkpad-v0", "{}"),
        ("mine:clerk", "VisGenEnv-v0", "dict(task='mine:source', tools=['paper36', 'mine:stamp'])"),
    ],
)
def test_a_ray_worker_plays_the_same_episodes(policy: str, env: str, more: str, installed: dict[str, str], tmp_path: Path) -> None:
    """Installed, and from a plain script beside; and an episode under way, sent to an actor, goes on there as here."""
    (tmp_path / "mine.py").write_text(FILES["inkpad.py"] + "\n\nclerk = Clerk()\n", "utf-8")
    code = IN_RAY.replace("POLICY", policy).replace('"ENV"', repr(env)).replace("MORE", more)
    assert run(code, installed, tmp_path) == "[true, true, true]"


TRAINING = """
import torch, training, visgenenv as vg
from trl import GRPOConfig, GRPOTrainer

seen = []
arguments = GRPOConfig(
    output_dir="out", max_steps=1, per_device_train_batch_size=4, num_generations=4, learning_rate=1e-3,
    report_to="none", use_cpu=True, bf16=False, disable_tqdm=True, save_strategy="no",
)
rollouts = vg.rollout_function(
    env="Inkpad-v0", tools=["paper36", "inkpad", "mine:seal"], max_turns=2, max_turn_tokens=8,
    system_prompt="none", on_samples=lambda step, samples: seen.extend(samples),
)
GRPOTrainer(
    model=training.saved(training.Path("start")), args=arguments, train_dataset=vg.task_dataset(4, "stamped"),
    reward_funcs=vg.environment_reward, rollout_func=rollouts,
).train()
tasks = {sample.trajectory.task.id.partition("/")[0] for sample in seen}
print(tasks, {sample.trajectory.reward.expression for sample in seen})
"""


def test_training_takes_them_by_name(installed: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import dataclasses, inkpad\nseal = dataclasses.replace(inkpad.stamp, name='tool_seal')\n")
    where = {**installed, "PYTHONPATH": os.pathsep.join([installed["PYTHONPATH"], str(ROOT / "tests")])}
    assert run(TRAINING, where, tmp_path) == "{'stamped'} {'0.5 * plan * fine + 0.5 * brief'}"
    (schema,) = json.loads(visgen(where, tmp_path, "tools", "--tools", "mine:seal", "--json"))
    assert schema["function"]["name"] == "tool_seal"


def test_the_package_of_the_page_is_in_nobodys_way() -> None:
    assert "tool_stamp" not in {spec.name for spec in vg.catalogue()}
