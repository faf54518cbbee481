"""A made-up sysfs tree below a temporary directory, in the shapes of the kernel's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

AMDGPU = {
    "vendor": "0x1002",
    "device": "0x744c",
    "class": "0x030000",
    "unique_id": "c0ffee0123456789",
    "gpu_busy_percent": "97",
    "mem_info_vram_used": str(9 << 30),
    "mem_info_vram_total": str(24 << 30),
    "power/runtime_status": "active",
    "hwmon/hwmon3/name": "amdgpu",
    "hwmon/hwmon3/temp1_label": "edge",
    "hwmon/hwmon3/temp1_input": "61000",
    "hwmon/hwmon3/temp1_crit": "100000",
    "hwmon/hwmon3/temp2_label": "junction",
    "hwmon/hwmon3/temp2_input": "82000",
    "hwmon/hwmon3/temp3_label": "mem",
    "hwmon/hwmon3/temp3_input": "78000",
    "hwmon/hwmon3/power1_average": "263000000",
    "hwmon/hwmon3/power1_cap": "291000000",
    "hwmon/hwmon3/power1_cap_default": "303000000",
    "hwmon/hwmon3/freq1_input": "2498000000",
    "hwmon/hwmon3/freq2_input": "1249000000",
    "hwmon/hwmon3/pwm1": "102",
    "hwmon/hwmon3/pwm1_max": "255",
}
"""A Radeon RX 7900 XTX as amdgpu shows it."""

XE = {
    "vendor": "0x8086",
    "device": "0xe20b",
    "class": "0x030000",
    "power/runtime_status": "active",
    "tile0/gt0/freq0/act_freq": "2850",
    "hwmon/hwmon5/name": "xe",
    "hwmon/hwmon5/temp2_label": "pkg",
    "hwmon/hwmon5/temp2_input": "58000",
    "hwmon/hwmon5/temp2_crit": "100000",
    "hwmon/hwmon5/temp3_label": "vram",
    "hwmon/hwmon5/temp3_input": "62000",
    "hwmon/hwmon5/energy1_input": "5000000000",
    "hwmon/hwmon5/power1_max": "190000000",
    "hwmon/hwmon5/power1_rated_max": "190000000",
}
"""An Arc B580 as xe shows it."""


class FakeSysfs:
    """The tree; ``root`` stands for /sys."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, text: str | bytes) -> None:
        """Put a value into a file of the tree, such as ``class/hwmon/hwmon0/temp1_input``."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else f"{text}\n".encode())

    def add_pci(self, address: str, files: Mapping[str, str]) -> Path:
        """Put a device on the bus; its directory."""
        for name, text in files.items():
            self.write(f"bus/pci/devices/{address}/{name}", text)
        return self.root / "bus/pci/devices" / address

    def add_card(self, number: int, address: str, files: Mapping[str, str]) -> Path:
        """Put a card on the bus with a display driver; its directory."""
        device = self.add_pci(address, files)
        card = self.root / "class/drm" / f"card{number}"
        card.mkdir(parents=True)
        (card / "device").symlink_to(device)
        (card.parent / f"card{number}-HDMI-A-1").mkdir()
        return device
