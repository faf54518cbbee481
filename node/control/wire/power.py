"""How energy and its cost look over the wire."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PowerToday:
    """What the whole machine took today while a node ran, and what that cost.

    Attributes:
        cost_micro: in millionths of ``currency``; None if no price is known. unpriced_joules: what it leaves out.
        earned_micro: what was claimed today in assets that have a fixed price in this currency; None if there are none.
        idle_watts, working_watts: mean draw without and with jobs.
        carbon_g: grams of CO2; None if not known.
    """

    idle_joules: float = 0.0
    working_joules: float = 0.0
    idle_watts: float | None = None
    working_watts: float | None = None
    cost_micro: int | None = None
    currency: str = ""
    unpriced_joules: float = 0.0
    earned_micro: int | None = None
    carbon_g: float | None = None

    @property
    def net_micro(self) -> int | None:
        """Earned less cost, of what has a price; None if either is not known."""
        known = self.cost_micro is not None and self.earned_micro is not None
        return (self.earned_micro or 0) - (self.cost_micro or 0) if known else None


@dataclass(frozen=True, slots=True)
class Electricity:
    """What power costs now.

    Attributes:
        price_micro: of a kilowatt-hour, in millionths of the currency; None if not known.
        price_source: where that comes from. source: where the energy figures come from. Both in words.
        hour_micro: what an hour costs at the present draw. worth_micro: what a kilowatt-hour of work lately earned.
        carbon: grams of CO2 for a kilowatt-hour.
    """

    currency: str
    price_micro: int | None = None
    price_source: str = ""
    source: str = ""
    watts: float | None = None
    hour_micro: int | None = None
    worth_micro: int | None = None
    carbon: float | None = None
