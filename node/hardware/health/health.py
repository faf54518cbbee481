"""Looks at every reading and keeps the list of what is wrong. Pure: time and readings come in, alarms go out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from node.hardware.alarm import Alarm
from node.hardware.health.baseline import Baseline
from node.hardware.health.efficiency import Efficiency, Work
from node.hardware.health.finding import Finding
from node.hardware.health.holding import Holding
from node.hardware.health.rules import RULES
from node.hardware.health.thermal import ThermalModel
from node.hardware.health.xids import words_of
from node.hardware.readings import GpuReading, HardwareReading

log = logging.getLogger(__name__)

XID_STANDS_S = 3600.0
"""How long an error that the driver reported is an alarm."""

FORGET_S = 86400.0
"""After this long a loss of efficiency is the new usual."""

_WARM_HOLD_S = 60.0


class _Learned(Protocol):
    def dump(self) -> str: ...


Kept = TypeVar("Kept", bound=_Learned)


class Health:
    """One machine's cards.

    Args:
        known: what `learned` gave before, by name; what cannot be read is learned anew.
    """

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self._known = dict(known or {})
        self._holding = Holding()
        self._baselines: dict[str, Baseline] = {}
        self._thermal: dict[str, ThermalModel] = {}
        self._efficiency = self._recall("efficiency", Efficiency.load, Efficiency)

    def observe(self, reading: HardwareReading, work: Work, now: float) -> tuple[Alarm, ...]:
        """What is wrong as of this reading.

        Args:
            now: monotonic seconds.
        """
        for card in reading.gpus:
            self._look_at(card, reading.at, now)
        if reading.gpus:
            self._weigh(reading, work, now)
        return self._holding.alarms(now)

    def learned(self) -> dict[str, str]:
        """What is worth keeping over a restart, by name."""
        return {
            "efficiency": self._efficiency.dump(),
            **{f"baseline {key}": each.dump() for key, each in self._baselines.items()},
            **{f"thermal {key}": each.dump() for key, each in self._thermal.items()},
        }

    def _look_at(self, card: GpuReading, at: float, now: float) -> None:
        key, name = card.key, f"GPU {card.index} ({card.name})"
        before = self._baselines.setdefault(key, self._recall(f"baseline {key}", Baseline.load, Baseline))
        before.note(card, at)
        for rule in RULES:
            self._holding.note(f"{rule.name} {key}", name, rule.look(card, before), rule.hold, now, at)
        for number in {xid.number for xid in card.xids}:
            self._holding.note(f"xid-{number} {key}", name, _reported(card, number, at), 0.0, now, at)
        model = self._thermal.setdefault(key, self._recall(f"thermal {key}", ThermalModel.load, ThermalModel))
        if not card.power_includes_cpu:
            model.observe(card, now, at)
            self._holding.note(f"warm {key}", name, model.finding(), _WARM_HOLD_S, now, at)
            self._holding.note(f"dust {key}", name, model.dust(), 0.0, now, at)

    def _weigh(self, reading: HardwareReading, work: Work, now: float) -> None:
        self._efficiency.observe(
            work,
            _sum([card.power_w for card in reading.gpus]),
            _sum([card.power_limit_w for card in reading.gpus]),
            now,
        )
        name = "GPU" if len(reading.gpus) == 1 else "GPUs"
        self._holding.note("efficiency", name, self._efficiency.finding(), 0.0, now, reading.at)
        if self._holding.standing_for("efficiency", now) > FORGET_S:
            self._efficiency.forget()

    def _recall(self, name: str, load: Callable[[str], Kept], begin: Callable[[], Kept]) -> Kept:
        text = self._known.pop(name, None)
        if text is None:
            return begin()
        try:
            return load(text)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("what was learned as %r cannot be read and is learned anew: %s", name, error)
            return begin()


def _reported(card: GpuReading, number: int, at: float) -> Finding | None:
    times = [xid.at for xid in card.xids if xid.number == number and at - xid.at < XID_STANDS_S]
    if not times:
        return None
    words = words_of(number)
    often = "" if len(times) == 1 else f" {len(times)} times"
    return Finding(
        f"error XID {number}", f"the driver reported XID {number}{often}: {words.meaning}", words.remedy, words.severity
    )


def _sum(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None
