"""Brings the machine's energy and its cost into the books, hour by hour, and knows the sums of the day."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

from node.clock import Clock
from node.energy.account import Consumption, Till
from node.energy.day import Day
from node.energy.price import Price
from node.energy.worth import worth_of_kwh
from node.ledger.errors import LedgerError
from node.ledger.queries import energy_used
from node.ledger.records import EnergyUsed
from node.ledger.sums import totals

log = logging.getLogger(__name__)

RETRY_SECONDS = 10.0
WORTH_SECONDS = 600.0  # between two looks at what a kilowatt-hour earned
WORTH_SPAN_NS = 7 * 86_400 * 10**9


class Books(Protocol):
    """The part of the ledger that is needed here."""

    async def append(self, record: EnergyUsed) -> object: ...

    async def query(self, function: Callable[..., Any], /, *args: Any) -> Any: ...


class Journal:
    """Writes an entry whenever an hour of this machine's clock ends, and once more at the end.

    Attributes:
        worth: what a kilowatt-hour of work earned in the last week, in millionths of the currency; None if not known.

    Args:
        source: where the energy figures come from, in words.
    """

    def __init__(self, till: Till, books: Books, clock: Clock, currency: str, source: Callable[[], str]) -> None:
        self._till = till
        self._books = books
        self._clock = clock
        self.currency = currency
        self.worth: int | None = None
        self._worth_at = float("-inf")
        self._source = source
        self._since_ns = clock.wall_ns()
        self._written = Consumption()
        self._earlier = Day()
        self._midnight = _midnight(clock)
        self._next_try = 0.0

    async def begin(self) -> None:
        """Learn from the books what this day has taken before this node began."""
        start = round(self._midnight * 1e9)
        records = await self._books.query(energy_used, start, self._since_ns + 1)
        self._earlier = Day.of(records, self.currency)

    @property
    def price(self) -> Price | None:
        """Of a kilowatt-hour, now."""
        return self._till.price

    @property
    def source(self) -> str:
        """Where the energy figures come from, in words; empty if nothing measures."""
        return self._source()

    async def tick(self) -> None:
        """Look at the clock; to be called every second or so."""
        now = self._clock.wall_ns()
        self._till.read()
        if self._clock.monotonic() - self._worth_at >= WORTH_SECONDS:
            self._worth_at = self._clock.monotonic()
            sums = await self._books.query(totals, now - WORTH_SPAN_NS, now)
            self.worth = worth_of_kwh(sums, self.currency)
        if _hour(now) != _hour(self._since_ns) and self._clock.monotonic() >= self._next_try:
            await self.write()
        midnight = _midnight(self._clock)
        if midnight != self._midnight and self._since_ns >= midnight * 1e9:
            self._midnight, self._earlier = midnight, Day()

    async def write(self) -> None:
        """Put what has been used since the last entry into the books; if that fails, it is tried again later."""
        total, now = self._till.read(), self._clock.wall_ns()
        used = total.less(self._written)
        if not used.energy_mj:
            self._since_ns = now
            return
        record = EnergyUsed(
            since_ns=self._since_ns,
            until_ns=now,
            idle_mj=used.idle_mj,
            working_mj=used.working_mj,
            idle_ms=used.idle_ms,
            working_ms=used.working_ms,
            cost_micro=used.cost_micro,
            unpriced_mj=used.unpriced_mj,
            carbon_ug=used.carbon_ug,
            currency=self.currency,
            source=self._source(),
        )
        try:
            await self._books.append(record)
        except LedgerError as error:
            log.error("the energy of the last hour could not be written down: %s", error)
            self._next_try = self._clock.monotonic() + RETRY_SECONDS
            return
        self._written, self._since_ns = total, now
        self._earlier = self._earlier.and_record(record, self.currency)

    def today(self) -> Day:
        """What this machine has taken since local midnight while a node ran."""
        return self._earlier.and_running(self._till.read().less(self._written))


def _hour(at_ns: int) -> tuple[int, int]:
    local = time.localtime(at_ns / 1e9)
    return local.tm_yday, local.tm_hour


def _midnight(clock: Clock) -> float:
    now = time.localtime(clock.wall_ns() / 1e9)
    return time.mktime((now.tm_year, now.tm_mon, now.tm_mday, 0, 0, 0, 0, 0, -1))
