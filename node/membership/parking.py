"""When an adapter that crashed may try again. Pure."""

from __future__ import annotations

from collections import deque

CRASHES, WITHIN = 5, 600.0
"""So many crashes in so many seconds are no bad luck."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
FIRST_PARKING, LONGEST_PARKING = 600.0, 7200.0
FORGIVEN_AFTER = 3600.0
"""Seconds without a crash after which the next parking is a short one again."""


class Parking:
    """One adapter's record of crashes."""

    def __init__(self) -> None:
        self._crashes: deque[float] = deque(maxlen=CRASHES)
        self._parkings = 0

    def crashed(self, now: float) -> tuple[float, bool]:
        """It crashed at this monotonic second.

        Returns:
            Seconds to wait before it is started again, and whether that is a parking rather than a pause.
        """
        if self._crashes and now - self._crashes[-1] > FORGIVEN_AFTER:
            self._parkings = 0
        self._crashes.append(now)
        recent = sum(now - at <= WITHIN for at in self._crashes)
        if recent < CRASHES:
            return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (recent - 1)), False
        self._crashes.clear()
        self._crashes.append(now)
        self._parkings += 1
        return min(LONGEST_PARKING, FIRST_PARKING * 2.0 ** (self._parkings - 1)), True
