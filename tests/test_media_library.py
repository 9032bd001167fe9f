"""The library: built whole or continued, never half-written; and the commands over it."""

import builtins
import errno
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from media_db.errors import MediaError, MissingExtra, UnknownAsset
from media_db.index import open_index
from media_db.library import Library, build
from visgenenv.cli import main

SIZE = {"images": 6, "videos": 2, "sounds": 2}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "library"
    build(path, **SIZE)
    return path


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_two_builds_are_the_same_byte_for_byte_whatever_lies_in_memory(folder: Path, tmp_path: Path) -> None:
    code = f"from media_db.library import build; build({str(tmp_path / 'again')!r}, images=6, videos=2, sounds=2)"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "MALLOC_PERTURB_": "85"})
    assert contents(tmp_path / "again") == contents(folder)


def test_another_seed_draws_other_pictures(folder: Path, tmp_path: Path) -> None:
    other = build(tmp_path / "other", seed=1, images=2, videos=0, sounds=0)
    mine = Library.open(folder)
    assert other.asset(1).sha256 != mine.asset(1).sha256
    assert other.meta()["seed"] == "1"


def test_an_interrupted_build_goes_on_and_ends_the_same(folder: Path, tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    def kill_at(stop: int):
        def progress(done: int, total: int, caption: str) -> None:
            assert total == 10
            if done == stop:
                raise Killed

        return progress

    place = tmp_path / "library"
    for stop in (3, 7, 9):
        with pytest.raises(Killed):
            build(place, **SIZE, progress=kill_at(stop))
        assert len(Library.open(place).assets()) == stop
        assert not list(place.rglob(".*.jpg.*")), "no half-written file remains"
    reported = []
    build(place, **SIZE, progress=lambda done, total, caption: reported.append(done))
    assert reported == [9, 10]
    assert contents(place) == contents(folder)


def test_a_finished_library_is_left_alone(copy: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*") if path.is_file() and path.name != ".building"}
    reported = []
    build(copy, **SIZE, progress=lambda *report: reported.append(report))
    build(copy, images=2, videos=0, sounds=0)
    assert reported == [(10, 10, "")]
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_file_that_is_gone_or_cut_is_made_again(folder: Path, copy: Path) -> None:
    (copy / "images/000002.jpg").unlink()
    (copy / "videos/100001.mp4").write_bytes(b"cut")
    build(copy, **SIZE)
    assert contents(copy) == contents(folder)


def test_a_larger_library_keeps_what_the_smaller_one_had(folder: Path, copy: Path) -> None:
    library = build(copy, images=7, videos=2, sounds=2)
    small = Library.open(folder)
    assert [asset for asset in library.assets() if asset.id != 7] == small.assets()
    assert len(open_index(copy)) == 11


def test_every_row_is_of_its_file(folder: Path) -> None:
    from hashlib import sha256

    library = Library.open(folder)
    assert [asset.id for asset in library.assets()] == [1, 2, 3, 4, 5, 6, 100001, 100002, 200001, 200002]
    for asset in library.assets():
        data = library.path_of(asset.id).read_bytes()
        assert (asset.sha256, asset.bytes) == (sha256(data).hexdigest(), len(data))
        assert asset.caption
        assert asset.tags
        assert asset.licence
        kinds = {kind for kind, _ in asset.tags}
        assert {"setting", "colour"} <= kinds if asset.modality != "audio" else "sound" in kinds
    music = library.asset(200001)
    tempo = int(dict(music.tags)["tempo"])
    assert f"{tempo} beats a minute" in music.caption
    assert [asset.id for asset in library.assets("video")] == [100001, 100002]


def test_the_library_and_the_bundled_index_speak_of_the_same_files(folder: Path) -> None:
    from media_db.index import bundled

    for row in Library.open(folder).rows():
        assert bundled().row(row.id) == row, "the bundled index is stale: build the default library and run `visgen media bundle`"


def test_the_library_s_own_index_samples_its_files(folder: Path) -> None:
    index = open_index(folder)
    assert {index.sample("audio", 0, 0, 5000, bits << 62) for bits in range(4)} <= {200001, 200002}
    assert index.row(3).caption == Library.open(folder).asset(3).caption


def test_thumbnails_are_jpegs_of_the_asked_size_and_shape(folder: Path) -> None:
    from PIL import Image

    library = Library.open(folder)
    for id in (1, 100001, 200001, 200002):
        for side, aspect in ((320, None), (96, (16, 9)), (64, (9, 16)), (50, (1, 1))):
            data = library.thumbnail(id, side, aspect)
            image = Image.open(io.BytesIO(data))
            assert image.format == "JPEG"
            assert max(image.size) <= side
            if aspect is not None:
                assert image.width / image.height == pytest.approx(aspect[0] / aspect[1], rel=0.05)
            assert len(image.convert("RGB").getcolors(10**6)) > 10
    video = library.asset(100001)
    thumb = Image.open(io.BytesIO(library.thumbnail(100001, 4000)))
    assert thumb.size == (video.width, video.height)
    with pytest.raises(MediaError, match="max_side=0"):
        library.thumbnail(1, 0)


def test_an_unknown_asset_is_named_and_so_is_a_file_that_is_gone(copy: Path) -> None:
    library = Library.open(copy)
    for id in (999, -1, 2**70):
        with pytest.raises(UnknownAsset, match=str(id)):
            library.asset(id)
    (copy / "images/000003.jpg").unlink()
    with pytest.raises(UnknownAsset, match=r"000003\.jpg.*visgen media build"):
        library.thumbnail(3)
    (copy / "images/000004.jpg").write_bytes(b"no picture")
    with pytest.raises(MediaError, match=r"000004\.jpg is damaged"):
        library.thumbnail(4)
    with pytest.raises(MediaError, match="'smell'"):
        library.assets("smell")


@pytest.mark.parametrize(
    "spoil", [b"not a database at all, but long enough to be looked at" * 10, b"", b"SQLite format 3\0" + b"\7" * 4000]
)
def test_a_damaged_database_is_refused_by_name_and_left_as_it_is(copy: Path, spoil: bytes) -> None:
    (copy / "library.db").write_bytes(spoil)
    with pytest.raises(MediaError, match=r"library\.db.*(damaged|no media library)"):
        Library.open(copy)
    if spoil:
        with pytest.raises(MediaError, match=r"library\.db is damaged"):
            build(copy, **SIZE)
        assert (copy / "library.db").read_bytes() == spoil


def test_a_library_of_another_seed_is_not_mixed_in(copy: Path) -> None:
    before = contents(copy)
    with pytest.raises(MediaError, match=r"seed '0'; expected '5'.*--out"):
        build(copy, seed=5, **SIZE)
    assert contents(copy) == before


def test_a_missing_library_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MediaError, match="visgen media build"):
        Library.open(tmp_path / "nowhere")
    monkeypatch.setenv("VISGEN_MEDIA", str(tmp_path / "named-by-environment"))
    with pytest.raises(MediaError, match="named-by-environment"):
        Library.open()


def test_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for place in (tmp_path / "file", tmp_path / "file" / "inside"):
        with pytest.raises(MediaError, match=r"file.*--out"):
            build(place, **SIZE)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(MediaError, match="Permission denied"):
        build(tmp_path / "locked" / "library", **SIZE)


def test_a_full_disk_leaves_a_library_that_can_be_continued(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = os.fsync
    calls = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        synced(handle)

    monkeypatch.setattr("media_db.library.os.fsync", full)
    with pytest.raises(MediaError, match=r"No space left on device.*run it again"):
        build(tmp_path / "library", **SIZE)
    assert len(Library.open(tmp_path / "library").assets()) == 3
    assert len(list((tmp_path / "library" / "images").iterdir())) == 3
    build(tmp_path / "library", **SIZE)
    assert contents(tmp_path / "library") == contents(folder)


def test_a_second_build_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "library"

    refused = []

    def progress(done: int, total: int, caption: str) -> None:
        if done == 0:
            with pytest.raises(MediaError, match="another build") as caught:
                build(place, images=1, videos=0, sounds=0)
            refused.append(caught)

    build(place, images=1, videos=0, sounds=0, progress=progress)
    assert len(refused) == 1


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"images": -1}, {"videos": 10**6}, {"sounds": 1.5}, {"images": True}])
def test_wrong_numbers_are_named(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(MediaError, match=f"{next(iter(wrong))}="):
        build(tmp_path / "library", **wrong)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("module", "package"), [("PIL", "pillow"), ("av", "av")])
