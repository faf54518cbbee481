"""A worker without any manners: it sends to a coordinator exactly what a test writes down."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from node.rehearsal.aipg import Coordinator


class RawWorker:
    """One socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, frame: object) -> None:
        await self.socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    async def hear(self) -> dict[str, Any]:
        """The next frame."""
        frame: dict[str, Any] = json.loads(await self.socket.recv())
        return frame

    async def hear_but_pings(self) -> dict[str, Any]:
        while (frame := await self.hear())["type"] == "ping":
            pass
        return frame

    async def join(self, key: str, name: str = "rig", **more: object) -> dict[str, Any]:
        """Register; the coordinator's answer."""
        await self.say({"apikey": key, "name": name, "models": ["m"], **more})
        return await self.hear()

    async def end(self) -> int:
        """The close code, once the coordinator has closed; 1006 for a cut without a close frame."""
        try:
            while True:
                await self.socket.recv()
        except ConnectionClosed as closed:
            return 1006 if closed.rcvd is None else closed.rcvd.code

    async def answer(self, text: str = "Hello you there", **more: object) -> None:
        """One token frame and its end."""
        await self.say({"type": "token", "delta": {"content": text}})
        await self.say({"type": "done", "full_text": text, **more})


@asynccontextmanager
async def raw_worker(grid: Coordinator) -> AsyncIterator[RawWorker]:
    url = grid.url.replace("http", "ws") + "/v1/workers/ws"
    async with connect(url, ping_interval=None, max_size=None, close_timeout=1) as socket:
        yield RawWorker(socket)


async def nothing_comes(worker: RawWorker, seconds: float) -> bool:
    """Whether nothing is said for so long."""
    try:
        async with asyncio.timeout(seconds):
            await worker.hear()
    except TimeoutError:
        return True
    return False
