"""The whole text of a scrape, from whatever knows its parts."""

from __future__ import annotations

from collections.abc import Callable

from node.clock import Clock
from node.control.wire import Snapshot
from node.energy.account import Till
from node.ledger.store import Ledger
from node.metrics.books import booked
from node.metrics.exposition import exposition
from node.metrics.families import families


class Figures:
    """Reads a node's figures anew for each scrape.

    Args:
        currency: of the costs.
    """

    def __init__(
        self, snapshot: Callable[[], Snapshot], ledger: Ledger, till: Till, currency: str, clock: Clock
    ) -> None:
        self._snapshot = snapshot
        self._ledger = ledger
        self._till = till
        self._currency = currency
        self._clock = clock

    async def text(self) -> str:
        """In Prometheus' form.

        Raises:
            LedgerError: the books cannot be read.
        """
        books = await self._ledger.query(booked, self._clock.wall_ns() + 1)
        return exposition(families(self._snapshot(), books, self._till.read(), self._currency))
