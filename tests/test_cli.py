"""The command line as a script meets it: exit status, standard output, standard error."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

import visgenenv as vg
from rewards.signs import grouped
from visgenenv.cli import main
from visgenenv.plugins import names
from visgenenv.policy import load_policy

POLICY = '''
import visgenenv as vg

class Drawer:
    """Draws what is asked, twice, then answers."""

    def __init__(self, seed=0):
        self.seed = seed

    def act(self, conversations):
        return [turn(conversation) for conversation in conversations]

def turn(conversation):
    if len(conversation.messages) > 2:
        return '<think>done</think><answer>{"deliverables":["img_1","img_2"]}</answer>'
    return vg.from_openai({"content": "draw", "tool_calls": [
        {"function": {"name": "submit_plan", "arguments": {"steps": [{"id": 1, "tool": "tool_text2image_gemini", "goal": "draw"}]}}},
        {"function": {"name": "tool_text2image_gemini", "arguments": {"prompt": conversation.task.prompt, "num_images": 2}}},
    ]})

drawer = Drawer()
nothing = 3
'''
TASKS = [
    {"id": "a", "prompt": "two red balls", "modality": "image", "requirements": {"count": 2, "entities": ["red balls"]}},
    {"id": "b", "task_type": "icon_design", "prompt": "two boats", "modality": "image", "requirements": {"count": 2}},
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with a policy and a task file, on the path as the command line puts it there."""
    (tmp_path / "drawing.py").write_text(POLICY)
    (tmp_path / "tasks.jsonl").write_bytes(b"".join(msgspec.json.encode(task) + b"\n" for task in TASKS))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "drawing", raising=False)
    return tmp_path


def run(*arguments: str) -> int:
    """The exit status, also where argparse ends the program."""
    try:
        return main(arguments)
    except SystemExit as done:
        return int(done.code or 0)


def test_every_command_has_help_that_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    for name in names("commands"):
        assert run(name, "--help") == 0, name
        said = capsys.readouterr().out
        assert "exit status: 0 done" in said
        assert len(said.split("\n\n")[1]) > 20, f"visgen {name} --help says nothing of what it does"


