"""How busy the node was in the last five minutes, second by second, and how promptly its event loop turns."""

from __future__ import annotations

import asyncio
from collections import deque

SECONDS = 300
LAG_SECONDS = 0.1


class Pulse:
    """One value a second, oldest first."""

    def __init__(self) -> None:
        self._tokens: deque[float | None] = deque(maxlen=SECONDS)
        self._busy: deque[float | None] = deque(maxlen=SECONDS)
        self._shares: deque[float] = deque(maxlen=SECONDS)

    def beat(self, tokens_per_second: float, busy: int, slots: int) -> None:
        """Take in one second."""
        self._tokens.append(round(tokens_per_second, 1))
        self._busy.append(float(busy))
        self._shares.append(min(1.0, busy / slots) if slots else 0.0)

    @property
    def tokens_per_second(self) -> tuple[float | None, ...]:
        return tuple(self._tokens)

    @property
    def busy_slots(self) -> tuple[float | None, ...]:
        return tuple(self._busy)

    @property
    def busy_pct(self) -> float:
        """The share of slot time in use."""
        return 100 * sum(self._shares) / len(self._shares) if self._shares else 0.0


class LoopLag:
    """By how much timers of the event loop come late."""

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=600)

    async def measure(self) -> None:
        """Set timers and note how late they come, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_SECONDS
            await asyncio.sleep(LAG_SECONDS)
            self.note(loop.time() - due)

    def note(self, seconds: float) -> None:
        self._late.append(max(0.0, seconds))

    @property
    def p99_ms(self) -> float | None:
        """The 99th percentile of the recent delays, milliseconds."""
        if not self._late:
            return None
        ordered = sorted(self._late)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000, 2)
