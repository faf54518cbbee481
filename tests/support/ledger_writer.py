"""A process that writes a ledger as fast as it can and says what was acknowledged: the victim of the crash tests.

    python ledger_writer.py FOLDER [BYTES]

Each line on stdout is ``KIND NUMBER SEQ`` of an acknowledged entry. With BYTES, no file may grow beyond that until the
process has been refused, then there is space again; it prints ``refused`` and ``recovered SEQ``, and ends.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from node.clock import SystemClock
from node.identity import Identity
from node.jobs import JobState, Receipt
from node.ledger import queries
from node.ledger.records import JobAccepted, JobFinished, NodeStarted
from node.ledger.store import Ledger

CALLERS = 8


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def call(ledger: Ledger, first: int) -> None:
    """Jobs for ever, each acknowledged entry told after its acknowledgement."""
    number = first
    while True:
        entry = await ledger.append(JobAccepted(number, f"job-{number}", "horde", "nemo", "x" * (number % 700), None))
        say("accepted", number, entry.seq)
        receipt = Receipt(number, f"job-{number}", "horde", "nemo", JobState.DONE, compute_us=number)
        entry = await ledger.append(JobFinished(receipt))
        say("finished", number, entry.seq)
        number += CALLERS


async def write(folder: Path) -> None:
    ledger = Ledger.open(folder / "ledger.db", Identity.load_or_create(folder), SystemClock(), checkpoint_entries=40)
    left = await ledger.recover()
    say("recovered", *left)
    last = await ledger.query(queries.last_number)
    await asyncio.gather(*(call(ledger, last + 1 + caller) for caller in range(CALLERS)))


async def fill(folder: Path, limit: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    ledger = Ledger.open(folder / "ledger.db", Identity.load_or_create(folder), SystemClock())
    calls = (call(ledger, caller + 1) for caller in range(CALLERS))
    for end in await asyncio.gather(*calls, return_exceptions=True):
        say("refused", end)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    entry = await ledger.append(NodeStarted("again", ""))
    say("recovered", entry.seq)
    await ledger.close()


if __name__ == "__main__":
    if len(sys.argv) == 2:
        asyncio.run(write(Path(sys.argv[1])))
    else:
        asyncio.run(fill(Path(sys.argv[1]), int(sys.argv[2])))
