"""A disk that loses its power: an SQLite VFS that knows which writes were synced, and which were only on their way.

At the cut every later access fails. What is then found on the disk is what was synced, and of each write since the
last sync: nothing, all, or a part that ends at a sector. Writes to different places may come out of order, as on a
real disk with a cache. See "Files Are Hard" and SQLite's own crash tests for the model.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512
LOST, TORN = 0.4, 0.6  # below the first a write is lost, below the second torn, else it arrived


class PowerIsOff(apsw.IOError):
    """What every access to the disk raises after the cut."""


@dataclass
class Image:
    """One file as the disk has it.

    Attributes:
        safe: the content at the last sync.
        pending: what was asked for since: writes as (offset, bytes), and truncations as (size, None).
    """

    safe: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        for offset, data in self.pending:
            _apply(self.safe, offset, data)
        self.pending.clear()

    def after_the_cut(self, dice: random.Random) -> bytes:
        content = bytearray(self.safe)
        for offset, data in self.pending:
            fate = dice.random()
            if fate < LOST:
                continue
            if fate < TORN and data is not None and len(data) > SECTOR:
                data = data[: SECTOR * dice.randrange(len(data) // SECTOR + 1)]
            _apply(content, offset, data)
        return bytes(content)


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


class Disk(apsw.VFS):
    """All files of one machine. The power goes off at the access number ``cut_at``."""

    def __init__(self, name: str) -> None:
        self.images: dict[str, Image] = {}
        self.accesses = 0
        self.cut_at: int | None = None
        self.real = apsw.vfs_names()[0]
        super().__init__(name, self.real, makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        self.access()
        super().xDelete(filename, syncdir)
        self.images.pop(filename, None)

    def access(self) -> None:
        self.accesses += 1
        if self.cut_at is not None and self.accesses >= self.cut_at:
            raise PowerIsOff("the power is off")

    def materialise(self, folder: Path, dice: random.Random) -> None:
        """Write what is found after the power is back."""
        for name, image in self.images.items():
            if not name.endswith("-shm"):  # shared memory does not survive
                (folder / Path(name).name).write_bytes(image.after_the_cut(dice))


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name or ""
        self._disk = disk
        self._image = disk.images.setdefault(path, Image())
        super().__init__(disk.real, name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.access()
        super().xWrite(data, offset)
        self._image.pending.append((offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._disk.access()
        super().xTruncate(newsize)
        self._image.pending.append((newsize, None))

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.access()
        self._image.sync()


@contextmanager
def disk(name: str) -> Iterator[Disk]:
    """Every database opened meanwhile lies on this disk."""
    made = Disk(name)
    try:
        yield made
    finally:
        made.unregister()
