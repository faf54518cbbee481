"""One reading of everything, now, for whoever has no sampler running."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from node.clock import Clock
from node.hardware.discover import gpu_backends
from node.hardware.energy import EnergyMeter
from node.hardware.host import HostReader
from node.hardware.rapl import Rapl
from node.hardware.readings import HardwareReading
from node.hardware.selection import Selection
from node.hardware.sysfs import SYSFS

APART_S = 0.5
"""Shares, rates and some powers need two looks; seconds between them."""


def read_once(
    data_dir: Path, clock: Clock, gpus: Sequence[str] = (), root: Path = SYSFS
) -> tuple[HardwareReading, tuple[str, ...]]:
    """The reading, and a sentence for each vendor or chosen card that is not here. Blocking, about a second.

    Args:
        gpus: see `Selection`.
    """
    host, rapl, meter, selection = HostReader(data_dir, clock, root), Rapl(root), EnergyMeter(), Selection(gpus)
    backends = gpu_backends(clock, root)
    began = time.perf_counter()
    present = [backend for backend in backends if backend.open()]
    host.read()
    meter.add(clock.monotonic(), [card for backend in present for card in backend.read()], rapl.read())
    waited = time.perf_counter()
    time.sleep(APART_S)
    waited = time.perf_counter() - waited
    cards = [card for backend in present for card in backend.read()]
    energy = meter.add(clock.monotonic(), cards, rapl.read())
    reading = HardwareReading(
        at=clock.wall_ns() / 1e9,
        host=replace(host.read(), cpu_power_w=energy.cpu_power_w),
        gpus=selection.of(cards),
        energy_source=energy.source,
        cost_us=round((time.perf_counter() - began - waited) * 1e6),
    )
    absences = tuple(backend.absence for backend in backends if backend.absence)
    for backend in present:
        backend.close()
    return reading, absences + selection.absences(cards)
