"""Prices of energy, in integers. Pure.

A price is in millionths of the currency for a kilowatt-hour; it may be negative. Energy is in millijoules. Their
product is exact, and only the sum is rounded: a kilowatt-hour is 3.6e9 millijoules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MJ_PER_KWH = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """What a kilowatt-hour costs at one moment.

    Attributes:
        micro: millionths of the currency for a kilowatt-hour, all charges and taxes included.
        source: where that comes from, in words.
        carbon: grams of CO2 for a kilowatt-hour; None if not known.
    """

    micro: int
    source: str
    carbon: float | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One price of a day-ahead market, before charges and tax, from ``start`` to before ``end``, in Unix seconds."""

    start: int
    end: int
    micro: int


Tariff = Callable[[float], Price | None]
"""The price at a moment (Unix seconds); None if it is not known."""


def micro_of(product: int) -> int:
    """Millionths of the currency that a sum of millijoules times prices comes to, rounded half to even."""
    whole, rest = divmod(product, MJ_PER_KWH)
    return whole + (2 * rest > MJ_PER_KWH or (2 * rest == MJ_PER_KWH and whole % 2 == 1))


def micro_price(per_kwh: float) -> int:
    """A price as people write it, in millionths."""
    return round(per_kwh * 1_000_000)
