"""What is received is worth: by peg, by a market, or not known."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from books import settled
from hand_clock import HandClock

from node.ledger.worth import Worth, valued
from node.purse.valuation import LATE_NS, Valuation
from wallet.money import Asset

AIPG, USDC, KUDOS = Asset("AIPG", 18), Asset("USDC", 6), Asset("kudos", 2)
NOW = 1_800_000_000.0

Handle = Callable[[httpx.Request], httpx.Response]


class Market:
    """CoinGecko in a drawer; counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if "token_price" in request.url.path:
            return httpx.Response(
                self.status, text='{"0xa1c0decafe3e9bf06a5f29b7015cd373a9854608": {"eur": 0.0125, "usd": 0.0135}}'
            )
        return httpx.Response(self.status, text='{"usd-coin": {"eur": 0.92, "usd": 0.999}}')


@pytest.fixture
def market() -> Market:
    return Market()


def valuation(market: Market, currency: str = "EUR", *, ask: bool = True) -> Valuation:
    def client() -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(market))

    return Valuation(currency, HandClock(NOW), ask=ask, client=client)


async def test_a_token_is_worth_the_markets_rate_of_the_moment(market: Market) -> None:
    worth = await valuation(market).worth(settled(12 * 10**17, AIPG))
    assert worth == Worth(15_000, "EUR", "CoinGecko, 0.0125 EUR for 1 AIPG")


async def test_a_peg_in_the_owners_currency_needs_no_market(market: Market) -> None:
    worth = await valuation(market, "USD").worth(settled(314_200, USDC))
    assert (worth, market.asked) == (Worth(314_200, "USD", "pegged 1:1"), [])


async def test_a_peg_in_another_currency_is_converted_by_the_market_or_kept_in_its_own(market: Market) -> None:
    assert await valuation(market).worth(settled(10**6, USDC)) == Worth(
        920_000, "EUR", "CoinGecko, 0.92 EUR for 1 USDC"
    )
    market.status = 500
    assert await valuation(market).worth(settled(10**6, USDC)) == Worth(10**6, "USD", "pegged 1:1")


async def test_kudos_ask_nobody(market: Market) -> None:
    assert await valuation(market).worth(settled(341, KUDOS)) is None
    assert market.asked == []


async def test_an_owner_who_wants_no_market_asked_gets_pegs_alone(market: Market) -> None:
    quiet = valuation(market, ask=False)
    assert await quiet.worth(settled(10**18, AIPG)) is None
    assert await quiet.worth(settled(10**6, USDC)) == Worth(10**6, "USD", "pegged 1:1")
    assert market.asked == []


async def test_what_came_long_ago_is_not_worth_what_the_market_says_now(market: Market) -> None:
    received = int(NOW * 1e9) - LATE_NS - 1
    assert await valuation(market).worth(settled(10**18, AIPG, received_ns=received)) is None
    assert await valuation(market, "USD").worth(settled(10**6, USDC, received_ns=received)) is not None


async def test_a_market_that_is_away_leaves_the_worth_unknown(market: Market) -> None:
    market.status = 429
    assert await valuation(market).worth(settled(10**18, AIPG)) is None


async def test_what_was_taken_back_is_worth_less_than_nothing(market: Market) -> None:
    worth = await valuation(market).worth(settled(-(10**18), AIPG))
    assert worth is not None
    assert worth.micro == -12_500


async def test_a_worth_beyond_reason_is_none(market: Market) -> None:
    assert await valuation(market).worth(settled(10**29, AIPG)) is None


async def test_a_settlement_gets_the_worth_of_its_moment_once(market: Market) -> None:
    price = valuation(market).worth
    first = await valued(settled(10**18, AIPG), price)
    assert (first.worth_micro, first.currency) == (12_500, "EUR")
    assert await valued(first, price) is first
    unknown = settled(341, KUDOS)
    assert await valued(unknown, price) is unknown
