"""The machine around the cards, through psutil."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil

from node.clock import Clock
from node.hardware.cpu import CPUINFO, CpuTemperature, cpu_name
from node.hardware.readings import HostReading
from node.hardware.sysfs import SYSFS

log = logging.getLogger(__name__)

Value = TypeVar("Value")

SLOW_S = 5.0
"""Seconds between the readings that cost much or hardly change: disk, swap, battery, processor frequency."""


@dataclass(frozen=True, slots=True)
class _Slow:
    cpu_mhz: float | None = None
    swap_used: int | None = None
    disk_free: int | None = None
    disk_total: int | None = None
    battery_pct: float | None = None
    on_battery: bool | None = None


class HostReader:
    """Reads the host. A value that this machine cannot give is None.

    Args:
        data_dir: the directory whose disk is watched.
        clock: tells when the slow readings are due and over what time the network rates run.
        root: where sysfs is mounted.
        cpuinfo: where the kernel describes the processor.
    """

    def __init__(self, data_dir: Path, clock: Clock, root: Path = SYSFS, cpuinfo: Path = CPUINFO) -> None:
        self._data_dir = data_dir
        self._clock = clock
        self._cpu_name = cpu_name(cpuinfo)
        self._cpu_count = psutil.cpu_count()
        self._temperature = CpuTemperature(root)
        self._cpu_primed = False
        self._slow = _Slow()
        self._slow_at = float("-inf")
        self._net: tuple[float, int, int] | None = None

    def read(self) -> HostReading:
        """One reading; the shares and rates run from the reading before and are None at the first."""
        now = self._clock.monotonic()
        if now - self._slow_at >= SLOW_S:
            self._slow, self._slow_at = self._read_slow(), now
        slow = self._slow
        memory = _ask(psutil.virtual_memory)
        sent, received = self._net_rates(now)
        load = _ask(os.getloadavg)
        return HostReading(
            cpu_name=self._cpu_name,
            cpu_count=self._cpu_count,
            cpu_pct=self._cpu_pct(),
            cpu_mhz=slow.cpu_mhz,
            load_1m=None if load is None else load[0],
            memory_used=None if memory is None else memory.total - memory.available,
            memory_total=None if memory is None else memory.total,
            swap_used=slow.swap_used,
            disk_free=slow.disk_free,
            disk_total=slow.disk_total,
            net_sent_bps=sent,
            net_received_bps=received,
            cpu_temperature_c=self._temperature.read(),
            battery_pct=slow.battery_pct,
            on_battery=slow.on_battery,
        )

    def _cpu_pct(self) -> float | None:
        share = _ask(psutil.cpu_percent)
        if self._cpu_primed:
            return share
        self._cpu_primed = True  # psutil's first answer means nothing
        return None

    def _net_rates(self, now: float) -> tuple[float | None, float | None]:
        """Bytes per second sent and received over every interface but loopback, where the engine's traffic runs."""
        counters = _ask(lambda: psutil.net_io_counters(pernic=True)) or {}
        outside = [counter for name, counter in counters.items() if name not in ("lo", "lo0")]
        before = self._net
        sent, received = sum(c.bytes_sent for c in outside), sum(c.bytes_recv for c in outside)
        self._net = (now, sent, received)
        if before is None or not outside or now <= before[0] or sent < before[1] or received < before[2]:
            return None, None
        since = now - before[0]
        return (sent - before[1]) / since, (received - before[2]) / since

    def _read_slow(self) -> _Slow:
        frequency = _ask(psutil.cpu_freq)
        swap = _ask(psutil.swap_memory)
        disk = _ask(lambda: psutil.disk_usage(str(self._data_dir)))
        battery = _ask(psutil.sensors_battery)
        return _Slow(
            cpu_mhz=None if frequency is None else frequency.current or None,
            swap_used=None if swap is None else swap.used,
            disk_free=None if disk is None else disk.free,
            disk_total=None if disk is None else disk.total,
            battery_pct=None if battery is None else battery.percent,
            on_battery=None if battery is None else not battery.power_plugged,
        )


def _ask(sensor: Callable[[], Value]) -> Value | None:
    """The sensor's answer; None from one that fails, in whichever way psutil has it fail on this system."""
    try:
        return sensor()
    except Exception as error:
        log.debug("A host sensor does not answer: %s", error)
        return None
