"""A stand-in OpenAI-compatible engine: cheap, honest about tokens, at a pace that the test sets.

In a test: ``async with PacedEngine(Pace(tokens=50, rate=100)) as engine: ... engine.url``.
As a process: ``python tests/support/paced_engine.py --port 0 --rate 100`` prints ``{"addr": ..., "pid": ...}`` and
serves until its standard input ends or it is killed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Pace:
    """How the engine behaves.

    Attributes:
        tokens: length of an answer where the request sets no max_tokens.
        rate: tokens a second of each stream; None for as fast as the reader reads.
        prefill: seconds before the first token.
        slots: how many answers at once; further ones wait. None for no limit.
        word: the text of one token; ``{}`` becomes its number.
        say_usage: whether the last event tells the usage.
        cut_after: break the connection off after so many tokens.
        model: the name it lists.
        key: the bearer key it wants; None for none.
    """

    tokens: int = 32
    rate: float | None = None
    prefill: float = 0.0
    slots: int | None = None
    word: str = " word"
    say_usage: bool = True
    cut_after: int | None = None
    model: str = "paced"
    context: int = 4096
    key: str | None = None


@dataclass
class PacedEngine:
    """Serves until closed. One event a token, one write an event, usage at the end if the request asks for it.

    Attributes:
        running: answers being computed now.
        busy_seconds: of all slots together, up to the last change.
        started, finished, dropped: answers begun, whole, and left by their reader.
        connections: requests of any kind.
    """

    pace: Pace = field(default_factory=Pace)
    port: int = 0
    running: int = 0
    most_running: int = 0
    busy_seconds: float = 0
    started: int = 0
    finished: int = 0
    dropped: int = 0
    connections: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _counted_at: float = 0
    _server: asyncio.Server | None = None
    _slots: asyncio.Semaphore | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        if self.pace.slots is not None:
            self._slots = asyncio.Semaphore(self.pace.slots)
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def idle(self) -> None:
        """Wait until nothing is being computed."""
        async with self.changed:
            await self.changed.wait_for(lambda: self.running == 0)

    async def until_running(self, count: int = 1) -> None:
        """Wait until so many answers are being computed."""
        async with self.changed:
            await self.changed.wait_for(lambda: self.running >= count)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = head.split("\r\n")
        method, path, _ = lines[0].split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if self.pace.key is not None and headers.get("authorization") != f"Bearer {self.pace.key}":
            await self._json(writer, 401, {"error": {"message": "Invalid API Key", "code": 401}})
        elif (method, path) == ("GET", "/health"):
            await self._json(writer, 200, {"status": "ok"})
        elif (method, path) == ("GET", "/v1/models"):
            entry = {"id": self.pace.model, "object": "model", "meta": {"n_ctx": self.pace.context}}
            await self._json(writer, 200, {"object": "list", "data": [entry]})
        elif (method, path) == ("POST", "/tokenize"):
            await self._json(writer, 200, {"tokens": list(range(len(json.loads(body)["content"].split())))})
        elif (method, path) in (("POST", "/v1/chat/completions"), ("POST", "/v1/completions")):
            await self._generate(reader, writer, json.loads(body))
        else:
            await self._json(writer, 404, {"error": {"message": f"no {path} here", "code": 404}})

    async def _json(self, writer: asyncio.StreamWriter, status: int, answer: object) -> None:
        body = json.dumps(answer).encode()
        writer.write(
            b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            % (status, len(body), body)
        )
        await writer.drain()

    async def _generate(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: dict[str, object]
    ) -> None:
        prompt_tokens = len(json.dumps(request.get("messages", request.get("prompt"))).split())
        if prompt_tokens > self.pace.context:
            error = {"type": "exceed_context_size_error", "message": "request exceeds the available context size"}
            error |= {"n_prompt_tokens": prompt_tokens, "n_ctx": self.pace.context, "code": 400}
            await self._json(writer, 400, {"error": error})
            return
        async with self._slots or contextlib.nullcontext():
            await self._count(+1)
            gone = asyncio.ensure_future(reader.read(1))  # a reader that goes away ends the answer, in prefill too
            answer = asyncio.ensure_future(self._answer(writer, request, prompt_tokens))
            try:
                await asyncio.wait((gone, answer), return_when=asyncio.FIRST_COMPLETED)
                whole = answer.done() and not answer.cancelled() and answer.exception() is None
                self.finished += whole
                self.dropped += not whole
            finally:
                for task in (gone, answer):
                    task.cancel()
                await asyncio.gather(gone, answer, return_exceptions=True)
                await self._count(-1)

    async def _count(self, change: int) -> None:
        now = asyncio.get_running_loop().time()
        self.busy_seconds += self.running * (now - self._counted_at)
        self._counted_at = now
        self.running += change
        self.started += change > 0
        self.most_running = max(self.most_running, self.running)
        async with self.changed:
            self.changed.notify_all()

    async def _answer(self, writer: asyncio.StreamWriter, request: dict[str, object], prompt_tokens: int) -> None:
        pace = self.pace
        loop = asyncio.get_running_loop()
        chat = "messages" in request
        limit = request.get("max_tokens")
        count = min(limit, pace.context) if isinstance(limit, int) else pace.tokens
        await asyncio.sleep(pace.prefill)
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
            b"Connection: close\r\n\r\n"
        )
        before, after = _frame(chat, str(request.get("model")))
        numbered = "{}" in pace.word
        ready = _chunk(before + json.dumps(pace.word).encode() + after)
        began = loop.time()
        for number in range(count):
            if number == pace.cut_after:
                writer.transport.abort()
                return
            if pace.rate is not None:
                wait = began + number / pace.rate - loop.time()
                if wait > 0:
                    await asyncio.sleep(wait)
            writer.write(_chunk(before + json.dumps(pace.word.format(number)).encode() + after) if numbered else ready)
            if writer.transport.get_write_buffer_size() > 1 << 16:
                await writer.drain()
            elif pace.rate is None and number % 16 == 15:
                await asyncio.sleep(0)
        writer.write(_chunk(_event({"choices": [{"index": 0, **_empty(chat), "finish_reason": "length"}]})))
        options = request.get("stream_options")
        if pace.say_usage and isinstance(options, dict) and options.get("include_usage"):
            usage = {"prompt_tokens": prompt_tokens, "completion_tokens": count, "total_tokens": prompt_tokens + count}
            writer.write(_chunk(_event({"choices": [], "usage": usage})))
        writer.write(_chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
        await writer.drain()


def _frame(chat: bool, model: str) -> tuple[bytes, bytes]:
    """An event's bytes before and after the JSON string of its text, as long as llama-server's."""
    delta: dict[str, object] = {"delta": {"content": "@"}} if chat else {"text": "@", "logprobs": None}
    event = _event(
        {
            "choices": [{"finish_reason": None, "index": 0, **delta}],
            "created": 1790000000,
            "id": "chatcmpl-ngfJHmAO9eVWmaSHDfAQVfgaIKBU5rds",
            "model": model,
            "system_fingerprint": "b0-unknown",
            "object": "chat.completion.chunk" if chat else "text_completion",
        }
    )
    before, _, after = event.partition(b'"@"')
    return before, after


def _empty(chat: bool) -> dict[str, object]:
    return {"delta": {}} if chat else {"text": ""}


def _event(event: object) -> bytes:
    return b"data: " + json.dumps(event, separators=(",", ":")).encode() + b"\n\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def _main() -> None:
    options = argparse.ArgumentParser(description="a stand-in OpenAI-compatible engine")
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--tokens", type=int, default=Pace.tokens)
    options.add_argument("--rate", type=float, default=None, help="tokens a second of each stream; default: no limit")
    options.add_argument("--prefill", type=float, default=Pace.prefill, help="seconds before the first token")
    options.add_argument("--slots", type=int, default=None)
    options.add_argument("--model", default=Pace.model)
    options.add_argument("--context", type=int, default=Pace.context)
    given = vars(options.parse_args())
    port = given.pop("port")
    async with PacedEngine(Pace(**given), port) as engine:
        print(json.dumps({"addr": engine.url, "pid": os.getpid()}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main())
