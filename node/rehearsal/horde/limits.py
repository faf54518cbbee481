"""How often one address may ask."""

from __future__ import annotations

from collections import defaultdict, deque

from node.clock import Clock


class Limiter:
    """Counts requests in a sliding window for each key."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: defaultdict[str, deque[float]] = defaultdict(deque)

    def wait(self, key: str, most: int, seconds: float) -> float:
        """Count one request; seconds until one is allowed again, 0 if this one is."""
        now = self._clock.monotonic()
        seen = self._seen[key]
        while seen and now - seen[0] >= seconds:
            seen.popleft()
        if len(seen) >= most:
            return seconds - (now - seen[0])
        seen.append(now)
        return 0.0
