"""Where a node is to be found: the files in its data directory that say so."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

SOCKET_NAME = "control.sock"
TCP_NAME = "control.tcp"
MAX_SOCKET_PATH = 100  # Linux takes 107 bytes, macOS 103


@dataclass(frozen=True, slots=True)
class Address:
    """How a client reaches the node of one data directory: a Unix socket, or loopback TCP with a token."""

    directory: Path

    @property
    def socket(self) -> Path:
        """The Unix socket: in the data directory, or in the runtime directory where that path would be too long."""
        return socket_path(self.directory, os.getuid(), os.environ.get("XDG_RUNTIME_DIR", ""))

    @property
    def tcp(self) -> Path:
        """A user-only file of two lines, port and token, where Unix sockets are missing."""
        return self.directory / TCP_NAME

    @property
    def uses_tcp(self) -> bool:
        return sys.platform == "win32"


def socket_path(directory: Path, uid: int, runtime: str) -> Path:
    """Where the node of a data directory listens, on any machine.

    Args:
        uid: of the user who runs it. runtime: the XDG_RUNTIME_DIR of that user; may be empty.
    """
    path = directory / SOCKET_NAME
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH:
        return path
    import hashlib

    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    if runtime:
        return Path(runtime) / f"stoker-{digest}" / SOCKET_NAME
    return Path(f"/tmp/stoker-{uid}-{digest}") / SOCKET_NAME  # noqa: S108  the node owns it, or refuses it


def default_directory() -> Path:
    """The data directory: STOKER_HOME, or the platform's own place for data of a user."""
    home = os.environ.get("STOKER_HOME")
    if home:
        return Path(home).expanduser().absolute()
    if sys.platform == "linux":
        base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
        return Path(base) / "stoker"
    from platformdirs import user_data_path

    return user_data_path("stoker", appauthor=False)
