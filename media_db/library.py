"""A media library: a folder of files with a database of what they are, built by the renderer and read by pages and tools."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from media_db.errors import MediaError, UnknownAsset
from media_db.index import INDEX_NAME, MODALITIES, MediaRow, open_index, write_index
from media_db.models import AssetRow, Base, MetaRow, TagRow

DATABASE = "library.db"
ENVIRONMENT = "VISGEN_MEDIA"
"""Environment variable that names the library's folder."""
DEFAULT_FOLDER = "runs/media"
IMAGES, VIDEOS, SOUNDS = 200, 60, 60
"""Size of the starter library."""
BLOCK = 100_000
"""Images have ids from 1, videos from 100001, sounds from 200001: piece n of a seed has the same id in a library of any size."""
_FOLDERS = {"image": ("images", "jpg"), "video": ("videos", "mp4"), "audio": ("sounds", "m4a")}
Progress = Callable[[int, int, str], None]
"""Called with pieces done, pieces in all and the caption of the last one; what it raises ends the build, which can go on later."""


class MediaAsset(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a library."""

    id: int
    modality: str
    path: str
    """Relative to the library's folder."""
    sha256: str
    bytes: int
    width: int
    height: int
    frames: int
    fps_milli: int
    """Frames per 1000 seconds; 0 where there are none."""
    duration_ms: int
    caption: str
    source: str
    licence: str
    tags: tuple[tuple[str, str], ...]
    """Pairs of kind and value, sorted: object, colour, coloured, count, setting, light, text, camera, motion, tempo, key, style…"""


def default_folder() -> Path:
    """Where the library is looked for: $VISGEN_MEDIA, else runs/media under the current folder."""
    return Path(os.environ.get(ENVIRONMENT) or DEFAULT_FOLDER)


class Library:
    """An open library, for reading; it holds no connection between calls."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder = folder
        self._engine = engine

    @classmethod
    def open(cls, path: str | os.PathLike[str] | None = None) -> Library:
        """Open the library in a folder (None: the default one); raises `MediaError` if it is missing or damaged."""
        folder = Path(path) if path is not None else default_folder()
        if not (folder / DATABASE).is_file():
            raise MediaError(f"no media library in {str(folder)!r}; make one with `visgen media build --out {folder}`")
        library = cls(folder, _engine(folder, write=False))
        library.meta()
        return library

    def meta(self) -> dict[str, str]:
        """Facts about the library: seed, renderer, licence."""
        with self._session() as session:
            return {row.key: row.value for row in session.scalars(select(MetaRow).order_by(MetaRow.key))}

    def asset(self, id: int) -> MediaAsset:
        """One asset; raises `UnknownAsset`."""
        with self._session() as session:
            row = session.get(AssetRow, id) if -(2**63) <= id < 2**63 else None
            if row is None:
                raise UnknownAsset(f"asset {id!r} is not in the media library {str(self.folder)!r}; `visgen media ls` lists what is")
            return _asset(row)

    def assets(self, modality: str | None = None) -> list[MediaAsset]:
        """All assets, or those of one modality, by id."""
        if modality is not None and modality not in MODALITIES:
            raise MediaError(f"modality {modality!r}; expected one of {', '.join(MODALITIES)}")
        query = select(AssetRow).order_by(AssetRow.id)
        with self._session() as session:
            rows = session.scalars(query if modality is None else query.where(AssetRow.modality == modality))
            return [_asset(row) for row in rows]

    def path_of(self, id: int) -> Path:
        """The file of an asset; raises `UnknownAsset` if there is no such asset or its file is gone."""
        path = self.folder / self.asset(id).path
        if not path.is_file():
            raise UnknownAsset(f"the file of asset {id}, {path}, is gone; `visgen media build --out {self.folder}` makes it again")
        return path

    def thumbnail(self, id: int, max_side: int = 320, aspect: tuple[int, int] | None = None) -> bytes:
        """A JPEG: the image, a video's middle frame, a sound's wave.

        Its longer side is at most `max_side` pixels; with `aspect` (width, height) it is cropped around its middle to that shape.
        Raises `UnknownAsset`, `MissingExtra`.
        """
        from media_db.thumbnail import thumbnail

        return thumbnail(self.path_of(id), self.asset(id), max_side, aspect)

    def rows(self) -> list[MediaRow]:
        """What an index keeps of each asset."""
        fields = MediaRow.__struct_fields__
        return [MediaRow(**{name: getattr(asset, name) for name in fields}) for asset in self.assets()]

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with _explained(self.folder), Session(self._engine) as session:
            yield session


def build(
    path: str | os.PathLike[str],
    seed: int = 0,
    images: int = IMAGES,
    videos: int = VIDEOS,
    sounds: int = SOUNDS,
    progress: Progress | None = None,
) -> Library:
    """Build the starter library of a seed in a folder, or go on where an earlier build stopped, or find it done.

    The same arguments give the same bytes on one machine, interrupted or not. What more there is already stays. Raises `MediaError`
    (no permission, full disk, a library of another seed, a damaged database) and `MissingExtra`; what was finished before stands.
    """
    _check(seed=seed, images=images, videos=videos, sounds=sounds)
    folder = Path(path)
    counts = {"image": images, "video": videos, "audio": sounds}
    wanted = [(kind, n + 1, MODALITIES.index(kind) * BLOCK + n + 1) for kind, count in counts.items() for n in range(count)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MediaError(f"cannot make the folder {str(folder)!r}: {error.strerror}; choose another with --out") from error
    with _only_builder(folder):
        engine = _engine(folder, write=True)
        _found(folder, engine, seed)
        library = Library(folder, engine)
        standing = {asset.id for asset in library.assets() if _stands(folder, asset)}
        missing = [piece for piece in wanted if piece[2] not in standing]
        done, caption = len(wanted) - len(missing), ""
        for kind, number, id in missing:
            if progress is not None:
                progress(done, len(wanted), caption)
            caption = _add(folder, engine, kind, number, id, seed)
            done += 1
        if missing:
            _settle(folder, engine)
        if missing or not _indexed(folder, library):
            write_index(folder / INDEX_NAME, library.rows())
    if progress is not None:
        progress(done, len(wanted), caption)
    return Library.open(folder)


def _check(**numbers: int) -> None:
    for name, value in numbers.items():
        most = 2**63 if name == "seed" else BLOCK
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < most:
            raise MediaError(f"{name}={value!r}; expected an integer from 0 to {most - 1}")


def _engine(folder: Path, *, write: bool) -> Engine:
    engine = _engine_of(folder / DATABASE, "rwc" if write else "ro")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON"))
    return engine


def _engine_of(file: Path, mode: str) -> Engine:
    return create_engine(f"sqlite:///file:{quote(str(file.resolve()))}?mode={mode}&uri=true", poolclass=NullPool)


def _found(folder: Path, engine: Engine, seed: int) -> None:
    """Make the tables, or make sure that the library there is the one that is asked for."""
    from media_db.renderer.starter import RENDERER

    expected = {"licence": "Apache-2.0", "renderer": RENDERER, "seed": str(seed)}
    with _explained(folder):
        Base.metadata.create_all(engine)
        with Session(engine) as session, session.begin():
            there = {row.key: row.value for row in session.scalars(select(MetaRow))}
            if not there:
                session.add_all(MetaRow(key=key, value=value) for key, value in expected.items())
                return
    for key in ("seed", "renderer"):
        if there.get(key) != expected[key]:
            raise MediaError(
                f"{str(folder)!r} holds a library of {key} {there.get(key)!r}; expected {expected[key]!r}: choose another folder with --out"
            )


def _stands(folder: Path, asset: MediaAsset) -> bool:
    path = folder / asset.path
    return path.is_file() and path.stat().st_size == asset.bytes


def _indexed(folder: Path, library: Library) -> bool:
    """Whether the index there is whole and of what the library holds now."""
    try:
        return open_index(folder).rows() == library.rows()
    except MediaError:
        return False


def _add(folder: Path, engine: Engine, kind: str, number: int, id: int, seed: int) -> str:
    """Draw one piece into its file and then record it; returns its caption."""
    from media_db.renderer.starter import make

    name, suffix = _FOLDERS[kind]
    relative = f"{name}/{id:06d}.{suffix}"
    with _explained(folder), _beside(folder / relative) as file:
        made = make(kind, number, seed, file)
    data = (folder / relative).read_bytes()
    row = AssetRow(
        id=id,
        modality=kind,
        path=relative,
        sha256=sha256(data).hexdigest(),
        bytes=len(data),
        width=made.width,
        height=made.height,
        frames=made.frames,
        fps_milli=made.fps_milli,
        duration_ms=made.duration_ms,
        caption=made.caption,
        source=f"starter library, seed {seed}, {kind} {number}",
        licence="Apache-2.0",
        tags=[TagRow(kind=tag, value=value) for tag, value in made.tags],
    )
    with _explained(folder), Session(engine) as session, session.begin():
        earlier = session.get(AssetRow, id)
        if earlier is not None:
            session.delete(earlier)
            session.flush()
        session.add(row)
    return made.caption


def _settle(folder: Path, engine: Engine) -> None:
    """Rewrite the database in one go, so that its bytes do not tell in how many steps it was filled."""
    temporary = folder / f".{DATABASE}.{os.getpid()}"
    with _explained(folder):
        try:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM INTO :place"), {"place": str(temporary)})
            with _engine_of(temporary, "rw").connect() as connection:
                # The copy counts on from its source's schema version, which tells how often this was done.
                connection.execute(text("PRAGMA schema_version = 1"))
            os.replace(temporary, folder / DATABASE)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def _beside(target: Path) -> Iterator[Any]:
    """A file that takes its name only when it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def _only_builder(folder: Path) -> Iterator[None]:
    """Keeps a second build out of the folder while one runs; the lock goes with the process."""
    try:
        import fcntl
    except ImportError:  # not on Windows, where the second build fails on the database instead
        yield
        return
    with _explained(folder), open(folder / ".building", "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise MediaError(f"another build is writing to {str(folder)!r}; wait for it, or choose another folder with --out") from error
        yield


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """The operating system's and the database's errors, as ours."""
    again = "free space or mend the permissions and run it again: it goes on where it stopped"
    try:
        yield
    except OSError as error:
        if isinstance(error, ImportError | UnknownAsset):
            raise
        raise MediaError(f"cannot write {error.filename or str(folder)!r}: {error.strerror or error}; {again}") from error
    except DBAPIError as error:
        reason = str(error.orig)
        if (
            isinstance(error, IntegrityError)
            or "full" in reason
            or "readonly" in reason
            or "locked" in reason
            or "unable to open" in reason
        ):
            raise MediaError(f"cannot write {folder / DATABASE}: {reason}; {again}") from error
        raise MediaError(
            f"{folder / DATABASE} is damaged or no media library ({reason}); move it away and run `visgen media build --out {folder}`"
        ) from error


def _asset(row: AssetRow) -> MediaAsset:
    values = {name: getattr(row, name) for name in MediaAsset.__struct_fields__ if name != "tags"}
    return MediaAsset(**values, tags=tuple((tag.kind, tag.value) for tag in row.tags))
