"""What a child says on standard error: its last lines in memory, and a bounded file."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

LONGEST_LINE = 2000
LINES_KEPT = 50
LARGEST_FILE = 1 << 20


class StderrLog:
    """Takes bytes as they come.

    The file is 0600 and rotates once, to ``NAME.1``; a full disk costs the file, not the job.

    Args:
        hear: told of each line.
    """

    def __init__(
        self, path: Path, *, largest: int = LARGEST_FILE, hear: Callable[[str], None] = lambda _: None
    ) -> None:
        self.lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._path = path
        self._largest = largest
        self._hear = hear
        self._rest = b""
        self._broken = False

    def feed(self, data: bytes) -> None:
        """The next bytes, cut anywhere."""
        self._write(data)
        *whole, rest = (self._rest + data).split(b"\n")
        self._rest = rest[-LONGEST_LINE:]
        for line in whole:
            self._keep(line)

    def end(self) -> None:
        """The child has closed its standard error."""
        self._keep(self._rest)
        self._rest = b""

    def _keep(self, line: bytes) -> None:
        text = line[:LONGEST_LINE].decode(errors="replace").strip()
        if text:
            self.lines.append(text)
            self._hear(text)

    def _write(self, data: bytes) -> None:
        if self._broken:
            return
        try:
            if self._path.exists() and self._path.stat().st_size > self._largest:
                self._path.replace(self._path.with_name(self._path.name + ".1"))
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                os.write(file, data)
            finally:
                os.close(file)
        except OSError as error:
            self._broken = True
            log.warning("the engine's log %s cannot be written: %s", self._path, error.strerror)
