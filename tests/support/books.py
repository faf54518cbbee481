"""Small helpers for tests about the books."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import apsw
from hand_clock import HandClock

from node.identity import Identity
from node.jobs import JobState, Receipt, Usage
from node.ledger.records import JobAccepted, JobFinished, Record
from node.ledger.store import Ledger
from wallet.money import Amount

KEY = Identity(bytes(range(32)))
NOON = 1_800_000_000.0


@contextlib.asynccontextmanager
async def opened(path: Path, clock: HandClock | None = None, **options: float) -> AsyncIterator[Ledger]:
    """The ledger of the key ``KEY``, closed at the end."""
    ledger = Ledger.open(path, KEY, clock or HandClock(NOON), **options)  # type: ignore[arg-type]
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
        )
    )


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
