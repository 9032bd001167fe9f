"""A run's configuration: read strictly, kept in its folder, and the same or another run."""

import json
import os
from pathlib import Path

import pytest

from trainers.config import GrpoConfig, PstConfig, as_json, read_config
from trainers.runs import Run, mark_complete
from visgenenv.cli import main
from visgenenv.errors import ConfigError, SaveError


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
    Run(tmp_path / "other", GrpoConfig())
    held = json.loads((tmp_path / "other" / "versions.json").read_text())
    (tmp_path / "other" / "versions.json").write_text(json.dumps({**held, "torch": "1.0"}))
    with pytest.raises(ConfigError, match=r"torch is .1\.0. there"):
        Run(tmp_path / "other", GrpoConfig())
    (tmp_path / "other" / "versions.json").write_text("{")
    with pytest.raises(ConfigError, match="cannot read"):
        Run(tmp_path / "other", GrpoConfig())
