# ruff: noqa: S608 (what is put into the SQL here are constants of this package, never values)
"""Do the quick tables say what the books say?"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress

import apsw

from node.ledger.chain import Entry
from node.ledger.projections import (
    FINISHED,
    HOUR_NS,
    KEYS,
    SETTLED,
    SUMS,
    accepted_row,
    finished_row,
    job_row,
    settlement_row,
)
from node.ledger.records import JobAccepted, JobFinished, Settlement

__all__ = ["Agreement"]

_JOBS_ADDED_UP = "SELECT at_ns / {hour} AS hour, {keys}, {sums} FROM events GROUP BY hour, {keys}"
_DIFFERENT = "SELECT {} FROM (SELECT * FROM ({}) EXCEPT SELECT * FROM ({})) LIMIT 1"
_ACCOUNTS_ADDED_UP = (
    "SELECT network, asset, decimals, claim, count(*), min(at_ns), max(at_ns), sum(units_hi), sum(units_lo) "
    "FROM amounts GROUP BY network, asset, decimals, claim"
)
_WRONGLY_MARKED = (
    "SELECT number FROM jobs WHERE credited <> "
    "(number IN (SELECT refers FROM settlements WHERE claim = 'credited' AND refers IS NOT NULL)) LIMIT 1"
)


class Agreement:
    """Compares derived rows with the entries that they were derived from, in one pass over the chain."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._finished_columns = self._known("jobs", FINISHED)
        self._settled_columns = self._known("settlements", SETTLED)
        self._finished_sql = f"SELECT {_list(FINISHED, self._finished_columns)} FROM jobs WHERE number=?"
        self._settled_sql = f"SELECT {_list(SETTLED, self._settled_columns)} FROM settlements WHERE seq=?"
        self._accepted = self._finished = self._settled = 0

    def check(self, entry: Entry) -> str:
        """What disagrees with this entry, in words; empty if nothing does."""
        row: object
        if entry.kind == JobAccepted.kind:
            self._accepted += 1
            row, expected = job_row(self._connection, entry.body["number"]), accepted_row(entry)
        elif entry.kind == JobFinished.kind:
            self._finished += 1
            row = self._connection.execute(self._finished_sql, (entry.body["number"],)).get
            expected = tuple(compress(finished_row(entry), self._finished_columns))
        elif entry.kind == Settlement.kind:
            self._settled += 1
            row = self._connection.execute(self._settled_sql, (entry.seq,)).get
            job = job_row(self._connection, entry.body.get("refers"))
            settled = settlement_row(entry, "" if job is None else str(job[3]))
            expected = tuple(compress(settled, self._settled_columns))
        else:
            return ""
        return "" if row == expected else "the tables made from the entries do not say what this entry says"

    def remainder(self) -> str:
        """What the tables hold that no entry accounts for, after all entries were checked; empty if nothing."""
        counts = self._connection.execute(
            "SELECT count(*), count(ended_seq), (SELECT count(*) FROM settlements) FROM jobs"
        ).get
        expected = (self._accepted, self._finished, self._settled)
        if counts != expected:
            return (
                f"the tables hold {counts} accepted jobs, ended jobs and settlements, the entries {expected}: "
                "entries are missing at the end, or rows were added"
            )
        keys, sums = (_list(names, self._known("hours", names)) for names in (KEYS, SUMS))
        added = _JOBS_ADDED_UP.format(
            hour=HOUR_NS, keys=keys, sums=",".join(f"sum({name})" for name in sums.split(","))
        )
        hour = self._first_difference("hour", added, f"SELECT hour, {keys}, {sums} FROM hours")
        if hour is not None:
            return f"the sums kept for hour {hour} (since 1970) are not those of its jobs and settlements"
        if not any(self._known("accounts", ("network",))):
            return ""
        network = self._first_difference("network", _ACCOUNTS_ADDED_UP, "SELECT * FROM accounts")
        if network is not None:
            return f"the accounts kept for {network!r} are not those of its jobs and settlements"
        number = self._connection.execute(_WRONGLY_MARKED).get
        return "" if number is None else f"job {number} is not marked as its settlements say"

    def _first_difference(self, name: str, one: str, other: str) -> object:
        """The column of this name in a row that only one of two tables has; None if they are the same."""
        first = self._connection.execute(_DIFFERENT.format(name, one, other)).get
        return self._connection.execute(_DIFFERENT.format(name, other, one)).get if first is None else first

    def _known(self, table: str, names: Iterable[str]) -> list[bool]:
        """Which of these columns this file has: a backup of an older version lacks the newer ones."""
        there = {column for _, column, *_ in self._connection.execute(f"PRAGMA table_info({table})")}
        return [name in there for name in names]


def _list(names: Iterable[str], known: Iterable[bool]) -> str:
    return ",".join(compress(names, known))
