"""A clock whose hands the test moves."""

from __future__ import annotations


class HandClock:
    """Stands still until the test sets ``now``, in seconds; wall time and monotonic time are the same."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now

    def wall_ns(self) -> int:
        return int(self.now * 1_000_000_000)
