"""What one NVIDIA card says, each value as often as it is worth.

Every second what moves every second; every five what costs the driver much (a process list on a consumer card takes
4.5 ms) ; every minute what hardly changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from node.hardware.nvidia.link import EMPTY_LINK, Link, read_link
from node.hardware.nvidia.memory import EMPTY_MEMORY, MemoryHealth, memory_temperature, read_memory_health
from node.hardware.nvidia.processes import read_processes
from node.hardware.nvml import Nvml
from node.hardware.readings import GpuProcess, GpuReading, Xid
from node.hardware.throttle import is_throttle_fault, throttle_words

NAME = "nvidia"

SLOW_S = 5.0
"""Seconds between readings of fan, clocks, limit in force, margin and processes."""

RARE_S = 60.0
"""Seconds between readings of thresholds, constraints, link and memory errors."""

_CORE, _HOTTEST = 0, 1  # sensors of nvmlDeviceGetTemperatureV; the hottest part of the die is new in NVML 13.5
_SHUTDOWN, _SLOWDOWN = 0, 1  # thresholds of nvmlDeviceGetTemperatureThreshold
_GRAPHICS, _MEMORY = 0, 2  # clock domains of nvmlDeviceGetClockInfo
_SLOWDOWN_MARGIN = 194  # NVML_FI_DEV_TEMPERATURE_SLOWDOWN_TLIMIT: signed, relative to the margin, Ada and later


@dataclass(frozen=True, slots=True)
class _Slow:
    fan_pct: float | None = None
    clock_mhz: int | None = None
    memory_clock_mhz: int | None = None
    temperature_limit_c: float | None = None
    margin_c: float | None = None
    power_limit_w: float | None = None
    processes: tuple[GpuProcess, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Rare:
    slowdown_c: int | None = None
    slowdown_margin_c: int = 0
    power_default_w: float | None = None
    power_min_w: float | None = None
    power_max_w: float | None = None
    clock_max_mhz: int | None = None
    mig: bool = False
    link: Link = EMPTY_LINK
    memory: MemoryHealth = EMPTY_MEMORY


@dataclass(slots=True)
class Card:
    """One card between two readings. ``handle`` is None while it is lost."""

    index: int
    name: str
    uuid: str
    address: str = ""
    handle: Any = None
    xids: tuple[Xid, ...] = ()
    _slow: _Slow = field(default_factory=_Slow)
    _rare: _Rare = field(default_factory=_Rare)
    _slow_at: float = float("-inf")
    _rare_at: float = float("-inf")

    @property
    def key(self) -> str:
        """What names this card in every reading."""
        return self.gone().key

    def gone(self) -> GpuReading:
        """The card while nothing of it can be read."""
        return GpuReading(self.index, self.name, self.uuid, NAME, lost=True, address=self.address, xids=self.xids)

    def read(self, nvml: Nvml, now: float, is_ours: Callable[[int], bool]) -> GpuReading:
        """One reading, at these monotonic seconds.

        Raises:
            CardLost, DriverGone: from any of the calls.
        """
        if now - self._rare_at >= RARE_S:
            self._rare, self._rare_at = _read_rare(nvml, self.handle), now
        if now - self._slow_at >= SLOW_S:
            self._slow, self._slow_at = _read_slow(nvml, self.handle, self._rare, is_ours), now
        return _read_fast(nvml, self, self._slow, self._rare)


def _read_rare(nvml: Nvml, handle: Any) -> _Rare:
    ask, calls = nvml.ask, nvml.calls
    slowdown = ask(calls.nvmlDeviceGetTemperatureThreshold, handle, _SLOWDOWN)
    if not slowdown:
        slowdown = ask(calls.nvmlDeviceGetTemperatureThreshold, handle, _SHUTDOWN)
    lowest, highest = ask(calls.nvmlDeviceGetPowerManagementLimitConstraints, handle) or (None, None)
    mig = ask(calls.nvmlDeviceGetMigMode, handle)
    return _Rare(
        slowdown_c=slowdown or None,
        slowdown_margin_c=nvml.field(handle, _SLOWDOWN_MARGIN) or 0,
        power_default_w=_thousandth(ask(calls.nvmlDeviceGetPowerManagementDefaultLimit, handle)),
        power_min_w=_thousandth(lowest),
        power_max_w=_thousandth(highest),
        clock_max_mhz=ask(calls.nvmlDeviceGetMaxClockInfo, handle, _GRAPHICS),
        mig=bool(mig and mig[0]),
        link=read_link(nvml, handle),
        memory=read_memory_health(nvml, handle),
    )


def _read_slow(nvml: Nvml, handle: Any, rare: _Rare, is_ours: Callable[[int], bool]) -> _Slow:
    ask, calls = nvml.ask, nvml.calls
    limit = ask(calls.nvmlDeviceGetEnforcedPowerLimit, handle)
    if limit is None:
        limit = ask(calls.nvmlDeviceGetPowerManagementLimit, handle)
    margin, ceiling = _margin(nvml, handle, rare)
    return _Slow(
        fan_pct=ask(calls.nvmlDeviceGetFanSpeed, handle),
        clock_mhz=ask(calls.nvmlDeviceGetClockInfo, handle, _GRAPHICS),
        memory_clock_mhz=ask(calls.nvmlDeviceGetClockInfo, handle, _MEMORY),
        temperature_limit_c=ceiling,
        margin_c=margin,
        power_limit_w=_thousandth(limit),
        processes=read_processes(nvml, handle, is_ours),
    )


def _margin(nvml: Nvml, handle: Any, rare: _Rare) -> tuple[float | None, float | None]:
    """Degrees until the card slows itself down, and where that is.

    Cards since Ada give the distance and no temperature of the threshold; those before give the threshold only.
    """
    left = nvml.ask(nvml.calls.nvmlDeviceGetMarginTemperature, handle)
    if left is None:
        return None, rare.slowdown_c
    margin = left - rare.slowdown_margin_c
    if rare.slowdown_c is not None:
        return margin, rare.slowdown_c
    temperature = _temperature(nvml, handle)
    return margin, None if temperature is None else temperature + margin


def _read_fast(nvml: Nvml, card: Card, slow: _Slow, rare: _Rare) -> GpuReading:
    ask, calls, handle = nvml.ask, nvml.calls, card.handle
    reasons = ask(calls.nvmlDeviceGetCurrentClocksEventReasons, handle)
    if reasons is None:
        reasons = ask(calls.nvmlDeviceGetCurrentClocksThrottleReasons, handle)
    load = ask(calls.nvmlDeviceGetUtilizationRates, handle)
    memory = ask(calls.nvmlDeviceGetMemoryInfo, handle)
    return GpuReading(
        index=card.index,
        name=card.name,
        uuid=card.uuid,
        backend=NAME,
        address=card.address,
        temperature_c=_temperature(nvml, handle),
        temperature_limit_c=slow.temperature_limit_c,
        margin_c=slow.margin_c,
        hot_spot_c=ask(calls.nvmlDeviceGetTemperatureV, handle, _HOTTEST) or None,
        memory_temperature_c=memory_temperature(nvml, handle),
        power_w=_thousandth(ask(calls.nvmlDeviceGetPowerUsage, handle)),
        power_limit_w=slow.power_limit_w,
        power_default_w=rare.power_default_w,
        power_min_w=rare.power_min_w,
        power_max_w=rare.power_max_w,
        energy_mj=ask(calls.nvmlDeviceGetTotalEnergyConsumption, handle),
        utilisation_pct=None if load is None else load.gpu,
        memory_used=None if memory is None else memory.used,
        memory_total=None if memory is None else memory.total,
        clock_mhz=slow.clock_mhz,
        clock_max_mhz=rare.clock_max_mhz,
        memory_clock_mhz=slow.memory_clock_mhz,
        fan_pct=slow.fan_pct,
        throttle=throttle_words(reasons or 0),
        throttle_fault=is_throttle_fault(reasons or 0),
        pcie_generation=rare.link.generation,
        pcie_generation_max=rare.link.generation_max,
        pcie_width=rare.link.width,
        pcie_width_max=rare.link.width_max,
        pcie_replays=rare.link.replays,
        ecc_corrected=rare.memory.corrected,
        ecc_uncorrected=rare.memory.uncorrected,
        remapped_rows=rare.memory.remapped_rows,
        remap_pending=rare.memory.remap_pending,
        remap_failed=rare.memory.remap_failed,
        mig=rare.mig,
        processes=slow.processes,
        xids=card.xids,
    )


def _temperature(nvml: Nvml, handle: Any) -> float | None:
    degrees: int | None = nvml.ask(nvml.calls.nvmlDeviceGetTemperatureV, handle, _CORE)
    if degrees is None:  # drivers before 13.0 know the older call only
        degrees = nvml.ask(nvml.calls.nvmlDeviceGetTemperature, handle, _CORE)
    return degrees


def _thousandth(milli: int | None) -> float | None:
    return None if milli is None else milli / 1000
