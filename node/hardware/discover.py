"""What hardware this machine has, and who reads it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from node.clock import Clock
from node.hardware import pci
from node.hardware.amd import AmdBackend
from node.hardware.base import GpuBackend
from node.hardware.host import HostReader
from node.hardware.intel import IntelBackend
from node.hardware.nvidia import NvidiaBackend
from node.hardware.rapl import Rapl
from node.hardware.sampler import Sampler
from node.hardware.selection import Selection
from node.hardware.sysfs import SYSFS


def gpu_backends(clock: Clock, root: Path = SYSFS) -> tuple[GpuBackend, ...]:
    """A backend for each vendor, not opened yet; one without cards says so in its ``absence``."""
    return NvidiaBackend(clock), AmdBackend(root), IntelBackend(clock, root)


def sampler_for(
    data_dir: Path, clock: Clock, interval: float = 1.0, root: Path = SYSFS, gpus: Sequence[str] = ()
) -> Sampler:
    """The sampler of this machine, not started yet; it watches the disk of the data directory.

    Args:
        gpus: the cards that are the node's, see `Selection`; empty for all.
    """
    host = HostReader(data_dir, clock, root)
    return Sampler(gpu_backends(clock, root), host.read, clock, interval, Rapl(root), Selection(gpus))


def gpus_present(root: Path = SYSFS) -> tuple[str, ...]:
    """The names of the cards on the PCI bus, with or without a driver: what an engine on the CPU leaves idle."""
    return tuple(gpu.name for gpu in pci.gpus_on_bus(root))
