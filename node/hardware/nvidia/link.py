"""How an NVIDIA card is linked to the machine: the lanes and the generation of PCI Express."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from node.hardware.nvml import Nvml


@dataclass(frozen=True, slots=True)
class Link:
    """The link now, and the best that this card can have in this slot."""

    generation: int | None = None
    generation_max: int | None = None
    width: int | None = None
    width_max: int | None = None
    replays: int | None = None


EMPTY_LINK = Link()


def read_link(nvml: Nvml, handle: Any) -> Link:
    """Never asks for the traffic on the link: that call blocks for 20 ms a counter."""
    ask, calls = nvml.ask, nvml.calls
    return Link(
        generation=ask(calls.nvmlDeviceGetCurrPcieLinkGeneration, handle),
        generation_max=ask(calls.nvmlDeviceGetMaxPcieLinkGeneration, handle),
        width=ask(calls.nvmlDeviceGetCurrPcieLinkWidth, handle),
        width_max=ask(calls.nvmlDeviceGetMaxPcieLinkWidth, handle),
        replays=ask(calls.nvmlDeviceGetPcieReplayCounter, handle),
    )
