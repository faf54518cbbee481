"""A way forward through a file's header that is bounded whatever the file claims."""

from __future__ import annotations

import struct
from typing import BinaryIO

MAX_HEADER = 128 << 20  # bytes
WINDOW = 1 << 18  # bytes read at a time
U32 = struct.Struct("<I")
U64 = struct.Struct("<Q")


class Malformed(Exception):
    """The file breaks the format, and how."""


class Cursor:
    """Walks forward through a file of known size, never past its end or past ``MAX_HEADER``."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._end = min(size, MAX_HEADER)
        self._size = size
        self._buffer = b""
        self._at = 0  # in the buffer
        self._base = 0  # of the buffer, in the file

    @property
    def position(self) -> int:
        return self._base + self._at

    def take(self, count: int) -> bytes:
        self._need(count)
        piece = self._buffer[self._at : self._at + count]
        self._at += count
        return piece

    def u32(self) -> int:
        return int(U32.unpack(self.take(4))[0])

    def u64(self) -> int:
        return int(U64.unpack(self.take(8))[0])

    def skip(self, count: int) -> None:
        if self._at + count <= len(self._buffer):
            self._at += count
            return
        self._check(self.position + count)
        self._base += self._at + count
        self._buffer, self._at = b"", 0
        self._file.seek(self._base)

    def skip_strings(self, count: int) -> None:
        unpack = U64.unpack_from
        for _ in range(count):
            if self._at + 8 > len(self._buffer):
                self._need(8)
            (length,) = unpack(self._buffer, self._at)
            self._at += 8
            self.skip(length)

    def _need(self, count: int) -> None:
        if self._at + count <= len(self._buffer):
            return
        self._check(self.position + count)
        rest = self._buffer[self._at :]
        self._base += self._at
        self._buffer, self._at = rest + self._file.read(max(WINDOW, count)), 0
        if len(self._buffer) < count:
            raise Malformed("the file became shorter while it was read")

    def _check(self, position: int) -> None:
        if position <= self._end:
            return
        if self._end < self._size:
            raise Malformed(f"its header claims more than {MAX_HEADER >> 20} MiB")
        raise Malformed(f"the file ends at byte {self._size:,}, inside its header")
