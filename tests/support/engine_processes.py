"""The processes in which models are computed, behind whatever box is around them."""

from __future__ import annotations

import psutil

from node.engines.launch import CHILD


def computing(parent: int | None = None) -> list[psutil.Process]:
    """Those below a process, by default this one; neither the box itself nor what has died."""
    return [process for process in psutil.Process(parent).children(recursive=True) if _computes(process)]


def _computes(process: psutil.Process) -> bool:
    try:
        return (
            process.status() != psutil.STATUS_ZOMBIE
            and CHILD in process.cmdline()
            and not process.name().startswith("bwrap")
        )
    except psutil.NoSuchProcess:
        return False
