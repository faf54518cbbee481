"""From the owner's settings to a price at any moment."""

from __future__ import annotations

from pathlib import Path

from node.clock import Clock
from node.config import ConfigError, ElectricitySettings
from node.energy.market import Market
from node.energy.price import Tariff, micro_price
from node.energy.rates import by_hours, fixed, parse_rates
from node.energy.sources.awattar import Awattar
from node.energy.sources.base import BadPrices, Source
from node.energy.sources.energy_charts import EnergyCharts
from node.energy.sources.octopus import Octopus

SOURCES: dict[str, type[EnergyCharts | Awattar | Octopus]] = {
    "energy-charts": EnergyCharts,
    "awattar": Awattar,
    "octopus": Octopus,
}


def tariff_of(settings: ElectricitySettings, clock: Clock, file: Path) -> Tariff | Market:
    """The owner's prices; a `Market` has to be run.

    Args:
        file: where fetched prices are kept.

    Raises:
        ConfigError: the settings do not fit together.
    """
    carbon = settings.carbon or None
    price = micro_price(settings.price) if settings.price else None
    if settings.source == "fixed":
        return fixed(price, carbon) if price is not None else lambda _: None
    if settings.source == "hours":
        if not settings.hours:
            raise ConfigError("electricity.hours: is empty; expected prices by hours, for electricity.source hours")
        return by_hours(parse_rates(settings.hours), price, carbon)
    return _market(settings, SOURCES[settings.source](), clock, file, price, carbon)


def _market(
    settings: ElectricitySettings, source: Source, clock: Clock, file: Path, price: int | None, carbon: float | None
) -> Market:
    if settings.currency != source.currency:
        raise ConfigError(
            f"electricity.currency: got {settings.currency!r}; expected {source.currency}, for electricity.source "
            f"{source.name}"
        )
    try:
        source.address(settings.zone, 0, 0)
    except BadPrices as error:
        raise ConfigError(str(error)) from None
    return Market(
        source,
        settings.zone,
        clock,
        file,
        charges=micro_price(settings.charges),
        tax_percent=settings.tax_percent,
        otherwise=price,
        carbon=carbon,
    )
