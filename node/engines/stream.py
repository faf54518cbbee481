"""One streamed answer over one connection of its own.

Relaying tokens is what the node does all day, so this path is a bare asyncio protocol on httptools: one callback per
read, whatever number of events it holds. llama-server drops streams on connections that are used again, hence one each.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from node.engines.answer import AnswerReader
from node.engines.base import EngineError, EngineFault
from node.engines.faults import error_from_answer
from node.engines.sse import EventParser, EventTooLarge
from node.jobs import Chunk
from node.reasons import reason_of

READ_SIZE = 64 << 10
LARGEST_EVENT = 4 << 20
LARGEST_HEAD = 64 << 10
LARGEST_ERROR = 64 << 10
ENOUGH_WAITING = 256 << 10  # characters that may wait for a slow consumer before reading pauses


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an engine may take, in seconds.

    Attributes:
        connect: until the connection stands.
        first: until the first event: queueing in the engine and reading the prompt; keep-alive comments do not count.
        idle: between two signs of life after that.
    """

    connect: float = 5.0
    first: float = 900.0
    idle: float = 120.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to connect: by TCP, or to a Unix socket if there is a path of one."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    socket: str = ""


async def stream(endpoint: Endpoint, request: bytes, patience: Patience) -> AsyncGenerator[Chunk, None]:
    """Send a whole HTTP request and yield the chunks of its event stream.

    Closing the iterator closes the connection at once.

    Raises:
        EngineError: the engine is not there, refuses, breaks the protocol, or goes away before the answer is whole.
    """
    loop = asyncio.get_running_loop()
    answer = _Answer(request, patience, loop)
    try:
        async with asyncio.timeout(patience.connect):
            if endpoint.socket:
                transport, _ = await loop.create_unix_connection(lambda: answer, endpoint.socket)
            else:
                transport, _ = await loop.create_connection(
                    lambda: answer, endpoint.host, endpoint.port, ssl=endpoint.tls
                )
    except (OSError, TimeoutError) as error:
        why = reason_of(error) if str(error) else f"no connection within {patience.connect:g} s"
        raise EngineError(EngineFault.UNAVAILABLE, f"the engine cannot be reached: {why}") from None
    try:
        while True:
            chunk = answer.take()
            if chunk is not None:
                yield chunk
            elif answer.ended:
                if answer.error is not None:
                    raise answer.error
                return
            else:
                await answer.more()
    finally:
        answer.stop_watching()
        transport.abort()


class _Answer(asyncio.BufferedProtocol):
    """The receiving side: HTTP, events and chunks, with back-pressure and time limits."""

    def __init__(self, request: bytes, patience: Patience, loop: asyncio.AbstractEventLoop) -> None:
        self.ended = False
        self.error: EngineError | None = None
        self._request = request
        self._patience = patience
        self._loop = loop
        self._http = HttpResponseParser(self)
        self._events = EventParser(LARGEST_EVENT)
        self._reader = AnswerReader()
        self._status = 0
        self._is_stream = False
        self._head_size = 0
        self._buffer = memoryview(bytearray(READ_SIZE))
        self._body: list[bytes] = []
        self._body_size = 0
        self._began = False
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._deadline = 0.0
        self._watch: asyncio.TimerHandle | None = None

    # the consumer's side

    def take(self) -> Chunk | None:
        chunk = self._reader.take()
        if self._paused and self._reader.waiting < ENOUGH_WAITING and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return chunk

    async def more(self) -> None:
        self._waiter = self._loop.create_future()
        await self._waiter

    def stop_watching(self) -> None:
        self.ended = True
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._watch_until(self._loop.time() + self._patience.first)
        transport.write(self._request)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, size: int) -> None:
        if self.ended:
            return
        try:
            self._http.feed_data(self._buffer[:size])
        except (HttpParserError, HttpParserUpgrade) as error:
            self._end(EngineError(EngineFault.CRASHED, f"the engine broke off its HTTP answer ({error})"))
            return
        if not self._status:
            self._head_size += size
            if self._head_size > LARGEST_HEAD:
                self._end(EngineError(EngineFault.CRASHED, "the engine's answer has no end of headers"))
        elif self._status == 200 and not self.ended:
            self._read_events()

    def connection_lost(self, error: Exception | None) -> None:
        if self.ended:
            return
        if self._status not in (0, 200):
            self._end(error_from_answer(self._status, b"".join(self._body)))
        elif self._reader.finished:
            self._complete()
        elif self._began:
            self._end(EngineError(EngineFault.CRASHED, "the engine went away in the middle of its answer"))
        else:
            self._end(EngineError(EngineFault.UNAVAILABLE, "the engine closed the connection without an answer"))

    # httptools' side

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self._is_stream = value.lower().startswith(b"text/event-stream")

    def on_headers_complete(self) -> None:
        status = self._http.get_status_code()
        if status >= 200:
            self._status = status

    def on_body(self, body: bytes) -> None:
        self._body.append(body)
        self._body_size += len(body)
        if self._status != 200 and self._body_size > LARGEST_ERROR:
            self._end(error_from_answer(self._status, b"".join(self._body)[:LARGEST_ERROR]))

    def on_message_complete(self) -> None:
        if not self._status or self.ended:
            return
        if self._status != 200:
            self._end(error_from_answer(self._status, b"".join(self._body)))
            return
        self._read_events()
        if self.ended:
            return
        if self._reader.finished:
            self._complete()
        else:
            self._end(EngineError(EngineFault.CRASHED, "the engine ended its answer without saying why"))

    # in between

    def _read_events(self) -> None:
        if not self._is_stream:
            self._end(EngineError(EngineFault.UNSUPPORTED, "the engine does not stream its answers"))
            return
        if not self._body:
            return
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._body.clear()
        reader = self._reader
        try:
            for event in self._events.feed(body):
                if not self._began:
                    self._begin()
                reader.feed(event)
                if reader.done:
                    self._complete()
                    return
        except EventTooLarge as error:
            self._end(EngineError(EngineFault.CRASHED, f"the engine sent {error}"))
            return
        except EngineError as error:
            self._end(error)
            return
        if self._began:
            self._deadline = self._loop.time() + self._patience.idle
        if reader.waiting > ENOUGH_WAITING and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def _begin(self) -> None:
        """The first event: from now on the shorter patience counts, and any sign of life renews it."""
        self._began = True
        self._watch_until(self._loop.time() + self._patience.idle)

    def _watch_until(self, deadline: float) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._deadline = deadline
        self._watch = self._loop.call_at(deadline, self._look)

    def _complete(self) -> None:
        self._reader.end()
        self._end(None)

    def _end(self, error: EngineError | None) -> None:
        self.error = error
        self.stop_watching()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _look(self) -> None:
        if self._paused:  # the consumer is slow, not the engine
            self._deadline = self._loop.time() + self._patience.idle
        if self._loop.time() < self._deadline:
            self._watch_until(self._deadline)
            return
        said = f"nothing for {self._patience.idle:g} s" if self._began else f"nothing within {self._patience.first:g} s"
        self._end(EngineError(EngineFault.UNAVAILABLE, f"the engine said {said}"))
