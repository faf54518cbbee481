"""The processor's energy counters: RAPL through the kernel's powercap files, which AMD's processors fill as well.

Since 2020 (CVE-2020-8694) only root may read them on most systems; then there is nothing to read, and that is normal.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from node.hardware.sysfs import SYSFS, read_int, read_text


@dataclass(frozen=True, slots=True)
class RaplCounter:
    """One package's counter, in microjoules; it begins again at zero after ``range_uj``."""

    name: str
    energy_uj: int
    range_uj: int


class Rapl:
    """The processor packages of this machine.

    Args:
        root: where sysfs is mounted.
    """

    def __init__(self, root: Path = SYSFS) -> None:
        zones = sorted(root.glob("class/powercap/intel-rapl:*"))
        self._packages = [zone for zone in zones if (read_text(zone / "name") or "").startswith("package")]

    def read(self) -> tuple[RaplCounter, ...]:
        """The counters that can be read; empty if none can."""
        counters = []
        for zone in self._packages:
            energy = read_int(zone / "energy_uj")
            if energy is not None:
                counters.append(RaplCounter(zone.name, energy, read_int(zone / "max_energy_range_uj") or 0))
        return tuple(counters)
