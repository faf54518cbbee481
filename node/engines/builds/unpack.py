"""An archive, taken apart with suspicion: nothing outside its place, nothing but files, nothing without end."""

from __future__ import annotations

import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from node.engines.builds.errors import BuildError

MOST_FILES = 4000
MOST_BYTES = 8 << 30
LONGEST_LINK = 4096
PIECE = 4 << 20
SERVER = "llama-server"
KINDS = "Take a .zip or .tar.gz as llama.cpp's releases have them"
DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
)

Member = tuple[str, IO[bytes] | None, bool, str]
"""Name, content, whether it may be run, and where it points to if it is a link."""


def unpack(archive: Path, into: Path) -> Iterator[int]:
    """Unpack into a directory of its own; tells the bytes written so far. Blocking.

    Raises:
        BuildError: it is no archive, it is damaged, or it holds what it must not.
        OSError: a file cannot be written.
    """
    links: list[tuple[Path, str]] = []
    written = count = 0
    try:
        for name, content, runs, target in _members(archive):
            count += 1
            if count > MOST_FILES:
                raise BuildError(f"{archive.name}: it holds more than {MOST_FILES} files", KINDS)
            path = into / _inside(archive, PurePosixPath(name))
            if content is None:
                links.append((path, str(_inside(archive, PurePosixPath(target)))))
                continue
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            mode = 0o700 if runs or path.name == SERVER else 0o600
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            with content, os.fdopen(os.open(path, flags, mode), "wb") as file:
                while piece := content.read(PIECE):
                    written += len(piece)
                    if written > MOST_BYTES:
                        raise BuildError(f"{archive.name}: it holds more than {MOST_BYTES >> 30} GiB", KINDS)
                    file.write(piece)
                    yield written
        for path, target in links:  # last, so that nothing is written through one
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.symlink_to(target)
    except FileExistsError as error:
        raise BuildError(f"{archive.name}: {error.filename} is there twice", KINDS) from error
    except DAMAGED as error:
        raise BuildError(f"{archive.name}: {error or type(error).__name__}", KINDS) from error


def merge(unpacked: Path, into: Path) -> None:
    """Move what one archive held to what others held, without the directory that a release wraps around everything.

    Raises:
        BuildError: two archives hold a file of the same name.
    """
    inner = list(unpacked.iterdir())
    source = inner[0] if len(inner) == 1 and inner[0].is_dir() and not inner[0].is_symlink() else unpacked
    into.mkdir(mode=0o700, exist_ok=True)
    for path in sorted(source.iterdir()):
        if os.path.lexists(into / path.name):
            raise BuildError(f"{path.name} is in two of the archives", "Take archives of one build")
        path.rename(into / path.name)


def find_server(directory: Path) -> Path:
    """The llama-server below a directory.

    Raises:
        BuildError: there is none.
    """
    found = sorted(path for path in directory.rglob(SERVER) if path.is_file() and not path.is_symlink())
    if not found:
        raise BuildError(f"there is no {SERVER} in it", "Take an archive of llama.cpp's own releases")
    return found[0]


def _members(archive: Path) -> Iterator[Member]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                mode = info.external_attr >> 16
                if info.is_dir():
                    continue
                if stat.S_ISLNK(mode):
                    with opened.open(info) as content:
                        yield info.filename, None, False, os.fsdecode(content.read(LONGEST_LINK))
                else:
                    yield info.filename, opened.open(info), bool(mode & stat.S_IXUSR), ""
        return
    with tarfile.open(archive, "r:gz") as packed:
        for entry in packed:
            if entry.isdir():
                continue
            if entry.issym():
                yield entry.name, None, False, entry.linkname
            elif entry.isreg():
                yield entry.name, packed.extractfile(entry), bool(entry.mode & stat.S_IXUSR), ""
            else:
                raise BuildError(f"{archive.name}: {entry.name[:100]!r} is neither a file nor a link to one", KINDS)


def _inside(archive: Path, path: PurePosixPath) -> PurePosixPath:
    """A name, or where a link points to from where it lies, that leads downwards only.

    Raises:
        BuildError: it may lead out of the archive.
    """
    if not path.parts or path.is_absolute() or ".." in path.parts or not {"\\", "\0"}.isdisjoint(str(path)):
        raise BuildError(f"{archive.name}: {str(path)[:100]!r} leads out of it", "Do not trust this archive")
    return path
