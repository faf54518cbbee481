"""Whether a network is likely to pay here."""

from __future__ import annotations

import pytest

from node.control.wire import Coin, NetworkModel
from tui.setup.price import Price
from tui.setup.worth import verdict

EUR, USD = Price(310_000, "EUR"), Price(310_000, "USD")
WATTS = 300.0  # costs 0.093 an hour


def model(asset: str, decimals: int, units: int) -> NetworkModel:
    return NetworkModel("qwen3-8b", "qwen3-8b", an_hour=Coin(asset, decimals, units))


def test_kudos_are_no_money_and_the_power_is() -> None:
    told = list(verdict("kudos: no money", [model("kudos", 2, 124_000)], WATTS, EUR))

    assert "about 1,240.00 kudos an hour" in told[0]
    assert told[-1] == "Likely a loss in money: kudos are none, and you pay 0.0930 EUR an hour of work."


@pytest.mark.parametrize(
    ("units", "sentence"),
    [
        (50_000, "Likely a loss: -0.0430 USD an hour at best."),
        (593_000, "At best +0.50 USD an hour remain; hours without jobs still cost power."),
    ],
)
def test_what_is_at_par_is_reckoned(units: int, sentence: str) -> None:
    assert list(verdict("USDC on Solana", [model("USDC", 6, units)], WATTS, USD))[-1] == sentence


def test_what_has_no_price_is_left_to_the_person() -> None:
    assert (
        "What AIPG is worth in EUR is not known here"
        in list(verdict("AIPG", [model("AIPG", 8, 10**8)], WATTS, EUR))[-1]
    )


def test_what_is_no_money_is_a_loss_even_where_nothing_else_is_known() -> None:
    told = list(verdict("kudos: no money", [], None, None))

    assert told[-1] == "Likely a loss in money: kudos are none, and you pay the power."


@pytest.mark.parametrize(("watts", "price"), [(None, EUR), (WATTS, None)])
def test_a_missing_figure_is_called_missing(watts: float | None, price: Price | None) -> None:
    told = list(verdict("USDC", [NetworkModel("a", "a")], watts, price))

    assert told[0] == "What an hour earns there is not known before the first jobs."
    assert "is not known" in told[1]
    assert "cannot be told yet" in told[2]