def test_a_missing_extra_is_named_where_it_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, package: str) -> None:
    original = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name.partition(".")[0] == module:
            raise ImportError(f"No module named {name!r}")
        return original(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=rf"'{package}'.*visgenenv\[media\]"):
        build(tmp_path / "library", images=0, videos=1, sounds=0)
    assert not list((tmp_path / "library").rglob("*.mp4*"))


def test_build_prints_figures_on_standard_output_and_progress_on_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "library"
    assert main(["media", "build", "--out", str(place), "--images", "2", "--videos", "0", "--sounds", "1", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["counts"] == {"image": 2, "audio": 1}
    assert "media library" in printed.err
    assert main(["media", "build", "--out", str(place), "--images", "2", "--videos", "0", "--sounds", "1"]) == 0
    assert "2 image, 0 video, 1 audio" in capsys.readouterr().out


def test_ls_and_show_print_what_is_there(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISGEN_MEDIA", str(folder))
    assert main(["media", "ls"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 10
    assert main(["media", "ls", "--modality", "audio", "--json"]) == 0
    assert [asset["id"] for asset in json.loads(capsys.readouterr().out)] == [200001, 200002]
    assert main(["media", "show", "100001", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert Path(shown["file"]).is_file()
    assert shown["modality"] == "video"
    assert main(["media", "show", "1", "--library", str(folder)]) == 0
    text = capsys.readouterr().out
    assert "images/000001.jpg" in text
    assert "colour" in text


def test_bundle_writes_an_index_of_the_library(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["media", "bundle", "--library", str(folder), "--out", str(tmp_path / "small.index")]) == 0
    assert open_index(tmp_path / "small.index").version == open_index(folder).version


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["show", "7777"], 1), (["show", "seven"], 2), (["ls", "--modality", "smell"], 2), (["build", "--images", "-3"], 2), ([], 2)],
)
def test_exit_codes_tell_failure_from_wrong_arguments(
    folder: Path, arguments: list[str], status: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISGEN_MEDIA", str(folder))
    try:
        found = main(["media", *arguments])
    except SystemExit as stop:
        found = int(stop.code or 0)
    assert found == status
    assert capsys.readouterr().err


@pytest.mark.parametrize("damage", ["cut", "gone", "stale"])
def test_an_index_that_is_damaged_or_behind_is_written_again(folder: Path, copy: Path, tmp_path: Path, damage: str) -> None:
    index = copy / "media.index"
    if damage == "cut":
        index.write_bytes(index.read_bytes()[:-7])
    elif damage == "gone":
        index.unlink()
    else:
        build(tmp_path / "small", images=2, videos=1, sounds=1)
        shutil.copy(tmp_path / "small" / "media.index", index)
    build(copy, **SIZE)
    assert contents(copy) == contents(folder)


@pytest.mark.parametrize(("id", "name"), [(1, "images/000001.jpg"), (100001, "videos/100001.mp4"), (200001, "sounds/200001.m4a")])
def test_a_thumbnail_of_a_damaged_file_is_told(copy: Path, id: int, name: str) -> None:
    (copy / name).write_bytes(b"cut")
    with pytest.raises(MediaError, match="is damaged"):
        Library.open(copy).thumbnail(id)
