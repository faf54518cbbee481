"""How AI Power Grid counts failures against a worker. Pure.

Source: ``AIPowerGrid/grid-core`` 4ee16f7, grid_api/routers/worker_ws.py: six strikes evict; they vanish on a success
or 300 s after the last one; the cool-down grows with each eviction until an hour has passed without one.
"""

from __future__ import annotations

from node.clock import Clock

MOST = 6
FORGOTTEN_AFTER = 300.0  # seconds after the last new strike
COOL_DOWNS = (30.0, 120.0, 600.0, 3600.0)
CLEAN_HOUR = 3600.0  # seconds after which evictions are forgotten


class Strikes:
    """One worker name's failures."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: set[str] = set()
        self._last = 0.0
        self._evictions = 0
        self._evicted_at = 0.0

    @property
    def count(self) -> int:
        """Strikes that count now."""
        if self._clock.monotonic() - self._last >= FORGOTTEN_AFTER:
            self._jobs.clear()
        return len(self._jobs)

    @property
    def barred_for(self) -> float:
        """Seconds for which this name is not let in; 0 if it is."""
        if not self._evictions:
            return 0.0
        cool_down = COOL_DOWNS[min(self._evictions, len(COOL_DOWNS)) - 1]
        return max(0.0, self._evicted_at + cool_down - self._clock.monotonic())

    def add(self, job_id: str) -> bool:
        """A job failed, at most one strike for each; whether this one evicts."""
        if self.count >= 0 and job_id not in self._jobs:
            self._jobs.add(job_id)
            self._last = self._clock.monotonic()
        if len(self._jobs) < MOST:
            return False
        self.evicted()
        return True

    def clear(self) -> None:
        """A success wipes the slate."""
        self._jobs.clear()

    def evicted(self) -> None:
        """The worker was sent away; begins a cool-down."""
        now = self._clock.monotonic()
        if self._evictions and now - self._evicted_at >= CLEAN_HOUR:
            self._evictions = 0
        self._evictions += 1
        self._evicted_at = now
        self._jobs.clear()
