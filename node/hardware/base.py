"""What every GPU backend looks like to the sampler."""

from __future__ import annotations

from typing import Protocol

from node.hardware.readings import GpuReading


class GpuBackend(Protocol):
    """One vendor's way to read its cards. Called from the sampler's own thread, never from the event loop."""

    name: str

    def open(self) -> bool:
        """Find the cards. False if this vendor has none here; the reason is then in ``absence``."""

    @property
    def absence(self) -> str:
        """Why there is nothing to read, in words; empty if there is."""

    def read(self) -> tuple[GpuReading, ...]:
        """One reading of each card. What a card cannot give is None; a lost card says so. Never raises."""

    def close(self) -> None:
        """Let go of the driver."""
