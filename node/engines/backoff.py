"""How long to wait before the next attempt."""

from __future__ import annotations


class Backoff:
    """Twice as long after every failure: 0.5, 1, 2, 4, 8, 16, 30, 30 ... seconds."""

    def __init__(self, first: float = 0.5, longest: float = 30.0) -> None:
        self._first = first
        self._longest = longest
        self._seconds = first

    def next(self) -> float:
        """Seconds to wait now."""
        seconds = self._seconds
        self._seconds = min(seconds * 2, self._longest)
        return seconds

    def reset(self) -> None:
        """It worked."""
        self._seconds = self._first
