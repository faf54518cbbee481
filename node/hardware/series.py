"""The last five minutes, one value a second."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

SECONDS = 300


@dataclass(frozen=True, slots=True)
class Series:
    """Oldest first, None where there was no reading. Units: degrees Celsius, watts, percent.

    Attributes:
        ends_at: wall clock of the last value, Unix seconds.
        temperature_c: the hottest card, else the processor.
        power_w: all that is measured: the cards and, where it can be read, the processor.
    """

    ends_at: float
    temperature_c: tuple[float | None, ...] = ()
    power_w: tuple[float | None, ...] = ()
    cpu_pct: tuple[float | None, ...] = ()


class SeriesRecorder:
    """Keeps the last ``SECONDS`` values; seconds in which nobody took a reading are filled with None."""

    def __init__(self) -> None:
        self._rows: deque[tuple[float | None, float | None, float | None]] = deque(maxlen=SECONDS)
        self._grid: float | None = None  # the second of the last row; readings may come a little early or late

    def add(self, at: float, temperature_c: float | None, power_w: float | None, cpu_pct: float | None) -> Series:
        """Take in what was read at this wall clock, and give the series up to it. A second's last reading counts."""
        row = (temperature_c, power_w, cpu_pct)
        step = 1 if self._grid is None else round(at - self._grid)
        if step > 0:
            self._rows.extend([(None, None, None)] * min(step - 1, SECONDS))
            self._rows.append(row)
        else:
            self._rows[-1] = row
        if self._grid is None or step < 0:  # the first row, or a clock that was set back
            self._grid = at
        else:
            self._grid += step
        temperatures, powers, shares = zip(*self._rows, strict=True)
        return Series(at, temperatures, powers, shares)
