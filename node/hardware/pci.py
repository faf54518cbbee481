"""The graphics cards on the PCI bus, whether or not they have a driver."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from node.hardware.sysfs import SYSFS, read_int

NVIDIA, AMD, INTEL = 0x10DE, 0x1002, 0x8086
VENDORS = {NVIDIA: "NVIDIA", AMD: "AMD", INTEL: "Intel"}

NAMES = (Path("/usr/share/hwdata/pci.ids"), Path("/usr/share/misc/pci.ids"))
"""Where distributions keep the names of PCI devices."""

_DISPLAY = 0x03  # PCI class code: display controllers
_ACCELERATOR = 0x12  # PCI class code: processing accelerators; AMD's Instinct cards since MI300


@dataclass(frozen=True, slots=True)
class PciGpu:
    """A card on the bus. ``name`` is the vendor's and, where the machine knows it, the card's."""

    address: str
    vendor: int
    device: int
    name: str


def gpus_on_bus(root: Path = SYSFS, names: tuple[Path, ...] = NAMES) -> tuple[PciGpu, ...]:
    """Cards that an engine could compute on: NVIDIA's, AMD's and Intel's discrete ones."""
    found = []
    for path in sorted(root.glob("bus/pci/devices/*")):
        vendor, device = read_int(path / "vendor"), read_int(path / "device")
        kind = (read_int(path / "class") or 0) >> 16
        if vendor is None or device is None or not _computes(path.name, vendor, kind):
            continue
        name = f"{VENDORS[vendor]} {_name(vendor, device, names) or f'card {vendor:04x}:{device:04x}'}"
        found.append(PciGpu(path.name, vendor, device, name))
    return tuple(found)


def _computes(address: str, vendor: int, kind: int) -> bool:
    if vendor == INTEL:  # graphics inside the processor sit on bus 0
        return kind == _DISPLAY and address.split(":")[-2] != "00"
    return vendor in VENDORS and (kind == _DISPLAY or (vendor == AMD and kind == _ACCELERATOR))


def _name(vendor: int, device: int, sources: tuple[Path, ...]) -> str | None:
    """The device's name from pci.ids: vendors stand at the margin, their devices behind one tab."""
    ours = False
    for source in sources:
        try:
            with source.open(encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    if line.startswith(f"{vendor:04x} "):
                        ours = True
                    elif ours and line.startswith(f"\t{device:04x} "):
                        return line.split(maxsplit=1)[1].strip()
                    elif ours and not line.startswith(("\t", "#")):
                        break
        except OSError:
            continue
        ours = False
    return None
