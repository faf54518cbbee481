"""How the memory of an NVIDIA card is: its warmth, its errors, and the rows that were replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from node.hardware.nvml import Nvml

_CORRECTED, _UNCORRECTED = 0, 1  # nvmlMemoryErrorType_t
_OVER_ITS_LIFE = 1  # NVML_AGGREGATE_ECC; the other counter begins anew with the driver
_MEMORY_TEMPERATURE = 82  # NVML_FI_DEV_MEMORY_TEMP


@dataclass(frozen=True, slots=True)
class MemoryHealth:
    """Counts over the card's life; None on cards without error correction."""

    corrected: int | None = None
    uncorrected: int | None = None
    remapped_rows: int | None = None
    remap_pending: bool = False
    remap_failed: bool = False


EMPTY_MEMORY = MemoryHealth()


def read_memory_health(nvml: Nvml, handle: Any) -> MemoryHealth:
    """What the card has counted."""
    ask, calls = nvml.ask, nvml.calls
    remapped = ask(calls.nvmlDeviceGetRemappedRows, handle)
    by_use, by_error, pending, failed = remapped or (None, None, 0, 0)
    return MemoryHealth(
        corrected=ask(calls.nvmlDeviceGetTotalEccErrors, handle, _CORRECTED, _OVER_ITS_LIFE),
        uncorrected=ask(calls.nvmlDeviceGetTotalEccErrors, handle, _UNCORRECTED, _OVER_ITS_LIFE),
        remapped_rows=None if by_use is None or by_error is None else by_use + by_error,
        remap_pending=bool(pending),
        remap_failed=bool(failed),
    )


def memory_temperature(nvml: Nvml, handle: Any) -> float | None:
    """Degrees of the memory; consumer cards answer nothing, or a zero that means the same."""
    return nvml.field(handle, _MEMORY_TEMPERATURE) or None
