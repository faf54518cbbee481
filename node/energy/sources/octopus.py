"""Octopus Agile: half-hourly prices of a British tariff, value added tax included.

Protocol: ``GET https://api.octopus.energy/v1/products/AGILE-24-10-01/electricity-tariffs/E-1R-AGILE-24-10-01-C/
standard-unit-rates/?period_from=...&period_to=...`` answers ``{"results": [{"value_inc_vat": 21.4, "valid_from":
"2026-11-22T00:00:00Z", "valid_to": "2026-11-22T00:30:00Z"}, ...]}``, pence for a kilowatt-hour, newest first.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from node.energy.price import Slot
from node.energy.sources.base import MOST_SLOTS, BadPrices, Figure, checked

TARIFF = re.compile(r"E-1R-(?P<product>[A-Z0-9-]{3,40})-[A-P]")


class _Rate(BaseModel):
    value_inc_vat: Figure
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None = None


class _Answer(BaseModel):
    results: Annotated[list[_Rate], Field(max_length=MOST_SLOTS)]


class Octopus:
    """Implements `node.energy.sources.base.Source`."""

    name = "octopus"
    currency = "GBP"
    final = True

    def __init__(self, base: str = "https://api.octopus.energy") -> None:
        self._base = base

    def address(self, zone: str, since: float, until: float) -> str:
        tariff = TARIFF.fullmatch(zone)
        if tariff is None:
            raise BadPrices(f"electricity.zone: got {zone!r}; expected a tariff such as E-1R-AGILE-24-10-01-C")
        span = {"period_from": _moment(since), "period_to": _moment(until), "page_size": 1500}
        path = f"/v1/products/{tariff['product']}/electricity-tariffs/{zone}/standard-unit-rates/"
        return f"{self._base}{path}?{urlencode(span)}"

    def read(self, answer: bytes) -> tuple[Slot, ...]:
        try:
            said = _Answer.model_validate_json(answer)
        except ValidationError as error:
            raise BadPrices(f"{self.name}: not a list of rates: {error.errors()[0]['msg']}") from None
        slots = [
            Slot(
                start=round(rate.valid_from.timestamp()),
                end=round(rate.valid_to.timestamp()),
                micro=round(rate.value_inc_vat * 10_000),
            )
            for rate in said.results
            if rate.valid_to is not None
        ]
        return checked(slots, self.name)


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%MZ")
