"""Hours of the week as people write them: ``Mon-Fri 22:00-06:00; Sat,Sun 00:00-24:00``. Pure.

A time is compared as the clock on the wall shows it, so daylight saving needs no rule of its own: a window from 22:00
to 06:00 is an hour shorter or longer in the night in which the clock changes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY = 1440
LONGEST = 2000
"""Characters of one text of hours."""

_PART = re.compile(r"(?:(?P<days>[A-Za-z,\- ]+?)\s+)?(?P<start>\d{1,2}:\d{2})\s*-\s*(?P<end>\d{1,2}:\d{2})")


@dataclass(frozen=True, slots=True)
class Window:
    """Some hours of some days.

    Attributes:
        days: on which it begins, Monday is 0.
        start, end: minutes since midnight; an end that is not after the start lies on the next day.
    """

    days: frozenset[int]
    start: int
    end: int

    def holds(self, at: datetime) -> bool:
        """Whether this moment, as the clock on the wall shows it, lies within."""
        minute, today = at.hour * 60 + at.minute, at.weekday()
        if self.start < self.end:
            return today in self.days and self.start <= minute < self.end
        begun_today = today in self.days and minute >= self.start
        begun_yesterday = (today - 1) % 7 in self.days and minute < self.end
        return begun_today or begun_yesterday


def parse_windows(text: str) -> tuple[Window, ...]:
    """Read windows, parted by ``;``. No days means every day.

    Raises:
        ValueError: says which part is wrong and what was expected.
    """
    if len(text) > LONGEST:
        raise ValueError(f"expected at most {LONGEST} characters, got {len(text)}")
    return tuple(parse_window(part) for part in text.split(";") if part.strip())


def parse_window(text: str) -> Window:
    """Read one window.

    Raises:
        ValueError: see `parse_windows`.
    """
    found = _PART.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"got {text.strip()!r}; expected days and hours, such as Mon-Fri 22:00-06:00")
    start, end = _minute(found["start"]), _minute(found["end"])
    if start == MINUTES_A_DAY:
        raise ValueError(f"got {text.strip()!r}; a window begins before 24:00")
    return Window(_days(found["days"] or "Mon-Sun"), start, end)


def next_change(windows: tuple[Window, ...], at: float, zone: tzinfo | None = None) -> float | None:
    """When this moment's answer changes, in Unix seconds, to the minute; None if it does not within eight days.

    Args:
        at: Unix seconds. zone: whose clock on the wall counts; None is this machine's.
    """
    now = inside(windows, at, zone)
    minutes = {minute for window in windows for minute in (window.start, window.end % MINUTES_A_DAY)}
    minutes |= {60 * hour for hour in range(24)}  # the clock may jump over a window's edge, always to a full hour
    midnight = datetime.fromtimestamp(at, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(9):
        wall = [midnight + timedelta(days=day, minutes=minute) for minute in minutes]
        moments = sorted({moment.replace(fold=fold).timestamp() for moment in wall for fold in (0, 1)})
        for moment in moments:
            if moment > at and inside(windows, moment, zone) != now:
                return moment
    return None


def inside(windows: tuple[Window, ...], at: float, zone: tzinfo | None = None) -> bool:
    """Whether this moment (Unix seconds) lies within one of the windows."""
    wall = datetime.fromtimestamp(at, zone)
    return any(window.holds(wall) for window in windows)


def _minute(text: str) -> int:
    hours, minutes = (int(part) for part in text.split(":"))
    if minutes > 59 or hours * 60 + minutes > MINUTES_A_DAY:
        raise ValueError(f"got {text!r}; expected a time from 00:00 to 24:00")
    return hours * 60 + minutes


def _days(text: str) -> frozenset[int]:
    days: set[int] = set()
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        start, end = _day(first), _day(last or first)
        days |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
    return frozenset(days)


def _day(text: str) -> int:
    name = text.lower()[:3]
    if name not in DAYS:
        raise ValueError(f"got {text!r}; expected a day: Mon, Tue, Wed, Thu, Fri, Sat or Sun")
    return DAYS.index(name)
