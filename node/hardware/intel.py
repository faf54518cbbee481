"""Intel's discrete cards through the files of the i915 and xe drivers.

Names and units: Documentation/ABI/testing/sysfs-driver-intel-{i915,xe}-hwmon in the kernel's tree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from node.clock import Clock
from node.hardware import pci
from node.hardware.readings import GpuReading
from node.hardware.sysfs import (
    SYSFS,
    first_scaled,
    graphics_cards,
    hwmon_of,
    labelled,
    pci_link,
    read_int,
    read_scaled,
    read_text,
)

_MICRO, _MILLI = 1e6, 1e3


@dataclass(slots=True)
class _Card:
    device: Path
    hwmon: Path
    sensors: dict[str, str]  # label to channel
    identity: GpuReading
    last_uj: int | None = None
    last_at: float = 0.0


class IntelBackend:
    """Intel's discrete cards. Graphics inside a processor have no sensors of their own and are left out.

    Args:
        clock: for power, which these drivers give as a counter of energy only.
        root: where sysfs is mounted.
    """

    name = "intel"

    def __init__(self, clock: Clock, root: Path = SYSFS) -> None:
        self._clock = clock
        self._root = root
        self._cards: list[_Card] = []

    @property
    def absence(self) -> str:
        return "" if self._cards else "No discrete Intel card with the i915 or xe driver."

    def open(self) -> bool:
        names = {gpu.address: gpu.name for gpu in pci.gpus_on_bus(self._root)}
        devices = [path for path in graphics_cards(self._root, pci.INTEL) if hwmon_of(path).exists()]
        self._cards = [_card(index, device, names) for index, device in enumerate(devices)]
        return bool(self._cards)

    def read(self) -> tuple[GpuReading, ...]:
        now = self._clock.monotonic()
        return tuple(_read(card, now) for card in self._cards)

    def close(self) -> None:
        self._cards = []


def _card(index: int, device: Path, names: dict[str, str]) -> _Card:
    address = device.resolve().name
    hwmon = hwmon_of(device)
    identity = GpuReading(index, names.get(address, "Intel GPU"), backend=IntelBackend.name, address=address)
    return _Card(device, hwmon, labelled(hwmon, "temp"), identity)


def _read(card: _Card, now: float) -> GpuReading:
    device, hwmon = card.device, card.hwmon
    if not device.exists():
        return replace(card.identity, lost=True)
    if read_text(device / "power" / "runtime_status") == "suspended":  # asking would wake it
        return card.identity
    energy_uj = read_int(hwmon / "energy1_input")
    core, memory = card.sensors.get("pkg", "temp1"), card.sensors.get("vram", "none")
    link = pci_link(device)
    return replace(
        card.identity,
        temperature_c=read_scaled(hwmon / f"{core}_input", _MILLI),
        temperature_limit_c=read_scaled(hwmon / f"{core}_crit", _MILLI),
        memory_temperature_c=read_scaled(hwmon / f"{memory}_input", _MILLI),
        power_w=_power(card, energy_uj, now),
        pcie_generation=link.generation,
        pcie_generation_max=link.generation_max,
        pcie_width=link.width,
        pcie_width_max=link.width_max,
        power_limit_w=read_scaled(hwmon / "power1_max", _MICRO) or None,  # 0: the limit is switched off
        power_default_w=read_scaled(hwmon / "power1_rated_max", _MICRO),
        energy_mj=None if energy_uj is None else energy_uj // 1000,
        clock_mhz=_clock_mhz(device),
    )


def _power(card: _Card, energy_uj: int | None, now: float) -> float | None:
    """Watts since the last reading; None at the first one and where the counter began again."""
    before, since = card.last_uj, now - card.last_at
    card.last_uj, card.last_at = energy_uj, now
    if before is None or energy_uj is None or energy_uj < before or since <= 0:
        return None
    return (energy_uj - before) / _MICRO / since


def _clock_mhz(device: Path) -> int | None:
    xe = device / "tile0" / "gt0" / "freq0" / "act_freq"
    i915 = [card / "gt_act_freq_mhz" for card in sorted(device.glob("drm/card*"))]
    frequency = first_scaled(1, xe, *i915)
    return None if frequency is None else round(frequency)
