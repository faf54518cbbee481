# ruff: noqa: S608 (what is put into the SQL here are constants of this package, never values)
"""The tables that repeat the books in a form that answers quickly, kept in the same transaction as the entry."""

from __future__ import annotations

from typing import cast

import apsw

from node.ledger.chain import Entry
from node.ledger.errors import EntryRefused
from node.ledger.records import JobAccepted, JobFinished, Settlement

__all__ = [
    "ACCEPTED",
    "FINISHED",
    "HOUR_NS",
    "KEYS",
    "SETTLED",
    "SUMS",
    "Projections",
    "accepted_row",
    "finished_row",
    "job_row",
    "joined",
    "settlement_row",
]

HOUR_NS = 3_600_000_000_000
LIMB = 40  # bits of the lower of the two columns that hold an amount

STATES = ("done", "failed", "cancelled", "expired", "returned")
SUMS = (
    *STATES, "prompt_tokens", "completion_tokens", "compute_us", "energy_mj", "measured",
    "claimed_hi", "claimed_lo", "credited_hi", "credited_lo", "paid_hi", "paid_lo",
    "cost_micro", "credited_micro", "paid_micro",
)  # fmt: skip
"""The columns of ``hours`` and ``events`` that are added up; ``measured`` counts the jobs with known energy."""

KEYS = ("network", "model", "asset", "decimals", "currency")
"""The columns of ``hours`` and ``events`` that tell its rows apart, within an hour. ``currency`` is that of the three
sums of money; what a row without one took and brought had no price."""

ACCEPTED = ("number", "job_id", "network", "model", "client", "accepted_ns", "accepted_seq")
FINISHED = (
    "ended_ns", "ended_seq", "state", "reason", "prompt_tokens", "completion_tokens", "queued_us",
    "first_token_us", "compute_us", "energy_mj", "cost_micro", "currency", "asset", "decimals", "units_hi", "units_lo",
)  # fmt: skip

SETTLED = (
    "seq", "at_ns", "network", "model", "claim", "refers", "reference", "asset", "decimals", "units_hi", "units_lo",
    "worth_micro", "currency", "price_source", "received_ns",
)  # fmt: skip

Cell = int | str | None
Row = tuple[Cell, ...]

_ACCEPT = f"INSERT INTO jobs({','.join(ACCEPTED)}) VALUES ({','.join('?' * len(ACCEPTED))})"
_FINISH = f"UPDATE jobs SET {','.join(f'{name}=?' for name in FINISHED)} WHERE number=?"
_SETTLE = f"INSERT INTO settlements({','.join(SETTLED)}) VALUES ({','.join('?' * len(SETTLED))})"
_CREDIT = "UPDATE jobs SET credited=1 WHERE number=?"
_HOUR = (
    f"INSERT INTO hours VALUES ({','.join('?' * (1 + len(KEYS) + len(SUMS)))}) ON CONFLICT DO UPDATE SET "
    + ",".join(f"{name}={name}+excluded.{name}" for name in SUMS)
)
_ACCOUNT = (
    "INSERT INTO accounts VALUES (?1,?2,?3,?4,1,?5,?5,?6,?7) ON CONFLICT DO UPDATE SET amounts=amounts+1, "
    "first_ns=min(first_ns,excluded.first_ns), last_ns=max(last_ns,excluded.last_ns), "
    "units_hi=units_hi+excluded.units_hi, units_lo=units_lo+excluded.units_lo"
)


