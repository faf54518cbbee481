"""A server on loopback that answers for files as Hugging Face does: a redirect with links, then storage with ranges.

It speaks HTTP by hand, because what is tested is mostly what a proper server would not do: cut a body, ignore a range,
change a file between two requests.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Hub:
    """What it serves and how it misbehaves.

    Attributes:
        files: by path, such as ``someone/tiny/resolve/main/tiny.gguf``.
        cuts: for each coming request of a body, after how many bytes the connection breaks.
        statuses: for each coming request, what it answers instead.
        ranges: whether it understands Range. links: whether the redirect tells size and sha256.
        requests: the headers of what was asked of the storage, in order.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    ranges: bool = True
    links: bool = True
    announce: bool = True
    shift: int = 0
    stall: asyncio.Event | None = None
    requests: list[dict[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            path = first.split()[1].lstrip("/")
            self.asked.append(path)
            if self.statuses and not path.startswith("storage/"):
                await self._say(writer, self.statuses.pop(0))
            elif path.startswith("storage/"):
                self.requests.append(headers)
                await self._send(writer, path.removeprefix("storage/"), headers)
            elif path in self.files:
                data = self.files[path]
                digest = hashlib.sha256(data).hexdigest()
                links = f'\r\nX-Linked-Size: {len(data)}\r\nX-Linked-ETag: "{digest}"' if self.links else ""
                await self._say(writer, f"302 Found\r\nLocation: {self.url}/storage/{path}{links}")
            else:
                await self._say(writer, "404 Not Found")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _say(self, writer: asyncio.StreamWriter, status: str) -> None:
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()

    async def _send(self, writer: asyncio.StreamWriter, path: str, headers: dict[str, str]) -> None:
        data = self.files[path]
        etag = f'"{hashlib.md5(data).hexdigest()}"'
        start, status, extra = 0, "200 OK", ""
        asked = re.fullmatch(r"bytes=(\d+)-", headers.get("range", ""))
        if asked and self.ranges and headers.get("if-range", etag) == etag:
            start = int(asked[1])
            if start >= len(data):
                await self._say(writer, f"416 Range Not Satisfiable\r\nContent-Range: bytes */{len(data)}")
                return
            start += self.shift
            status = "206 Partial Content"
            extra = f"Content-Range: bytes {start}-{len(data) - 1}/{len(data)}\r\n"
        body = data[start:]
        length = f"Content-Length: {len(body)}\r\n" if self.announce else ""
        writer.write(f"HTTP/1.1 {status}\r\n{length}{extra}ETag: {etag}\r\nConnection: close\r\n\r\n".encode())
        writer.write(body[: self.cuts.pop(0)] if self.cuts else body)
        await writer.drain()
        if self.stall is not None:
            await self.stall.wait()


@asynccontextmanager
async def running(hub: Hub) -> AsyncIterator[Hub]:
    """Serve on a free port of loopback; ``hub.url`` says where."""
    server = await asyncio.start_server(hub.answer, "127.0.0.1", 0)
    hub.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield hub
    finally:
        if hub.stall is not None:
            hub.stall.set()
        server.close()
        await server.wait_closed()
