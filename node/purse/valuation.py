"""What is received is worth in the owner's currency: by the asset's peg, or by a market's rate of that moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from decimal import ROUND_HALF_EVEN

import httpx

from node.clock import Clock
from node.ledger.records import MAX_WORTH, Settlement
from node.ledger.worth import WHOLE, Worth, pegged
from wallet.prices import CoinGecko, CoinGeckoTokens, Prices, PriceSource, Rate

SECONDS = 3.0
"""For a market's answer; what comes later is for the next settlement."""
LATE_NS = 3600 * 10**9
"""What came longer ago is not worth what a market says now."""


class Valuation:
    """Prices settlements; its ``worth`` is a `node.ledger.worth.Pricer`. ``aclose`` it.

    Args:
        currency: of the owner's books.
        ask: whether a market may be asked. It is only for assets that it has, so a worker for kudos asks nobody.
    """

    def __init__(
        self, currency: str, clock: Clock, *, ask: bool, client: Callable[[], httpx.AsyncClient] | None = None
    ) -> None:
        self._currency = currency
        self._clock = clock
        self._http = (client or _client)()
        self._prices: dict[str, Prices] = {}
        if ask:
            self._add(CoinGecko.ids, CoinGecko(self._http))
            self._add(CoinGeckoTokens.contracts, CoinGeckoTokens(self._http))

    async def worth(self, settlement: Settlement) -> Worth | None:
        """What was received is worth; None where no price of that time is known. Takes seconds at most."""
        peg = pegged(settlement.amount)
        if peg is not None and peg.currency == self._currency:
            return peg
        rate = await self._rate(settlement)
        if rate is None:
            return peg
        micro = int((rate.worth(settlement.amount) * WHOLE).to_integral_value(ROUND_HALF_EVEN))
        if abs(micro) > MAX_WORTH:
            return peg
        return Worth(micro, rate.currency, f"{rate.source}, {rate.value:f} {rate.currency} for 1 {rate.code}")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _rate(self, settlement: Settlement) -> Rate | None:
        prices = self._prices.get(settlement.asset)
        now_ns = self._clock.wall_ns()
        if prices is None or (settlement.received_ns is not None and now_ns - settlement.received_ns > LATE_NS):
            return None
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                await prices.refresh()
        rate = prices.rate(settlement.asset)
        return None if rate is None or rate.stale(now_ns / 1e9) else rate

    def _add(self, codes: dict[str, str], source: PriceSource) -> None:
        self._prices |= dict.fromkeys(codes, Prices(source, self._currency, lambda: self._clock.wall_ns() / 1e9))


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=SECONDS, follow_redirects=False)
