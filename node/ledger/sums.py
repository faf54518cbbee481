# ruff: noqa: S608 (what is put into the SQL here are constants of this package, never values)
"""What was done and earned in a time: whole hours from the hourly sums, the rest from the jobs themselves.

So every answer is exact for any two moments, and a year of a million jobs is read from some thousand rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from typing import Literal, cast

import apsw

from node.ledger.accounts import stages
from node.ledger.projections import HOUR_NS, KEYS, SUMS
from node.ledger.totals import Earned, Part, Takings, Totals, added_up
from wallet.money import Asset

__all__ = ["By", "Earned", "Takings", "Totals", "earnings", "rewards_of", "totals"]

By = Literal["day", "hour", "network", "model", "asset"]

Span = tuple[str, int, int]
"""A name, and the first moment and the one after the last, in nanoseconds since 1970."""

Series = tuple[str, str, str, int, str]
"""What tells one series of hours from another, in the order of ``KEYS``."""

Sums = dict[str, dict[Part, tuple[int, ...]]]

_SUMMED = ", ".join(f"sum({name})" for name in SUMS)
_ZEROS = (0,) * len(SUMS)
_KEYS = ", ".join(KEYS)
_HOURS = f"FROM hours WHERE ({_KEYS}) = (?, ?, ?, ?, ?) AND hour >= ? AND hour < ?"


def totals(connection: apsw.Connection, since_ns: int, until_ns: int, network: str | None = None) -> Totals:
    """Everything, or all of one network, from the first moment to before the second, nanoseconds since 1970 in UTC."""
    sums = _added(connection, [("", since_ns, until_ns)], None, network)
    return added_up(sums.get("", {}), stages(connection))


def earnings(
    connection: apsw.Connection,
    by: By,
    since_ns: int,
    until_ns: int,
    zone: tzinfo | None = None,
    network: str | None = None,
) -> list[Earned]:
    """The same, for each hour, day, network, model or asset with anything to tell, in the order of their keys.

    Args:
        zone: whose midnights part the days; None for this machine's own zone with its daylight saving. Hours are those
            of UTC, in the zone's words.
    """
    named: Callable[[str], str] = str
    spans: Iterable[Span] = [("", since_ns, until_ns)]
    if by in ("day", "hour"):
        within = _within(connection, since_ns, until_ns)
        spans = _days(*within, zone) if by == "day" else _hours(*within)
        named = partial(_hour_named, zone=zone) if by == "hour" else named
    sums = _added(connection, spans, None if by in ("day", "hour") else KEYS.index(by), network)
    earned = stages(connection)
    return [Earned(named(key), added_up(sums[key], earned)) for key in sorted(sums)]


def rewards_of(connection: apsw.Connection, network: str, since_ns: int = 0) -> tuple[Takings, ...]:
    """What one network claimed, credited and paid from a moment on, by asset."""
    return totals(connection, since_ns, 2**62, network).takings


def _added(connection: apsw.Connection, spans: Iterable[Span], by: int | None, network: str | None) -> Sums:
    """The sums of some times, under the name of each, or under what one of ``KEYS`` says."""
    sums: Sums = {}
    every = cast("list[Series]", connection.execute(f"SELECT DISTINCT {_KEYS} FROM hours").fetchall())
    series = [one for one in every if network in (None, one[0])]
    for name, since, until in spans:
        first, last = -(-since // HOUR_NS), until // HOUR_NS
        for one in series if first < last else ():
            row = connection.execute(f"SELECT {_SUMMED} {_HOURS}", (*one, first, last)).get
            _collect(sums, name, by, one, cast("tuple[int | None, ...]", row))
        edges = ((since, first * HOUR_NS), (last * HOUR_NS, until)) if first < last else ((since, until),)
        for start, end in edges:
            if start < end:
                _add_events(connection, sums, (name, start, end), by, network)
    return sums


def _add_events(connection: apsw.Connection, sums: Sums, span: Span, by: int | None, network: str | None) -> None:
    name, start, end = span
    rows = connection.execute(
        f"SELECT {_KEYS}, {_SUMMED} FROM events WHERE at_ns >= ? AND at_ns < ? AND ifnull(network = ?, 1) "
        f"GROUP BY {_KEYS}",
        (start, end, network),
    )
    for row in rows:
        _collect(sums, name, by, cast("Series", row[:5]), cast("tuple[int, ...]", row[5:]))


def _collect(sums: Sums, name: str, by: int | None, series: Series, more: tuple[int | None, ...]) -> None:
    if None in more:  # the sums of no row at all
        return
    network, _, code, decimals, currency = series
    parts = sums.setdefault(name if by is None else str(series[by]), {})
    key = Part(network, Asset(code, decimals) if code else None, currency)
    parts[key] = tuple(map(int.__add__, parts.get(key, _ZEROS), cast("tuple[int, ...]", more)))


def _within(connection: apsw.Connection, since_ns: int, until_ns: int) -> tuple[int, int]:
    """The part of this time in which anything is in the books, so that all days since 1970 need not be asked."""
    span = connection.execute("SELECT min(hour), max(hour) FROM hours").get
    first, last = cast("tuple[int | None, int | None]", span)
    if first is None or last is None:
        return 0, 0
    return max(since_ns, first * HOUR_NS), min(until_ns, (last + 1) * HOUR_NS)


def _days(since_ns: int, until_ns: int, zone: tzinfo | None) -> Iterator[Span]:
    day = datetime.fromtimestamp(since_ns / 1e9, zone).date()
    while since_ns < until_ns:
        following = day + timedelta(days=1)
        end = min(_midnight(following, zone), until_ns)
        if since_ns < end:
            yield day.isoformat(), since_ns, end
        since_ns, day = max(since_ns, end), following


def _midnight(day: date, zone: tzinfo | None) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1_000_000_000


def _hours(since_ns: int, until_ns: int) -> Iterator[Span]:
    for hour in range(since_ns // HOUR_NS, -(-until_ns // HOUR_NS)):
        yield f"{hour:08d}", max(since_ns, hour * HOUR_NS), min(until_ns, (hour + 1) * HOUR_NS)


def _hour_named(hour: str, zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(int(hour) * 3600, UTC).astimezone(zone).isoformat(timespec="minutes")
