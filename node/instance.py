"""One node for one data directory."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

if os.name == "nt":
    import msvcrt
else:
    import fcntl


class AlreadyRunning(Exception):
    """Another node holds this data directory.

    Attributes:
        pid: its process, or None if the lock file does not say.
    """

    def __init__(self, directory: Path, pid: int | None, since: float | None) -> None:
        who = f"process {pid}" if pid else "another process"
        when = time.strftime(" since %Y-%m-%d %H:%M:%S", time.localtime(since)) if since else ""
        super().__init__(f"{directory}: {who} is the node here{when}")
        self.pid = pid


@dataclass(slots=True)
class InstanceLock:
    """Held as long as the process lives; the kernel lets go of it, however the process ends."""

    path: Path
    _file: IO[str] | None = None

    def __enter__(self) -> Self:
        """Take it.

        Raises:
            AlreadyRunning: it is held.
        """
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        file = os.fdopen(descriptor, "r+")
        try:
            _lock(file)
        except OSError:
            holder = _holder(file.read(1000))
            file.close()
            raise AlreadyRunning(self.path.parent, *holder) from None
        file.seek(0)
        file.truncate()
        json.dump({"pid": os.getpid(), "since": time.time()}, file)
        file.flush()
        self._file = file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _lock(file: IO[str]) -> None:
    if os.name == "nt":
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _holder(text: str) -> tuple[int | None, float | None]:
    try:
        said = json.loads(text)
        return int(said["pid"]), float(said["since"])
    except (ValueError, KeyError, TypeError):
        return None, None
