"""The graphics cards, their driver, and whether we may use them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from node.box.devices import device_nodes
from node.doctor.check import Check
from node.hardware.discover import gpus_present
from node.hardware.nvml import LIBRARIES, Nvml, NvmlAbsent
from node.hardware.readings import GpuReading, HardwareReading

MAPS = Path("/proc/self/maps")


def checks(reading: HardwareReading | None, absences: Sequence[str]) -> Iterator[Check]:
    """Blocking."""
    cards = () if reading is None else reading.gpus
    present = gpus_present()
    if cards:
        yield from map(card, cards)
    elif present:
        told = f"{', '.join(present)} is here, but nothing can read it"
        yield Check("GPU", "warn", told, " ".join(absences) or "install its driver")
    else:
        yield Check("GPU", "ok", "none on this machine; jobs run on the processor")
    if any(each.backend == "nvidia" for each in cards) or any("NVIDIA" in name for name in present):
        yield driver()
    yield from nodes(device_nodes())


def card(found: GpuReading) -> Check:
    """One card that can be read, or could be until now."""
    name = f"GPU {found.index}"
    if found.lost:
        return Check(name, "fail", f"{found.name} does not answer any more", "reboot; check its power cables and slot")
    temperature = "" if found.temperature_c is None else f", {found.temperature_c:.0f} °C"
    return Check(name, "ok", f"{found.name}{temperature}")


def driver(libraries: Sequence[str] = LIBRARIES) -> Check:
    """NVIDIA's library for looking at cards: where it is, its version and the driver's."""
    try:
        nvml = Nvml(libraries)
    except NvmlAbsent as absent:
        why, _, remedy = str(absent).partition(": ")
        return Check("NVIDIA driver", "fail", why, remedy or "install the NVIDIA driver, then reboot")
    try:
        version = nvml.ask(nvml.calls.nvmlSystemGetDriverVersion) or "of unknown version"
        interface = nvml.ask(nvml.calls.nvmlSystemGetNVMLVersion) or "of unknown version"
    finally:
        nvml.close()
    return Check("NVIDIA driver", "ok", f"{version}, NVML {interface} at {_path_of(nvml.library)}")


def nodes(found: Sequence[Path]) -> Iterator[Check]:
    """Whether the device nodes may be opened; nothing without any."""
    if not found:
        return
    closed = [path for path in found if not os.access(path, os.R_OK | os.W_OK)]
    names = {path.name for path in found}
    if closed:
        told = f"{', '.join(map(str, closed))} may not be opened by you"
        yield Check("device nodes", "warn", told, "sudo usermod -aG render,video $USER, then log in again")
    elif "nvidiactl" in names and "nvidia-uvm" not in names:
        told = "/dev/nvidia-uvm is not there yet, and an engine in a box cannot make it"
        yield Check("device nodes", "warn", told, "sudo nvidia-modprobe -u -c 0")
    else:
        yield Check("device nodes", "ok", f"{', '.join(map(str, found))} may be opened")


def _path_of(library: str, maps: Path = MAPS) -> str:
    """Where the loader found it."""
    try:
        mapped = maps.read_text("utf-8", "replace").splitlines()
    except OSError:
        return library
    name = Path(library).name.partition(".so")[0]
    return next((line.split(maxsplit=5)[-1] for line in mapped if f"/{name}.so" in line), library)
