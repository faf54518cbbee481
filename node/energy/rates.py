"""Prices by hours of the week: ``Mon-Fri 07:00-22:00 0.34; Mon-Sun 22:00-07:00 0.21``. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation

from node.energy.price import Price, Tariff
from node.weekly import LONGEST, Window, parse_window


@dataclass(frozen=True, slots=True)
class Rate:
    """A price in some hours; the first that holds counts."""

    window: Window
    micro: int


def parse_rates(text: str) -> tuple[Rate, ...]:
    """Read rates, parted by ``;``.

    Raises:
        ValueError: says which part is wrong and what was expected.
    """
    if len(text) > LONGEST:
        raise ValueError(f"expected at most {LONGEST} characters, got {len(text)}")
    return tuple(_rate(part.strip()) for part in text.split(";") if part.strip())


def fixed(micro: int, carbon: float | None = None) -> Tariff:
    """One price at all times."""
    price = Price(micro, "fixed price", carbon)
    return lambda _: price


def by_hours(
    rates: tuple[Rate, ...], otherwise: int | None, carbon: float | None = None, zone: tzinfo | None = None
) -> Tariff:
    """A table of hours of the week.

    Args:
        otherwise: the price in hours that no rate covers; None if it is not known.
        zone: whose clock on the wall counts; None is this machine's.
    """

    def price(at: float) -> Price | None:
        wall = datetime.fromtimestamp(at, zone)
        found = next((rate.micro for rate in rates if rate.window.holds(wall)), otherwise)
        return None if found is None else Price(found, "table of hours", carbon)

    return price


def _rate(text: str) -> Rate:
    hours, _, figure = text.rpartition(" ")
    try:
        price = Decimal(figure)
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or abs(price) > 1000:
        raise ValueError(f"got {text!r}; expected hours and a price, such as Mon-Fri 07:00-22:00 0.34")
    return Rate(parse_window(hours), round(price * 1_000_000))
