"""Python, processor and memory."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from node.doctor.check import Check

LITTLE_MEMORY = 1 << 30


def checks() -> Iterator[Check]:
    """Blocking."""
    yield Check("Python", "ok", f"{platform.python_version()} at {sys.executable}")
    yield processor(platform.machine(), _flags())
    yield memory(psutil.virtual_memory().available, psutil.virtual_memory().total)


def processor(kind: str, flags: str | None) -> Check:
    """Whether the embedded engine's code can run.

    Args:
        kind: of processor, as of ``platform.machine``. flags: what it can, as the kernel says; None if unknown.
    """
    count = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    if kind.lower() not in ("x86_64", "amd64") or flags is None:
        return Check("processor", "ok", f"{kind}, {count} cores")
    if "avx2" not in flags.split():
        return Check(
            "processor",
            "fail",
            "no AVX2: the embedded engine cannot run here",
            "use a server of your own: stoker settings set engine.kind openai",
        )
    return Check("processor", "ok", f"{count} cores with AVX2")


def memory(available: int, total: int) -> Check:
    """Bytes."""
    detail = f"{available / 1e9:.1f} of {total / 1e9:.1f} GB available"
    if available < LITTLE_MEMORY:
        return Check("memory", "warn", detail, "close some programs, or take a smaller model")
    return Check("memory", "ok", detail)


def _flags() -> str | None:
    try:
        lines = Path("/proc/cpuinfo").read_text("ascii", "replace").splitlines()
    except OSError:
        return None
    return next((line for line in lines if line.startswith("flags")), None)
