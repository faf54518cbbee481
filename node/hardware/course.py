"""How a device has been over a time, for charts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Course:
    """One value each ``step`` seconds, oldest first; None where nothing was read.

    Units: Unix seconds of the start, degrees Celsius, watts, percent, bytes, MHz. Of temperature and memory there is
    the highest of each step too.
    """

    device: str
    starts_at: int
    step: int
    temperature_c: tuple[float | None, ...] = ()
    temperature_max_c: tuple[float | None, ...] = ()
    power_w: tuple[float | None, ...] = ()
    utilisation_pct: tuple[float | None, ...] = ()
    memory_used: tuple[int | None, ...] = ()
    clock_mhz: tuple[float | None, ...] = ()
    fan_pct: tuple[float | None, ...] = ()
