"""Time, injected: the node's rules never ask the machine themselves, so that tests own the hands of the clock."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Where the node gets its time from."""

    def monotonic(self) -> float:
        """Seconds that never run backwards: for deadlines and durations."""

    def wall_ns(self) -> int:
        """Nanoseconds since 1970 in UTC: for the books."""


class SystemClock:
    """The machine's own clocks."""

    def monotonic(self) -> float:
        return time.monotonic()

    def wall_ns(self) -> int:
        return time.time_ns()
