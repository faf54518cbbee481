"""The directory that a child has to itself: where it runs, what it keeps, and the socket by which it is met."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from node.engines.launch import SOCKET

LONGEST_SOCKET_PATH = 100  # Linux takes 107 bytes, macOS 103


def den(directory: Path, model: str) -> Path:
    """The child's own directory (0700) for a model, with no socket in it.

    It lies in the engine's directory, or in the runtime directory where the path of its socket would be too long.

    Raises:
        OSError: it cannot be made, or it is not ours.
    """
    digest = hashlib.sha256(os.fsencode(directory / model)).hexdigest()[:16]
    place = directory / digest
    if len(os.fsencode(place / SOCKET)) > LONGEST_SOCKET_PATH:
        runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/tmp/stoker-{os.getuid()}")  # noqa: S108
        runtime.mkdir(mode=0o700, exist_ok=True)
        place = runtime / f"engine-{digest}"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = place.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{place} belongs to somebody else, or is open to others; remove it")
    (place / SOCKET).unlink(missing_ok=True)
    return place
