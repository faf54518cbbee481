"""Who uses an NVIDIA card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psutil

from node.hardware.nvml import Nvml
from node.hardware.readings import GpuProcess

MOST = 64
"""Processes of one card that are shown, those with the most memory first."""


def read_processes(nvml: Nvml, handle: Any, is_ours: Callable[[int], bool]) -> tuple[GpuProcess, ...] | None:
    """The programs with work on the card, or None if the driver does not say."""
    compute = nvml.ask(nvml.calls.nvmlDeviceGetComputeRunningProcesses_v3, handle)
    graphics = nvml.ask(nvml.calls.nvmlDeviceGetGraphicsRunningProcesses_v3, handle)
    if compute is None and graphics is None:
        return None
    found: dict[int, GpuProcess] = {}
    for kind, listed in (("compute", compute or []), ("graphics", graphics or [])):
        for item in listed:
            before = found.get(item.pid)
            found[item.pid] = GpuProcess(
                item.pid,
                before.name if before else _name(item.pid),
                "both" if before and before.kind != kind else kind,
                item.usedGpuMemory if before is None else _more(before.memory, item.usedGpuMemory),
                before.ours if before else is_ours(item.pid),
            )
    return tuple(sorted(found.values(), key=lambda each: -(each.memory or 0))[:MOST])


def is_of_this_node(pid: int) -> bool:
    """Whether the process is this one or one of its descendants, such as the engine."""
    own = psutil.Process().pid
    try:
        return pid == own or any(parent.pid == own for parent in psutil.Process(pid).parents())
    except psutil.Error:
        return False


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return ""


def _more(one: int | None, other: int | None) -> int | None:
    """A program that computes and draws is listed twice with the same memory."""
    return other if one is None else one if other is None else max(one, other)
