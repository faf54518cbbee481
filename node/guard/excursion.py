"""A reading that goes over its ceiling and comes back: with hysteresis, and a least stay that grows if it returns."""

from __future__ import annotations

from dataclasses import dataclass, replace

LONGEST_STAY = 3600.0
RELAPSE = 10.0
"""Another excursion within so many stays after the last one doubles the stay."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The bounds of one reading.

    Attributes:
        levels: thresholds in rising order; a reading at or above the n-th is at level n (counted from 1).
        lift: the reading, below all thresholds, at or below which it is over.
        stay: seconds that a level holds at least. patience: seconds over the lowest threshold before anything happens.
    """

    levels: tuple[float, ...]
    lift: float
    stay: float
    patience: float = 0.0

    def level(self, reading: float) -> int:
        return sum(reading >= threshold for threshold in self.levels)


@dataclass(frozen=True, slots=True)
class Excursion:
    """How far one reading is over its ceiling.

    Attributes:
        level: 0 means below. since: monotonic seconds when this level was reached, or left.
        stay: how long it holds at least. over_since: when the reading went over, while patience lasts.
        reading: the latest one.
    """

    level: int
    since: float
    stay: float
    over_since: float | None = None
    reading: float = 0.0


def follow(ceiling: Ceiling, before: Excursion | None, reading: float | None, now: float) -> Excursion | None:
    """The excursion after one more reading. A missing reading changes nothing: a blind sensor is no all-clear."""
    if reading is None:
        return before
    reached = ceiling.level(reading)
    if before is None or before.level == 0:
        return _below(ceiling, before, reading, reached, now)
    if reached > before.level:
        return replace(before, level=reached, since=now, reading=reading)
    if reading <= ceiling.lift and now - before.since >= before.stay:
        return Excursion(0, now, before.stay)
    return replace(before, reading=reading)


def _below(ceiling: Ceiling, before: Excursion | None, reading: float, reached: int, now: float) -> Excursion | None:
    if reached == 0:
        return None if before is None else replace(before, over_since=None)
    over_since = before.over_since if before is not None and before.over_since is not None else now
    if now - over_since < ceiling.patience:
        return replace(before or Excursion(0, float("-inf"), ceiling.stay), over_since=over_since)
    stay = ceiling.stay
    if before is not None and now - before.since < RELAPSE * before.stay:
        stay = min(2 * before.stay, LONGEST_STAY)
    return Excursion(reached, now, max(stay, ceiling.stay), None, reading)
