"""The house itself: what importing costs, what the wheel holds, who may import whom, what hides what."""

import ast
import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import visgenenv as vg
from visgenenv import plugins
from visgenenv.errors import MissingExtra, PluginError, ShadowedPackage

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("benchmarks", "media_db", "policies", "rewards", "trainers", "visgenenv")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
PROMISED = {
    *("Handle", "RewardBreakdown", "RewardUnavailable", "Score", "Task", "TokenSample", "ToolArgs", "ToolResult", "ToolSpec"),
    *("Trajectory", "catalogue", "collect", "fork", "from_openai", "load", "reward", "rollout", "save"),
}


def python(code: str, folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *options, "-c", code], cwd=folder, capture_output=True, text=True, check=False)


def test_public_names_are_sorted_and_all_of_the_promised_ones_are_there() -> None:
    assert list(vg.__all__) == sorted(vg.__all__)
    assert set(vg.__all__) >= PROMISED
    assert set(vg.__all__) <= set(dir(vg))


UPPER = {name for name, module in vg._LAZY.items() if module == "trainers"}


def test_names_of_the_training_floor_are_exported_there() -> None:
    assert set(importlib.import_module("trainers").__all__) >= UPPER


@pytest.mark.parametrize("name", sorted(set(vg.__all__) - UPPER))
def test_a_public_name_is_what_it_says_whatever_was_imported_before(name: str) -> None:
    importlib.import_module("visgenenv.episodes")
    found = getattr(vg, name)
    assert callable(found)
    assert getattr(found, "__doc__", None), f"vg.{name} says nothing of itself"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'rewards_'"):
        vg.rewards_  # noqa: B018


@pytest.mark.parametrize("package", PACKAGES)
def test_every_exported_name_of_every_package_is_there(package: str) -> None:
    module = importlib.import_module(package)
    for name in getattr(module, "__all__", ()):
        lazy = getattr(module, "_LAZY", {}).get(name)
        if lazy is None:
            assert hasattr(module, name), name
        else:  # named in the module that holds it, which may be too heavy to load here
            found = importlib.util.find_spec(lazy)
            assert found is not None
            assert re.search(rf"\b{name}\b", Path(str(found.origin)).read_text("utf-8")), name


_LIGHT = """
import sys, time
import gymnasium, numpy
start = time.process_time()
import visgenenv
taken = time.process_time() - start
status = open("/proc/self/status").read() if sys.platform == "linux" else "VmRSS: 0 kB"
resident = int(status.split("VmRSS:")[1].split()[0]) / 1024
env = gymnasium.make("VisGenEnv-v0")
env.reset(seed=0)
heavy = ("torch", "transformers", "trl", "ray", "sqlalchemy", "av", "PIL", "matplotlib", "datasets")
print(taken, resident, [name for name in heavy if name in sys.modules])
"""


def test_importing_and_making_the_environment_is_light(tmp_path: Path) -> None:
    done = python(_LIGHT, tmp_path)
    assert done.returncode == 0, done.stderr
    taken, resident, heavy = done.stdout.split(" ", 2)
    assert float(taken) <= 0.15
    assert float(resident) <= 50  # MiB of the whole process, Gymnasium and numpy included
    assert heavy.strip() == "[]"


@pytest.mark.parametrize("floor", ["media_db", "rewards", "visgenenv.env", "visgenenv.commands", "benchmarks.commands"])
def test_the_lower_floors_load_no_heavy_stack(floor: str, tmp_path: Path) -> None:
    heavy = "[n for n in ('torch', 'transformers', 'trl', 'ray', 'sqlalchemy', 'av', 'PIL') if n in sys.modules]"
    assert python(f"import sys, {floor}; print({heavy})", tmp_path).stdout.strip() == "[]"


@pytest.mark.parametrize("package", ["rewards", "policies", "trainers", "benchmarks"])
@pytest.mark.parametrize("form", ["file", "folder"])
def test_a_users_own_module_in_the_way_is_named(package: str, form: str, tmp_path: Path) -> None:
    own = tmp_path / f"{package}.py" if form == "file" else tmp_path / package / "__init__.py"
    own.parent.mkdir(exist_ok=True)
    own.write_text("mine = True\n")
    done = python(f"from visgenenv import plugins; plugins.import_own('{package}')", tmp_path)
    assert "ShadowedPackage" in done.stderr
    assert str(own) in done.stderr
    assert "rename that file" in done.stderr


def test_a_users_own_rewards_in_the_way_of_an_environment_is_named(tmp_path: Path) -> None:
    (tmp_path / "rewards.py").write_text("def mine(trajectory): return 1.0\n")
    done = python("import gymnasium, visgenenv\ngymnasium.make('VisGenEnv-v0')", tmp_path)
    assert "ShadowedPackage" in done.stderr
    assert str(tmp_path / "rewards.py") in done.stderr


