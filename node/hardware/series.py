"""The last five minutes, one value a second."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SECONDS = 300

Row = tuple[float | None, float | None, float | None]
"""Temperature in degrees Celsius, power in watts, utilisation in percent."""

NO_DEVICES: Mapping[str, Row] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Trail:
    """One card (by its ``key``), or the host, over the same time as the series that it belongs to."""

    device: str
    temperature_c: tuple[float | None, ...] = ()
    power_w: tuple[float | None, ...] = ()
    utilisation_pct: tuple[float | None, ...] = ()


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
    trails: tuple[Trail, ...] = ()


class SeriesRecorder:
    """Keeps the last ``SECONDS`` values; seconds in which nobody took a reading are filled with None."""

    def __init__(self) -> None:
        self._rows: deque[Row] = deque(maxlen=SECONDS)
        self._devices: dict[str, deque[Row]] = {}
        self._grid: float | None = None  # the second of the last row; readings may come a little early or late

    def add(
        self,
        at: float,
        temperature_c: float | None,
        power_w: float | None,
        cpu_pct: float | None,
        devices: Mapping[str, Row] = NO_DEVICES,
    ) -> Series:
        """Take in what was read at this wall clock, and give the series up to it. A second's last reading counts.

        Args:
            devices: what each card and the host read by itself; one that is left out is forgotten.
        """
        step = 1 if self._grid is None else round(at - self._grid)
        _add(self._rows, step, (temperature_c, power_w, cpu_pct))
        trails: dict[str, deque[Row]] = {}
        for device, row in devices.items():
            known = self._devices.get(device)
            trails[device] = _empty(len(self._rows) - 1) if known is None else known
            _add(trails[device], 1 if known is None else step, row)
        self._devices = trails
        if self._grid is None or step < 0:  # the first row, or a clock that was set back
            self._grid = at
        else:
            self._grid += step
        temperatures, powers, shares = zip(*self._rows, strict=True)
        parts = tuple(Trail(device, *zip(*rows, strict=True)) for device, rows in trails.items())
        return Series(at, temperatures, powers, shares, parts)


def _add(rows: deque[Row], step: int, row: Row) -> None:
    if step > 0 or not rows:
        rows.extend([(None, None, None)] * min(step - 1, SECONDS))
        rows.append(row)
    else:
        rows[-1] = row


def _empty(length: int) -> deque[Row]:
    return deque([(None, None, None)] * length, maxlen=SECONDS)
