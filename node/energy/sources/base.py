"""What every day-ahead source looks like to the market."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Protocol

from pydantic import Field

from node.energy.price import Slot

LONGEST_SLOT = 4 * 3600
MOST_SLOTS = 2000
WILDEST = 100.0
"""Prices beyond this many whole units of the currency for a kilowatt-hour are a mistake."""

Figure = Annotated[float, Field(ge=-1000 * WILDEST, le=1000 * WILDEST, allow_inf_nan=False)]
"""A price as a source writes it: at most so many euros a megawatt-hour, or pence a kilowatt-hour."""


class BadPrices(ValueError):
    """A source's answer that is not what it documents; the message says what was expected."""


class Source(Protocol):
    """One public price list.

    Attributes:
        currency: of its prices. final: its prices include charges and tax already.
    """

    name: str
    currency: str
    final: bool

    def address(self, zone: str, since: float, until: float) -> str:
        """The URL that answers for this zone and time (Unix seconds).

        Raises:
            BadPrices: the zone cannot be one.
        """

    def read(self, answer: bytes) -> tuple[Slot, ...]:
        """The slots in an answer, in order.

        Raises:
            BadPrices: it is not what this source documents.
        """


def checked(slots: Sequence[Slot], source: str) -> tuple[Slot, ...]:
    """In order and without doubles.

    Raises:
        BadPrices: too many, too long, backwards, or absurd prices.
    """
    if len(slots) > MOST_SLOTS:
        raise BadPrices(f"{source}: expected at most {MOST_SLOTS} prices, got {len(slots)}")
    for slot in slots:
        if not 0 < slot.end - slot.start <= LONGEST_SLOT:
            raise BadPrices(f"{source}: a price from {slot.start} to {slot.end}; expected minutes to hours")
        if abs(slot.micro) > WILDEST * 1e6:
            raise BadPrices(f"{source}: {slot.micro / 1e6} for a kilowatt-hour; expected less than {WILDEST}")
    return tuple(sorted({slot.start: slot for slot in slots}.values(), key=lambda slot: slot.start))
