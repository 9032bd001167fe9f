"""Trajectories on disk: whole or not at all, and what is wrong with a file is told with its line."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

import visgenenv as vg
from visgenenv.errors import ConfigError, SaveError
from visgenenv.trajectories import check_writable, replacing, trajectory_hash
from visgenenv.types import RewardBreakdown, Task, Trajectory

ONE = Trajectory(id="a", task=Task(prompt="猫", modality="image"), seed=1, chance_seed=2)


def test_what_is_saved_loads_equal(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "x.jsonl"
    many = [msgspec.structs.replace(ONE, id=str(i), chance_seed=2**63 - 1 - i) for i in range(5)]
    assert vg.save(path, many) == 5
    assert vg.load(path) == many
    assert [entry.name for entry in path.parent.iterdir()] == ["x.jsonl"]


def test_blank_lines_and_an_empty_file_are_no_trajectories(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"\n" + msgspec.json.encode(ONE) + b"\n\n")
    assert vg.load(path) == [ONE]
    path.write_bytes(b"")
    assert vg.load(path) == []


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"id": "a"}', b"\xff\xfe", b'{"id": 3}', b"\x00", b"[" * 100_000])
def test_a_line_that_is_no_trajectory_is_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(msgspec.json.encode(ONE) + b"\n" + line + b"\n")
    with pytest.raises(ConfigError, match=r"x\.jsonl, line 2: not a trajectory"):
        vg.load(path)


@pytest.mark.parametrize("name", ["nothing.jsonl", ""])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        vg.load(tmp_path / name)


def test_the_hash_hangs_on_what_happened_and_not_on_how_it_was_judged() -> None:
    judged = msgspec.structs.replace(
        ONE, reward=RewardBreakdown(total=1.0, expression="1", parts={}), id="b", versions={"x": "1"}, failure="no"
    )
    assert trajectory_hash(judged) == trajectory_hash(ONE)
    for change in ({"seed": 2}, {"chance_seed": 3}, {"virtual_ms": 1}, {"truncated": True}, {"opening": "x"}):
        assert trajectory_hash(msgspec.structs.replace(ONE, **change)) != trajectory_hash(ONE)


def test_a_failure_while_writing_leaves_what_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    vg.save(path, [ONE])

    def broken() -> object:
        yield ONE
        raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        vg.save(path, broken())  # type: ignore[arg-type]
    assert vg.load(path) == [ONE]
    assert os.listdir(tmp_path) == ["x.jsonl"]


_FULL = """
import resource, signal, sys
import visgenenv as vg
from visgenenv.types import Task, Trajectory
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
one = Trajectory(id="a", task=Task(prompt="x" * 3000, modality="image"), seed=1, chance_seed=2)
try:
    vg.save("x.jsonl", [one] * 50)
except vg.VisGenError as error:
    print(type(error).__name__, error)
"""


def test_a_disk_that_fills_while_saving_is_told_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    vg.save(tmp_path / "x.jsonl", [ONE])
    done = subprocess.run([sys.executable, "-c", _FULL], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("SaveError cannot write ")
    assert "x.jsonl: File too large; nothing was changed there: free space" in done.stdout
    assert vg.load(tmp_path / "x.jsonl") == [ONE]
    assert os.listdir(tmp_path) == ["x.jsonl"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_device_is_told_and_stays_a_device() -> None:
    with pytest.raises(SaveError, match="No space left"):
        vg.save("/dev/full", [ONE])
    assert Path("/dev/full").is_char_device()


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for call in (lambda path: vg.save(path, [ONE]), check_writable):
        with pytest.raises(SaveError, match=r"cannot write .*file/x\.jsonl"):
            call(tmp_path / "file" / "x.jsonl")
        with pytest.raises(SaveError, match="cannot write"):
            call(tmp_path)
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(SaveError, match="Permission denied"):
        check_writable(tmp_path / "x.jsonl")


def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "real.jsonl").write_text("")
    (tmp_path / "link.jsonl").symlink_to("real.jsonl")
    vg.save(tmp_path / "link.jsonl", [ONE])
    assert (tmp_path / "link.jsonl").is_symlink()
    assert vg.load(tmp_path / "real.jsonl") == [ONE]


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    code = (
        "import visgenenv as vg; from visgenenv.types import Task, Trajectory\n"
        "vg.save('/dev/stdout', [Trajectory(id='a', task=Task(prompt='x', modality='image'), seed=1, chance_seed=2)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=tmp_path)
    assert msgspec.json.decode(done.stdout, type=Trajectory).id == "a"


def test_an_interrupted_write_leaves_nothing_beside(tmp_path: Path) -> None:
    def interrupted() -> None:
        with replacing(tmp_path / "x") as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert os.listdir(tmp_path) == []


def test_a_saved_file_has_the_rights_the_user_asked_for(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        vg.save(tmp_path / "new.jsonl", [])
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "new.jsonl").stat().st_mode) == 0o640
    (tmp_path / "new.jsonl").chmod(0o600)
    vg.save(tmp_path / "new.jsonl", [])
    assert stat.S_IMODE((tmp_path / "new.jsonl").stat().st_mode) == 0o600


def test_asking_whether_a_path_can_be_written_makes_no_folder(tmp_path: Path) -> None:
    check_writable(tmp_path / "a" / "b" / "c.jsonl")
    assert not list(tmp_path.iterdir())


def test_a_folder_of_a_run_is_read_in_the_order_of_its_files(tmp_path: Path) -> None:
    second = msgspec.structs.replace(ONE, id="b")
    vg.save(tmp_path / "run" / "trajectories" / "grpo-00002.jsonl", [second])
    vg.save(tmp_path / "run" / "trajectories" / "grpo-00001.jsonl", [ONE])
    (tmp_path / "run" / "metrics.jsonl").write_text("{}\n")
    assert vg.load(tmp_path / "run") == vg.load(tmp_path / "run" / "trajectories") == [ONE, second]
    assert vg.load(tmp_path / "run" / "trajectories" / "grpo-00002.jsonl") == [second]
