"""aWATTar: day-ahead prices of Germany and Austria.

Protocol: ``GET https://api.awattar.de/v1/marketdata?start=MS&end=MS`` answers ``{"data": [{"start_timestamp": MS,
"end_timestamp": MS, "marketprice": 84.2, "unit": "Eur/MWh"}, ...]}``, times in milliseconds.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from node.energy.price import Slot
from node.energy.sources.base import MOST_SLOTS, BadPrices, Figure, checked

COUNTRIES = ("de", "at")


class _Entry(BaseModel):
    start_timestamp: int
    end_timestamp: int
    marketprice: Figure
    unit: str = Field(max_length=40)


class _Answer(BaseModel):
    data: Annotated[list[_Entry], Field(max_length=MOST_SLOTS)]


class Awattar:
    """Implements `node.energy.sources.base.Source`."""

    name = "awattar"
    currency = "EUR"
    final = False

    def __init__(self, base: str = "https://api.awattar.{country}") -> None:
        self._base = base

    def address(self, zone: str, since: float, until: float) -> str:
        country = zone.lower() or "de"
        if country not in COUNTRIES:
            raise BadPrices(f"electricity.zone: got {zone!r}; expected de or at")
        base = self._base.format(country=country)
        return f"{base}/v1/marketdata?start={round(since * 1000)}&end={round(until * 1000)}"

    def read(self, answer: bytes) -> tuple[Slot, ...]:
        try:
            said = _Answer.model_validate_json(answer)
        except ValidationError as error:
            raise BadPrices(f"{self.name}: not a list of prices: {error.errors()[0]['msg']}") from None
        foreign = next((entry.unit for entry in said.data if entry.unit.lower() != "eur/mwh"), None)
        if foreign is not None:
            raise BadPrices(f"{self.name}: prices in {foreign!r}; expected Eur/MWh")
        slots = [
            Slot(entry.start_timestamp // 1000, entry.end_timestamp // 1000, round(entry.marketprice * 1000))
            for entry in said.data
        ]
        return checked(slots, self.name)
