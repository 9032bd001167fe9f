"""`visgen media`: build the library, list it, show a piece, and write the small index that comes with the package."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from media_db.index import BUNDLED, INDEX_NAME, MODALITIES, write_index

if TYPE_CHECKING:
    from media_db.library import Library, MediaAsset

_PLACE = "folder of the library (default: $VISGEN_MEDIA, else runs/media)"


def media(parser: argparse.ArgumentParser) -> None:
    """The media library: what there is to see and hear."""
    commands = parser.add_subparsers(dest="what", metavar="build|ls|show|bundle", required=True)
    make = commands.add_parser("build", help="draw the starter library; interrupted and run again, it goes on")
    make.description = "Draw the starter library of a seed: images, videos and sounds with captions and tags. Safe to run again."
    make.add_argument("--out", type=Path, metavar="DIR", help=_PLACE)
    make.add_argument("--seed", type=_count, default=0, help="what is drawn follows from it (default 0)")
    for name, default in (("images", 200), ("videos", 60), ("sounds", 60)):
        make.add_argument(f"--{name}", type=_count, default=default, metavar="N", help=f"how many (default {default})")
    make.add_argument("--json", action="store_true", help="print what stands as JSON")
    make.set_defaults(run=_build, resumes=True)
    listing = commands.add_parser("ls", help="list the library's files")
    listing.add_argument("--library", type=Path, metavar="DIR", help=_PLACE)
    listing.add_argument("--modality", choices=MODALITIES, help="only these")
    listing.add_argument("--json", action="store_true", help="print a list of objects with all attributes and tags")
    listing.set_defaults(run=_list)
    one = commands.add_parser("show", help="show one file: where it is, its attributes and tags")
    one.add_argument("id", type=int, metavar="ID", help="as `visgen media ls` prints it")
    one.add_argument("--library", type=Path, metavar="DIR", help=_PLACE)
    one.add_argument("--json", action="store_true", help="print one object")
    one.set_defaults(run=_show)
    bundle = commands.add_parser("bundle", help="write a library's index to one file, such as the one that comes with the package")
    bundle.add_argument("--library", type=Path, metavar="DIR", help=_PLACE)
    bundle.add_argument("--out", type=Path, default=BUNDLED, metavar="FILE", help="default: the package's own, to be committed")
    bundle.add_argument("--json", action="store_true", help="print file, count and version as one object")
    bundle.set_defaults(run=_bundle)


def _count(text: str) -> int:
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
    if not 0 <= value < 2**63:
        raise argparse.ArgumentTypeError(f"{text[:40]!r}; expected a whole number from 0 to 2**63 - 1")
    return value


def _open(folder: Path | None) -> Library:
    from media_db.library import Library

    return Library.open(folder)


def _build(namespace: argparse.Namespace) -> int:
    from tqdm import tqdm

    from media_db.library import build, default_folder

    folder = namespace.out or default_folder()
    total = namespace.images + namespace.videos + namespace.sounds
    with tqdm(total=total, desc=f"media library in {folder}", unit="file", file=sys.stderr, mininterval=0.5) as bar:

        def progress(done: int, _: int, caption: str) -> None:
            bar.update(done - bar.n)
            bar.set_postfix_str(caption[:48], refresh=False)

        library = build(folder, namespace.seed, namespace.images, namespace.videos, namespace.sounds, progress)
    assets = library.assets()
    counts = Counter(asset.modality for asset in assets)
    size = sum(asset.bytes for asset in assets)
    if namespace.json:
        body = {"folder": str(folder), "index": str(folder / INDEX_NAME), "counts": dict(counts), "bytes": size, **library.meta()}
        print(msgspec.json.encode(body).decode())
    else:
        parts = ", ".join(f"{counts[modality]} {modality}" for modality in MODALITIES)
        print(f"{folder}: {parts}; {size / 1e6:.1f} MB, seed {library.meta()['seed']}")
    return 0


def _list(namespace: argparse.Namespace) -> int:
    assets = _open(namespace.library).assets(namespace.modality)
    if namespace.json:
        print(msgspec.json.encode(assets).decode())
        return 0
    for asset in assets:
        print(f"{asset.id:>7}  {asset.modality:5}  {_shape(asset):>18}  {asset.caption}")
    return 0


def _show(namespace: argparse.Namespace) -> int:
    library = _open(namespace.library)
    asset = library.asset(namespace.id)
    path = library.path_of(namespace.id)
    if namespace.json:
        print(msgspec.json.encode({**msgspec.structs.asdict(asset), "file": str(path)}).decode())
        return 0
    print(f"{asset.id}  {asset.caption}\n  file      {path}\n  {asset.modality:8}  {_shape(asset)}, {asset.bytes} bytes")
    print(f"  source    {asset.source} ({asset.licence})\n  sha256    {asset.sha256}")
    for kind in sorted({kind for kind, _ in asset.tags}):
        print(f"  {kind:8}  {', '.join(value for name, value in asset.tags if name == kind)}")
    return 0


def _bundle(namespace: argparse.Namespace) -> int:
    index = write_index(namespace.out, _open(namespace.library).rows())
    if namespace.json:
        print(msgspec.json.encode({"file": str(namespace.out), "files": len(index), "version": index.version}).decode())
    else:
        print(f"{namespace.out}: {len(index)} files, version {index.version}")
    return 0


def _shape(asset: MediaAsset) -> str:
    size = f"{asset.width}x{asset.height}" if asset.width else ""
    length = f"{asset.duration_ms / 1000:.2f} s" if asset.duration_ms else ""
    return " ".join(part for part in (size, length) if part)
