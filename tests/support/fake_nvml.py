"""Drives the test double of NVML (fakenvml.c), which stands below the real nvidia-ml-py.

It checks our code against NVML's interface; it says nothing about how a GPU behaves.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("fakenvml.c")

RTX_4090 = {
    "name": "NVIDIA GeForce RTX 4090",
    "uuid": "GPU-00000000-0000-0000-0000-000000000000",
    "temperature": 71,
    "slowdown": 95,
    "shutdown": 98,
    "power_mw": 263_500,
    "enforced_mw": 315_000,
    "limit_mw": 315_000,
    "default_mw": 450_000,
    "energy_mj": 5_000_000,
    "min_mw": 150_000,
    "max_mw": 600_000,
    "reasons": 0,
    "fan": 46,
    "clock": 2520,
    "clock_max": 3105,
    "memory_clock": 10501,
    "utilisation": 97,
    "memory_total": 24 << 30,
    "memory_used": 9 << 30,
    "pcie_generation": 4,
    "pcie_generation_max": 4,
    "pcie_width": 16,
    "pcie_width_max": 16,
    "pcie_replays": 0,
    "compute": "",
    "graphics": "",
}
"""What a consumer card answers: no hot spot, no memory temperature, no error correction, no instances."""


def compile_fake_nvml(folder: Path, *, old_driver: bool = False) -> Path:
    """Build the double into the folder and give its path.

    Raises:
        AssertionError: there is no C compiler; names the package that brings one.
    """
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler, "No C compiler: these tests need one (Debian and Ubuntu: apt install gcc libc6-dev)"
    library = folder / ("libfakenvml-old.so" if old_driver else "libfakenvml.so")
    variant = ["-DOLD_DRIVER"] if old_driver else []
    command = [compiler, "-shared", "-fPIC", "-pthread", "-O1", *variant, "-o", str(library), str(SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"The NVML double does not compile:\n{done.stderr}"
    return library


class FakeNvml:
    """The double's state: set values, take them away, make calls fail or hang, see which calls were made."""

    def __init__(self, library: Path, folder: Path) -> None:
        self.library = str(library)
        self.state = folder / "nvml.state"
        self.log = folder / "nvml.calls"
        self._values: dict[str, object] = {}
        self._xids = 0
        self.environment = {"FAKE_NVML": str(self.state), "FAKE_NVML_CALLS": str(self.log)}
        self.set(count=0, driver_version="580.95.05", nvml_version="13.580.95.05")

    def add_card(self, **values: object) -> int:
        """Put in a card like an RTX 4090 with these values changed; its index."""
        index = int(str(self._values["count"]))
        self.set(count=index + 1)
        own = {"uuid": f"GPU-00000000-0000-0000-0000-{index:012d}", "address": f"00000000:{index + 1:02X}:00.0"}
        self.set_card(index, **(RTX_4090 | own | values))
        return index

    def set_card(self, index: int, **values: object) -> None:
        """Change what one card answers; None takes the answer away (NotSupported)."""
        self.set(**{f"gpu{index}.{key}": value for key, value in values.items()})

    def fail_card(self, index: int, what: str, code: int) -> None:
        """From now on this value's call returns NVML's error code."""
        self.set_card(index, **{what: f"!{code}"})

    def report_xid(self, index: int, number: int) -> None:
        """The driver reports this error of the card, once."""
        self._xids += 1
        self.set_card(index, xid=f"{self._xids} {number}")

    def set(self, **values: object) -> None:
        """Change what the driver answers; what our code has set on a card stays."""
        if self.state.exists():
            self._values.update(line.split("=", 1) for line in self.state.read_text().splitlines())
        self._values.update(values)
        lines = [f"{key}={value}\n" for key, value in self._values.items() if value is not None]
        fresh = self.state.with_suffix(".new")
        fresh.write_text("".join(lines))
        fresh.replace(self.state)

    def calls(self) -> list[str]:
        """The C functions called so far, in order."""
        return self.log.read_text().split() if self.log.exists() else []
