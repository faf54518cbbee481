"""Amounts are integers of one asset: exact, never mixed, and read from nothing but plain decimal numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.money import Amount, Asset, parse_amount

USDC = Asset("USDC", 6)
KUDOS = Asset("kudos", 0)

assets = st.builds(Asset, st.sampled_from(["SOL", "USDC", "kudos", "AIPG"]), st.integers(0, 30))
units = st.integers(-(2**100), 2**100)


@given(units, assets)
def test_what_an_amount_says_is_read_back_as_the_same_amount(count: int, asset: Asset) -> None:
    amount = Amount(count, asset)
    said = str(amount).removesuffix(f" {asset.code}").replace(",", "")
    assert parse_amount(said, asset) == amount


@given(units, assets)
def test_the_decimal_value_is_exact(count: int, asset: Asset) -> None:
    numerator, denominator = Amount(count, asset).decimal().as_integer_ratio()
    assert numerator * 10**asset.decimals == count * denominator


@given(units, units)
def test_adding_and_taking_away_are_exact_opposites(left: int, right: int) -> None:
    first, second = Amount(left, USDC), Amount(right, USDC)
    assert first + second - second == first
    assert (first + -second).units == left - right
    assert (first < second) == (left < right)


def test_amounts_of_different_assets_are_never_mixed() -> None:
    for mix in (Amount.__add__, Amount.__sub__, Amount.__lt__):
        with pytest.raises(ValueError, match="USDC and kudos are different assets"):
            mix(Amount(1, USDC), Amount(1, KUDOS))


def test_the_same_ticker_with_other_decimals_is_another_asset() -> None:
    with pytest.raises(ValueError, match="different assets"):
        Amount(1, USDC) + Amount(1, Asset("USDC", 18))


def test_an_amount_is_shown_with_all_its_decimals_and_its_asset() -> None:
    assert str(Amount(1_234_567_890, USDC)) == "1,234.567890 USDC"
    assert str(Amount(-5, USDC)) == "-0.000005 USDC"
    assert str(Amount(1000, KUDOS)) == "1,000 kudos"
    assert Amount(5, USDC).decimal() == Decimal("0.000005")


@pytest.mark.parametrize(
    ("text", "count"), [("1", 1_000_000), (" 0.5 ", 500_000), ("-1.25", -1_250_000), ("+2.0000000000", 2_000_000)]
)
def test_plain_decimal_numbers_are_read(text: str, count: int) -> None:
    assert parse_amount(text, USDC) == Amount(count, USDC)


@pytest.mark.parametrize(
    "text", ["", "x", "NaN", "Infinity", "1e6", "1e999999999", "1_000", "1,000", "٣", "0x10", ".", "1.", "9" * 100_000]
)
def test_anything_but_a_plain_decimal_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a plain decimal number of USDC") as refusal:
        parse_amount(text, USDC)
    assert len(str(refusal.value)) < 200


def test_a_number_finer_than_the_base_unit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"amount '0.0000001': expected at most 6 decimals of USDC"):
        parse_amount("0.0000001", USDC)


@pytest.mark.parametrize(("code", "decimals"), [("", 6), ("USDC", -1), ("USDC", 31)])
def test_an_asset_has_a_code_and_bounded_decimals(code: str, decimals: int) -> None:
    with pytest.raises(ValueError, match="0 to 30 decimals"):
        Asset(code, decimals)
