"""Task files: the formats people have, and what is said of one that cannot be read."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.expert import Expert
from visgenenv.episodes import rollout
from visgenenv.errors import TaskFileError
from visgenenv.tasks.files import load_tasks
from visgenenv.tasks.generator import GENERATED
from visgenenv.tasks.success import unmet
from visgenenv.tasks.words import MAX_WORDS, content_words
from visgenenv.types import Task

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
PARTIPROMPTS = DATA / "partiprompts" / "PartiPrompts.tsv"
STORIES = tuple(DATA / "storybench" / f"{name}-valid.story_gen.json" for name in ("oops", "uvo"))
STORY = {"texts": ["A dog runs.", "It\nsleeps on a red sofa."], "exact_frames_per_prompt": [20, 9], "background": "a park"}


def real(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"real prompts are not here: {path} is missing; get the data set and put it there")
    return path


def write(folder: Path, text: str, name: str = "tasks.json") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def complaint(path: Path) -> str:
    with pytest.raises(TaskFileError) as caught:
        load_tasks(path)
    assert str(path) in str(caught.value)
    assert "expected" in str(caught.value)
    return str(caught.value)


def test_our_own_tasks_survive_a_file_as_a_list_lines_or_one_object(tmp_path: Path) -> None:
    tasks = [GENERATED(seed) for seed in range(24)]
    lines = [msgspec.json.encode(task).decode() for task in tasks]
    assert load_tasks(write(tmp_path, f"[{','.join(lines)}]")) == tasks
    assert load_tasks(write(tmp_path, "\n".join(lines) + "\n\n", "tasks.jsonl")) == tasks
    assert load_tasks(write(tmp_path, json.dumps({"tasks": [json.loads(line) for line in lines]}, indent=1))) == tasks
    assert load_tasks(write(tmp_path, "\ufeff" + lines[0])) == tasks[:1]


def test_a_task_without_an_id_gets_one_from_its_place(tmp_path: Path) -> None:
    (task,) = load_tasks(write(tmp_path, '{"prompt": "a red ball", "modality": "image"}', "mine.jsonl"))
    assert (task.id, task.requirements.count) == ("mine/0", None)


def test_a_table_makes_a_picture_a_row(tmp_path: Path) -> None:
    table = 'Prompt\tCategory\na "red" fox reading\tAnimals\n一只红色狐狸在看书\tAnimals\n\nwood\tAbstract\n'
    tasks = load_tasks(write(tmp_path, table, "p.tsv"))
    assert [task.prompt for task in tasks] == ['a "red" fox reading', "一只红色狐狸在看书", "wood"]
    assert [task.language for task in tasks] == ["en", "zh", "en"]
    assert {(task.modality, task.requirements.count) for task in tasks} == {("image", 1)}
    assert tasks[0].requirements.entities == ("red", "fox")


def test_a_story_is_a_shot_a_text_as_long_as_its_frames(tmp_path: Path) -> None:
    (task,) = load_tasks(write(tmp_path, json.dumps([STORY])))
    assert (task.modality, task.requirements.shots, task.requirements.duration_s) == ("video", 2, 29 / 8)
    assert "Shot 1, 2.5 s: A dog runs." in task.prompt
    assert "Shot 2, 1.125 s: It sleeps on a red sofa." in task.prompt
    assert task.requirements.entities == ("dog", "sleeps", "runs", "red", "sofa")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "no task"),
        ("[]", "no task in it"),
        ("hello", "line 1: 'hello'"),
        ("[1, 2", "not JSON"),
        ("[1]", "entry 0"),
        ('[{"prompt": "x"}]', "entry 0: Object missing required field `modality`"),
        ('[{"prompt": "x", "modality": "image"}, {"prompt": "x", "modality": "smell"}]', "entry 1: Invalid enum value 'smell'"),
        ('{"prompt": "x", "modality": "image"}\n{"prompt": 3, "modality": "image"}', "line 2: Expected `str`, got `int`"),
        ('{"prompt": "x", "modality": "image"}\n\n{"prompt": "x"', "line 3: not JSON"),
        ('[{"prompt": "x", "modality": "image", "colour": 1}]', "unknown field `colour`"),
        ('[{"prompt": "  ", "modality": "image"}]', "field prompt"),
        ('{"tasks": 3}', "field tasks: '3'"),
        ('[{"prompt": "x", "modality": "image", "requirements": {"aspect": "wide"}}]', "field requirements.aspect: 'wide'"),
        ('[{"prompt": "x", "modality": "image", "requirements": {"count": 0}}]', "field requirements.count: 0"),
        ('[{"id": "a", "prompt": "x", "modality": "image"}, {"id": "a", "prompt": "y", "modality": "image"}]', "same id 'a'"),
        ("Title\tBody\nx\ty\n", "line 1: columns ['Title', 'Body']"),
        ("Prompt\tNote\nx\ty\n\ty\n", "line 3, field Prompt"),
        (json.dumps([STORY, {"texts": ["a"]}]), "entry 1, field exact_frames_per_prompt: 'None'"),
        (json.dumps([{**STORY, "texts": "a"}]), "entry 0, field texts: 'a'"),
        (json.dumps([{**STORY, "exact_frames_per_prompt": [1]}]), "entry 0: 2 texts, 1 exact_frames_per_prompt"),
        (json.dumps([{**STORY, "exact_frames_per_prompt": [1, 0]}]), "field exact_frames_per_prompt[1]: 0"),
        (json.dumps([STORY, "x"]), "entry 1, field texts"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_why(tmp_path: Path, text: str, names: str) -> None:
    assert names in complaint(write(tmp_path, text))


def test_a_file_that_is_missing_a_folder_or_no_text_says_so(tmp_path: Path) -> None:
    assert "No such file" in complaint(tmp_path / "none.json")
    assert "directory" in complaint(tmp_path).lower()
    (tmp_path / "b").write_bytes(b"[\xff]")
    assert "byte 1 is no UTF-8" in complaint(tmp_path / "b")


@given(st.lists(st.text(), max_size=4))
def test_content_words_are_few_lie_in_the_text_and_never_repeat(texts: list[str]) -> None:
    found = content_words(*texts)
    assert len(found) <= MAX_WORDS
    assert len(set(found)) == len(found)
    assert all(any(word in text.casefold() for text in texts) for word in found)


def test_content_words_leave_grammar_out() -> None:
    assert content_words("The old man is sitting in front of a red car") == ("old", "man", "front", "red", "car")
    assert content_words("there was one of them") == ()
    assert content_words("running") == ("running",)
    assert content_words("一只红色的狐狸在森林里") == ("红色", "狐狸", "森林")


def every_task_is_carried_to_success(tasks: list[Task]) -> None:
    failed = [(t.task.id, unmet(t)) for t in rollout(Expert(), tasks=tasks) if not t.success]
    assert len(failed) <= len(tasks) // 100, failed[:3]


def test_all_1632_partiprompts_become_tasks_that_the_expert_carries_to_success() -> None:
    tasks = load_tasks(real(PARTIPROMPTS))
    assert len(tasks) == 1632
    assert sum(task.requirements.entities is not None for task in tasks) > 1600
    every_task_is_carried_to_success(tasks)


@pytest.mark.parametrize("path", STORIES, ids=["oops", "uvo"])
def test_all_storybench_stories_become_tasks_that_the_expert_carries_to_success(path: Path) -> None:
    tasks = load_tasks(real(path))
    entries = json.loads(path.read_text())
    assert [task.requirements.shots for task in tasks] == [len(entry["texts"]) for entry in entries]
    assert [task.requirements.duration_s for task in tasks] == [sum(entry["exact_frames_per_prompt"]) / 8 for entry in entries]
    every_task_is_carried_to_success(tasks)
