"""The worker's side of the ledger: what the network has credited, each thing once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import apsw

from node.ledger.errors import EntryRefused
from node.ledger.records import Settlement

if TYPE_CHECKING:
    from node.ledger.store import Ledger

log = logging.getLogger(__name__)


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


class LedgerCredits:
    """Implements `Credits` on the node's ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def book(self, settlement: Settlement) -> None:
        try:
            await self._ledger.append(settlement)
        except EntryRefused:  # the books were begun anew since the job was done
            log.info("%s: job %s is not in these books", settlement.network, settlement.refers)
            anonymous = Settlement(
                settlement.network,
                settlement.asset,
                settlement.decimals,
                settlement.units,
                settlement.claim,
                None,
                settlement.reference,
            )
            await self._ledger.append(anonymous)

    async def booked(self, network: str, numbers: Sequence[int]) -> frozenset[str]:
        return await self._ledger.query(_booked, network, numbers)

    async def latest(self, network: str) -> Sequence[str]:
        return await self._ledger.query(_latest, network)


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
