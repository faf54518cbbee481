"""AMD cards through the files of the amdgpu driver.

Names and units: Documentation/gpu/amdgpu/thermal in the kernel's tree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

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
    read_rounded,
    read_scaled,
    read_text,
)

_MICRO, _MILLI, _HZ_PER_MHZ = 1e6, 1e3, 1e6
_APU_METRICS = 2  # format_revision of struct metrics_table_header: 1 is a card, 2 and 3 are processors with graphics


@dataclass(frozen=True, slots=True)
class _Card:
    device: Path
    hwmon: Path
    sensors: dict[str, str]  # label to channel
    identity: GpuReading


class AmdBackend:
    """AMD cards, read without any library.

    Args:
        root: where sysfs is mounted.
    """

    name = "amd"

    def __init__(self, root: Path = SYSFS) -> None:
        self._root = root
        self._cards: list[_Card] = []

    @property
    def absence(self) -> str:
        return "" if self._cards else "No AMD card with the amdgpu driver."

    def open(self) -> bool:
        names = {gpu.address: gpu.name for gpu in pci.gpus_on_bus(self._root)}
        devices = graphics_cards(self._root, pci.AMD)
        self._cards = [_card(index, device, names) for index, device in enumerate(devices)]
        return bool(self._cards)

    def read(self) -> tuple[GpuReading, ...]:
        return tuple(_read(card) for card in self._cards)

    def close(self) -> None:
        self._cards = []


def _card(index: int, device: Path, names: dict[str, str]) -> _Card:
    product = read_text(device / "product_name")
    hwmon = hwmon_of(device)
    identity = GpuReading(
        index,
        f"AMD {product}" if product else names.get(device.resolve().name, "AMD GPU"),
        read_text(device / "unique_id") or "",
        AmdBackend.name,
        power_includes_cpu=_is_apu(device),
        address=device.resolve().name,
    )
    return _Card(device, hwmon, labelled(hwmon, "temp"), identity)


def _read(card: _Card) -> GpuReading:
    device, hwmon = card.device, card.hwmon
    if not device.exists():
        return replace(card.identity, lost=True)
    if read_text(device / "power" / "runtime_status") == "suspended":  # asking would wake it
        return card.identity
    core = card.sensors.get("edge", "temp1")
    link = pci_link(device)
    return replace(
        card.identity,
        temperature_c=read_scaled(hwmon / f"{core}_input", _MILLI),
        temperature_limit_c=read_scaled(hwmon / f"{core}_crit", _MILLI),
        hot_spot_c=_sensor(card, "junction"),
        memory_temperature_c=_sensor(card, "mem"),
        power_w=first_scaled(_MICRO, hwmon / "power1_average", hwmon / "power1_input"),
        power_min_w=read_scaled(hwmon / "power1_cap_min", _MICRO),
        power_max_w=read_scaled(hwmon / "power1_cap_max", _MICRO),
        pcie_generation=link.generation,
        pcie_generation_max=link.generation_max,
        pcie_width=link.width,
        pcie_width_max=link.width_max,
        power_limit_w=read_scaled(hwmon / "power1_cap", _MICRO),
        power_default_w=read_scaled(hwmon / "power1_cap_default", _MICRO),
        utilisation_pct=read_scaled(device / "gpu_busy_percent", 1),
        memory_used=read_int(device / "mem_info_vram_used"),
        memory_total=read_int(device / "mem_info_vram_total"),
        clock_mhz=read_rounded(hwmon / "freq1_input", _HZ_PER_MHZ),
        memory_clock_mhz=read_rounded(hwmon / "freq2_input", _HZ_PER_MHZ),
        fan_pct=_fan(hwmon),
    )


def _sensor(card: _Card, label: str) -> float | None:
    channel = card.sensors.get(label)
    return None if channel is None else read_scaled(card.hwmon / f"{channel}_input", _MILLI)


def _fan(hwmon: Path) -> float | None:
    level, most = read_int(hwmon / "pwm1"), read_int(hwmon / "pwm1_max") or 255
    return None if level is None else 100 * level / most


def _is_apu(device: Path) -> bool:
    """Whether the graphics share a chip and a power figure with the processor, by gpu_metrics' third byte."""
    try:
        with (device / "gpu_metrics").open("rb") as file:
            header = file.read(4)
    except OSError:
        return False
    return len(header) == 4 and header[2] >= _APU_METRICS
