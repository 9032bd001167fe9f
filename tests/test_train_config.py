"""A run's configuration: read strictly, kept in its folder, and the same or another run."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks.experiment import ExperimentConfig
from trainers import run_grpo, run_pst
from trainers.config import DataConfig, GrpoConfig, ModelConfig, PstConfig, as_json, read_config
from trainers.runs import Run, mark_complete
from visgenenv.cli import main
from visgenenv.errors import ConfigError, SaveError, VisGenError


def test_a_file_is_laid_over_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps({"seed": 3, "model": {"hidden": 64}, "data": {"flaws": []}}))
    config = read_config(PstConfig, path)
    assert (config.seed, config.model.hidden, config.model.layers, config.data.flaws) == (3, 64, PstConfig().model.layers, ())


def test_toml_reads_like_json(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('seed = 3\nreward = "plan"\n')
    assert read_config(GrpoConfig, path) == GrpoConfig(seed=3, reward="plan")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"sede": 1}', ["c.json", "'sede'", "did you mean seed"]),
        ('{"model": {"hiden": 1}}', ["'model.hiden'", "hidden"]),
        ('{"seed": "one"}', ["seed='one'", "int"]),
        ('{"model": 5}', ["mapping"]),
        ("{seed", ["c.json", "neither JSON nor TOML"]),
        ("[1]", ["mapping"]),
    ],
)
def test_a_wrong_file_says_which_key_and_why(tmp_path: Path, text: str, words: list[str]) -> None:
    path = tmp_path / "c.json"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        read_config(PstConfig, path)
    assert all(word in str(error.value) for word in words), error.value


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.json"):
        read_config(PstConfig, tmp_path / "nowhere.json")


def test_the_command_refuses_an_unknown_key_before_anything_is_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tyro", reason="needs the train extra")
    path = tmp_path / "c.json"
    path.write_text('{"stepps": 1}')
    assert main(["train", "grpo", "--config", str(path), "--out", str(tmp_path / "run")]) == 2
    assert "did you mean steps" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_the_command_refuses_an_unknown_flag(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tyro", reason="needs the train extra")
    with pytest.raises(SystemExit) as stop:
        main(["train", "pst", "--sede", "1"])
    assert stop.value.code == 2


def test_reinforcement_without_a_model_says_what_to_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("trl", reason="needs the train extra")
    assert main(["train", "grpo", "--model", str(tmp_path), "--out", str(tmp_path / "run")]) == 2
    assert "no model there" in capsys.readouterr().err


def test_a_folder_goes_on_with_its_own_configuration_only(tmp_path: Path) -> None:
    Run(tmp_path, PstConfig(seed=1))
    Run(tmp_path, PstConfig(seed=1))
    assert json.loads((tmp_path / "config.json").read_text()) == as_json(PstConfig(seed=1))
    assert "torch" in json.loads((tmp_path / "versions.json").read_text())
    with pytest.raises(ConfigError, match="seed is 1 there, 2 here"):
        Run(tmp_path, PstConfig(seed=2))


def test_rewinding_forgets_what_came_after_a_checkpoint(tmp_path: Path) -> None:
    run = Run(tmp_path, GrpoConfig())
    for step in (1, 2, 3):
        run.log({"stage": "grpo", "step": step})
        run.keep("grpo", step, [])
    run.log({"stage": "other", "step": 9})
    with (tmp_path / "metrics.jsonl").open("ab") as file:
        file.write(b'{"stage":"gr')
    run.rewind("grpo", 2)
    assert [(row["stage"], row["step"]) for row in run.metrics()] == [("grpo", 1), ("grpo", 2), ("other", 9)]
    assert sorted(path.name for path in (tmp_path / "trajectories").iterdir()) == ["grpo-00001.jsonl", "grpo-00002.jsonl"]


def test_only_whole_checkpoints_count(tmp_path: Path) -> None:
    run = Run(tmp_path, GrpoConfig())
    for step in (9, 10):
        (run.checkpoints / "grpo" / f"checkpoint-{step}").mkdir(parents=True)
    mark_complete(run.checkpoints / "grpo" / "checkpoint-9")
    path, step = run.last_checkpoint("grpo")
    assert step == 9
    assert path is not None
    assert not (run.checkpoints / "grpo" / "checkpoint-10").exists()


def test_a_model_takes_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    run = Run(tmp_path, GrpoConfig())

    def fail(folder: Path) -> None:
        folder.mkdir()
        (folder / "half").write_text("x")
        raise OSError(28, os.strerror(28))

    with pytest.raises(SaveError, match="No space left"):
        run.finish("model", fail)
    assert run.finished("model") is None
    assert not [path for path in tmp_path.iterdir() if "model" in path.name]


def test_a_run_made_with_other_versions_or_from_other_weights_is_not_gone_on_with(tmp_path: Path) -> None:
    start = tmp_path / "start"
    start.mkdir()
    (start / "model.safetensors").write_bytes(b"one")
    Run(tmp_path / "run", GrpoConfig(), start=start)
    Run(tmp_path / "run", GrpoConfig(), start=start)
    (start / "model.safetensors").write_bytes(b"two")
    with pytest.raises(ConfigError, match=r"another version .start is .* there, .* here.; use another folder"):
        Run(tmp_path / "run", GrpoConfig(), start=start)
    (start / "model.safetensors").write_bytes(b"one")
    Run(tmp_path / "run", GrpoConfig(model="the/same/by/another/path"), start=start)
    Run(tmp_path / "other", GrpoConfig())
    held = json.loads((tmp_path / "other" / "versions.json").read_text())
    (tmp_path / "other" / "versions.json").write_text(json.dumps({**held, "torch": "1.0"}))
    with pytest.raises(ConfigError, match=r"torch is .1\.0. there"):
        Run(tmp_path / "other", GrpoConfig())
    (tmp_path / "other" / "versions.json").write_text("{")
    with pytest.raises(ConfigError, match="cannot read"):
        Run(tmp_path / "other", GrpoConfig())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"data": DataConfig(flaws=("forget_everything",))}, "no flaw 'forget_everything'"),
        ({"data": DataConfig(tasks="trian")}, "'trian' is no registered name"),
        ({"data": DataConfig(faults="some")}, "faults='some'"),
        ({"model": ModelConfig(folder="nowhere")}, "model.folder='nowhere': no model there"),
    ],
)
def test_a_wrong_name_claims_no_folder(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    pytest.importorskip("trl", reason="needs the train extra")
    with pytest.raises(VisGenError, match=said):
        run_pst(PstConfig(**change), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_is_no_model_and_says_so(tmp_path: Path) -> None:
    pytest.importorskip("trl", reason="needs the train extra")
    Run(tmp_path / "start", PstConfig())
    for model in (str(tmp_path / "start"), ""):
        with pytest.raises(ConfigError, match="no model there; name a folder that transformers wrote, such as the `model`"):
            run_grpo(GrpoConfig(model=model), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        RuntimeError("[enforce fail at inline_container.cc:863] . PytorchStreamWriter failed writing file data/1: file write failed"),
    ],
    ids=["file", "torch"],
)
def test_a_disk_that_fills_at_a_checkpoint_leaves_the_ones_before(tmp_path: Path, error: Exception) -> None:
    run = Run(tmp_path, GrpoConfig())
    for step in (10, 20):
        (run.checkpoints / "grpo" / f"checkpoint-{step}").mkdir(parents=True)
    mark_complete(run.checkpoints / "grpo" / "checkpoint-10")
    with pytest.raises(SaveError, match=r"cannot write a checkpoint into .*free space and run it again"), run.saving("grpo"):
        raise error
    assert [path.name for path in (run.checkpoints / "grpo").iterdir()] == ["checkpoint-10"]
    with pytest.raises(RuntimeError, match="shapes"), run.saving("grpo"):
        raise RuntimeError("shapes do not fit")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"episodes": 0}, "episodes=0: expected at least 1"),
        ({"grpo": GrpoConfig(tasks="heldout")}, "grpo.tasks='heldout': may hold what is measured on"),
        ({"pst": PstConfig(data=DataConfig(tasks="generated"))}, "pst.data.tasks='generated'"),
    ],
)
def test_an_experiment_that_would_measure_on_what_it_trained_on_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        ExperimentConfig(**given)
