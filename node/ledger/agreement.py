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
    SUMS,
    Cell,
    accepted_row,
    finished_row,
    job_row,
    settlement_row,
)
from node.ledger.records import JobAccepted, JobFinished, Settlement

__all__ = ["Agreement"]

_KEYS = "network, model, asset, decimals"
_ADDED_UP = (
    f"SELECT at_ns / {HOUR_NS} AS hour, {_KEYS}, {','.join(f'sum({name})' for name in SUMS)} "
    f"FROM events GROUP BY hour, {_KEYS}"
)
_KEPT = f"SELECT hour, {_KEYS}, {','.join(SUMS)} FROM hours"
_DIFFERENT = "SELECT hour FROM (SELECT * FROM ({}) EXCEPT SELECT * FROM ({})) LIMIT 1"


class Agreement:
    """Compares derived rows with the entries that they were derived from, in one pass over the chain."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        known = {column for _, column, *_ in connection.execute("PRAGMA table_info(jobs)")}
        self._columns = [name in known for name in FINISHED]  # a backup of an older version lacks the newer ones
        self._finished_sql = f"SELECT {','.join(map(str, self._known(FINISHED)))} FROM jobs WHERE number=?"
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
            expected = tuple(self._known(finished_row(entry)))
        elif entry.kind == Settlement.kind:
            self._settled += 1
            row = self._connection.execute("SELECT * FROM settlements WHERE seq=?", (entry.seq,)).get
            job = job_row(self._connection, entry.body.get("refers"))
            expected = settlement_row(entry, "" if job is None else str(job[3]))
        else:
            return ""
        return "" if row == expected else "the tables made from the entries do not say what this entry says"

    def _known(self, row: Iterable[Cell]) -> list[Cell]:
        return list(compress(row, self._columns))

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
        for one, other in ((_ADDED_UP, _KEPT), (_KEPT, _ADDED_UP)):
            hour = self._connection.execute(_DIFFERENT.format(one, other)).get
            if hour is not None:
                return f"the sums kept for hour {hour} (since 1970) are not those of its jobs and settlements"
        return ""