def test_a_users_own_benchmarks_is_in_nobodys_way_who_only_wants_the_environment(tmp_path: Path) -> None:
    (tmp_path / "benchmarks.py").write_text("")
    done = python("import gymnasium, visgenenv\ngymnasium.make('VisGenEnv-v0').reset(seed=0)", tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_users_own_media_db_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "media_db.py").write_text("")
    done = python("import gymnasium, visgenenv\ngymnasium.make('VisGenEnv-v0')", tmp_path)
    assert str(tmp_path / "media_db.py") in done.stderr.splitlines()[-1]
    assert "rename" in done.stderr.splitlines()[-1]


def test_a_hidden_package_is_what_it_is_in_this_process_too() -> None:
    assert issubclass(ShadowedPackage, PluginError)
    assert plugins.import_own("rewards") is importlib.import_module("rewards")


@pytest.mark.parametrize(("package", "extra"), [("torch", "train"), ("PIL", "media"), ("openai", "judge"), ("verl", "verl")])
def test_a_package_that_is_not_installed_is_named_with_its_extra(package: str, extra: str) -> None:
    missing = plugins.missing_extra(ModuleNotFoundError(f"No module named {package!r}", name=f"{package}.inner"))
    assert isinstance(missing, MissingExtra)
    assert f"pip install 'visgenenv[{extra}]'" in str(missing)
    assert plugins.missing_extra(ModuleNotFoundError("no", name="somebody_elses")) is None


def test_a_command_without_its_stack_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None; sys.modules['transformers'] = None; sys.modules['tyro'] = None\n"
        "from visgenenv.cli import main; sys.exit(main(['rollout', '--policy', '.', '--out', 'x.jsonl']))"
    )
    done = python(code, tmp_path)
    assert done.returncode == 1
    assert "pip install 'visgenenv[train]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of what git keeps (and of what is new), built from a copy so that nothing is left in the tree."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for package in (*PACKAGES, "tests", "docs"):
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    line = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--wheel-dir",
        folder,
        source,
    ]
    subprocess.run(line, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return zipfile.ZipFile(found)


def test_the_wheel_holds_our_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {*PACKAGES, f"visgenenv-{vg.__version__}.dist-info"}


def test_the_wheel_holds_every_file_of_our_packages(wheel: zipfile.ZipFile) -> None:
    files = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files - set(wheel.namelist()) == set()


def test_the_wheel_is_small(wheel: zipfile.ZipFile) -> None:
    assert sum(entry.compress_size for entry in wheel.infolist()) < 3_000_000


def test_every_dependency_is_pinned_for_ci_at_a_version_that_fits() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    pinned = {canonicalize_name(name): pin for name, pin in (line.split("==") for line in lines)}
    assert lines == sorted(lines)
    needed = [Requirement(text) for text in requires("visgenenv") or ()]
    for need in needed:
        if need.name == "visgenenv" or (
            need.marker
            and not any(need.marker.evaluate({"extra": extra}) for extra in ("", "classic", "judge", "mcp", "media", "train", "dev"))
        ):
            continue
        name = canonicalize_name(need.name)
        assert name in pinned, f"{name} is not in constraints.txt"
        assert need.specifier.contains(pinned[name]), f"{name}=={pinned[name]} does not fit {need}"


def test_the_version_is_the_same_everywhere() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == vg.__version__ == version("visgenenv")
    assert re.search(rf"^## {re.escape(vg.__version__)}", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_lives_in_it_and_keeps_to_one_thing(path: Path) -> None:
    text = path.read_text("utf-8")
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring, "a module opens with one sentence: what lives here"
    assert docstring.split("\n\n")[0].rstrip().endswith((".", ":", "?")), docstring
    assert len(text.splitlines()) <= 400


@pytest.mark.parametrize("group", ["engines", "tasks", "policies", "rewards", "commands"])
def test_every_registered_name_loads(group: str) -> None:
    for name in plugins.names(group):
        assert callable(plugins.load(group, name)), name


def test_make_names_what_it_would_do_and_asks_for_a_python_that_is_new_enough(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    # `make test` runs this very test; a make inside a make would say which folders it enters.
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTEST"))}
    for target, last in (("quickstart", "visgen quickstart --seed 0"), ("test", "-m pytest -n 2"), ("check", "lint-imports")):
        done = subprocess.run(["make", "-n", target], cwd=tmp_path, env=outside, capture_output=True, text=True, check=True)
        assert done.stdout.rstrip().endswith(last)
        assert "--constraint constraints.txt" in done.stdout
    done = subprocess.run(["make", "test", "PYTHON=/bin/false"], cwd=tmp_path, env=outside, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Python 3.11 or later is needed" in done.stderr
    assert not (tmp_path / ".venv").exists()
