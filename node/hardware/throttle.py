"""Why an NVIDIA card holds back its clocks, in words: the bits of NVML's clocks event reasons (nvml.h)."""

from __future__ import annotations

_ORDINARY = {
    0x002: "clocks set by an application",
    0x004: "power limit",
    0x010: "sync boost",
    0x100: "display clocks",
    0x200: "board limit",
    0x400: "reliability voltage",
}
_FAULTS = {
    0x008: "hardware slowdown",
    0x020: "heat (driver)",
    0x040: "heat (hardware)",
    0x080: "power brake",
}


def throttle_words(reasons: int) -> tuple[str, ...]:
    """The reasons that are set, faults first; an idle card (bit 0) is not held back and gives none."""
    return tuple(words for bit, words in (_FAULTS | _ORDINARY).items() if reasons & bit)


def is_throttle_fault(reasons: int) -> bool:
    """Heat, hardware slowdown or power brake. The software power cap is how cards manage power, not a fault."""
    return any(reasons & bit for bit in _FAULTS)
