"""The processor: its name and its temperature.

Only the processor's own sensor is read: asking every sensor of the machine would wake sleeping disks and cards.
"""

from __future__ import annotations

import platform
from pathlib import Path

from node.hardware.sysfs import SYSFS, labelled, read_scaled, read_text

CPUINFO = Path("/proc/cpuinfo")

_DRIVERS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "scpi_sensors")
_LABELS = ("Package id 0", "Tdie", "Tctl")  # Tctl carries an offset on some processors, Tdie does not
_PLAUSIBLE_C = (1.0, 125.0)


def cpu_name(cpuinfo: Path = CPUINFO) -> str:
    """The processor's name as the kernel gives it, else what the platform says."""
    try:
        with cpuinfo.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                key, _, value = line.partition(":")
                if key.strip() in ("model name", "Model", "cpu model"):
                    return value.strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


class CpuTemperature:
    """The processor's temperature sensor, found once.

    Args:
        root: where sysfs is mounted.
    """

    def __init__(self, root: Path = SYSFS) -> None:
        self._file = _sensor_file(root)

    def read(self) -> float | None:
        """Degrees Celsius; None if there is no sensor or it says nonsense."""
        value = None if self._file is None else read_scaled(self._file, 1000)
        return value if value is not None and _PLAUSIBLE_C[0] <= value <= _PLAUSIBLE_C[1] else None


def _sensor_file(root: Path) -> Path | None:
    monitors = {read_text(path / "name"): path for path in sorted(root.glob("class/hwmon/hwmon*"), reverse=True)}
    for driver in _DRIVERS:
        monitor = monitors.get(driver)
        if monitor is not None:
            labels = labelled(monitor, "temp")
            channel = next((labels[label] for label in _LABELS if label in labels), "temp1")
            return monitor / f"{channel}_input"
    return None