class Projections:
    """Collects what the entries of one transaction mean for the tables, and writes it in one go.

    ``stage`` each entry, then ``write`` within the transaction, then ``settle`` once it is committed, or ``forget``.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._open: dict[int, Row] = {
            row[0]: row for row in connection.execute(f"SELECT {','.join(ACCEPTED)} FROM jobs WHERE ended_ns IS NULL")
        }
        self._highest = cast("int", connection.execute("SELECT coalesce(max(number), 0) FROM jobs").get)
        self.forget()

    def stage(self, entry: Entry) -> None:
        """Take an entry in.

        Raises:
            EntryRefused: it contradicts the books; nothing was taken in.
        """
        if entry.kind == JobAccepted.kind:
            self._accept(entry)
        elif entry.kind == JobFinished.kind:
            self._finish(entry)
        elif entry.kind == Settlement.kind:
            self._settle(entry)

    def write(self) -> None:
        """Bring what was staged into the tables. Part of the caller's transaction."""
        for sql, rows in (
            (_ACCEPT, self._accepted.values()),
            (_FINISH, self._finished.values()),
            (_SETTLE, self._settled),
            (_CREDIT, self._credited),
            (_HOUR, self._hours),
            (_ACCOUNT, self._amounts),
        ):
            if rows:
                self._connection.executemany(sql, rows)

    def settle(self) -> None:
        """The transaction is safe."""
        self._open |= self._accepted
        self._highest = max(self._highest, *self._accepted, 0)
        for number in self._finished:
            del self._open[number]
        self.forget()

    def forget(self) -> None:
        """The transaction was given up, or a new one begins."""
        self._accepted: dict[int, Row] = {}
        self._finished: dict[int, Row] = {}
        self._settled: list[Row] = []
        self._credited: list[Row] = []
        self._hours: list[Row] = []
        self._amounts: list[Row] = []

    def _accept(self, entry: Entry) -> None:
        number = cast("int", entry.body["number"])
        if number in self._accepted or (number <= self._highest and self._job(number) is not None):
            raise EntryRefused(f"job {number} was accepted before; a job's number is used once")
        self._accepted[number] = accepted_row(entry)

    def _finish(self, entry: Entry) -> None:
        body = entry.body
        number = cast("int", body["number"])
        job = self._accepted.get(number) or self._open.get(number)
        if job is None or number in self._finished:
            ended = job is not None or self._job(number) is not None
            raise EntryRefused(
                f"job {number} has ended already; a job ends once"
                if ended
                else f"job {number} was never accepted, so it cannot end"
            )
        if job[1:4] != (body["job_id"], body["network"], body["model"]):
            raise EntryRefused(
                f"job {number} was accepted as {job[1]!r} of {job[2]} for {job[3]!r}, "
                f"and cannot end as {body['job_id']!r} of {body['network']} for {body['model']!r}"
            )
        row = finished_row(entry)
        self._finished[number] = (*row, number)
        self._hours.append(_hour_of_job(entry, row))
        if any(row[-2:]):
            self._amounts.append((job[2], *row[-4:-2], "claimed", entry.at_ns, *row[-2:]))

    def _settle(self, entry: Entry) -> None:
        refers = cast("int | None", entry.body.get("refers"))
        job = None if refers is None else self._job(refers)
        if refers is not None and job is None:
            raise EntryRefused(f"settlement.refers: there is no job {refers} in the books")
        row = settlement_row(entry, "" if job is None else str(job[3]))
        self._settled.append(row)
        self._hours.append(_hour_of_settlement(entry, row))
        body = entry.body
        if refers is not None and body["claim"] == "credited":
            self._credited.append((refers,))
        if body["units"]:
            key = (body["network"], body["asset"], body["decimals"], body["claim"])
            self._amounts.append((*key, entry.at_ns, *_split(body["units"])))

    def _job(self, number: int) -> Row | None:
        """The job with this number, whether it has ended or not, in the order of ``ACCEPTED``."""
        return self._accepted.get(number) or self._open.get(number) or job_row(self._connection, number)


def job_row(connection: apsw.Connection, number: Cell) -> Row | None:
    """The row of a job in the order of ``ACCEPTED``; None if it is not in the books."""
    row = connection.execute(f"SELECT {','.join(ACCEPTED)} FROM jobs WHERE number=?", (number,)).get
    return cast("Row | None", row)


def accepted_row(entry: Entry) -> Row:
    """The row of an accepted job, in the order of ``ACCEPTED``."""
    body = entry.body
    return (
        body["number"], body["job_id"], body["network"], body["model"], body["client"], entry.at_ns, entry.seq,
    )  # fmt: skip


def finished_row(entry: Entry) -> Row:
    """What the end of a job adds to its row, in the order of ``FINISHED``."""
    body = entry.body
    return (
        entry.at_ns, entry.seq, body["state"], body["reason"], body.get("prompt_tokens"),
        body.get("completion_tokens"), body["queued_us"], body.get("first_token_us"), body["compute_us"],
        body.get("energy_mj"), body.get("cost_micro"), body.get("currency", ""),
        body.get("asset", ""), body.get("decimals", 0), *_split(body.get("units", 0)),
    )  # fmt: skip


def settlement_row(entry: Entry, model: str) -> Row:
    """The row of a settlement; ``model`` is that of the job it refers to, empty if it refers to none."""
    body = entry.body
    return (
        entry.seq, entry.at_ns, body["network"], model, body["claim"], body.get("refers"), body["reference"],
        body["asset"], body["decimals"], *_split(body["units"]),
        body.get("worth_micro"), body.get("currency", ""), body.get("price_source", ""),
        body.get("received_ns"),
    )  # fmt: skip


def joined(high: int, low: int) -> int:
    """The amount that two columns hold."""
    return (high << LIMB) + low


def _split(units: Cell) -> tuple[int, int]:
    assert isinstance(units, int)
    return units >> LIMB, units & ((1 << LIMB) - 1)


def _hour_of_job(entry: Entry, row: Row) -> Row:
    body = entry.body
    energy, cost = body.get("energy_mj"), body.get("cost_micro")
    return (
        entry.at_ns // HOUR_NS, body["network"], body["model"], *row[-4:-2],
        "" if cost is None else body.get("currency", ""),
        *(body["state"] == state for state in STATES),
        body.get("prompt_tokens", 0), body.get("completion_tokens", 0), body["compute_us"],
        energy or 0, energy is not None, *row[-2:], 0, 0, 0, 0, cost or 0, 0, 0,
    )  # fmt: skip


def _hour_of_settlement(entry: Entry, row: Row) -> Row:
    body = entry.body
    amount, nothing, worth = _split(body["units"]), (0, 0), body.get("worth_micro", 0)
    credited = body["claim"] == "credited"
    return (
        entry.at_ns // HOUR_NS, body["network"], row[3], body["asset"], body["decimals"], body.get("currency", ""),
        *(0,) * 12, *(amount if credited else nothing), *(nothing if credited else amount),
        0, worth if credited else 0, 0 if credited else worth,
    )  # fmt: skip
