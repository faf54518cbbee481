# ruff: noqa: S608 (what is put into the SQL here are constants of this package, never values)
"""The tables that repeat the books in a form that answers quickly, kept in the same transaction as the entry."""

from __future__ import annotations

import apsw

from node.ledger.chain import Body, Entry
from node.ledger.errors import EntryRefused
from node.ledger.records import JobAccepted, JobFinished, Settlement

__all__ = [
    "ACCEPTED",
    "FINISHED",
    "HOUR_NS",
    "SUMS",
    "accepted_row",
    "finished_row",
    "joined",
    "project",
    "settlement_row",
]

HOUR_NS = 3_600_000_000_000
LIMB = 40  # bits of the lower of the two columns that hold an amount

STATES = ("done", "failed", "cancelled", "expired", "returned")
SUMS = (
    *STATES, "prompt_tokens", "completion_tokens", "compute_us", "energy_mj", "measured",
    "claimed_hi", "claimed_lo", "credited_hi", "credited_lo", "paid_hi", "paid_lo",
)  # fmt: skip
"""The columns of ``hours`` and ``events`` that are added up; ``measured`` counts the jobs with known energy."""

ACCEPTED = ("number", "job_id", "network", "model", "client", "accepted_ns", "accepted_seq")
FINISHED = (
    "ended_ns", "ended_seq", "state", "reason", "prompt_tokens", "completion_tokens", "queued_us",
    "first_token_us", "compute_us", "energy_mj", "asset", "decimals", "units_hi", "units_lo",
)  # fmt: skip

Cell = int | str | None

_ACCEPT = f"INSERT OR IGNORE INTO jobs({','.join(ACCEPTED)}) VALUES ({','.join('?' * len(ACCEPTED))})"
_FINISH = (
    f"UPDATE jobs SET {','.join(f'{name}=?' for name in FINISHED)} "
    "WHERE number=? AND job_id=? AND network=? AND model=? AND ended_seq IS NULL"
)
_SETTLE = f"INSERT INTO settlements VALUES ({','.join('?' * 11)})"
_HOUR = f"INSERT INTO hours VALUES ({','.join('?' * (5 + len(SUMS)))}) ON CONFLICT DO UPDATE SET " + ",".join(
    f"{name}={name}+excluded.{name}" for name in SUMS
)


def project(connection: apsw.Connection, entry: Entry) -> None:
    """Let the tables say what this entry says.

    Raises:
        EntryRefused: it contradicts the books; nothing was changed.
    """
    if entry.kind == JobAccepted.kind:
        _accept(connection, entry)
    elif entry.kind == JobFinished.kind:
        _finish(connection, entry)
    elif entry.kind == Settlement.kind:
        _settle(connection, entry)


def accepted_row(entry: Entry) -> tuple[Cell, ...]:
    """The row of an accepted job, in the order of ``ACCEPTED``."""
    body = entry.body
    return (
        body["number"], body["job_id"], body["network"], body["model"], body["client"], entry.at_ns, entry.seq,
    )  # fmt: skip


def finished_row(entry: Entry) -> tuple[Cell, ...]:
    """What the end of a job adds to its row, in the order of ``FINISHED``."""
    body = entry.body
    return (
        entry.at_ns, entry.seq, body["state"], body["reason"], body.get("prompt_tokens"),
        body.get("completion_tokens"), body["queued_us"], body.get("first_token_us"), body["compute_us"],
        body.get("energy_mj"), body.get("asset", ""), body.get("decimals", 0), *_split(body.get("units", 0)),
    )  # fmt: skip


def settlement_row(entry: Entry, model: str) -> tuple[Cell, ...]:
    """The row of a settlement; ``model`` is that of the job it refers to, empty if it refers to none."""
    body = entry.body
    return (
        entry.seq, entry.at_ns, body["network"], model, body["claim"], body.get("refers"), body["reference"],
        body["asset"], body["decimals"], *_split(body["units"]),
    )  # fmt: skip


def model_of(connection: apsw.Connection, refers: Cell) -> str | None:
    """The model of a job; empty for no job, None for one that is not in the books."""
    if refers is None:
        return ""
    model = connection.execute("SELECT model FROM jobs WHERE number=?", (refers,)).get
    return None if model is None else str(model)


def joined(high: int, low: int) -> int:
    """The amount that two columns hold."""
    return (high << LIMB) + low


def _split(units: Cell) -> tuple[int, int]:
    assert isinstance(units, int)
    return units >> LIMB, units & ((1 << LIMB) - 1)


def _accept(connection: apsw.Connection, entry: Entry) -> None:
    connection.execute(_ACCEPT, accepted_row(entry))
    if connection.changes() == 0:
        raise EntryRefused(f"job {entry.body['number']} was accepted before; a job's number is used once")


def _finish(connection: apsw.Connection, entry: Entry) -> None:
    body = entry.body
    ended = finished_row(entry)
    connection.execute(_FINISH, (*ended, body["number"], body["job_id"], body["network"], body["model"]))
    if connection.changes() == 0:
        raise EntryRefused(_why_not_finished(connection, body))
    states = [int(body["state"] == state) for state in STATES]
    energy = body.get("energy_mj")
    connection.execute(
        _HOUR,
        (
            entry.at_ns // HOUR_NS, body["network"], body["model"], ended[-4], ended[-3],
            *states, body.get("prompt_tokens", 0), body.get("completion_tokens", 0), body["compute_us"],
            energy or 0, int(energy is not None), ended[-2], ended[-1], 0, 0, 0, 0,
        ),
    )  # fmt: skip


def _why_not_finished(connection: apsw.Connection, body: Body) -> str:
    number = body["number"]
    row = connection.execute("SELECT job_id, network, model, state FROM jobs WHERE number=?", (number,)).get
    if row is None:
        return f"job {number} was never accepted, so it cannot end"
    job_id, network, model, state = row
    if state is not None:
        return f"job {number} has ended already, as {state}; a job ends once"
    return (
        f"job {number} was accepted as {job_id!r} of {network} for {model!r}, "
        f"and cannot end as {body['job_id']!r} of {body['network']} for {body['model']!r}"
    )


def _settle(connection: apsw.Connection, entry: Entry) -> None:
    body = entry.body
    model = model_of(connection, body.get("refers"))
    if model is None:
        raise EntryRefused(f"settlement.refers: there is no job {body['refers']} in the books")
    row = settlement_row(entry, model)
    connection.execute(_SETTLE, row)
    amount = row[-2:]
    paid = body["claim"] == "paid"
    connection.execute(
        _HOUR,
        (
            entry.at_ns // HOUR_NS, body["network"], model, body["asset"], body["decimals"],
            *(0,) * 12, *((0, 0, *amount) if paid else (*amount, 0, 0)),
        ),
    )  # fmt: skip
