"""What the node tells everyone who listens: snapshots that may be dropped, ledger events that may not."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

LEDGER_BACKLOG = 1000


@dataclass(slots=True)
class Event:
    """One server-sent event, encoded once for all listeners."""

    name: str
    data: str
    id: int | None = None

    def encode(self) -> bytes:
        head = f"id: {self.id}\n" if self.id is not None else ""
        return f"{head}event: {self.name}\ndata: {self.data}\n\n".encode()


@dataclass(slots=True, eq=False)
class Listener:
    """One client's bounded queue: the newest snapshot only, and every ledger event."""

    snapshot: Event | None = None
    ledger: deque[Event] = field(default_factory=deque)
    closed: bool = False
    stir: asyncio.Event = field(default_factory=asyncio.Event)

    async def next(self, patience: float) -> list[Event] | None:
        """What has come; empty after ``patience`` seconds of silence; None when the stream has ended."""
        try:
            async with asyncio.timeout(patience):
                await self.stir.wait()
        except TimeoutError:
            return []
        if not self.closed:
            self.stir.clear()
        news = list(self.ledger)
        self.ledger.clear()
        if self.snapshot is not None:
            news.append(self.snapshot)
            self.snapshot = None
        return None if self.closed and not news else news


class Hub:
    """All listeners."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()

    @property
    def watched(self) -> bool:
        """Whether anyone listens: nobody makes snapshots for nobody."""
        return bool(self._listeners)

    def listen(self) -> Listener:
        listener = Listener()
        self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)

    def tell_snapshot(self, data: str) -> None:
        """A newer snapshot replaces one that a slow client has not taken yet."""
        event = Event("snapshot", data)
        for listener in self._listeners:
            listener.snapshot = event
            listener.stir.set()

    def tell_ledger(self, seq: int, data: str) -> None:
        """A ledger event; a client that would lose one is closed, and resumes from the ledger."""
        event = Event("ledger", data, seq)
        for listener in list(self._listeners):
            if len(listener.ledger) >= LEDGER_BACKLOG:
                self._end(listener)
                continue
            listener.ledger.append(event)
            listener.stir.set()

    def close(self) -> None:
        """End every stream."""
        for listener in list(self._listeners):
            self._end(listener)

    def _end(self, listener: Listener) -> None:
        listener.closed = True
        listener.stir.set()
        self.leave(listener)
