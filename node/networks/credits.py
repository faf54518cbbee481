"""The worker's side of the ledger: what the network has credited, each thing once."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, cast

import apsw

from node.ledger.accounts import accounts
from node.ledger.errors import EntryRefused, LedgerUnavailable
from node.ledger.records import Settlement
from node.ledger.worth import Pricer, valued
from wallet.money import Asset

if TYPE_CHECKING:
    from node.ledger.store import Ledger

log = logging.getLogger(__name__)

LATELY = 20_000
"""Jobs among which a network's id is looked for."""


class Credits(Protocol):
    """Where credited rewards are written down.

    All of it raises `node.ledger.errors.LedgerUnavailable` while the disk does not take or give data.
    """

    async def book(self, settlement: Settlement) -> None:
        """Write one down; safe on the disk when this returns."""

    async def booked(self, network: str, numbers: Sequence[int]) -> frozenset[str]:
        """Which references of these jobs are written down already."""

    async def latest(self, network: str) -> Sequence[str]:
        """The newest references that are for no single job, the newest first."""

    async def missing(self, settlements: Sequence[Settlement]) -> Sequence[Settlement]:
        """Those of one network that are not written down yet, by their claims and references."""

    async def numbers(self, network: str, job_ids: Sequence[str]) -> Mapping[str, int]:
        """The node's numbers of these jobs of the network, by its own ids; of late ones only."""

    async def credited(self, network: str, asset: Asset) -> int:
        """Base units that are written down as credited by the network, ever."""


class LedgerCredits:
    """Implements `Credits` on the node's ledger.

    Args:
        price: what is received is worth; it is written down with it.
    """

    def __init__(self, ledger: Ledger, price: Pricer) -> None:
        self._ledger = ledger
        self._price = price

    async def book(self, settlement: Settlement) -> None:
        settlement = await valued(settlement, self._price)
        try:
            await self._ledger.append(settlement)
        except EntryRefused:  # the books were begun anew since the job was done
            log.info("%s: job %s is not in these books", settlement.network, settlement.refers)
            await self._ledger.append(replace(settlement, refers=None))

    async def booked(self, network: str, numbers: Sequence[int]) -> frozenset[str]:
        return await self._ledger.query(_booked, network, numbers)

    async def latest(self, network: str) -> Sequence[str]:
        return await self._ledger.query(_latest, network)

    async def missing(self, settlements: Sequence[Settlement]) -> Sequence[Settlement]:
        return await self._ledger.query(_missing, settlements) if settlements else ()

    async def numbers(self, network: str, job_ids: Sequence[str]) -> Mapping[str, int]:
        return await self._ledger.query(_numbers, network, job_ids) if job_ids else {}

    async def credited(self, network: str, asset: Asset) -> int:
        every = await self._ledger.query(accounts)
        return sum(one.credited.units for one in every if (one.network, one.asset) == (network, asset))


class ClosedBooks:
    """Implements `Credits` where no node runs: nothing is read or written."""

    async def book(self, settlement: Settlement) -> None:
        raise LedgerUnavailable("the books are closed while no node runs")

    async def booked(self, network: str, numbers: Sequence[int]) -> frozenset[str]:
        raise LedgerUnavailable("the books are closed while no node runs")

    async def latest(self, network: str) -> Sequence[str]:
        raise LedgerUnavailable("the books are closed while no node runs")

    async def missing(self, settlements: Sequence[Settlement]) -> Sequence[Settlement]:
        raise LedgerUnavailable("the books are closed while no node runs")

    async def numbers(self, network: str, job_ids: Sequence[str]) -> Mapping[str, int]:
        raise LedgerUnavailable("the books are closed while no node runs")

    async def credited(self, network: str, asset: Asset) -> int:
        raise LedgerUnavailable("the books are closed while no node runs")


def _booked(connection: apsw.Connection, network: str, numbers: Sequence[int]) -> frozenset[str]:
    found: set[str] = set()
    for number in numbers:
        rows = connection.execute(
            "SELECT reference FROM settlements WHERE refers = ? AND network = ?", (number, network)
        )
        found.update(str(row[0]) for row in rows)
    return frozenset(found)


def _latest(connection: apsw.Connection, network: str) -> Sequence[str]:
    rows = connection.execute(
        "SELECT reference FROM settlements WHERE network = ? AND refers IS NULL ORDER BY seq DESC LIMIT 20", (network,)
    )
    return [str(row[0]) for row in rows]


def _missing(connection: apsw.Connection, settlements: Sequence[Settlement]) -> Sequence[Settlement]:
    rows = connection.execute(
        "SELECT claim, reference FROM settlements WHERE network = ? AND reference IN (SELECT value FROM json_each(?))",
        (settlements[0].network, json.dumps([one.reference for one in settlements])),
    )
    known = set(rows)
    return [one for one in settlements if (one.claim, one.reference) not in known]


def _numbers(connection: apsw.Connection, network: str, job_ids: Sequence[str]) -> Mapping[str, int]:
    rows = connection.execute(
        "SELECT job_id, number FROM jobs WHERE number > (SELECT coalesce(max(number), 0) FROM jobs) - ? "
        "AND network = ? AND job_id IN (SELECT value FROM json_each(?))",
        (LATELY, network, json.dumps(list(job_ids))),
    )
    return {str(job_id): cast("int", number) for job_id, number in rows}
