"""Fraunhofer ISE's energy-charts: day-ahead prices of most European bidding zones, hours or quarters of an hour.

Protocol: ``GET https://api.energy-charts.info/price?bzn=DE-LU&start=2026-11-22&end=2026-11-23`` answers
``{"unix_seconds": [...], "price": [...], "unit": "EUR / MWh", ...}``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, Field, ValidationError

from node.energy.price import Slot
from node.energy.sources.base import MOST_SLOTS, BadPrices, Figure, checked


class _Answer(BaseModel):
    unix_seconds: Annotated[list[int], Field(max_length=MOST_SLOTS)]
    price: Annotated[list[Figure | None], Field(max_length=MOST_SLOTS)]
    unit: str = Field("EUR / MWh", max_length=40)


class EnergyCharts:
    """Implements `node.energy.sources.base.Source`."""

    name = "energy-charts"
    currency = "EUR"
    final = False

    def __init__(self, base: str = "https://api.energy-charts.info") -> None:
        self._base = base

    def address(self, zone: str, since: float, until: float) -> str:
        if not zone:
            raise BadPrices("electricity.zone: is empty; expected a bidding zone such as DE-LU")
        days = {"start": _day(since), "end": _day(until)}
        return f"{self._base}/price?{urlencode({'bzn': zone, **days})}"

    def read(self, answer: bytes) -> tuple[Slot, ...]:
        try:
            said = _Answer.model_validate_json(answer)
        except ValidationError as error:
            raise BadPrices(f"{self.name}: not a list of prices: {error.errors()[0]['msg']}") from None
        if "MWh" not in said.unit or len(said.unix_seconds) != len(said.price):
            raise BadPrices(f"{self.name}: expected as many prices in EUR / MWh as times, got {said.unit!r}")
        starts = said.unix_seconds
        ends = [*starts[1:], starts[-1] + starts[-1] - starts[-2]] if len(starts) > 1 else []
        slots = [
            Slot(start, end, round(price * 1000))
            for start, end, price in zip(starts, ends, said.price, strict=False)
            if price is not None
        ]
        return checked(slots, self.name)


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
