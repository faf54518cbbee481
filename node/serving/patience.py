"""Connections that end when their client stalls."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

SEND_BUFFER = 64 * 1024  # bytes in the kernel; the larger it is, the later a reader's progress shows


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how much a client may keep the node waiting.

    Attributes:
        head_bytes: the largest request line and headers together.
        head_seconds: how long a connection may stay silent or unfinished before a request's head is complete.
        stalled_seconds: a reader that takes no byte for so long, with an answer waiting for it, is cut off.
    """

    head_bytes: int = 64 * 1024
    head_seconds: float = 15.0
    stalled_seconds: float = 30.0


class StreamProtocol(HttpToolsProtocol):
    """HTTP connections with an end to every patience: for a request's head, and for a reader that does not read."""

    patience: ClassVar[Patience] = Patience()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._head_open = True
        self._head_bytes = 0
        self._stall_timer: asyncio.TimerHandle | None = None
        self._head_timer = self.loop.call_later(self.patience.head_seconds, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_timer.cancel()
        self._unwatch_reader()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_open:
            self._head_bytes += len(data)
            if self._head_bytes > self.patience.head_bytes:
                self.send_400_response("The request's headers are too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_open = True
        self._head_bytes = 0
        self._head_timer.cancel()
        self._head_timer = self.loop.call_later(self.patience.head_seconds, self.transport.abort)

    def on_headers_complete(self) -> None:
        self._head_open = False
        self._head_timer.cancel()
        super().on_headers_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reader(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        self._unwatch_reader()
        super().resume_writing()

    def shutdown(self) -> None:
        """The server ends: whoever does not read is not waited for."""
        if self.flow.write_paused:
            self.transport.abort()
        else:
            super().shutdown()

    def _watch_reader(self, unread: int) -> None:
        self._stall_timer = self.loop.call_later(self.patience.stalled_seconds, self._judge_reader, unread)

    def _unwatch_reader(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    def _judge_reader(self, unread_before: int) -> None:
        unread = self.transport.get_write_buffer_size()
        if unread < unread_before:
            self._watch_reader(unread)
        else:
            self.transport.abort()


def patient(patience: Patience) -> type[StreamProtocol]:
    """The protocol with this patience, in the form in which uvicorn takes one."""
    return type("PatientStreamProtocol", (StreamProtocol,), {"patience": patience})
