"""What `visgen new` writes runs as it is written, and writes over nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from visgenenv.errors import ConfigError, SaveError
from visgenenv.scaffold import KINDS, write


def test_every_template_passes_its_own_test(tmp_path: Path) -> None:
    for kind in KINDS:
        module, test = write(kind, f"my_{kind}", tmp_path)
        assert module.read_text().startswith(f'"""My {kind}')
        assert test.name == f"test_my_{kind}.py"
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "8 passed" in done.stdout


@pytest.mark.parametrize(
    "name", ["", "My_Tool", "1tool", "my-tool", "class", "rewards", "visgenenv", "test", "json", "gymnasium", "conftest", "../x", "a" * 50]
)
def test_a_name_that_would_not_do_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="name="):
        write("tool", name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text("mine")
    with pytest.raises(SaveError, match="there already"):
        write("reward", "mine", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["test_mine.py"]
    with pytest.raises(ConfigError, match="expected one of tool, task, reward, env"):
        write("policy", "mine", tmp_path)
