"""The node's one meter: what is measured, and what the owner states for what is not."""

from __future__ import annotations

from collections.abc import Callable

from node.clock import Clock
from node.hardware.readings import HardwareReading

LONGEST_GAP_S = 10.0
RAPL = "RAPL"


class Meter:
    """Millijoules since the start. Called from the event loop at least every few seconds.

    Args:
        measured: the sensors' total; None where nothing measures.
        latest: the latest reading, for the processor's load.
        cpu_watts: the processor's draw at full load, for machines that cannot measure it; 0: not counted.
        other_watts: what everything else draws, all the time.
    """

    def __init__(
        self,
        measured: Callable[[], int | None],
        latest: Callable[[], HardwareReading | None],
        clock: Clock,
        *,
        cpu_watts: float = 0.0,
        other_watts: float = 0.0,
    ) -> None:
        self._measured = measured
        self._latest = latest
        self._clock = clock
        self._cpu_watts = cpu_watts
        self._other_watts = other_watts
        self._at = clock.monotonic()
        self._stated_uj = 0.0

    def __call__(self) -> int | None:
        """All energy so far; None if nothing is measured and nothing was stated."""
        reading = self._latest()
        now = self._clock.monotonic()
        self._stated_uj += self._stated_watts(reading) * min(now - self._at, LONGEST_GAP_S) * 1e6
        self._at = now
        measured = self._measured()
        if measured is None and not (self._cpu_watts or self._other_watts):
            return None
        return (measured or 0) + int(self._stated_uj / 1000)

    @property
    def source(self) -> str:
        """Where the figures come from, in words; empty if there are none."""
        reading = self._latest()
        parts = [reading.energy_source] if reading is not None and reading.energy_source else []
        if self._estimates_cpu(reading):
            parts.append(f"processor estimated from {self._cpu_watts:g} W at full load")
        if self._other_watts:
            parts.append(f"{self._other_watts:g} W stated for the rest")
        return " + ".join(parts)

    def _estimates_cpu(self, reading: HardwareReading | None) -> bool:
        return bool(self._cpu_watts) and (reading is None or RAPL not in reading.energy_source)

    def _stated_watts(self, reading: HardwareReading | None) -> float:
        load = reading.host.cpu_pct if reading is not None and self._estimates_cpu(reading) else None
        return self._other_watts + self._cpu_watts * (load or 0.0) / 100
