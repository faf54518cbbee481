"""What is wrong by itself, whatever this machine's past: pure looks at one reading of one card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from node.hardware.alarm import Severity
from node.hardware.health.baseline import Baseline
from node.hardware.health.finding import Finding
from node.hardware.readings import GpuReading

LOADED_PCT = 90.0
WARM_C = 60.0
LOW_CLOCK = 0.5  # of the highest: every card's base clock lies above it
OVER_LIMIT = 1.15
MANY_CORRECTED = 100  # a day
_EXCUSES = frozenset({"power limit", "clocks set by an application"})

Look = Callable[[GpuReading, Baseline], Finding | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A look that must find the same for ``hold`` seconds before it is an alarm."""

    name: str
    hold: float
    look: Look


def lost(card: GpuReading, _: Baseline) -> Finding | None:
    if not card.lost:
        return None
    return Finding(
        "lost",
        "it no longer answers: it fell off the bus, or its driver is gone",
        "check power cables, riser and seat of the card, then restart the machine",
        Severity.GRAVE,
    )


def throttle_fault(card: GpuReading, _: Baseline) -> Finding | None:
    if not card.throttle_fault:
        return None
    heat = "" if card.temperature_c is None else f" at {card.temperature_c:.0f} °C"
    brake = "power brake" in card.throttle
    return Finding(
        "slowed down by its own protection",
        f"it is held back by {', '.join(card.throttle)}{heat}",
        "check the power supply and its cables" if brake else "clean the cooler and give it air, or lower its limit",
    )


def fan_still(card: GpuReading, _: Baseline) -> Finding | None:
    if card.fan_pct is None or card.fan_pct > 0 or card.temperature_c is None or card.temperature_c < WARM_C:
        return None
    return Finding(
        "fan stands still",
        f"the fan is at 0 % at {card.temperature_c:.0f} °C",
        "look whether it turns and nothing blocks it; a worn fan must be replaced",
    )


def narrow_link(card: GpuReading, before: Baseline) -> Finding | None:
    if card.pcie_width is None or before.width is None or card.pcie_width >= before.width:
        return None
    return Finding(
        "link has lost lanes",
        f"it is linked with {card.pcie_width} lanes, and had {before.width}",
        "switch the machine off and seat the card and its riser anew",
    )


def bad_memory(card: GpuReading, before: Baseline) -> Finding | None:
    grown = _growth(card.ecc_uncorrected, before.ecc_uncorrected)
    if grown:
        return Finding(
            "memory errors that cannot be corrected",
            f"{grown} new, {card.ecc_uncorrected} in its life: results may be wrong",
            "stop what uses the card and reset it: sudo nvidia-smi --gpu-reset; if it goes on, have it replaced",
            Severity.GRAVE,
        )
    grown = _growth(card.ecc_corrected, before.ecc_corrected)
    if grown < MANY_CORRECTED:
        return None
    return Finding(
        "many corrected memory errors",
        f"{grown} new since yesterday, {card.ecc_corrected} in its life",
        "keep an eye on it and the card cool; a memory that goes on like that will fail",
    )


def spent_rows(card: GpuReading, _: Baseline) -> Finding | None:
    if card.remap_failed:
        return Finding(
            "no spare memory left",
            "a bad row of its memory could not be replaced: results may be wrong",
            "have the card replaced",
            Severity.GRAVE,
        )
    if card.remap_pending:
        return Finding(
            "memory repair waits",
            "a bad row of its memory will be replaced at the next reset",
            "when it suits you: sudo nvidia-smi --gpu-reset, or restart the machine",
            Severity.NOTICE,
        )
    return None


def low_clock(card: GpuReading, _: Baseline) -> Finding | None:
    if card.clock_mhz is None or not card.clock_max_mhz or _EXCUSES & set(card.throttle):
        return None
    if card.utilisation_pct is None or card.utilisation_pct < LOADED_PCT or card.throttle_fault:
        return None
    if card.clock_mhz >= LOW_CLOCK * card.clock_max_mhz:
        return None
    return Finding(
        "slow under load",
        f"it computes at {card.clock_mhz} of {card.clock_max_mhz} MHz at {card.utilisation_pct:.0f} % load",
        "check the power cables, and whether clocks were set: sudo nvidia-smi --reset-gpu-clocks",
    )


def over_limit(card: GpuReading, _: Baseline) -> Finding | None:
    if card.power_w is None or not card.power_limit_w or card.power_w <= OVER_LIMIT * card.power_limit_w:
        return None
    return Finding(
        "draws more than its limit",
        f"{card.power_w:.0f} W against a limit of {card.power_limit_w:.0f} W",
        "install another version of the NVIDIA driver; until then keep the power supply in mind",
    )


RULES = (
    Rule("lost", 2.0, lost),
    Rule("throttle", 10.0, throttle_fault),
    Rule("fan", 30.0, fan_still),
    Rule("link", 90.0, narrow_link),
    Rule("memory", 0.0, bad_memory),
    Rule("rows", 0.0, spent_rows),
    Rule("clock", 60.0, low_clock),
    Rule("limit", 60.0, over_limit),
)


def _growth(now: int | None, before: int | None) -> int:
    return 0 if now is None or before is None else max(0, now - before)
