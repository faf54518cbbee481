"""Everything that the cards of this machine answer, with error codes and times: an owner can send it, and it becomes
a test. Identities are blanked: UUIDs, and the numbers of processes."""

from __future__ import annotations

import platform
import re
import time
from collections.abc import Sequence
from ctypes import Array, Structure
from pathlib import Path
from typing import Any

from node import __version__
from node.hardware import pci
from node.hardware.nvml import LIBRARIES, Nvml, NvmlAbsent
from node.hardware.sysfs import SYSFS, graphics_cards, hwmon_of, read_text

FORM = 1
MOST_FILES = 200

SYSTEM_CALLS: tuple[str, ...] = ("nvmlSystemGetDriverVersion", "nvmlSystemGetNVMLVersion", "nvmlDeviceGetCount")
DEVICE_CALLS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("nvmlDeviceGetName", ()),
    ("nvmlDeviceGetUUID", ()),
    ("nvmlDeviceGetPciInfo_v3", ()),
    ("nvmlDeviceGetArchitecture", ()),
    ("nvmlDeviceGetPersistenceMode", ()),
    ("nvmlDeviceGetTemperatureV", (0,)),
    ("nvmlDeviceGetTemperatureV", (1,)),
    ("nvmlDeviceGetTemperature", (0,)),
    ("nvmlDeviceGetTemperatureThreshold", (0,)),
    ("nvmlDeviceGetTemperatureThreshold", (1,)),
    ("nvmlDeviceGetTemperatureThreshold", (2,)),
    ("nvmlDeviceGetMarginTemperature", ()),
    *(("nvmlDeviceGetFieldValues", ([number],)) for number in (82, 185, 186, 193, 194, 195, 196, 308)),
    ("nvmlDeviceGetPowerUsage", ()),
    ("nvmlDeviceGetTotalEnergyConsumption", ()),
    ("nvmlDeviceGetEnforcedPowerLimit", ()),
    ("nvmlDeviceGetPowerManagementLimit", ()),
    ("nvmlDeviceGetPowerManagementDefaultLimit", ()),
    ("nvmlDeviceGetPowerManagementLimitConstraints", ()),
    ("nvmlDeviceGetUtilizationRates", ()),
    ("nvmlDeviceGetMemoryInfo", ()),
    ("nvmlDeviceGetClockInfo", (0,)),
    ("nvmlDeviceGetClockInfo", (2,)),
    ("nvmlDeviceGetMaxClockInfo", (0,)),
    ("nvmlDeviceGetMaxClockInfo", (2,)),
    ("nvmlDeviceGetCurrentClocksEventReasons", ()),
    ("nvmlDeviceGetCurrentClocksThrottleReasons", ()),
    ("nvmlDeviceGetNumFans", ()),
    ("nvmlDeviceGetFanSpeed", ()),
    ("nvmlDeviceGetFanSpeedRPM", ()),
    ("nvmlDeviceGetCurrPcieLinkGeneration", ()),
    ("nvmlDeviceGetMaxPcieLinkGeneration", ()),
    ("nvmlDeviceGetCurrPcieLinkWidth", ()),
    ("nvmlDeviceGetMaxPcieLinkWidth", ()),
    ("nvmlDeviceGetPcieReplayCounter", ()),
    ("nvmlDeviceGetEccMode", ()),
    ("nvmlDeviceGetTotalEccErrors", (0, 1)),
    ("nvmlDeviceGetTotalEccErrors", (1, 1)),
    ("nvmlDeviceGetRemappedRows", ()),
    ("nvmlDeviceGetMigMode", ()),
    ("nvmlDeviceGetSupportedEventTypes", ()),
    ("nvmlDeviceGetComputeRunningProcesses_v3", ()),
    ("nvmlDeviceGetGraphicsRunningProcesses_v3", ()),
)
"""Every getter that Stoker uses, and a few whose answers help to understand a card. Nothing is set."""

_DEVICE_FILES = ("vendor", "device", "gpu_busy_percent", "mem_info_vram_used", "mem_info_vram_total", "product_name")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def probe(libraries: Sequence[str] = LIBRARIES, root: Path = SYSFS) -> dict[str, Any]:
    """The recording, as a JSON value. Blocking."""
    return {
        "probe": FORM,
        "stoker": __version__,
        "system": {"kernel": platform.release(), "machine": platform.machine(), "python": platform.python_version()},
        "bus": [f"{gpu.vendor:04x}:{gpu.device:04x} {gpu.name}" for gpu in pci.gpus_on_bus(root)],
        "nvml": _nvml(libraries),
        "sysfs": [_files(card) for vendor in (pci.AMD, pci.INTEL) for card in graphics_cards(root, vendor)],
    }


def _nvml(libraries: Sequence[str]) -> dict[str, Any]:
    try:
        nvml = Nvml(libraries)
    except NvmlAbsent as error:
        return {"absence": str(error)}
    try:
        calls = nvml.calls
        system = [_answer(calls, name, ()) for name in SYSTEM_CALLS]
        count = next((each["value"] for each in system if each["call"] == "nvmlDeviceGetCount" and "value" in each), 0)
        return {"library": nvml.library, "system": system, "gpus": [_gpu(calls, index) for index in range(count)]}
    finally:
        nvml.close()


def _gpu(calls: Any, index: int) -> dict[str, Any]:
    try:
        handle = calls.nvmlDeviceGetHandleByIndex(index)
    except calls.NVMLError as error:
        return {"index": index, "error": _error(error), "answers": []}
    answers = [_answer(calls, name, arguments, handle) for name, arguments in DEVICE_CALLS]
    return {"index": index, "answers": answers}


def _answer(calls: Any, name: str, arguments: tuple[Any, ...], *handle: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"call": name, "arguments": list(arguments)}
    began = time.perf_counter()
    try:
        value = getattr(calls, name)(*handle, *arguments)
    except calls.NVMLError as error:
        told["error"] = _error(error)
    except (AttributeError, UnicodeDecodeError, calls.NVMLLibraryMismatchError) as error:
        told["error"] = {"code": None, "words": f"{type(error).__name__}: {error}"}
    else:
        told["value"] = _plain(value)
        if name.endswith("RunningProcesses_v3"):
            told["value"] = [{"pid": number, "memory": item.usedGpuMemory} for number, item in enumerate(value, 1)]
    told["microseconds"] = round((time.perf_counter() - began) * 1e6)
    return told


def _error(error: Any) -> dict[str, Any]:
    return {"code": error.value, "words": str(error)}


def _plain(value: Any) -> Any:
    if isinstance(value, Structure):
        if hasattr(value, "nvmlReturn"):  # a field's value is a union, and its own return code says whether it is one
            return {"code": value.nvmlReturn, "type": value.valueType, "bits": value.value.ullVal}
        return {name: _plain(getattr(value, name)) for name, *_ in value._fields_}
    if isinstance(value, (list, tuple, Array)):
        return [_plain(item) for item in value]
    if isinstance(value, (str, bytes)):
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        return _UUID.sub("00000000-0000-0000-0000-000000000000", text)
    return value if isinstance(value, (int, float, bool, type(None))) else str(value)


def _files(device: Path) -> dict[str, str]:
    """What the sensor files of a card say, by their path below its device."""
    hwmon = hwmon_of(device)
    paths = [device / name for name in _DEVICE_FILES]
    paths += sorted(path for path in hwmon.glob("*") if path.is_file())[:MOST_FILES]
    known = {str(path.relative_to(device)): read_text(path) for path in paths}
    return {name: text for name, text in known.items() if text is not None}
