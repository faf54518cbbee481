"""A TCP server that answers every request with the bytes that a test wrote down, and tells when its peer goes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]

STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def say(*pieces: bytes) -> Script:
    """Send these pieces, then close the connection."""

    async def script(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    return script


def say_and_wait(*pieces: bytes) -> Script:
    """Send these pieces, then nothing more."""

    async def script(writer: asyncio.StreamWriter) -> None:
        await say(*pieces)(writer)
        await asyncio.get_running_loop().create_future()

    return script


@dataclass
class ScriptedServer:
    """What a test sees of it.

    Attributes:
        requests: what it was sent, heads and bodies.
        peer_gone: set when a peer closed its side, or reset it.
    """

    url: str
    requests: list[bytes] = field(default_factory=list)
    peer_gone: asyncio.Event = field(default_factory=asyncio.Event)


@contextlib.asynccontextmanager
async def scripted_server(script: Script) -> AsyncIterator[ScriptedServer]:
    """Serve on loopback for the length of the block."""
    tasks: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line), 0
            )
            seen.requests.append(head + await reader.readexactly(length))
            told = asyncio.ensure_future(script(writer))
            gone = asyncio.ensure_future(reader.read())
            gone.add_done_callback(lambda _: seen.peer_gone.set())
            try:
                await asyncio.wait((told, gone), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for part in (told, gone):
                    part.cancel()
                await asyncio.gather(told, gone, return_exceptions=True)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    seen = ScriptedServer(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield seen
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
