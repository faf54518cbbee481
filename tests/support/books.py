"""Small helpers for tests about the books."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Literal

import apsw
from hand_clock import HandClock
from warped_loop import WarpedLoop

from node.identity import Identity
from node.jobs import JobState, Receipt, Usage
from node.ledger.migrations import MIGRATIONS
from node.ledger.records import JobAccepted, JobFinished, Record, Settlement
from node.ledger.schema import connect_writer, migrate
from node.ledger.store import Entry, Ledger
from node.ledger.worth import Worth
from wallet.money import Amount, Asset

KEY = Identity(bytes(range(32)))
NOON = 1_800_000_000.0


class UnhurriedLedger(Ledger):
    """On a warped loop the clock stands while the books are written."""

    async def append(self, record: Record) -> Entry:
        loop = asyncio.get_running_loop()
        with loop.unhurried() if isinstance(loop, WarpedLoop) else contextlib.nullcontext():
            return await super().append(record)


@contextlib.asynccontextmanager
async def opened(path: Path, clock: HandClock | None = None, **options: float) -> AsyncIterator[Ledger]:
    """The ledger of the key ``KEY``, closed at the end."""
    ledger = UnhurriedLedger.open(path, KEY, clock or HandClock(NOON), **options)  # type: ignore[arg-type]
    try:
        yield ledger
    finally:
        await ledger.close()


def accepted(number: int, network: str = "horde", model: str = "nemo", client: str = "ann") -> JobAccepted:
    return JobAccepted(number, f"job-{number}", network, model, client, 150_000)


def finished(
    number: int,
    network: str = "horde",
    model: str = "nemo",
    state: JobState = JobState.DONE,
    reward: Amount | None = None,
    reason: str = "",
    energy_mj: int | None = 1500,
    cost_micro: int | None = None,
    currency: str = "EUR",
) -> JobFinished:
    return JobFinished(
        Receipt(
            number,
            f"job-{number}",
            network,
            model,
            state,
            reason,
            usage=Usage(30, 20),
            queued_us=10,
            first_token_us=200,
            compute_us=4000,
            energy_mj=energy_mj,
            reward=reward,
            cost_micro=cost_micro,
            currency="" if cost_micro is None else currency,
        )
    )


def settled(
    units: int,
    asset: Asset,
    claim: Literal["credited", "paid"] = "credited",
    network: str = "horde",
    number: int | None = None,
    reference: str = "",
    worth: tuple[int, str] | None = None,
    received_ns: int | None = None,
) -> Settlement:
    """``worth``: millionths of a currency."""
    priced = (None, None, None) if worth is None else (*worth, "the market")
    reference = reference or f"{claim} {units}"
    return Settlement(
        network, asset.code, asset.decimals, units, claim, number, reference, *priced, received_ns=received_ns
    )


async def unpriced(_: Settlement) -> Worth | None:
    """A pricer that knows no price."""
    return None


async def write(ledger: Ledger, records: Iterable[Record]) -> None:
    for record in records:
        await ledger.append(record)


def unlocked(path: Path) -> apsw.Connection:
    """The file as someone with a database tool has it: without the triggers and without the checks."""
    connection = apsw.Connection(str(path))
    for (trigger,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.pragma("ignore_check_constraints", True)
    return connection


def written_by_version(version: int, path: Path) -> Path:
    """The same books in a file as an earlier version of the ledger left it."""
    older = path.with_name(f"version-{version}.db")
    new = connect_writer(older)
    migrate(new, older, MIGRATIONS[:version])
    old = apsw.Connection(str(path))
    checkpoints = {row[0]: row for row in old.execute("SELECT * FROM checkpoints")}
    for entry in old.execute("SELECT * FROM entries ORDER BY seq"):
        _insert(new, "entries", entry)
        if entry[0] in checkpoints:
            _insert(new, "checkpoints", checkpoints[entry[0]])
    for table in ("jobs", "settlements"):
        columns = ",".join(str(name) for _, name, *_ in new.execute(f"PRAGMA table_info({table})"))
        for row in old.execute(f"SELECT {columns} FROM {table}"):
            _insert(new, table, row)
    columns = [str(name) for _, name, *_ in new.execute("PRAGMA table_info(hours)")]
    summed = ",".join(f"sum({name})" for name in columns[5:])
    new.execute(
        f"INSERT INTO hours SELECT at_ns / 3600000000000 AS hour, {','.join(columns[1:5])}, {summed} FROM events "
        f"GROUP BY hour, {','.join(columns[1:5])}"
    )
    new.close()
    old.close()
    return older


def _insert(connection: apsw.Connection, table: str, row: tuple[apsw.SQLiteValue, ...]) -> None:
    connection.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(row))})", row)
