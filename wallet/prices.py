"""What an asset is worth in a person's own currency, from a source that may be away: with its name and its age."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Protocol

import httpx

from wallet.errors import WalletError
from wallet.money import Amount

FRESH_SECONDS = 5 * 60
"""How long a rate is taken from memory, and how long a source that failed is left alone."""
STALE_SECONDS = 15 * 60
"""How old a rate may be before a person should be told."""

_LARGEST_ANSWER = 256 * 1024
_HIGHEST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Rate:
    """One whole unit of an asset in a currency.

    Attributes:
        currency: as in ISO 4217. at: Unix seconds, when the source was asked.
    """

    code: str
    currency: str
    value: Decimal
    source: str
    at: float

    def worth(self, amount: Amount) -> Decimal:
        """What an amount is worth, unrounded.

        Raises:
            ValueError: the amount is of another asset.
        """
        if amount.asset.code != self.code:
            raise ValueError(f"a rate of {self.code} says nothing of {amount.asset.code}")
        return amount.decimal() * self.value

    def stale(self, now: float) -> bool:
        """Whether it is so old that its age should be shown. ``now`` in Unix seconds."""
        return now - self.at > STALE_SECONDS


class PriceUnavailable(WalletError):
    """The source gave no usable rates."""


class PriceSource(Protocol):
    """Where rates come from."""

    name: str

    async def rates(self, currency: str) -> Mapping[str, Decimal]:
        """The rates of the assets it knows, by code. Raises ``PriceUnavailable``."""


class CoinGecko:
    """CoinGecko's public API, without a key: one question for all assets."""

    name = "CoinGecko"
    ids: ClassVar[dict[str, str]] = {
        "SOL": "solana",
        "wSOL": "wrapped-solana",
        "USDC": "usd-coin",
        "USDT": "tether",
        "PYUSD": "paypal-usd",
        "NOS": "nosana",
        "RENDER": "render-token",
        "ETH": "ethereum",
    }

    def __init__(self, client: httpx.AsyncClient, url: str = "https://api.coingecko.com/api/v3") -> None:
        self._client = client
        self._url = url

    async def rates(self, currency: str) -> dict[str, Decimal]:
        """See ``PriceSource``. An asset that the source leaves out is left out here."""
        question = {"ids": ",".join(self.ids.values()), "vs_currencies": currency.lower()}
        return _by_code(self.ids, await _asked(self._client, f"{self._url}/simple/price", question), currency)


class CoinGeckoTokens:
    """The same for tokens on Base, told apart by their contracts, so that no other token of the name is meant."""

    name = "CoinGecko"
    contracts: ClassVar[dict[str, str]] = {"AIPG": "0xa1c0decafe3e9bf06a5f29b7015cd373a9854608"}

    def __init__(self, client: httpx.AsyncClient, url: str = "https://api.coingecko.com/api/v3") -> None:
        self._client = client
        self._url = url

    async def rates(self, currency: str) -> dict[str, Decimal]:
        """See ``PriceSource``."""
        question = {"contract_addresses": ",".join(self.contracts.values()), "vs_currencies": currency.lower()}
        answer = await _asked(self._client, f"{self._url}/simple/token_price/base", question)
        return _by_code(self.contracts, answer, currency)


MARKETED = frozenset({*CoinGecko.ids, *CoinGeckoTokens.contracts})
"""The codes of assets that a source here has prices of."""


async def _asked(client: httpx.AsyncClient, url: str, question: Mapping[str, str]) -> dict[str, Any]:
    name = CoinGecko.name
    try:
        async with asyncio.timeout(10), client.stream("GET", url, params=question) as got:
            got.raise_for_status()
            body = bytearray()
            async for piece in got.aiter_bytes():
                body += piece
                if len(body) > _LARGEST_ANSWER:
                    raise PriceUnavailable(name, "its answer is too long")
        answer = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    except (httpx.HTTPError, TimeoutError, ValueError, InvalidOperation, RecursionError) as error:
        raise PriceUnavailable(name, f"no rates ({type(error).__name__})") from None
    if not isinstance(answer, dict):
        raise PriceUnavailable(name, "its answer is no list of rates")
    return answer


def _by_code(names: Mapping[str, str], answer: Mapping[str, Any], currency: str) -> dict[str, Decimal]:
    """The usable rates, by our codes. ``names``: the source's own, by ours."""
    found = {}
    for code, name in names.items():
        entry = answer.get(name)
        value = entry.get(currency.lower()) if isinstance(entry, dict) else None
        if isinstance(value, Decimal) and value.is_finite() and 0 < value < _HIGHEST:
            found[code] = value
    return found


class Prices:
    """Rates in one currency, remembered. Without a source, or while it is away, everything else goes on."""

    def __init__(
        self, source: PriceSource | None, currency: str = "USD", wall: Callable[[], float] = time.time
    ) -> None:
        self._source = source
        self._currency = currency.upper()
        self._wall = wall
        self._rates: dict[str, Rate] = {}
        self._asked_at: float | None = None
        self._asking = asyncio.Lock()
        self.problem = ""

    async def refresh(self) -> None:
        """Ask the source unless what we have is fresh. A failure is kept in ``problem``, and the old rates stay."""
        async with self._asking:
            now = self._wall()
            if self._source is None or (self._asked_at is not None and now - self._asked_at < FRESH_SECONDS):
                return
            self._asked_at = now
            try:
                found = await self._source.rates(self._currency)
            except PriceUnavailable as error:
                self.problem = str(error)
                return
            self.problem = ""
            for code, value in found.items():
                self._rates[code] = Rate(code, self._currency, value, self._source.name, now)

    def rate(self, code: str) -> Rate | None:
        """The last rate of an asset, however old; None if there never was one."""
        return self._rates.get(code)
