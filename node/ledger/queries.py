# ruff: noqa: S608 (what is put into the SQL here are constants of this package, never values)
"""Entries and jobs: pure functions over a connection, each on one moment if ``Ledger.query`` runs them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import apsw

from node.jobs import JobState
from node.ledger.chain import Entry
from node.ledger.projections import joined
from node.ledger.records import EnergyUsed
from wallet.money import Amount, Asset

__all__ = ["JobRow", "energy_used", "entries", "entry", "job", "job_life", "jobs", "last_number", "unfinished"]

MAX_PAGE = 10_000
DAY_NS = 86_400_000_000_000

_ENTRY = "SELECT seq, at_ns, kind, body, prev, hash FROM entries"
_JOB = (
    "SELECT number, job_id, network, model, client, accepted_ns, accepted_seq, ended_ns, ended_seq, state, reason, "
    "prompt_tokens, completion_tokens, queued_us, first_token_us, compute_us, energy_mj, asset, decimals, "
    "units_hi, units_lo, cost_micro, currency FROM jobs"
)


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as the books have it. What only its end can tell is None until then.

    Attributes:
        accepted_ns, ended_ns: nanoseconds since 1970 in UTC. accepted_seq, ended_seq: the entries that say so.
        state: the final state; None while it is in hand.
        queued_us, first_token_us, compute_us, energy_mj: as in ``node.jobs.Receipt``.
        reward: as the network stated it. cost_micro, currency: as in ``node.jobs.Receipt``.
    """

    number: int
    job_id: str
    network: str
    model: str
    client: str
    accepted_ns: int
    accepted_seq: int
    ended_ns: int | None
    ended_seq: int | None
    state: JobState | None
    reason: str
    prompt_tokens: int | None
    completion_tokens: int | None
    queued_us: int | None
    first_token_us: int | None
    compute_us: int | None
    energy_mj: int | None
    reward: Amount | None
    cost_micro: int | None = None
    currency: str = ""


def last_number(connection: apsw.Connection) -> int:
    """The highest job number in the books; 0 if there is none."""
    return cast("int", connection.execute("SELECT coalesce(max(number), 0) FROM jobs").get)


def entry(connection: apsw.Connection, seq: int) -> Entry | None:
    """One entry; None if there is no such one."""
    return next(iter(_entries(connection, f"{_ENTRY} WHERE seq = ?", (seq,))), None)


def entries(connection: apsw.Connection, after_seq: int = 0, limit: int = 1000, kind: str | None = None) -> list[Entry]:
    """Entries after this one, oldest first, at most ``limit`` and 10,000."""
    page = min(limit, MAX_PAGE)
    if kind is None:
        return _entries(connection, f"{_ENTRY} WHERE seq > ? ORDER BY seq LIMIT ?", (after_seq, page))
    return _entries(connection, f"{_ENTRY} WHERE seq > ? AND kind = ? ORDER BY seq LIMIT ?", (after_seq, kind, page))


def jobs(
    connection: apsw.Connection,
    *,
    state: JobState | None = None,
    network: str | None = None,
    model: str | None = None,
    text: str | None = None,
    before_number: int | None = None,
    limit: int = 500,
) -> list[JobRow]:
    """Jobs, newest first, at most ``limit`` and 10,000.

    Args:
        state: a final state; any other means the jobs that have not ended.
        text: what id, network, model, client or reason contain, whatever the case of ASCII letters.
        before_number: only older jobs, for the next page.
    """
    wheres: list[str] = []
    values: list[int | str] = []
    if state is not None and not state.final:
        wheres.append("ended_ns IS NULL")
    for column, value in (("state", state if state and state.final else None), ("network", network), ("model", model)):
        if value is not None:
            wheres.append(f"{column} = ?")
            values.append(str(value))
    if before_number is not None:
        wheres.append("number < ?")
        values.append(before_number)
    if text:
        columns = (
            "job_id || char(10) || network || char(10) || model || char(10) || client || char(10) || ifnull(reason, '')"
        )
        wheres.append(f"{columns} LIKE ? ESCAPE '!'")
        escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        values.append(f"%{escaped}%")
    where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
    return _jobs(connection, f"{_JOB}{where} ORDER BY number DESC LIMIT ?", (*values, min(limit, MAX_PAGE)))


def job(connection: apsw.Connection, number: int) -> JobRow | None:
    """One job; None if there is no such one."""
    return next(iter(_jobs(connection, f"{_JOB} WHERE number = ?", (number,))), None)


def job_life(connection: apsw.Connection, number: int) -> list[Entry]:
    """Every entry about this job, oldest first: accepted, ended, settled."""
    return _entries(
        connection,
        f"{_ENTRY} WHERE seq IN (SELECT accepted_seq FROM jobs WHERE number = ?1 "
        "UNION SELECT ended_seq FROM jobs WHERE number = ?1 "
        "UNION SELECT seq FROM settlements WHERE refers = ?1) ORDER BY seq",
        (number,),
    )


def unfinished(connection: apsw.Connection, up_to_seq: int) -> list[JobRow]:
    """Jobs that have not ended and were accepted by this entry or an earlier one, oldest first."""
    return _jobs(connection, f"{_JOB} WHERE ended_ns IS NULL AND accepted_seq <= ? ORDER BY number", (up_to_seq,))


def energy_used(connection: apsw.Connection, since_ns: int, until_ns: int) -> list[EnergyUsed]:
    """The energy entries of spans that began from the first moment to before the second, oldest first."""
    rows = connection.execute(
        f"{_ENTRY} WHERE kind = 'energy_used' AND at_ns >= ? AND at_ns < ? ORDER BY seq", (since_ns, until_ns + DAY_NS)
    )
    records = [EnergyUsed.from_body(json.loads(row[3])) for row in rows]
    return [record for record in records if since_ns <= record.since_ns < until_ns]


def _entries(connection: apsw.Connection, sql: str, values: Sequence[int | str]) -> list[Entry]:
    rows = cast("list[tuple[int, int, str, str, bytes, bytes]]", connection.execute(sql, values).fetchall())
    return [Entry(seq, at_ns, kind, json.loads(body), prev, digest) for seq, at_ns, kind, body, prev, digest in rows]


def _jobs(connection: apsw.Connection, sql: str, values: Sequence[int | str]) -> list[JobRow]:
    return [_job(row) for row in connection.execute(sql, values)]


def _job(row: tuple[Any, ...]) -> JobRow:
    (number, job_id, network, model, client, accepted_ns, accepted_seq, ended_ns, ended_seq, state, reason,
     prompt_tokens, completion_tokens, queued_us, first_token_us, compute_us, energy_mj,
     asset, decimals, high, low, cost_micro, currency) = row  # fmt: skip
    return JobRow(
        number=number,
        job_id=job_id,
        network=network,
        model=model,
        client=client,
        accepted_ns=accepted_ns,
        accepted_seq=accepted_seq,
        ended_ns=ended_ns,
        ended_seq=ended_seq,
        state=None if state is None else JobState(state),
        reason=reason or "",
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        queued_us=queued_us,
        first_token_us=first_token_us,
        compute_us=compute_us,
        energy_mj=energy_mj,
        reward=Amount(joined(high, low), Asset(asset, decimals)) if asset else None,
        cost_micro=cost_micro,
        currency=currency,
    )
