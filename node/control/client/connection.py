"""One HTTP connection to a node: over its Unix socket, or over loopback TCP with its token."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path


class Connection(http.client.HTTPConnection):
    """HTTP to a socket's path, or to a port with a token.

    Attributes:
        extra: the headers that every request needs.
    """

    def __init__(self, target: Path | tuple[int, str], timeout: float | None) -> None:
        self.extra: dict[str, str] = {}
        self._path: Path | None = None
        if isinstance(target, Path):
            super().__init__("localhost", timeout=timeout)
            self._path = target
        else:
            port, token = target
            super().__init__("127.0.0.1", port, timeout=timeout)
            self.extra = {"Authorization": f"Bearer {token}"}

    def connect(self) -> None:
        if self._path is None:
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(str(self._path))
        except BaseException:
            self.sock.close()
            raise
