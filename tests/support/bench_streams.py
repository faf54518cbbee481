"""The bare client of the benchmarks: as little as possible between the socket and the clock."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

FIRST_TEXT = re.compile(rb'"content": ?"[^"]')
TOKENS = re.compile(rb'"completion_tokens": ?(\d+)')
PROMPT = "Tell me in some detail how a steam engine works, and why it mattered."


@dataclass(frozen=True)
class Target:
    """An OpenAI-compatible server, behind a port or on a Unix socket, and a model of it."""

    place: tuple[str, int] | Path
    model: str
    key: str = ""

    @classmethod
    def at(cls, url: str, model: str, key: str = "") -> Target:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        return cls((parts.hostname, parts.port), model, key)

    def request(self, max_tokens: int, seed: int = 1) -> bytes:
        body = json.dumps(
            {
                "model": self.model,
                "messages": [{"role": "user", "content": PROMPT}],
                "max_tokens": max_tokens,
                "stream": True,
                "stream_options": {"include_usage": True},
                "temperature": 0.7,
                "seed": seed,
            }
        ).encode()
        head = [
            "POST /v1/chat/completions HTTP/1.1",
            "Host: localhost",
            "Connection: close",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        ]
        if self.key:
            head.append(f"Authorization: Bearer {self.key}")
        return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Answer:
    """One streamed answer.

    Attributes:
        tokens: as the engine counted them.
        first: seconds from connecting to the first text. whole: to the end of the stream.
    """

    tokens: int
    first: float
    whole: float


class _Reader(asyncio.Protocol):
    def __init__(self, request: bytes) -> None:
        self.ended = asyncio.get_running_loop().create_future()
        self.first: float | None = None
        self.tail = b""
        self._request = request

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if self.first is None and FIRST_TEXT.search(data):
            self.first = time.perf_counter()
        self.tail = data if len(data) > 1024 else self.tail[-1024:] + data

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(time.perf_counter())


async def ask(target: Target, max_tokens: int, seed: int = 1) -> Answer:
    """Stream one answer to its end."""
    began = time.perf_counter()
    request = target.request(max_tokens, seed)
    loop = asyncio.get_running_loop()
    if isinstance(target.place, Path):
        transport, reader = await loop.create_unix_connection(lambda: _Reader(request), str(target.place))
    else:
        transport, reader = await loop.create_connection(lambda: _Reader(request), *target.place)
    ended = await reader.ended
    transport.close()
    counted = TOKENS.findall(reader.tail)
    if reader.first is None or not counted or b"[DONE]" not in reader.tail:
        raise SystemExit(f"{target.place} broke off its answer: {reader.tail[-600:]!r}")
    return Answer(int(counted[-1]), reader.first - began, ended - began)


async def ask_together(target: Target, streams: int, max_tokens: int) -> tuple[float, Sequence[Answer]]:
    """So many streams at once; tokens a second of all of them together, and the answers."""
    began = time.perf_counter()
    answers = await asyncio.gather(*(ask(target, max_tokens, seed) for seed in range(1, streams + 1)))
    seconds = time.perf_counter() - began
    return sum(answer.tokens for answer in answers) / seconds, answers
