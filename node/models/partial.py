"""A file under construction: hashed while it is written, and given its name only once it is whole."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, Self

from node.models.blocking import step
from node.models.errors import FetchError
from node.models.fit import human_bytes

CHUNK = 4 << 20
MARGIN = 64 << 20  # bytes that stay free on the disk

Progress = Callable[[int, int | None], None]
"""Called on the event loop with the bytes done and the bytes in all (None: not known)."""


class PartialFile:
    """A ``.part`` file, 0600. Every method blocks; one caller at a time.

    Attributes:
        size: bytes that are in it and hashed. digest: their sha256 in hexadecimal.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._hash = hashlib.sha256()
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def take_in(self) -> bool:
        """Hash the next piece of what an earlier run left here; False once there is no more."""
        piece = os.pread(self._descriptor, CHUNK, self.size)
        self._hash.update(piece)
        self.size += len(piece)
        return bool(piece)

    def write(self, data: bytes) -> None:
        """Append.

        Raises:
            FetchError: the disk is full.
        """
        rest = memoryview(data)
        while rest:
            try:
                written = os.pwrite(self._descriptor, rest, self.size)
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                    raise
                raise FetchError(
                    f"{self.path.parent}: {os.strerror(error.errno)} after {human_bytes(self.size)}",
                    "Make room on this disk, or use another one, and try again",
                ) from error
            self._hash.update(rest[:written])
            self.size += written
            rest = rest[written:]

    def restart(self) -> None:
        """Throw away what is in it."""
        os.ftruncate(self._descriptor, 0)
        self.size = 0
        self._hash = hashlib.sha256()

    def commit(self, target: Path) -> None:
        """Make it durable and give it its name, replacing what had that name."""
        os.fsync(self._descriptor)
        self.path.replace(target)
        directory = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


async def copy_into(part: PartialFile, source: IO[bytes], total: int, progress: Progress) -> None:
    """Append all of an open file, a piece at a time."""

    def copy_piece() -> int:
        piece = source.read(CHUNK)
        part.write(piece)
        return len(piece)

    while await step(copy_piece):
        progress(part.size, total)


async def hash_file(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := await step(file.read, CHUNK):
            await step(digest.update, piece)
    return digest.hexdigest()


def require_space(directory: Path, count: int) -> None:
    """Check before a download that its bytes have room.

    Raises:
        FetchError: there is less free than ``count`` and a margin.
    """
    free = shutil.disk_usage(directory).free
    if free < count + MARGIN:
        raise FetchError(
            f"{directory}: {human_bytes(free)} free, {human_bytes(count + MARGIN)} needed",
            "Make room on this disk, or move the data directory to another one (--data-dir)",
        )
