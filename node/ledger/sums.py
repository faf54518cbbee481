# ruff: noqa: S608 (what is put into the SQL here are constants of this package, never values)
"""What was done and earned in a time: whole hours from the hourly sums, the rest from the jobs themselves.

So every answer is exact for any two moments, and a year of a million jobs is read from some thousand rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal, cast

import apsw

from node.ledger.projections import HOUR_NS, SUMS, joined
from wallet.money import Asset

__all__ = ["Earned", "Takings", "Totals", "earnings", "totals"]

By = Literal["day", "network", "model", "asset"]


@dataclass(frozen=True, slots=True)
class Takings:
    """One asset, in base units. Three different claims, never one number.

    Attributes:
        claimed: what the networks stated job by job. credited: what their books showed later. paid: seen on chain.
    """

    asset: Asset
    claimed: int = 0
    credited: int = 0
    paid: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """Jobs that ended in a time, what they took and what they brought.

    Attributes:
        compute_us: microseconds in slots. energy_mj: millijoules; None where no job's energy was measured.
        measured: how many jobs have a measured energy.
        takings: by asset, in the order of their codes.
    """

    done: int = 0
    failed: int = 0
    cancelled: int = 0
    expired: int = 0
    returned: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    compute_us: int = 0
    energy_mj: int | None = None
    measured: int = 0
    takings: tuple[Takings, ...] = ()

    @property
    def jobs(self) -> int:
        return self.done + self.failed + self.cancelled + self.expired + self.returned


@dataclass(frozen=True, slots=True)
class Earned:
    """The totals of one day (``2026-11-22``), network, model or asset code; an empty key means none is known."""

    key: str
    totals: Totals


_SUMMED = ", ".join(f"coalesce(sum({name}), 0)" for name in SUMS)
_ALL = "''"
_ZEROS = (0,) * len(SUMS)

Sums = dict[tuple[str, Asset | None], tuple[int, ...]]


def totals(connection: apsw.Connection, since_ns: int, until_ns: int) -> Totals:
    """Everything from the first moment to before the second, nanoseconds since 1970 in UTC."""
    sums: Sums = {}
    _add_up(connection, sums, _ALL, since_ns, until_ns)
    return next((earned.totals for earned in _by_key(sums)), Totals())


def earnings(
    connection: apsw.Connection, by: By, since_ns: int, until_ns: int, zone: tzinfo | None = None
) -> list[Earned]:
    """The same, for each day, network, model or asset with anything to tell, in the order of their keys.

    Args:
        zone: whose midnights part the days; None for this machine's own zone with its daylight saving.
    """
    sums: Sums = {}
    if by == "day":
        for name, start, end in _days(*_within(connection, since_ns, until_ns), zone):
            _add_up(connection, sums, _ALL, start, end, name)
    else:
        _add_up(connection, sums, by, since_ns, until_ns)
    return list(_by_key(sums))


def _add_up(connection: apsw.Connection, sums: Sums, column: str, since_ns: int, until_ns: int, name: str = "") -> None:
    """Add a time to the sums, under what ``column`` says, or all of it under ``name``."""
    first, last = -(-since_ns // HOUR_NS), until_ns // HOUR_NS
    if first < last:
        _add(connection, sums, column, "hours", "hour", first, last, name)
        _add(connection, sums, column, "events", "at_ns", since_ns, first * HOUR_NS, name)
        _add(connection, sums, column, "events", "at_ns", last * HOUR_NS, until_ns, name)
    else:
        _add(connection, sums, column, "events", "at_ns", since_ns, until_ns, name)


def _add(
    connection: apsw.Connection, sums: Sums, column: str, table: str, time: str, start: int, end: int, name: str
) -> None:
    if start >= end:
        return
    rows = connection.execute(
        f"SELECT {column} AS part, asset, decimals, {_SUMMED} FROM {table} WHERE {time} >= ? AND {time} < ? "
        "GROUP BY part, asset, decimals",
        (start, end),
    )
    for part, code, decimals, *more in cast("Iterator[tuple[str, str, int, *tuple[int, ...]]]", rows):
        key = (part or name, Asset(code, decimals) if code else None)
        sums[key] = tuple(map(int.__add__, sums.get(key, _ZEROS), more))


def _by_key(sums: Sums) -> Iterator[Earned]:
    for key in sorted({key for key, _ in sums}):
        parts = {asset: part for (own, asset), part in sums.items() if own == key}
        whole = dict(zip(SUMS, (sum(column) for column in zip(*parts.values(), strict=True)), strict=True))
        takings = tuple(
            _takings(asset, dict(zip(SUMS, parts[asset], strict=True)))
            for asset in sorted(asset for asset in parts if asset is not None)
        )
        yield Earned(
            key,
            Totals(
                done=whole["done"],
                failed=whole["failed"],
                cancelled=whole["cancelled"],
                expired=whole["expired"],
                returned=whole["returned"],
                prompt_tokens=whole["prompt_tokens"],
                completion_tokens=whole["completion_tokens"],
                compute_us=whole["compute_us"],
                energy_mj=whole["energy_mj"] if whole["measured"] else None,
                measured=whole["measured"],
                takings=takings,
            ),
        )


def _takings(asset: Asset, part: dict[str, int]) -> Takings:
    claimed, credited, paid = (
        joined(part[f"{name}_hi"], part[f"{name}_lo"]) for name in ("claimed", "credited", "paid")
    )
    return Takings(asset, claimed, credited, paid)


def _within(connection: apsw.Connection, since_ns: int, until_ns: int) -> tuple[int, int]:
    """The part of this time in which anything is in the books, so that all days since 1970 need not be asked."""
    span = connection.execute("SELECT min(hour), max(hour) FROM hours").get
    first, last = cast("tuple[int | None, int | None]", span)
    if first is None or last is None:
        return 0, 0
    return max(since_ns, first * HOUR_NS), min(until_ns, (last + 1) * HOUR_NS)


def _days(since_ns: int, until_ns: int, zone: tzinfo | None) -> Iterator[tuple[str, int, int]]:
    day = datetime.fromtimestamp(since_ns / 1e9, zone).date()
    while since_ns < until_ns:
        following = day + timedelta(days=1)
        end = min(_midnight(following, zone), until_ns)
        if since_ns < end:
            yield day.isoformat(), since_ns, end
        since_ns, day = max(since_ns, end), following


def _midnight(day: date, zone: tzinfo | None) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1_000_000_000
