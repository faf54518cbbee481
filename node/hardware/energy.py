"""How much energy has been used since the meter began: pure arithmetic over what the sensors said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from node.hardware.rapl import RaplCounter
from node.hardware.readings import GpuReading

LONGEST_GAP_S = 10.0
"""Power between two readings further apart than this is unknown and not made up."""

_COUNTER, _POWER, _RAPL = "GPU counter", "GPU power over time", "RAPL"


@dataclass(frozen=True, slots=True)
class Energy:
    """What the meter shows.

    Attributes:
        total_mj: millijoules since the first reading; None if nothing measures.
        power_w: what all that is measured draws; None while that is not known.
        cpu_power_w: the processor's share of it, if RAPL can be read.
        source: where the figures come from, in words.
        at: monotonic seconds of the reading.
    """

    at: float
    total_mj: int | None = None
    power_w: float | None = None
    cpu_power_w: float | None = None
    source: str = ""

    def total_at(self, now: float) -> int | None:
        """The total carried forward at the latest power, at most ``LONGEST_GAP_S`` past the reading."""
        if self.total_mj is None:
            return None
        ahead = min(max(0.0, now - self.at), LONGEST_GAP_S)
        return self.total_mj + round((self.power_w or 0.0) * ahead * 1000)


def counter_step(before: int, now: int, turn: int = 0) -> int:
    """How far a counter went.

    Args:
        turn: the value after which it begins again at zero; 0 if it only does so when its driver is loaded anew: what
            it counted before that is lost, what it shows is counted.
    """
    if now >= before:
        return now - before
    return turn - before + now if turn >= before else now


@dataclass(frozen=True, slots=True)
class _Share:
    """What one source adds: microjoules, and watts since it was last heard."""

    energy_uj: int = 0
    power_w: float | None = None


class EnergyMeter:
    """Adds up a card's own counter where it has one, else its power over time; and the processor's counters."""

    def __init__(self) -> None:
        self._total_uj = 0
        self._counters: dict[str, tuple[float, int]] = {}
        self._powers: dict[str, tuple[float, float]] = {}
        self._sources: dict[str, None] = {}  # in the order in which they appeared

    def add(self, at: float, cards: Iterable[GpuReading], packages: Iterable[RaplCounter]) -> Energy:
        """Take in one reading, made at these monotonic seconds."""
        processor = [self._package(at, package) for package in packages]
        shares = processor + [self._card(at, card) for card in cards]
        self._total_uj += sum(share.energy_uj for share in shares)
        if not self._sources:
            return Energy(at)
        return Energy(at, self._total_uj // 1000, _watts(shares), _watts(processor), " + ".join(self._sources))

    def _package(self, at: float, package: RaplCounter) -> _Share:
        self._sources[_RAPL] = None
        return self._counted(f"rapl {package.name}", at, package.energy_uj, package.range_uj)

    def _card(self, at: float, card: GpuReading) -> _Share:
        key = card.uuid or f"{card.backend} {card.index}"
        if card.power_includes_cpu and _RAPL in self._sources:
            return _Share()
        if card.energy_mj is not None:
            self._powers.pop(key, None)
            self._sources[_COUNTER] = None
            return self._counted(key, at, 1000 * card.energy_mj)
        if key in self._counters:  # the counter is only away for a moment: it will have counted this
            return _Share()
        before = self._powers.pop(key, None)
        if card.power_w is None:
            return _Share()
        self._sources[_POWER] = None
        self._powers[key] = (at, card.power_w)
        if before is None or not 0 <= at - before[0] <= LONGEST_GAP_S:
            return _Share(0, card.power_w)
        mean = (before[1] + card.power_w) / 2
        return _Share(round(mean * (at - before[0]) * 1e6), card.power_w)

    def _counted(self, key: str, at: float, value: int, turn: int = 0) -> _Share:
        before = self._counters.get(key)
        self._counters[key] = (at, value)
        if before is None:
            return _Share()
        step, since = counter_step(before[1], value, turn), at - before[0]
        return _Share(step, step / 1e6 / since if since > 0 else None)


def _watts(shares: Iterable[_Share]) -> float | None:
    known = [share.power_w for share in shares if share.power_w is not None]
    return sum(known) if known else None
