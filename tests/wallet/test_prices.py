from collections.abc import Mapping
from decimal import Decimal

import httpx
import pytest

from wallet.money import Amount, Asset
from wallet.prices import (
    FRESH_SECONDS,
    MARKETED,
    STALE_SECONDS,
    CoinGecko,
    CoinGeckoTokens,
    Prices,
    PriceUnavailable,
    Rate,
)

SOL, USDC = Asset("SOL", 9), Asset("USDC", 6)


class Source:
    """A price source that can be away."""

    name = "bazaar"

    def __init__(self) -> None:
        self.asked = 0
        self.away = False
        self.known = {"SOL": Decimal("142.37")}

    async def rates(self, currency: str) -> Mapping[str, Decimal]:
        self.asked += 1
        if self.away:
            raise PriceUnavailable(self.name, "closed")
        return self.known


class Hands:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


async def test_an_amount_is_worth_exactly_its_rate() -> None:
    prices = Prices(Source(), "eur", Hands())
    await prices.refresh()
    rate = prices.rate("SOL")
    assert rate == Rate("SOL", "EUR", Decimal("142.37"), "bazaar", 1_000_000.0)
    assert rate.worth(Amount(500_000_000, SOL)) == Decimal("71.185")
    with pytest.raises(ValueError, match="USDC"):
        rate.worth(Amount(1, USDC))


async def test_a_fresh_rate_is_not_asked_for_again() -> None:
    source, hands = Source(), Hands()
    prices = Prices(source, "USD", hands)
    await prices.refresh()
    hands.now += FRESH_SECONDS - 1
    await prices.refresh()
    assert source.asked == 1
    hands.now += 1
    await prices.refresh()
    assert source.asked == 2


async def test_while_the_source_is_away_the_old_rate_stays_and_grows_stale() -> None:
    source, hands = Source(), Hands()
    prices = Prices(source, "USD", hands)
    await prices.refresh()
    source.away = True
    hands.now += STALE_SECONDS + 1
    await prices.refresh()
    rate = prices.rate("SOL")
    assert rate is not None
    assert rate.stale(hands.now)
    assert "closed" in prices.problem
    source.away = False
    hands.now += FRESH_SECONDS
    await prices.refresh()
    assert prices.problem == ""
    assert not prices.rate("SOL").stale(hands.now)  # type: ignore[union-attr]


async def test_without_a_source_there_are_no_rates_and_no_trouble() -> None:
    prices = Prices(None)
    await prices.refresh()
    assert prices.rate("SOL") is None
    assert prices.problem == ""


async def gecko(response: httpx.Response) -> Mapping[str, Decimal]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: response)) as client:
        return await CoinGecko(client).rates("USD")


async def test_coingecko_is_read_to_the_last_digit() -> None:
    answer = '{"solana": {"usd": 142.3700000000000001}, "usd-coin": {"usd": 1}}'
    assert await gecko(httpx.Response(200, text=answer)) == {"SOL": Decimal("142.3700000000000001"), "USDC": Decimal(1)}


async def test_coingecko_is_asked_once_for_all() -> None:
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, text="{}")

    async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as client:
        assert await CoinGecko(client).rates("EUR") == {}
    assert asked[0].url.path == "/api/v3/simple/price"
    assert asked[0].url.params["vs_currencies"] == "eur"
    assert {"solana", "usd-coin"} < set(asked[0].url.params["ids"].split(","))


async def test_a_token_is_told_from_others_of_its_name_by_its_contract() -> None:
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, text='{"0xa1c0decafe3e9bf06a5f29b7015cd373a9854608": {"eur": 0.0125}}')

    async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as client:
        assert await CoinGeckoTokens(client).rates("EUR") == {"AIPG": Decimal("0.0125")}
    assert asked[0].url.path == "/api/v3/simple/token_price/base"
    assert asked[0].url.params["contract_addresses"] == "0xa1c0decafe3e9bf06a5f29b7015cd373a9854608"
    assert {"AIPG", "USDC"} < MARKETED


@pytest.mark.parametrize(
    "entry", ['"142"', "null", "NaN", "Infinity", "-1", "0", "1e400", "true", '{"a": 1}', "[1]", "1e13"]
)
async def test_a_rate_that_cannot_be_one_is_left_out(entry: str) -> None:
    text = f'{{"solana": {{"usd": {entry}}}, "usd-coin": {{"usd": 1}}}}'
    assert await gecko(httpx.Response(200, text=text)) == {"USDC": Decimal(1)}


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(429),
        httpx.Response(500),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, text="[]"),
        httpx.Response(200, text="[" * 100_000),
        httpx.Response(200, text='{"solana": {"usd": 1e99999999999999999999}}'),
        httpx.Response(200, text=" " * 300_000),
    ],
    ids=lambda response: f"{response.status_code} {response.text[:10]}",
)
async def test_an_answer_that_is_none_is_said(response: httpx.Response) -> None:
    with pytest.raises(PriceUnavailable, match="CoinGecko"):
        await gecko(response)
