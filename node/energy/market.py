"""Day-ahead prices: fetched in time, kept on disk, and turned into what the owner pays."""

from __future__ import annotations

import asyncio
import bisect
import json
import logging
import random
from pathlib import Path

import httpx

from node.clock import Clock
from node.energy.price import Price, Slot
from node.energy.sources.base import BadPrices, Source, checked
from wallet.whole_file import replace_file

log = logging.getLogger(__name__)

HOUR = 3600.0
AHEAD_SECONDS = 12 * HOUR  # less than this known: the next day's prices are asked for
RETRY_SECONDS = 30 * 60.0
LOOK_SECONDS = 60.0
KEPT_SECONDS = 2 * 24 * HOUR
MAX_ANSWER = 1 << 20
TIMEOUT = httpx.Timeout(20.0)


class Market:
    """The price at any moment that a source has told; before it has, the owner's fixed price.

    Args:
        file: where fetched prices are kept, so that a start without a network knows them.
        charges: millionths a kilowatt-hour on top of the market's price; tax_percent on both.
        otherwise: the price where the market's is not known; None if there is none.
    """

    def __init__(
        self,
        source: Source,
        zone: str,
        clock: Clock,
        file: Path,
        *,
        charges: int = 0,
        tax_percent: float = 0.0,
        otherwise: int | None = None,
        carbon: float | None = None,
    ) -> None:
        self.problem = ""
        self._source = source
        self._zone = zone
        self._clock = clock
        self._file = file
        self._charges = charges
        self._tax = tax_percent
        self._otherwise = otherwise
        self._carbon = carbon
        self._slots: tuple[Slot, ...] = ()
        self._asked_at = float("-inf")
        self._load()

    def __call__(self, at: float) -> Price | None:
        """The price at a moment, in Unix seconds."""
        index = bisect.bisect_right(self._slots, at, key=lambda slot: slot.start) - 1
        if index >= 0 and at < self._slots[index].end:
            return Price(self._paid(self._slots[index].micro), f"{self._source.name} {self._zone}", self._carbon)
        if self._otherwise is None:
            return None
        return Price(self._otherwise, f"fixed price, {self._source.name} has not told", self._carbon)

    async def run(self) -> None:
        """Ask when it is time, until cancelled."""
        while True:
            if self._wanting():
                await self.refresh()
            await asyncio.sleep(LOOK_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311

    async def refresh(self) -> None:
        """Ask once. A failure is remembered in ``problem`` and tried again later; what is known stays."""
        now = self._clock.wall_ns() / 1e9
        self._asked_at = self._clock.monotonic()
        try:
            address = self._source.address(self._zone, now - HOUR, now + 2 * 24 * HOUR)
            fresh = self._source.read(await _fetch(address))
        except (BadPrices, httpx.HTTPError) as error:
            self.problem = f"the electricity price cannot be fetched: {error or type(error).__name__}"
            log.warning("%s; trying again in %.0f min", self.problem, RETRY_SECONDS / 60)
            return
        self.problem = ""
        known = {slot.start: slot for slot in (*self._slots, *fresh) if slot.end > now - KEPT_SECONDS}
        self._slots = tuple(known[start] for start in sorted(known))
        await asyncio.to_thread(self._save)

    def _wanting(self) -> bool:
        if self._clock.monotonic() - self._asked_at < RETRY_SECONDS:
            return False
        until = self._slots[-1].end if self._slots else 0
        return until - self._clock.wall_ns() / 1e9 < AHEAD_SECONDS

    def _paid(self, micro: int) -> int:
        return micro if self._source.final else round((micro + self._charges) * (1 + self._tax / 100))

    def _load(self) -> None:
        try:
            kept = json.loads(self._file.read_bytes())
            if kept["source"] == self._source.name and kept["zone"] == self._zone:
                self._slots = checked([Slot(*map(int, row)) for row in kept["slots"]], str(self._file))
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("%s: the kept prices cannot be used and are fetched anew: %s", self._file, error)

    def _save(self) -> None:
        rows = [[slot.start, slot.end, slot.micro] for slot in self._slots]
        kept = {"source": self._source.name, "zone": self._zone, "slots": rows}
        try:
            replace_file(self._file, json.dumps(kept).encode(), durable=False)
        except OSError as error:
            log.warning("%s: the prices cannot be kept: %s", self._file, error)


async def _fetch(address: str) -> bytes:
    """The body of a successful answer.

    Raises:
        BadPrices: another status, or more than a megabyte. httpx.HTTPError: no answer.
    """
    async with (
        httpx.AsyncClient(timeout=TIMEOUT, headers={"Accept": "application/json"}) as client,
        client.stream("GET", address) as answer,
    ):
        if answer.status_code != 200:
            raise BadPrices(f"{address}: HTTP status {answer.status_code}; expected 200")
        body = b""
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > MAX_ANSWER:
                raise BadPrices(f"{address}: more than {MAX_ANSWER} bytes; expected a day's prices")
    return body
