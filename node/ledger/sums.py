# ruff: noqa: S608 (what is put into the SQL here are constants of this package, never values)
"""What was done and earned in a time: whole hours from the hourly sums, the rest from the jobs themselves.

So every answer is exact for any two moments, and a year of a million jobs is read from some thousand rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal, cast

import apsw

from node.ledger.accounts import stages
from node.ledger.projections import HOUR_NS, SUMS
from node.ledger.totals import Earned, Part, Takings, Totals, added_up
from wallet.money import Asset

__all__ = ["By", "Earned", "Takings", "Totals", "earnings", "rewards_of", "totals"]

By = Literal["day", "hour", "network", "model", "asset"]

Span = tuple[str, int, int]
"""A name, and the first moment and the one after the last, in nanoseconds since 1970."""

Sums = dict[str, dict[Part, tuple[int, ...]]]

_SUMMED = ", ".join(f"sum({name})" for name in SUMS)
_ZEROS = (0,) * len(SUMS)
_PARTS = "network, asset, decimals, currency"


def totals(connection: apsw.Connection, since_ns: int, until_ns: int, network: str | None = None) -> Totals:
    """Everything, or all of one network, from the first moment to before the second, nanoseconds since 1970 in UTC."""
    sums: Sums = {}
    _add_spans(connection, sums, [("", since_ns, until_ns)], network)
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
    sums: Sums = {}
    if by == "day":
        _add_spans(connection, sums, list(_days(*_within(connection, since_ns, until_ns), zone)), network)
    elif by == "hour":
        _add_parts(connection, sums, "hour", f"at_ns / {HOUR_NS}", since_ns, until_ns, network)
        sums = {
            _hour_named(int(hour), zone): parts for hour, parts in sorted(sums.items(), key=lambda one: int(one[0]))
        }
    else:
        _add_parts(connection, sums, by, by, since_ns, until_ns, network)
    earned = stages(connection)
    keys = sums if by == "hour" else sorted(sums)
    return [Earned(key, added_up(sums[key], earned)) for key in keys]


def rewards_of(connection: apsw.Connection, network: str, since_ns: int = 0) -> tuple[Takings, ...]:
    """What one network claimed, credited and paid from a moment on, by asset."""
    return totals(connection, since_ns, 2**62, network).takings


def _add_spans(connection: apsw.Connection, sums: Sums, spans: Sequence[Span], network: str | None) -> None:
    """Add each span to the sums under its name."""
    whole: list[Span] = []
    rest: list[Span] = []
    for name, since, until in spans:
        first, last = _whole_hours(since, until)
        whole.append((name, first, last))
        rest.extend((name, start, end) for start, end in _edges(since, until, first, last))
    where, values = _of(network)
    rows = connection.execute(
        f"SELECT span.value ->> 0 AS part, {_PARTS}, {_SUMMED} FROM json_each(?) AS span CROSS JOIN hours "
        f"ON hour >= span.value ->> 1 AND hour < span.value ->> 2 {where} GROUP BY part, {_PARTS}",
        (json.dumps(whole), *values),
    )
    _collect(rows, sums)
    for name, start, end in rest:
        _add_events(connection, sums, "?", start, end, network, (name,))


def _add_parts(
    connection: apsw.Connection, sums: Sums, column: str, of_events: str, since: int, until: int, network: str | None
) -> None:
    """Add a time to the sums, under what a column of the hours, or the like of the events, says."""
    first, last = _whole_hours(since, until)
    where, values = _of(network)
    rows = connection.execute(
        f"SELECT {column} AS part, {_PARTS}, {_SUMMED} FROM hours WHERE hour >= ? AND hour < ? {where} "
        f"GROUP BY part, {_PARTS}",
        (first, last, *values),
    )
    _collect(rows, sums)
    for start, end in _edges(since, until, first, last):
        _add_events(connection, sums, of_events, start, end, network)


def _add_events(
    connection: apsw.Connection,
    sums: Sums,
    part: str,
    start: int,
    end: int,
    network: str | None,
    named: tuple[str, ...] = (),
) -> None:
    where, values = _of(network)
    rows = connection.execute(
        f"SELECT {part} AS part, {_PARTS}, {_SUMMED} FROM events WHERE at_ns >= ? AND at_ns < ? {where} "
        f"GROUP BY part, {_PARTS}",
        (*named, start, end, *values),
    )
    _collect(rows, sums)


def _of(network: str | None) -> tuple[str, tuple[str, ...]]:
    return ("", ()) if network is None else ("AND network = ?", (network,))


def _whole_hours(since: int, until: int) -> tuple[int, int]:
    return -(-since // HOUR_NS), until // HOUR_NS


def _edges(since: int, until: int, first: int, last: int) -> Iterator[tuple[int, int]]:
    """What whole hours leave of a time."""
    edges = ((since, first * HOUR_NS), (last * HOUR_NS, until)) if first < last else ((since, until),)
    return ((start, end) for start, end in edges if start < end)


def _collect(rows: Iterable[tuple[apsw.SQLiteValue, ...]], sums: Sums) -> None:
    for part, network, code, decimals, currency, *more in cast(
        "Iterator[tuple[str | int, str, str, int, str, *tuple[int, ...]]]", rows
    ):
        parts = sums.setdefault(str(part), {})
        key = Part(network, Asset(code, decimals) if code else None, currency)
        parts[key] = tuple(map(int.__add__, parts.get(key, _ZEROS), more))


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


def _hour_named(hour: int, zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(hour * 3600, UTC).astimezone(zone).isoformat(timespec="minutes")
