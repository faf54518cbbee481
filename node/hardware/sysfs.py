"""Reading the kernel's sensor files: one value a file, and any of them may be missing, unreadable or asleep."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SYSFS = Path("/sys")
_GENERATIONS = {"2.5": 1, "5.0": 2, "8.0": 3, "16.0": 4, "32.0": 5, "64.0": 6}  # by gigatransfers a second
MOST = 256  # bytes; no value that we read is longer


def read_text(path: Path) -> str | None:
    """The file's text without the newline; None if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(MOST).decode("utf-8", "replace").strip()
    except OSError:
        return None


def read_int(path: Path) -> int | None:
    """The file's integer, decimal or 0x-prefixed; None if it cannot be read or is none."""
    text = read_text(path)
    try:
        return None if text is None else int(text, 0)
    except ValueError:
        return None


def read_scaled(path: Path, divisor: float) -> float | None:
    """The file's integer over the divisor, such as 1000 for millidegrees."""
    value = read_int(path)
    return None if value is None else value / divisor


def read_rounded(path: Path, divisor: float) -> int | None:
    """The file's integer over the divisor, to the nearest whole."""
    value = read_scaled(path, divisor)
    return None if value is None else round(value)


def first_scaled(divisor: float, *paths: Path) -> float | None:
    """The first of these files that can be read."""
    return next((value for path in paths if (value := read_scaled(path, divisor)) is not None), None)


def hwmon_of(device: Path) -> Path:
    """The device's hardware monitor; a path that does not exist if it has none."""
    return min(device.glob("hwmon/hwmon*"), default=device / "hwmon" / "none")


def labelled(hwmon: Path, kind: str) -> dict[str, str]:
    """The channels of a kind by their label, such as ``{"junction": "temp2"}`` for ``temp``."""
    found = {}
    for path in sorted(hwmon.glob(f"{kind}*_label")):
        label = read_text(path)
        if label:
            found[label] = path.name.removesuffix("_label")
    return found


def graphics_cards(root: Path, vendor: int) -> list[Path]:
    """The PCI devices of this vendor that have a display driver, in the order of their card numbers."""
    cards = (path for path in root.glob("class/drm/card*") if path.name.removeprefix("card").isdigit())
    ordered = sorted(cards, key=lambda path: int(path.name.removeprefix("card")))
    return [path / "device" for path in ordered if read_int(path / "device" / "vendor") == vendor]


@dataclass(frozen=True, slots=True)
class PciLink:
    """How a device is linked, and the best that it could have had: generation of PCI Express and lanes."""

    generation: int | None
    generation_max: int | None
    width: int | None
    width_max: int | None


def pci_link(device: Path) -> PciLink:
    """The link of a PCI device, by the kernel's Documentation/ABI/testing/sysfs-bus-pci."""
    return PciLink(
        _generation(device / "current_link_speed"),
        _generation(device / "max_link_speed"),
        read_int(device / "current_link_width") or None,  # 0 while the device sleeps
        read_int(device / "max_link_width") or None,
    )


def _generation(path: Path) -> int | None:
    speed = (read_text(path) or "").split(" ")[0]
    return _GENERATIONS.get(speed)
