"""Several files audited together: each is read once, copies are told, and the answer names what was read."""

import json
import os
from pathlib import Path

import msgspec
import pytest
from auditing import inspect_log, one, trl_rows, verifiers_rows, written
from rewarding import one_picture, task

import visgenenv as vg
from rewards.audit.runs import audit_runs, table
from visgenenv.errors import ConfigError


def other_rows() -> list[dict[str, object]]:
    return [{**row, "completion": f"other {at}"} for at, row in enumerate(verifiers_rows(8))]


def test_one_path_several_paths_and_their_folder_give_the_same_audit(tmp_path: Path) -> None:
    first, second = written(tmp_path / "a.jsonl", verifiers_rows(8)), written(tmp_path / "b.jsonl", other_rows())
    together = audit_runs([first, Path(second)])
    assert (together.samples, together.groups, together.files) == (16, 4, (first, second))
    assert audit_runs((first, second)) == together == audit_runs(tmp_path)
    assert audit_runs([first]) == audit_runs(first) == audit_runs(Path(first))


@pytest.mark.parametrize("paths", [[], [3], 3, [None, "a.jsonl"]])
def test_what_is_no_path_is_refused(paths: object) -> None:
    with pytest.raises(ConfigError, match="expected the path"):
        audit_runs(paths)  # type: ignore[arg-type]


def test_a_file_that_is_named_twice_is_read_once_with_a_note(tmp_path: Path) -> None:
    path = Path(written(tmp_path / "run" / "a.jsonl", verifiers_rows(8)))
    (tmp_path / "latest.jsonl").symlink_to(path)
    alone = audit_runs(path)
    for again in (path, os.path.relpath(path), path.parent, tmp_path / "latest.jsonl"):
        audited = audit_runs([path, again])
        assert audited.checks == alone.checks
        assert (audited.samples, len(audited.files)) == (8, 1)
        assert audited.notes[0].endswith("named more than once; read once")


def test_a_copy_of_a_file_is_read_once_with_a_note_that_names_both(tmp_path: Path) -> None:
    rows = verifiers_rows(8)
    first, second = written(tmp_path / "a.jsonl", rows), written(tmp_path / "b.jsonl", rows)
    audited = audit_runs(tmp_path)
    assert (audited.samples, audited.files) == (8, (first,))
    assert audited.notes == (f"{second}: the same to the last byte as {first}; read once",)


def test_records_of_each_format_that_stand_in_another_file_too_are_counted(tmp_path: Path) -> None:
    rows = verifiers_rows(8)
    written(tmp_path / "vf" / "a.jsonl", rows)
    written(tmp_path / "vf" / "b.jsonl", [*rows[:5], *other_rows()[5:]])
    written(tmp_path / "trl" / "a.jsonl", [*trl_rows(3), *trl_rows(3, step=2)])
    written(tmp_path / "trl" / "b.jsonl", trl_rows(3)[:8])
    episodes = [msgspec.structs.replace(one_picture(task(prompt=f"picture {at}", count=1)), id=f"e{at}") for at in range(4)]
    for name, count in (("a", 4), ("b", 3)):
        vg.save(tmp_path / "ours" / f"{name}.jsonl", episodes[:count])
        (tmp_path / "logs").mkdir(exist_ok=True)
        log = inspect_log()
        assert isinstance(log["samples"], list)
        (tmp_path / "logs" / f"{name}.json").write_text(json.dumps({**log, "samples": log["samples"][:count]}))
    for folder, copies, first in (
        ("vf", 5, "b.jsonl:0#0"),
        ("trl", 8, "b.jsonl:1/1"),
        ("ours", 3, "b.jsonl:e0"),
        ("logs", 3, "b.json:1/1"),
    ):
        check = one(audit_runs(tmp_path / folder), "records twice")
        assert (folder, check.verdict, check.count, check.worst[0]) == (folder, "look", copies, first)
        assert f"{copies} with text, reward and group of a record in another file" in check.detail


def test_the_same_text_with_another_reward_or_for_another_example_is_no_copy(tmp_path: Path) -> None:
    rows = verifiers_rows(8)
    written(tmp_path / "a.jsonl", rows)
    written(tmp_path / "b.jsonl", [{**row, "reward": -1.0} for row in rows])
    written(tmp_path / "c.jsonl", [{**row, "example_id": 100 + at} for at, row in enumerate(rows)])
    assert one(audit_runs(tmp_path), "records twice").count == 0


def test_the_files_that_were_read_stand_in_the_table_and_in_the_audit(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", verifiers_rows(8))
    written(tmp_path / "b.jsonl", other_rows())
    (tmp_path / "metadata.json").write_text("{}")
    audited = audit_runs(tmp_path)
    first, second = table(audited).splitlines()[:2]
    assert first.startswith("2 files: verifiers, 16 samples in 4 groups")
    assert second == f"read: in {tmp_path}: a.jsonl, b.jsonl"
    assert json.loads(msgspec.json.encode(audited))["files"] == [str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")]


def test_of_many_files_the_table_names_some_and_counts_the_rest(tmp_path: Path) -> None:
    for at in range(20):
        written(tmp_path / f"{at:02}.jsonl", [{**row, "completion": f"{at}"} for row in verifiers_rows(4)])
    audited = audit_runs(tmp_path)
    assert len(audited.files) == 20
    text = " ".join(table(audited).split())
    assert "07.jsonl and 12 more" in text
    assert "08.jsonl" not in text.split("verdict")[0]
