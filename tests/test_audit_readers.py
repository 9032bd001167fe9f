"""The audit reads each format as it is written, and names what it cannot read."""

import json
import struct
import sys
import zipfile
from pathlib import Path

import msgspec
import pytest
from auditing import inspect_log, trl_rows, verifiers_rows, written
from rewarding import one_picture, task

import visgenenv as vg
from rewards.audit.readers import read
from rewards.audit.runs import audit_runs
from visgenenv.errors import ConfigError, MissingExtra


def test_results_of_verifiers_are_read_with_their_groups_metrics_and_tokens(tmp_path: Path) -> None:
    written(tmp_path / "vf" / "results.jsonl", verifiers_rows())
    (tmp_path / "vf" / "metadata.json").write_text('{"env_id": "x", "rollouts_per_example": 4}')
    rollouts = read(str(tmp_path / "vf"))
    first = rollouts.samples[0]
    assert (rollouts.format, len(rollouts.samples), len({each.group for each in rollouts.samples})) == ("verifiers", 40, 10)
    assert (first.id, first.prompt, first.tokens, first.turns) == ("0#0", "Be good.\n\nQuestion 0", 20, 1)
    assert set(first.parts) == {"correct", "style", "watched", "num_turns"}


def test_calls_of_a_policy_are_its_text_and_their_random_ids_are_not(tmp_path: Path) -> None:
    rows = verifiers_rows(2)
    for row, call in zip(rows, ("c1", "c2"), strict=True):
        asked = json.dumps({"id": call, "name": "look", "arguments": "{}"})
        row["completion"] = [{"role": "assistant", "content": "", "tool_calls": [asked]}, {"role": "tool", "content": "seen"}]
    first, second = read(written(tmp_path / "results.jsonl", rows)).samples
    assert first.completion == second.completion == '{"arguments": "{}", "name": "look"}'
    assert first.conversation == second.conversation != ""


def test_parquet_of_trl_is_read_as_its_rows_are_and_a_batch_logged_twice_counts_once(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = trl_rows(3)
    rows[1] |= {"right": float("nan"), "short": float("nan"), "watched": float("nan"), "advantage": 0.0}
    for number, table_of in ((1, rows), (2, [{**row, "step": 2} for row in rows]), (3, trl_rows(3, step=3))):
        pq.write_table(pa.Table.from_pylist(table_of), tmp_path / f"completions_{number:05d}.parquet")
    rollouts = read(str(tmp_path))
    assert (rollouts.format, len(rollouts.samples), len(rollouts.files)) == ("TRL", 24, 3)
    assert rollouts.notes[0].startswith("12 rows repeat the batch of the step before")
    assert set(rollouts.samples[0].parts) == {"right", "short", "watched"}
    assert [each.masked for each in rollouts.samples[:3]] == [False, True, False]
    lines = read(written(tmp_path / "rows" / "rows.jsonl", rows))
    assert [each.parts for each in lines.samples] == [each.parts for each in rollouts.samples[:12]]


def test_a_batch_of_trl_that_is_logged_again_in_the_same_file_counts_once(tmp_path: Path) -> None:
    first = trl_rows(3)
    again = [{**row, "step": 2} for row in first] + [{**row, "step": 3} for row in first]
    rollouts = read(written(tmp_path / "rows.jsonl", [*first, *again, *trl_rows(3, step=4)]))
    assert [each.step for each in rollouts.samples] == [1] * 12 + [4] * 12
    assert rollouts.notes[0].startswith("24 rows repeat the batch of the step before")


def test_groups_and_ids_of_one_run_are_not_those_of_another(tmp_path: Path) -> None:
    written(tmp_path / "vf" / "a.jsonl", verifiers_rows(8))
    written(tmp_path / "vf" / "b.jsonl", verifiers_rows(8)[::-1])
    written(tmp_path / "trl" / "a.jsonl", trl_rows(2))
    written(tmp_path / "trl" / "b.jsonl", trl_rows(2)[::-1])
    for indent, name in enumerate(("a", "b")):
        (tmp_path / "logs" / name).mkdir(parents=True)
        (tmp_path / "logs" / name / "log.json").write_text(json.dumps(inspect_log(), indent=indent))
        episodes = [msgspec.structs.replace(one_picture(task(count=1)), id=f"e{indent + at}") for at in range(2)]
        vg.save(tmp_path / "ours" / name / "trajectories" / "grpo-00001.jsonl", episodes)
    expected = {
        "vf": ("a.jsonl:0#0", 16, 4),
        "trl": ("a.jsonl:1/1", 16, 4),
        "logs": ("a/log.json:1/1", 12, 6),
        "ours": ("a/trajectories/grpo-00001.jsonl:e0", 4, 2),
    }
    for folder, (first, count, groups) in expected.items():
        samples = read(tmp_path / folder).samples
        assert (samples[0].id, len({each.id for each in samples}), len({each.group for each in samples})) == (first, count, groups)


def test_members_of_a_group_of_ours_share_task_luck_and_step_or_the_task_where_no_luck_is_shared(tmp_path: Path) -> None:
    def groups(*given: tuple[int, int | None]) -> list[int]:
        good = one_picture(task(count=1))
        vg.save(tmp_path / "own.jsonl", [msgspec.structs.replace(good, chance_seed=luck, step=step) for luck, step in given])
        samples = read(tmp_path / "own.jsonl").samples
        return [[each.group for each in samples].index(one.group) for one in samples]

    assert groups((1, 1), (2, 1), (1, 1), (1, 2)) == [0, 1, 0, 3]
    assert groups((1, None), (2, None)) == [0, 0]


@pytest.mark.parametrize("error", ["", None, {}])
def test_an_empty_error_of_verifiers_is_no_crash(error: object, tmp_path: Path) -> None:
    rows = [{**row, "error": error} for row in verifiers_rows(2)]
    assert [each.error for each in read(written(tmp_path / "results.jsonl", rows)).samples] == [None, None]


def test_parquet_without_pyarrow_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "completions_00001.parquet").write_bytes(b"PAR1 and so on")
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtra, match="pyarrow"):
        audit_runs(str(tmp_path / "completions_00001.parquet"))


