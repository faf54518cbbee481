"""Which of the machine's cards an engine gets to see: their device nodes, and what their drivers read.

Names: CUDA_VISIBLE_DEVICES is in the CUDA C++ Programming Guide, ROCR_VISIBLE_DEVICES in ROCm's "GPU isolation".
A Vulkan driver reads neither; it sees the cards whose nodes it can open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from node.box.devices import device_nodes
from node.clock import Clock
from node.hardware.discover import gpu_backends
from node.hardware.readings import GpuReading
from node.hardware.selection import Selection
from node.hardware.sysfs import SYSFS

DEV, PROC = Path("/dev"), Path("/proc")
ADDRESS = re.compile(r"[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]")
MINOR = re.compile(r"^Device Minor:\s*(\d+)$", re.MULTILINE)
ROCM_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class VisibleCards:
    """What an engine may use.

    Attributes:
        nodes: device nodes, for its box.
        environment: for the libraries of its cards.
        chosen: the owner has left some cards out.
    """

    nodes: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    chosen: bool = False


def visible_cards(wanted: Sequence[str], clock: Clock, *, dev: Path = DEV, sysfs: Path = SYSFS) -> VisibleCards:
    """The cards that ``hardware.gpus`` names, all of them if it names none. Blocking: asks the drivers once."""
    if not wanted:
        return VisibleCards(device_nodes(dev))
    cards: list[GpuReading] = []
    for backend in gpu_backends(clock, sysfs):
        if backend.open():
            cards += backend.read()
            backend.close()
    return shown(Selection(wanted).of(cards), owners_of(device_nodes(dev), sysfs))


def shown(cards: Iterable[GpuReading], owners: Mapping[Path, str | None]) -> VisibleCards:
    """What shows these cards and no other. Pure.

    Args:
        owners: for each device node the PCI address of its card; None if it belongs to all; empty if nobody knows,
            which shows it to nobody.
    """
    chosen = tuple(cards)
    addresses = {card.address.lower()[-12:] for card in chosen if card.address}
    nodes = tuple(node for node, owner in owners.items() if owner is None or owner in addresses)
    nvidia = [card.uuid for card in chosen if card.backend == "nvidia" and card.uuid]
    amd = [card.uuid for card in chosen if card.backend == "amd" and ROCM_ID.fullmatch(card.uuid)]
    environment = {
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "CUDA_VISIBLE_DEVICES": ",".join(nvidia),
        "ROCR_VISIBLE_DEVICES": ",".join(f"GPU-{number}" for number in amd),
    }
    return VisibleCards(nodes, MappingProxyType(environment), chosen=True)


def owners_of(nodes: Iterable[Path], sysfs: Path = SYSFS, proc: Path = PROC) -> dict[Path, str | None]:
    """The PCI address of the card behind each device node, as `shown` takes it. Blocking."""
    minors = _nvidia_minors(proc)
    return {node: _owner(node, minors, sysfs) for node in nodes}


def _owner(node: Path, minors: Mapping[str, str], sysfs: Path) -> str | None:
    if node.name.startswith("renderD"):
        address = (sysfs / "class/drm" / node.name / "device").resolve().name
        return address if ADDRESS.fullmatch(address) else ""
    if number := re.fullmatch(r"nvidia(\d+)", node.name):
        return minors.get(number[1], "")
    return None


def _nvidia_minors(proc: Path) -> dict[str, str]:
    """The PCI address of each card by the number of its device node, in the driver's own words."""
    found = {}
    for file in proc.glob("driver/nvidia/gpus/*/information"):
        try:
            minor = MINOR.search(file.read_text("ascii", "replace"))
        except OSError:
            continue
        if minor:
            found[minor[1]] = file.parent.name.lower()
    return found
