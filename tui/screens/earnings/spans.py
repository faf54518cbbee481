"""The spans of time that earnings are looked at in. Pure but for the local time zone."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """So many local days up to and with today; None: since the books began."""

    name: str
    days: int | None

    def since(self, now: float) -> int | None:
        """The local midnight that it begins with, Unix seconds."""
        return None if self.days is None else midnight(now, self.days - 1)


SPANS = (Span("7 days", 7), Span("30 days", 30), Span("365 days", 365), Span("all time", None))
MONTH = 1
"""Which of them is shown first."""


def midnight(now: float, days_before: int = 0) -> int:
    """Local midnight of today, or of a day before, Unix seconds."""
    year, month, day, *_ = time.localtime(now)
    return int(time.mktime((year, month, day - days_before, 0, 0, 0, 0, 0, -1)))


def day(at: float) -> str:
    """The local date: 2026-11-22."""
    return time.strftime("%Y-%m-%d", time.localtime(at))


def days(now: float, count: int) -> list[str]:
    """The last local dates, oldest first."""
    return [day(midnight(now, back) + 43_200) for back in reversed(range(count))]
