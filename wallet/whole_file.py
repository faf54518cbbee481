"""Files that are written whole or not at all, and that only the owner may read (0600)."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def replace_file(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Put data into a file, in place of what it had: a crash leaves the old content or the new.

    Args:
        durable: it is on the disk when this returns, which may take a while; not what an event loop should wait for.

    Raises:
        OSError: it cannot be written; the old file is then untouched.
    """
    _write(path, data, os.replace, durable)


def create_file(path: Path, data: bytes) -> None:
    """Put data into a new file, which is on the disk when this returns.

    Raises:
        FileExistsError: something is there already; it is untouched.
        OSError: it cannot be written.
    """
    _write(path, data, os.link, durable=True)


def sync_directory(path: Path) -> None:
    """See to the disk which files a directory has."""
    if os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, data: bytes, place: Callable[[str, Path], None], durable: bool) -> None:
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(handle)
        place(draft, path)
    finally:
        Path(draft).unlink(missing_ok=True)
    if durable:
        sync_directory(path.parent)