def test_a_wrong_command_is_a_wrong_argument(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("dance") == 2
    assert run() == 2
    assert run("rollout") == 2
    assert "--policy" in capsys.readouterr().err


def test_tools_as_json_are_openai_schemas_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("tools", "--json") == 0
    found = msgspec.json.decode(capsys.readouterr().out)
    assert len(found) == 36
    assert {tool["type"] for tool in found} == {"function"}
    for tool in found:
        assert tool["function"]["parameters"]["type"] == "object"
        assert tool["function"]["description"]


def test_tools_as_a_table_name_every_tool(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("tools", "--tools", "tool_music_suno", "tool_beat_detect") == 0
    said = capsys.readouterr().out
    assert len(said.splitlines()) == 3
    assert "tool_beat_detect" in said


def test_an_unknown_set_of_tools_is_a_wrong_argument(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("tools", "--tools", "paper37") == 2
    assert "'paper37'" in capsys.readouterr().err


@pytest.mark.parametrize("policy", ["drawing:Drawer", "drawing:drawer", "drawing:turn"])
def test_a_class_an_object_and_a_function_serve_as_policies(policy: str) -> None:
    assert run("rollout", "--policy", policy, "--task-file", "tasks.jsonl", "--out", "x.jsonl") == 0
    found = vg.load("x.jsonl")
    assert [trajectory.task.id for trajectory in found] == ["a", "b"]
    assert all(trajectory.success for trajectory in found)


def test_a_rollout_writes_what_the_contract_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rollout", "--policy", "drawing:Drawer", "--task-file", "tasks.jsonl", "--seed", "4", "--out", "x.jsonl", "--json") == 0
    said = capsys.readouterr()
    summary = msgspec.json.decode(said.out)
    assert summary["episodes"] == 2
    assert summary["success"] == 1.0
    lines = [msgspec.json.decode(line) for line in Path("x.jsonl").read_bytes().splitlines()]
    for line in lines:
        assert {"id", "task", "seed", "turns", "answer", "reward", "success", "hash", "versions"} <= set(line)
        assert set(line["reward"]) == {"total", "expression", "parts"}
    assert summary["reward"] == pytest.approx(sum(line["reward"]["total"] for line in lines) / 2)
    for name, mean in summary["parts"].items():
        values = [line["reward"]["parts"][name]["value"] for line in lines if line["reward"]["parts"].get(name)]
        assert mean == pytest.approx(sum(values) / len(values))
        assert summary["applies"][name] == len(values)


def test_the_same_rollout_twice_is_the_same_file() -> None:
    line = ("rollout", "--policy", "random", "--episodes", "5", "--seed", "3", "--faults", "moderate", "--max-turns", "5")
    assert run(*line, "--out", "a.jsonl") == 0
    assert run(*line, "--out", "b.jsonl", "--batch", "2") == 0
    assert Path("a.jsonl").read_bytes() == Path("b.jsonl").read_bytes()


def test_seeds_play_each_task_with_other_luck() -> None:
    assert run("rollout", "--policy", "drawing:turn", "--task-file", "tasks.jsonl", "--seeds", "3", "--out", "x.jsonl") == 0
    found = vg.load("x.jsonl")
    assert [trajectory.task.id for trajectory in found] == ["a"] * 3 + ["b"] * 3
    assert len({trajectory.chance_seed for trajectory in found[:3]}) == 3


def test_members_of_a_group_share_their_luck_and_draw_apart() -> None:
    line = ("rollout", "--policy", "random", "--episodes", "3", "--seeds", "2", "--max-turns", "5", "--faults", "moderate")
    assert run(*line, "--group-size", "4", "--out", "x.jsonl") == 0
    assert run(*line, "--out", "alone.jsonl") == 0
    found, alone = vg.load("x.jsonl"), vg.load("alone.jsonl")
    groups = [found[start : start + 4] for start in range(0, 24, 4)]
    assert [len({trajectory.chance_seed for trajectory in group}) for group in groups] == [1] * 6
    assert len({group[0].chance_seed for group in groups}) == 6
    assert all(len({trajectory.turns[0].text for trajectory in group}) == 4 for group in groups)
    assert [group[0] for group in groups] == alone, "the first member is what is played without groups"
    assert grouped(found).by == "task and luck"
    assert grouped(found).members == (0, 1, 2, 3) * 6


def test_a_group_of_equals_is_told_and_the_summary_says_how_it_was_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    line = ("rollout", "--policy", "expert", "--episodes", "2", "--group-size", "2", "--json", "--out", "x.jsonl")
    assert run(*line) == 0
    captured = capsys.readouterr()
    assert "the members of every group are the same, so no advantage is other than 0: give --temperature 1" in captured.err
    summary = msgspec.json.decode(captured.out)
    assert (summary["seeds"], summary["group_size"], summary["temperature"]) == (1, 2, None)
    assert run("rollout", "--policy", "random", "--episodes", "2", "--group-size", "2", "--out", "x.jsonl") == 0
    assert "are the same" not in capsys.readouterr().err


def test_a_temperature_goes_to_a_policy_that_takes_one_and_to_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    with open("drawing.py", "a") as file:
        file.write("\nclass Warm(Drawer):\n    def __init__(self, temperature=0.0):\n        self.temperature = temperature\n")
    sys.modules.pop("drawing", None)
    assert load_policy("drawing:Warm", temperature=0.7).temperature == 0.7  # type: ignore[attr-defined]
    for name in ("drawing:Drawer", "drawing:turn", "drawing:drawer", "expert"):
        assert run("rollout", "--policy", name, "--temperature", "0.7", "--out", "x.jsonl") == 2
        assert "temperature=0.7: the policy" in capsys.readouterr().err
    assert not Path("x.jsonl").exists()


def test_task_types_choose_from_a_file_and_from_the_generator() -> None:
    assert run("rollout", "--policy", "drawing:turn", "--task-file", "tasks.jsonl", "--task-types", "icon_design", "--out", "x.jsonl") == 0
    assert [trajectory.task.id for trajectory in vg.load("x.jsonl")] == ["b"]
    assert run("rollout", "--policy", "drawing:turn", "--episodes", "4", "--task-types", "icon_design", "--out", "x.jsonl") == 0
    assert {trajectory.task.task_type for trajectory in vg.load("x.jsonl")} == {"icon_design"}


def test_more_episodes_than_tasks_go_round() -> None:
    assert run("rollout", "--policy", "drawing:turn", "--episodes", "5", "--task-file", "tasks.jsonl", "--out", "x.jsonl") == 0
    assert [trajectory.task.id for trajectory in vg.load("x.jsonl")] == ["a", "b", "a", "b", "a"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--policy", "nobody"), 2, "policy='nobody': no registered name (auto-pipeline, expert,"),
        (("--policy", "drawing:none"), 2, "has no attribute 'none'"),
        (("--policy", "drawing:nothing"), 2, "is 3; expected a class, an object with act"),
        (("--policy", "nowhere:none"), 2, "cannot import 'nowhere'"),
        (("--policy", "language-model"), 2, "name the folder of the model"),
        (("--policy", "random", "--episodes", "0"), 2, "expected an integer of at least 1"),
        (("--policy", "random", "--episodes", "x"), 2, "invalid number value: 'x'"),
        (("--policy", "random", "--faults", "some"), 2, "faults='some': expected one of"),
        (("--policy", "random", "--faults", "{"), 2, "--faults '{'"),
        (("--policy", "random", "--reward", "plan * * fine"), 2, "plan * * fine"),
        (("--policy", "random", "--task-file", "nothing.jsonl"), 2, "nothing.jsonl"),
        (("--policy", "random", "--task-file", "tasks.jsonl", "--task", "train"), 2, "give one of them"),
        (("--policy", "random", "--task-file", "tasks.jsonl", "--task-types", "music_videos"), 2, "none in tasks.jsonl, which has"),
        (("--policy", "random", "--backend", "dream"), 2, "'dream'"),
        (("--policy", "random", "--out", "drawing.py/x.jsonl"), 1, "cannot write"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(
    arguments: tuple[str, ...], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(os.listdir())
    out = () if "--out" in arguments else ("--out", "x.jsonl")
    assert run("rollout", *arguments, *out) == status
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert sorted(name for name in os.listdir() if name != "__pycache__") == before


def test_a_task_file_with_a_missing_field_names_file_entry_and_field(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.jsonl").write_text('{"id": "a", "prompt": "x", "modality": "image"}\n{"id": "b", "modality": "image"}\n')
    assert run("rollout", "--policy", "random", "--task-file", "bad.jsonl", "--out", "x.jsonl") == 2
    told = capsys.readouterr().err
    assert "bad.jsonl" in told
    assert "2" in told
    assert "prompt" in told


def rolled(tmp: Path) -> str:
    run("rollout", "--policy", "drawing:turn", "--task-file", "tasks.jsonl", "--out", "x.jsonl")
    return str(tmp / "x.jsonl")


def test_a_trajectory_is_shown_by_index_and_by_id(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = rolled(folder)
    capsys.readouterr()
    for choice, prompt in (
        ((), "two red balls"),
        (("--index", "1"), "two boats"),
        (("--index", "-1"), "two boats"),
        (("--id", "a/"), "two red balls"),
    ):
        assert run("show", path, *choice) == 0
        said = capsys.readouterr().out
        assert prompt in said
        assert "✓ 2 to deliver" in said
        assert "tool_text2image_gemini" in said


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (("--index", "7"), "has 2 trajectories, 0 to 1"),
        (("--id", "zz"), "0 trajectories"),
        (("--id", "a", "--index", "0"), "not allowed with"),
    ],
)
def test_a_trajectory_that_is_not_there_is_told(
    folder: Path, choice: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = rolled(folder)
    assert run("show", path, *choice) == 2
    assert said in capsys.readouterr().err


def test_show_as_json_is_the_trajectory(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = rolled(folder)
    capsys.readouterr()
    assert run("show", path, "--json") == 0
    assert msgspec.json.decode(capsys.readouterr().out, type=vg.Trajectory) == vg.load(path)[0]


def test_show_writes_a_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = rolled(folder)
    assert run("show", path, "--html", "pages/one.html") == 0
    assert Path("pages/one.html").read_text("utf-8").startswith("<!doctype html>")
    assert "wrote pages/one.html" in capsys.readouterr().err


def test_a_library_that_is_not_there_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = rolled(folder)
    assert run("show", path, "--html", "one.html", "--library", "nowhere") == 1
    assert "nowhere" in capsys.readouterr().err
    assert not Path("one.html").exists()


def test_a_reader_that_goes_away_is_no_crash(folder: Path) -> None:
    code = "import sys; from visgenenv.cli import main; sys.exit(main(['tools', '--json']))"
    done = subprocess.run(
        f'{sys.executable} -c "{code}" | head -c 10; exit ${{PIPESTATUS[0]}}',
        shell=True,
        check=False,
        executable="/bin/bash",
        capture_output=True,
        cwd=folder,
    )
    assert done.stdout == b"[\n  {\n    "
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


def test_the_command_itself_runs_from_a_folder_of_ones_own(folder: Path) -> None:
    visgen = Path(sys.executable).with_name("visgen")
    line: Any = [str(visgen), "rollout", "--policy", "drawing:turn", "--task-file", "tasks.jsonl", "--out", "y.jsonl", "--json"]
    done = subprocess.run(line, capture_output=True, cwd=folder, check=True, env={"PATH": os.environ["PATH"]})
    assert msgspec.json.decode(done.stdout)["success"] == 1.0


def test_a_policy_takes_the_seed_it_is_given() -> None:
    assert load_policy("drawing:Drawer", seed=5).seed == 5  # type: ignore[attr-defined]


def test_an_environment_that_nobody_registered_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("Nobody-v0", "bad id", "nowhere_at_all:Nobody-v0", "CartPole-v1"):
        assert main(["rollout", "--env", name, "--policy", "random", "--out", str(tmp_path / "x.jsonl")]) == 2
        assert f"'{name}'" in capsys.readouterr().err
