"""uvicorn as a guest: the node owns the signals and the sockets, the server only serves."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

GRACE_SECONDS = 5


class GuestServer(uvicorn.Server):
    """Serves an ASGI app on sockets that are bound already, and leaves signals alone."""

    def __init__(self, app: ASGIApp, *, protocol: type[HttpToolsProtocol] = HttpToolsProtocol) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                date_header=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._stopping = asyncio.Event()

    async def main_loop(self) -> None:
        """Wait for the end; uvicorn's own loop would wake ten times a second for a date header."""
        await self._stopping.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def serve_until_cancelled(self, bound: socket.socket) -> None:
        """Serve; when cancelled, end open streams within the grace time."""
        serving = asyncio.ensure_future(self.serve(sockets=[bound]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            self.should_exit = True
            self._stopping.set()
            await serving
            raise
