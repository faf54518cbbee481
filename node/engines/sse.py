"""Server-sent events out of raw bytes, as they arrive.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream,
restricted to what engines send: lines end in LF or CRLF, and only ``data`` matters.
"""

from __future__ import annotations


class EventTooLarge(Exception):
    """A line or an event exceeds the bound, in bytes."""


class EventParser:
    """Turns pieces of a byte stream, cut anywhere, into the data of whole events."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest: list[bytes] = []
        self._rest_size = 0
        self._data: list[bytes] = []
        self._data_size = 0

    def feed(self, piece: bytes) -> list[bytes]:
        """The data of each event that this piece completes.

        Raises:
            EventTooLarge: more bytes than the limit without an end.
        """
        if b"\n" not in piece:
            self._keep(piece)
            return []
        if self._rest:
            self._rest.append(piece)
            piece = b"".join(self._rest)
            self._rest.clear()
            self._rest_size = 0
        lines = piece.split(b"\n")
        last = lines.pop()
        events: list[bytes] = []
        data = self._data
        for line in lines:
            if line.startswith(b"data:"):
                line = line[6:] if line.startswith(b"data: ") else line[5:]
                self._data_size += len(line)
                if self._data_size > self._limit:
                    raise EventTooLarge(f"an event of more than {self._limit:,} bytes")
                data.append(line)
            elif data and (not line or line == b"\r"):
                events.append(data[0] if len(data) == 1 else b"\n".join(data))
                data.clear()
                self._data_size = 0
        if last:
            self._keep(last)
        return events

    def _keep(self, piece: bytes) -> None:
        self._rest.append(piece)
        self._rest_size += len(piece)
        if self._rest_size > self._limit:
            raise EventTooLarge(f"a line of more than {self._limit:,} bytes")
