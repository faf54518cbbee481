"""The room of the cards' power limits, put together for a running node."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from node.clock import Clock
from node.control.power import PowerRoutes
from node.dispatcher import Dispatcher
from node.energy.accounts import Accounts
from node.hardware.sampler import Sampler
from node.power.setter import NVIDIA, NvidiaLimits
from node.power.tune import NETWORK, Tuner

log = logging.getLogger(__name__)


class PowerRoom:
    """Limits, the sweep that measures them, and their routes.

    Args:
        path: where a limit that was changed is remembered until it is put back. slots: of the engine.
    """

    def __init__(
        self, path: Path, dispatcher: Dispatcher, slots: int, sampler: Sampler, accounts: Accounts, clock: Clock
    ) -> None:
        self._sampler = sampler
        self._accounts = accounts
        self._limits = NvidiaLimits(path)
        desk = dispatcher.desk(NETWORK, queue=slots, droppable=True, own=True)
        tuner = Tuner(desk, self._limits, lambda: dispatcher.throughput.total, accounts.meter, clock)
        self.routes = PowerRoutes(tuner, self._limits, self._cards, dispatcher.models, self._price).routes

    async def restore(self) -> None:
        """Put back what a sweep changed; one that crashed has left its file."""
        for trouble in await asyncio.to_thread(self._limits.restore):
            log.error("%s", trouble)

    def _cards(self) -> list[int]:
        latest = self._sampler.latest
        return [card.index for card in latest.gpus if card.backend == NVIDIA] if latest else []

    def _price(self) -> int | None:
        price = self._accounts.journal.price
        return None if price is None else price.micro
