"""Drives the test double of NVML (fakenvml.c), which stands below the real nvidia-ml-py.

It checks our code against NVML's interface; it says nothing about how a GPU behaves.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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
    "events": 8,
}
"""What a consumer card answers: no hot spot, no memory temperature, no error correction, no instances."""


def compiled(folder: Path, *, old_driver: bool = False) -> Path:
    """The double as a library in this folder, built if it is not there yet; several processes may ask at once.

    Raises:
        AssertionError: there is no C compiler; names the package that brings one.
    """
    library = folder / ("libfakenvml-old.so" if old_driver else "libfakenvml.so")
    if library.exists():
        return library
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler, "No C compiler: these tests need one (Debian and Ubuntu: apt install gcc libc6-dev)"
    draft = folder / f"{library.name}.{os.getpid()}"
    variant = ["-DOLD_DRIVER"] if old_driver else []
    command = [compiler, "-shared", "-fPIC", "-pthread", "-O1", *variant, "-o", str(draft), str(SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"The NVML double does not compile:\n{done.stderr}"
    draft.replace(library)
    return library


PLAYED: dict[tuple[str, str], Callable[[Any], dict[str, object]]] = {
    ("nvmlDeviceGetName", "[]"): lambda value: {"name": value},
    ("nvmlDeviceGetUUID", "[]"): lambda value: {"uuid": value},
    ("nvmlDeviceGetPciInfo_v3", "[]"): lambda value: {"address": value["busId"]},
    ("nvmlDeviceGetTemperature", "[0]"): lambda value: {"temperature": value},
    ("nvmlDeviceGetTemperatureV", "[1]"): lambda value: {"hot_spot": value},
    ("nvmlDeviceGetTemperatureThreshold", "[0]"): lambda value: {"shutdown": value},
    ("nvmlDeviceGetTemperatureThreshold", "[1]"): lambda value: {"slowdown": value},
    ("nvmlDeviceGetMarginTemperature", "[]"): lambda value: {"margin": value},
    ("nvmlDeviceGetFieldValues", "[[82]]"): lambda value: _field("memory_temperature", value),
    ("nvmlDeviceGetFieldValues", "[[194]]"): lambda value: _field("slowdown_margin", value),
    ("nvmlDeviceGetPowerUsage", "[]"): lambda value: {"power_mw": value},
    ("nvmlDeviceGetTotalEnergyConsumption", "[]"): lambda value: {"energy_mj": value},
    ("nvmlDeviceGetEnforcedPowerLimit", "[]"): lambda value: {"enforced_mw": value},
    ("nvmlDeviceGetPowerManagementLimit", "[]"): lambda value: {"limit_mw": value},
    ("nvmlDeviceGetPowerManagementDefaultLimit", "[]"): lambda value: {"default_mw": value},
    ("nvmlDeviceGetPowerManagementLimitConstraints", "[]"): lambda value: {"min_mw": value[0], "max_mw": value[1]},
    ("nvmlDeviceGetUtilizationRates", "[]"): lambda value: {"utilisation": value["gpu"]},
    ("nvmlDeviceGetMemoryInfo", "[]"): lambda value: {"memory_total": value["total"], "memory_used": value["used"]},
    ("nvmlDeviceGetClockInfo", "[0]"): lambda value: {"clock": value},
    ("nvmlDeviceGetClockInfo", "[2]"): lambda value: {"memory_clock": value},
    ("nvmlDeviceGetMaxClockInfo", "[0]"): lambda value: {"clock_max": value},
    ("nvmlDeviceGetCurrentClocksEventReasons", "[]"): lambda value: {"reasons": value},
    ("nvmlDeviceGetFanSpeed", "[]"): lambda value: {"fan": value},
    ("nvmlDeviceGetCurrPcieLinkGeneration", "[]"): lambda value: {"pcie_generation": value},
    ("nvmlDeviceGetMaxPcieLinkGeneration", "[]"): lambda value: {"pcie_generation_max": value},
    ("nvmlDeviceGetCurrPcieLinkWidth", "[]"): lambda value: {"pcie_width": value},
    ("nvmlDeviceGetMaxPcieLinkWidth", "[]"): lambda value: {"pcie_width_max": value},
    ("nvmlDeviceGetPcieReplayCounter", "[]"): lambda value: {"pcie_replays": value},
    ("nvmlDeviceGetTotalEccErrors", "[0, 1]"): lambda value: {"ecc_corrected": value},
    ("nvmlDeviceGetTotalEccErrors", "[1, 1]"): lambda value: {"ecc_uncorrected": value},
    ("nvmlDeviceGetRemappedRows", "[]"): lambda value: {
        "remapped_rows": value[0] + value[1], "remap_pending": value[2], "remap_failed": value[3],
    },
    ("nvmlDeviceGetMigMode", "[]"): lambda value: {"mig": value[0]},
    ("nvmlDeviceGetComputeRunningProcesses_v3", "[]"): lambda value: {"compute": _listed(value)},
    ("nvmlDeviceGetGraphicsRunningProcesses_v3", "[]"): lambda value: {"graphics": _listed(value)},
}  # fmt: skip
"""From an answer in a recording of ``stoker doctor --probe`` to the double's values."""


class _Anything:
    """Stands for a value whose parts do not matter, only into what names they go."""

    def __getitem__(self, _: object) -> Any:
        return self

    def __add__(self, _: object) -> Any:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter((self,))

    def __mod__(self, _: object) -> Any:
        return self

    def __rshift__(self, _: object) -> Any:
        return self


_ANYTHING = _Anything()


def _field(name: str, value: Any) -> dict[str, object]:
    (field,) = value
    return {name: field["bits"] % 2**32 if field["code"] == 0 else f"!{field['code']}"}


def _listed(processes: list[dict[str, Any]]) -> str:
    return ",".join(
        f"{each['pid']}" + ("" if each["memory"] is None else f":{each['memory'] >> 20}") for each in processes
    )


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

    def play(self, recording: dict[str, Any]) -> None:
        """Put in the cards of a recording that ``stoker doctor --probe`` made, with every answer and error code."""
        for number, gpu in enumerate(recording["nvml"]["gpus"]):
            self.set(count=number + 1)
            for answer in gpu["answers"]:
                convert = PLAYED.get((answer["call"], json.dumps(answer["arguments"])))
                if convert is None:
                    continue
                if "value" in answer:
                    self.set_card(number, **convert(answer["value"]))
                elif answer["error"]["code"] is not None:
                    names = convert(_ANYTHING)
                    self.set_card(number, **dict.fromkeys(names, f"!{answer['error']['code']}"))

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
        return [call.removeprefix("main:") for call in self._logged()]

    def calls_of_the_main_thread(self) -> list[str]:
        """Those among them that a process's main thread made, where its event loop is."""
        return [call for call in self._logged() if call.startswith("main:")]

    def _logged(self) -> list[str]:
        return self.log.read_text().split() if self.log.exists() else []
