"""Every example of the documentation runs as it stands, and the five scripts stay short."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import visgenenv as vg

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SCRIPTS = ("own-agent", "own-tool-and-task", "comparing-rewards", "grpo-with-trl", "own-environment")


def blocks(page: Path, *languages: str) -> list[tuple[str, str | None, str]]:
    return [(language, name, body) for language, name, body in FENCE.findall(page.read_text("utf-8")) if language in languages]


def run(line: list[str], folder: Path) -> str:
    home = {"PATH": os.environ["PATH"], "HOME": str(folder), "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "default"}
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False, env=home)
    assert done.returncode == 0, f"{shlex.join(line)[:200]}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.stem)
def test_the_python_examples_of_a_page_run(page: Path, tmp_path: Path) -> None:
    found = blocks(page, "python")
    if page.stem == "grpo-with-trl":
        found = found[::-1]  # the script comes first on the page, the model that it needs first in time
    for number, (_, name, body) in enumerate(found):
        script = tmp_path / (name or f"example_{number}.py")
        script.write_text(body)
        assert run([sys.executable, script.name], tmp_path).strip() or page.stem == "trajectories"


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any("visgen" in body for *_, body in blocks(page, "bash"))], ids=lambda page: page.stem
)
def test_the_commands_of_a_page_run(page: Path, tmp_path: Path) -> None:
    visgen = str(Path(sys.executable).with_name("visgen"))
    for *_, body in blocks(page, "bash"):
        for text in body.splitlines():
            line = shlex.split(text, comments=True)
            assert line[0] == "visgen", text
            run([visgen, *line[1:]], tmp_path)


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_of_the_five_scripts_has_at_most_fifteen_lines(name: str) -> None:
    _, _, body = blocks(ROOT / "docs" / f"{name}.md", "python")[0]
    assert len([line for line in body.splitlines() if line.strip()]) <= 15
    assert max(map(len, body.splitlines())) <= 140


def test_every_link_between_pages_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+\.md)[^)]*\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    assert all(f"({page.name})" in index for page in PAGES[1:] if page.name != "index.md")


def test_the_table_of_tools_is_the_catalogue() -> None:
    rows = re.findall(r"^\| `(tool_\w+)` \| (\w+) \| (.*) \|$", (ROOT / "docs" / "tools.md").read_text("utf-8"), re.MULTILINE)
    assert [name for name, *_ in rows] == [spec.name for spec in vg.catalogue()]
    for (_, category, arguments), spec in zip(rows, vg.catalogue(), strict=True):
        required = set(spec.parameters.get("required", ()))
        assert category == spec.category
        assert re.findall(r"`(\w+\??)`", arguments) == [name if name in required else f"{name}?" for name in spec.parameters["properties"]]


def test_the_limits_on_the_page_of_the_grammar_are_those_of_the_code() -> None:
    from visgenenv.quota import MOST_CALLS
    from visgenenv.turns import MAX_CALLS, MAX_CHARS, MAX_DEPTH

    text = (ROOT / "docs" / "turn-grammar.md").read_text("utf-8")
    for limit in (MAX_CHARS, MAX_CALLS, MAX_DEPTH, MOST_CALLS):
        assert re.search(rf"\| {limit:,} \|", text), limit
