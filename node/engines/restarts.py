"""When to start again what has died. Pure, but for the clock that is handed in."""

from __future__ import annotations

from collections import deque

from node.clock import Clock

PAUSES_S = (0.5, 1.0)
LONG_PAUSE_S = 30.0
WINDOW_S = 60.0


class Restarts:
    """Quickly after a rare crash; patiently once there were three within a minute.

    Attributes:
        count: deaths since the beginning.
    """

    def __init__(self, clock: Clock) -> None:
        self.count = 0
        self._clock = clock
        self._deaths: deque[float] = deque(maxlen=len(PAUSES_S) + 1)

    def died(self) -> float:
        """Note a death: seconds to wait before the next start."""
        now = self._clock.monotonic()
        self.count += 1
        self._deaths.append(now)
        while self._deaths[0] < now - WINDOW_S:
            self._deaths.popleft()
        recent = len(self._deaths)
        return PAUSES_S[recent - 1] if recent <= len(PAUSES_S) else LONG_PAUSE_S

    @property
    def troubled(self) -> bool:
        """Whether it dies again and again."""
        return len(self._deaths) > len(PAUSES_S)
