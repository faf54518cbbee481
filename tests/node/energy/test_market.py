"""Day-ahead prices: answers as the sources document them, what the owner pays, and what happens when they fail."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hand_clock import HandClock
from hypothesis import given
from hypothesis import strategies as st
from price_server import PriceServer, price_server

from node.clock import SystemClock
from node.config import ConfigError, ElectricitySettings
from node.energy.market import Market
from node.energy.price import Slot
from node.energy.sources.awattar import Awattar
from node.energy.sources.base import BadPrices
from node.energy.sources.energy_charts import EnergyCharts
from node.energy.sources.octopus import Octopus
from node.energy.tariff import tariff_of

START = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp())
QUARTERS = json.dumps(
    {
        "license_info": "CC BY 4.0 (creativecommons.org/licenses/by/4.0) from Bundesnetzagentur | SMARD.de",
        "unix_seconds": [START + 900 * step for step in range(96)],
        "price": [84.5, -12.25, None, *[100.0] * 93],
        "unit": "EUR / MWh",
        "deprecated": False,
    }
).encode()
HOURS = json.dumps(
    {
        "object": "list",
        "data": [
            {
                "start_timestamp": (START + 3600 * hour) * 1000,
                "end_timestamp": (START + 3600 * (hour + 1)) * 1000,
                "marketprice": 40.0 + hour,
                "unit": "Eur/MWh",
            }
            for hour in range(24)
        ],
        "url": "/de/v1/marketdata",
    }
).encode()
AGILE = json.dumps(
    {
        "count": 2,
        "next": None,
        "previous": None,
        "results": [
            {
                "value_exc_vat": 20.0,
                "value_inc_vat": 21.0,
                "valid_from": "2026-11-22T00:30:00Z",
                "valid_to": "2026-11-22T01:00:00Z",
                "payment_method": None,
            },
            {
                "value_exc_vat": -1.0,
                "value_inc_vat": -1.05,
                "valid_from": "2026-11-22T00:00:00Z",
                "valid_to": "2026-11-22T00:30:00Z",
                "payment_method": None,
            },
        ],
    }
).encode()


@pytest.fixture
async def server() -> AsyncIterator[PriceServer]:
    async with price_server() as server:
        yield server


def test_energy_charts_gives_quarters_negative_prices_and_gaps() -> None:
    slots = EnergyCharts().read(QUARTERS)
    assert slots[:2] == (Slot(START, START + 900, 84_500), Slot(START + 900, START + 1800, -12_250))
    assert slots[2].start == START + 2700  # what has no price is left out
    assert slots[-1].end == START + 86_400


def test_awattar_gives_hours_in_milliseconds() -> None:
    assert Awattar().read(HOURS)[:1] == (Slot(START, START + 3600, 40_000),)


def test_octopus_gives_half_hours_in_pence_newest_first() -> None:
    assert Octopus().read(AGILE) == (Slot(START, START + 1800, -10_500), Slot(START + 1800, START + 3600, 210_000))


@pytest.mark.parametrize(
    ("source", "zone", "address"),
    [
        (EnergyCharts(), "DE-LU", "https://api.energy-charts.info/price?bzn=DE-LU&start=2026-11-22&end=2026-11-24"),
        (Awattar(), "at", f"https://api.awattar.at/v1/marketdata?start={START}000&end={START + 172_800}000"),
        (
            Octopus(),
            "E-1R-AGILE-24-10-01-C",
            "https://api.octopus.energy/v1/products/AGILE-24-10-01/electricity-tariffs/E-1R-AGILE-24-10-01-C/"
            "standard-unit-rates/?period_from=2026-11-22T00%3A00Z&period_to=2026-11-24T00%3A00Z&page_size=1500",
        ),
    ],
)
def test_each_source_is_asked_as_it_documents(source: EnergyCharts, zone: str, address: str) -> None:
    assert source.address(zone, START, START + 172_800) == address


SOURCES = [EnergyCharts(), Awattar(), Octopus()]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
@given(answer=st.binary(max_size=200) | st.sampled_from([QUARTERS[:-9], HOURS[:-9], AGILE[:-9], b"[]", b"null"]))
def test_any_answer_is_read_or_refused(source: EnergyCharts, answer: bytes) -> None:
    try:
        source.read(answer)
    except BadPrices as error:
        assert source.name in str(error)


@given(st.lists(st.integers(0, 2**40), max_size=5), st.lists(st.floats() | st.none(), max_size=5))
def test_wild_times_and_prices_are_refused(times: list[int], prices: list[float | None]) -> None:
    answer = json.dumps({"unix_seconds": times, "price": prices}).encode()
    try:
        for slot in EnergyCharts().read(answer):
            assert abs(slot.micro) <= 100_000_000
    except BadPrices:
        pass


async def test_the_owner_pays_the_price_the_charges_and_the_tax(server: PriceServer, tmp_path: Path) -> None:
    server.body = QUARTERS
    market = Market(
        EnergyCharts(server.url), "DE-LU", HandClock(START), tmp_path / "p", charges=150_000, tax_percent=19
    )
    await market.refresh()
    price = market(START + 10)
    assert price is not None
    assert price.micro == round((84_500 + 150_000) * 1.19)
    assert price.source == "energy-charts DE-LU"
    assert server.paths == ["/price?bzn=DE-LU&start=2026-11-21&end=2026-11-24"]


async def test_final_prices_get_no_charges(server: PriceServer, tmp_path: Path) -> None:
    server.body = AGILE
    market = Market(
        Octopus(server.url), "E-1R-AGILE-24-10-01-C", HandClock(START), tmp_path / "p", charges=9, tax_percent=9
    )
    await market.refresh()
    assert [price and price.micro for price in (market(START), market(START + 1800))] == [-10_500, 210_000]


async def test_fetched_prices_are_kept_for_the_next_start(server: PriceServer, tmp_path: Path) -> None:
    server.body = HOURS
    file = tmp_path / "prices.json"
    await Market(Awattar(server.url), "de", HandClock(START), file).refresh()
    again = Market(Awattar(server.url), "de", HandClock(START), file)(START + 7200)
    assert again is not None
    assert again.micro == 42_000
    assert file.stat().st_mode & 0o777 == 0o600
    assert Market(Awattar(server.url), "at", HandClock(START), file)(START + 7200) is None


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'{"source": "awattar", "zone": "de", "slots": [[1]]}'])
def test_a_damaged_file_of_kept_prices_is_done_without(tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "prices.json"
    file.write_bytes(body)
    assert Market(Awattar(), "de", HandClock(START), file)(START) is None


@pytest.mark.parametrize(("status", "body"), [(503, b"busy"), (200, b"{}"), (200, b"x" * (1 << 20) + b"xx")])
async def test_a_source_that_fails_is_told_and_the_fixed_price_counts(
    server: PriceServer, tmp_path: Path, status: int, body: bytes
) -> None:
    server.status, server.body = status, body
    market = Market(Awattar(server.url), "de", HandClock(START), tmp_path / "p", otherwise=310_000)
    await market.refresh()
    price = market(START)
    assert price is not None
    assert (price.micro, price.source) == (310_000, "fixed price, awattar has not told")
    assert market.problem.startswith("the electricity price cannot be fetched: ")


async def test_a_source_that_cannot_be_reached_changes_nothing_that_is_known(
    server: PriceServer, tmp_path: Path
) -> None:
    server.body = HOURS
    market = Market(Awattar(server.url), "de", HandClock(START), tmp_path / "p")
    await market.refresh()
    market._source = Awattar("http://127.0.0.1:1")
    await market.refresh()
    assert market.problem
    assert market(START) is not None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"source": "awattar", "currency": "USD"}, "electricity.currency: got 'USD'; expected EUR"),
        ({"source": "awattar", "zone": "fr"}, "electricity.zone: got 'fr'; expected de or at"),
        ({"source": "octopus", "currency": "GBP", "zone": "AGILE"}, "expected a tariff such as E-1R-AGILE-24-10-01-C"),
        ({"source": "energy-charts"}, "electricity.zone: is empty; expected a bidding zone"),
        ({"source": "hours"}, "electricity.hours: is empty"),
    ],
)
def test_settings_that_do_not_fit_together_are_named(settings: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        tariff_of(ElectricitySettings(**settings), SystemClock(), tmp_path / "p")  # type: ignore[arg-type]


def test_without_any_setting_nothing_has_a_price(tmp_path: Path) -> None:
    assert tariff_of(ElectricitySettings(), SystemClock(), tmp_path / "p")(START) is None
