"""An event loop in simulated time: nothing is waited for, and every run is the same. For code without sockets."""

from __future__ import annotations

import asyncio
import selectors


class SimulatedSelector(selectors.DefaultSelector):
    """Passes the time that it was told to wait, at once."""

    def __init__(self, now: float) -> None:
        super().__init__()
        self.now = now

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits for somebody else")
        self.now += max(0.0, timeout)
        return super().select(0)


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Implements the event loop, from that second on."""

    def __init__(self, since: float = 0.0) -> None:
        self._hands = SimulatedSelector(since)
        super().__init__(self._hands)

    def time(self) -> float:
        return self._hands.now
