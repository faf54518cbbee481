"""Where the control API is listened for: a Unix socket that only its owner can open, or loopback TCP with a token."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import stat
import struct
import sys
from asyncio import BaseTransport, Transport
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from node.control.address import Address
from node.control.errors import ControlError, answer
from node.serving import GuestServer, StreamProtocol, listening

log = logging.getLogger(__name__)


class PeerProtocol(StreamProtocol):
    """HTTP whose ``scope["client"]`` is who really is at the other end of a Unix socket: ("uid:1000", process id)."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        if isinstance(transport, Transport):
            peer = transport.get_extra_info("socket")
            if peer is not None and peer.family == getattr(socket, "AF_UNIX", None):
                self.client = _credentials(peer)


class ControlServer:
    """Binds the control address and serves an app on it."""

    def __init__(self, app: ASGIApp, address: Address) -> None:
        self._address = address
        self._token = secrets.token_hex(32)
        self._server = GuestServer(_Gate(app, None if not address.uses_tcp else self._token), protocol=PeerProtocol)
        self._bound: socket.socket | None = None

    def bind(self) -> None:
        """Take the address. The caller holds the instance lock, so whatever lies there is a dead node's.

        Raises:
            OSError: the socket cannot be made.
        """
        self._bound = (
            _bind_tcp(self._address.tcp, self._token) if self._address.uses_tcp else _bind(self._address.socket)
        )

    @property
    def answering(self) -> bool:
        """Whether requests are taken."""
        return self._server.started

    async def run(self) -> None:
        """Serve until cancelled."""
        if self._bound is None:
            raise RuntimeError("bind() comes first")
        try:
            await self._server.serve_until_cancelled(self._bound)
        finally:
            self._bound.close()
            with suppress(OSError):
                (self._address.tcp if self._address.uses_tcp else self._address.socket).unlink()


class _Gate:
    """Lets only the owner (and root) in, whatever the file modes say."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._known(scope):
            refusal = ControlError(403, "not_yours", "this node belongs to another user")
            await answer(refusal)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _known(self, scope: Scope) -> bool:
        if self._token is not None:
            sent = dict(scope["headers"]).get(b"authorization", b"")
            return secrets.compare_digest(sent, f"Bearer {self._token}".encode())
        return peer_of(scope)[0] in (os.getuid(), 0)


def peer_of(scope: Scope | Any) -> tuple[int, int]:
    """User and process number of whoever sent a request; -1 where the system does not tell."""
    name, pid = scope.get("client") or ("", -1)
    return (int(name[4:]), int(pid)) if str(name).startswith("uid:") else (-1, -1)


def _credentials(peer: socket.socket) -> tuple[str, int]:
    if sys.platform == "linux":
        pid, uid, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        return f"uid:{uid}", pid
    # LOCAL_PEERCRED of the BSDs and macOS: version, uid, ...
    uid = struct.unpack("2I", peer.getsockopt(0, 1, 76)[:8])[1]
    return f"uid:{uid}", -1


def _bind(path: Path) -> socket.socket:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.parent.stat()
    if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise PermissionError(
            f"{path.parent}: must belong to you alone (mode 0700), so that nobody else can reach the node"
        )
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        bound.bind(str(path))
    finally:
        os.umask(before)
    bound.listen(64)
    bound.setblocking(False)
    return bound


def _bind_tcp(path: Path, token: str) -> socket.socket:
    bound = listening("127.0.0.1", 0)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{bound.getsockname()[1]}\n{token}\n")
    return bound
