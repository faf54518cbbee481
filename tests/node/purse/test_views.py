"""The wallet's own types as clients see them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from node.purse.views import coin_holdings, endpoint_sentence, movements, solana_holdings
from wallet.money import Amount, Asset
from wallet.prices import Prices
from wallet.rpc.endpoint import EndpointHealth, EndpointState
from wallet.solana.balances import Balances, TokenHolding
from wallet.solana.cluster import SOL
from wallet.solana.history import Change, Direction, Entry

USDC = Asset("USDC", 6)
SCAM = "GjJyeC1r2RgkuoCWMyPYkCWSGSGLcz266EaAkLA27AhL"


class Source:
    """Knows what SOL is worth, and what a token says it is called."""

    name = "a source"

    async def rates(self, currency: str) -> Mapping[str, Decimal]:
        return {"SOL": Decimal("140.005"), SCAM: Decimal(1_000_000)}


@pytest.fixture
async def prices() -> Prices:
    found = Prices(Source(), "EUR", wall=lambda: 1000.0)
    await found.refresh()
    return found


async def test_worth_comes_with_its_currency_and_age(prices: Prices) -> None:
    (fresh,) = coin_holdings([Amount(2_000_000_000, SOL)], prices, 1001.0)
    assert (fresh.worth, fresh.worth_at, fresh.worth_stale) == ("280.01 EUR", 1000.0, False)
    (stale,) = coin_holdings([Amount(2_000_000_000, SOL)], prices, 9000.0)
    assert (stale.worth, stale.worth_stale) == ("280.01 EUR", True)


async def test_what_has_no_price_has_no_worth(prices: Prices) -> None:
    (found,) = coin_holdings([Amount(5, USDC)], prices, 1001.0)
    assert (found.worth, found.worth_at) == ("", None)


async def test_an_unknown_token_is_never_priced(prices: Prices) -> None:
    scam = TokenHolding(SCAM, Amount(5, Asset(SCAM, 0)), known=False, frozen=False)
    _, found = solana_holdings(Balances("me", 1, Amount(0, SOL), (scam,)), prices, 1001.0)
    assert (found.asset, found.mint, found.known, found.worth) == (SCAM, SCAM, False, "")


def entry(*changes: Change, fee: int = 0, known: bool = True) -> Entry:
    return Entry("sig", 5, 1000, False, changes if known else None, Amount(fee, SOL), "for work")


def test_each_change_is_a_movement_and_the_fee_goes_with_the_first() -> None:
    out, back = Change(Direction.OUT, Amount(7, SOL), "", "them"), Change(Direction.IN, Amount(9, USDC), "mint")
    found = list(movements(entry(out, back, fee=5000)))
    assert [(one.direction, one.asset, one.units, one.counterparty, one.fee_units) for one in found] == [
        ("out", "SOL", 7, "them", 5000),
        ("in", "USDC", 9, "", None),
    ]
    assert {(one.signature, one.at, one.memo, one.known) for one in found} == {("sig", 1000.0, "for work", True)}


def test_a_token_that_nobody_knows_is_marked() -> None:
    (found,) = movements(entry(Change(Direction.IN, Amount(9, Asset(SCAM, 0)), SCAM)))
    assert (found.asset, found.known) == (SCAM, False)


def test_a_transaction_that_cost_its_fee_alone_is_one_of_our_own() -> None:
    (found,) = movements(entry(fee=5000))
    assert (found.direction, found.units, found.fee_units) == ("self", 0, 5000)


def test_what_the_node_does_not_have_is_unknown() -> None:
    (found,) = movements(entry(known=False))
    assert (found.direction, found.fee_units) == ("unknown", None)


@pytest.mark.parametrize(
    ("health", "said"),
    [
        (EndpointHealth("rpc.example", EndpointState.HEALTHY, latency=0.0812), "rpc.example: healthy, 81 ms"),
        (EndpointHealth("rpc.example", EndpointState.UNTRIED), "rpc.example: untried"),
        (
            EndpointHealth("rpc.example", EndpointState.RATE_LIMITED, "it limits us", 3, rests=29.6),
            "rpc.example: rate limited, it limits us; asked again in 30 s",
        ),
    ],
)
def test_an_rpc_node_is_one_sentence(health: EndpointHealth, said: str) -> None:
    assert endpoint_sentence(health) == said
