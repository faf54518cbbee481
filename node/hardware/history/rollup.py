"""From readings once a second to one row a minute for each card and the host. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from node.hardware.readings import HOST, GpuReading, HardwareReading, HostReading

SECONDS = 60


@dataclass(frozen=True, slots=True)
class Minute:
    """The means of one minute, and its highest temperature and memory. A value that nobody read is None.

    Units: Unix seconds of the minute's start, degrees Celsius, watts, percent, bytes, MHz.
    """

    at: int
    device: str
    readings: int
    temperature_c: float | None = None
    temperature_max_c: float | None = None
    power_w: float | None = None
    utilisation_pct: float | None = None
    memory_used: int | None = None
    clock_mhz: float | None = None
    fan_pct: float | None = None


@dataclass(slots=True)
class _Mean:
    total: float = 0.0
    count: int = 0
    highest: float | None = None

    def add(self, value: float | None) -> None:
        if value is not None:
            self.total += value
            self.count += 1
            self.highest = value if self.highest is None else max(self.highest, value)

    @property
    def value(self) -> float | None:
        return round(self.total / self.count, 2) if self.count else None


@dataclass(slots=True)
class _Device:
    readings: int = 0
    temperature: _Mean = field(default_factory=_Mean)
    power: _Mean = field(default_factory=_Mean)
    utilisation: _Mean = field(default_factory=_Mean)
    memory: _Mean = field(default_factory=_Mean)
    clock: _Mean = field(default_factory=_Mean)
    fan: _Mean = field(default_factory=_Mean)

    def add_card(self, card: GpuReading) -> None:
        self.readings += 1
        self.temperature.add(card.temperature_c)
        self.power.add(card.power_w)
        self.utilisation.add(card.utilisation_pct)
        self.memory.add(card.memory_used)
        self.clock.add(card.clock_mhz)
        self.fan.add(card.fan_pct)

    def add_host(self, host: HostReading) -> None:
        self.readings += 1
        self.temperature.add(host.cpu_temperature_c)
        self.power.add(host.cpu_power_w)
        self.utilisation.add(host.cpu_pct)
        self.memory.add(host.memory_used)
        self.clock.add(host.cpu_mhz)

    def minute(self, at: int, name: str) -> Minute:
        memory = self.memory.highest
        return Minute(
            at,
            name,
            self.readings,
            self.temperature.value,
            self.temperature.highest,
            self.power.value,
            self.utilisation.value,
            None if memory is None else int(memory),
            self.clock.value,
            self.fan.value,
        )


class Rollup:
    """Takes readings in and gives a minute's rows out once it is over."""

    def __init__(self) -> None:
        self._minute: int | None = None
        self._devices: dict[str, _Device] = {}

    def add(self, reading: HardwareReading) -> tuple[Minute, ...]:
        """The rows of the minute before, if this reading is the first of another one."""
        minute = int(reading.at // SECONDS) * SECONDS
        finished = () if minute == self._minute else self.close()
        self._minute = minute
        self._device(HOST).add_host(reading.host)
        for card in reading.gpus:
            self._device(card.key).add_card(card)
        return finished

    def close(self) -> tuple[Minute, ...]:
        """The rows of the minute under way."""
        rows = tuple(self._rows())
        self._minute, self._devices = None, {}
        return rows

    def _rows(self) -> Iterator[Minute]:
        if self._minute is not None:
            for name, device in self._devices.items():
                yield device.minute(self._minute, name)

    def _device(self, name: str) -> _Device:
        return self._devices.setdefault(name, _Device())
