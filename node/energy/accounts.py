"""Everything about energy and its cost, tied together for one node."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from node.clock import Clock
from node.config import Settings
from node.energy.account import Till
from node.energy.journal import Books, Journal
from node.energy.market import Market
from node.energy.meter import Meter
from node.energy.tariff import tariff_of
from node.hardware.sampler import Sampler

TICK_SECONDS = 1.0


class Accounts:
    """The meter, the till and the journal.

    Args:
        working: whether jobs compute now.
        prices: the file for fetched prices.

    Raises:
        ConfigError: the settings of the electricity price do not fit together.
    """

    def __init__(
        self,
        settings: Settings,
        sampler: Sampler,
        books: Books,
        clock: Clock,
        prices: Path,
        working: Callable[[], bool],
    ) -> None:
        self.currency = settings.electricity.currency
        self.meter = Meter(
            sampler.energy_mj,
            lambda: sampler.latest,
            clock,
            cpu_watts=settings.hardware.cpu_watts,
            other_watts=settings.electricity.other_watts,
        )
        self._tariff = tariff_of(settings.electricity, clock, prices)
        self.till = Till(self.meter, self._tariff, clock, working)
        self.journal = Journal(self.till, books, clock, self.currency, lambda: self.meter.source)

    def notes(self) -> tuple[str, ...]:
        """Why prices cannot be fetched, if they should be and cannot."""
        problem = self._tariff.problem if isinstance(self._tariff, Market) else ""
        return (problem,) if problem else ()

    async def run(self) -> None:
        """Keep the books of energy, until cancelled."""
        await self.journal.begin()
        fetching = asyncio.create_task(self._tariff.run()) if isinstance(self._tariff, Market) else None
        try:
            while True:
                await self.journal.tick()
                await asyncio.sleep(TICK_SECONDS)
        finally:
            if fetching is not None:
                fetching.cancel()
                await asyncio.gather(fetching, return_exceptions=True)

    async def close(self) -> None:
        """Write down what is not written yet."""
        await self.journal.write()