def test_a_log_of_inspect_is_read_with_grades_epochs_errors_and_attachments(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text(json.dumps(inspect_log(), indent=2))
    rollouts = read(str(tmp_path / "log.json"))
    assert (rollouts.format, [each.id for each in rollouts.samples]) == ("Inspect", ["1/1", "1/2", "2/1", "2/2", "3/1", "3/2"])
    assert [each.reward for each in rollouts.samples] == [1.0, 0.0, 0.5, None, 0.75, None]
    assert [each.masked for each in rollouts.samples] == [False, False, False, True, False, True]
    first, second, *_, last = rollouts.samples
    assert (first.completion, first.tokens, first.parts) == ("the long answer", 7, {"match": 1.0, "shape.a": 1.0, "shape.b": 1.0})
    assert (first.truncated, second.truncated, last.error) == (False, True, "sandbox died")


def test_what_the_task_puts_into_the_mouth_of_the_assistant_is_no_completion(tmp_path: Path) -> None:
    shown = {"role": "assistant", "content": "2", "source": "input"}
    given = [{"role": "user", "content": "1 + 1?"}, shown, {"role": "user", "content": "2 + 2?"}]
    said = [{"role": "assistant", "content": "4", "source": "generate"}, {"role": "tool", "content": "right"}]
    shot = {"id": 1, "epoch": 1, "input": given, "messages": [*given, *said], "scores": {"m": {"value": "C"}}}
    (tmp_path / "log.json").write_text(json.dumps({"version": 2, "status": "success", "eval": {}, "samples": [shot]}))
    (only,) = read(str(tmp_path / "log.json")).samples
    assert (only.completion, only.turns, only.prompt) == ("4", 1, "1 + 1?\n\n2\n\n2 + 2?")


def test_a_zipped_log_of_inspect_is_read_deflated_and_with_zstandard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow as pa

    log = inspect_log()
    (tmp_path / "log.json").write_text(json.dumps(log))
    samples = log["samples"]
    assert isinstance(samples, list)
    plain, packed = tmp_path / "plain.eval", tmp_path / "packed.eval"
    for path, pack in ((plain, bytes), (packed, lambda data: pa.compress(data, codec="zstd", asbytes=True))):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED if path == packed else zipfile.ZIP_DEFLATED) as file:
            for each in samples:
                file.writestr(f"samples/{each['id']}_epoch_{each['epoch']}.json", pack(json.dumps(each).encode()))
            file.writestr("header.json", pack(b"{}"))
    data = bytearray(packed.read_bytes())
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):  # what the standard library cannot write, it can be told
        start = -1
        while (start := data.find(mark, start + 1)) >= 0:
            struct.pack_into("<H", data, start + at, 93)
    packed.write_bytes(data)
    expected = read(str(tmp_path / "log.json")).samples
    assert read(str(plain)).samples == expected
    assert read(str(packed)).samples == expected
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigError, match="inspect log convert"):
        read(str(packed))


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("x.jsonl", '{"a": 1}\n', "JSON with the keys a; what is read: trajectories of `visgen rollout`"),
        ("x.txt", "hello\n", "hello"),
        ("x.jsonl", "", "an empty file"),
        ("x.jsonl", '{"prompt": "p", "completion": "c", "advantage": 1}\n{"prompt"\n', "line 2: not JSON"),
        ("x.jsonl", '{"prompt": "p", "completion": "c", "advantage": 1}\n[1]\n', "line 2: found list"),
        ("x.jsonl", '{"prompt": "p", "completion": "c", "advantage": "much"}\n', "line 1: advantage is 'much': expected a number"),
        ("x.jsonl", '{"example_id": 1, "completion": "c", "reward": {}, "metrics": {}}\n', "line 1: reward is '{}'"),
        ("x.json", '{"version": 2, "status": "success", "eval": {}, "samples": [{"id": 1, "epoch": "x", "input": ""}]}', "`$.epoch`"),
        ("x.json", '{"version": 2, "status": "started", "eval": {}}', "holds no samples"),
        (
            "x.json",
            '{"version": 2, "status": "success", "eval": {},\n'
            '"samples": [{"id": 1, "epoch": 1, "input": "", "scores": {"m": {"value": "great"}}}]}',
            "'great': expected",
        ),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(name: str, text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError) as error:
        audit_runs(str(tmp_path / name))
    assert told in str(error.value)


def test_a_missing_file_an_empty_folder_two_formats_and_a_wrong_seed_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        audit_runs(str(tmp_path / "nowhere.jsonl"))
    with pytest.raises(ConfigError, match="an empty folder"):
        audit_runs(str(tmp_path))
    rows = written(tmp_path / "a.jsonl", trl_rows(2))
    written(tmp_path / "b.jsonl", verifiers_rows(4))
    with pytest.raises(ConfigError, match="several formats"):
        audit_runs(str(tmp_path))
    with pytest.raises(ConfigError, match="seed=-1"):
        audit_runs(rows, seed=-1)


def test_a_last_line_that_is_still_being_written_is_left_out_with_a_note(tmp_path: Path) -> None:
    path = Path(written(tmp_path / "results.jsonl", verifiers_rows(8)))
    path.write_text(path.read_text() + '{"example_id": 9, "comp')
    audited = audit_runs(str(path))
    assert audited.samples == 8
    assert "line 9" in audited.notes[0]
