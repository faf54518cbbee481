"""Energy and its cost, exact to the last millionth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pytest
from books import opened
from hand_clock import HandClock
from hypothesis import given
from hypothesis import strategies as st
from scripted_engine import MemoryBooks, ScriptedEngine
from until import until

from node.dispatcher import Dispatcher
from node.energy.account import Consumption, Till
from node.energy.day import Day
from node.energy.journal import Journal
from node.energy.meter import Meter
from node.energy.price import Price, micro_of
from node.energy.rates import by_hours, fixed, parse_rates
from node.hardware.readings import HardwareReading, HostReading
from node.jobs import GenerationRequest, Job
from node.ledger.records import EnergyUsed, JobFinished

MIDNIGHT = datetime(2026, 11, 18).timestamp()
DAY = parse_rates("Mon-Fri 07:00-22:00 0.34; Mon-Sun 22:00-07:00 0.21")


class Machine:
    """Draws 60 W idle and 300 W at work, on a clock that the test moves."""

    def __init__(self, start: float = MIDNIGHT) -> None:
        self.clock = HandClock(start)
        self.working = False
        self.millijoules = 0

    def go_on(self, seconds: int, *, working: bool) -> Iterator[None]:
        """Second by second."""
        self.working = working
        for _ in range(seconds):
            yield
            self.clock.now += 1
            self.millijoules += 300_000 if working else 60_000

    def till(self, **tariff: object) -> Till:
        return Till(lambda: self.millijoules, by_hours(DAY, None), self.clock, lambda: self.working)


async def test_a_day_of_work_costs_what_a_hand_calculation_says(tmp_path: Path) -> None:
    """A Wednesday: idle from 0 to 6, at work from 6 to 23, idle to midnight; the hours cost 0.21 and 0.34.

    By hand: at 0.21: 6 h x 60 W + 1 h x 300 W (6-7) + 1 h x 300 W (22-23) + 1 h x 60 W = 1.02 kWh, 0.2142;
    at 0.34: 15 h x 300 W = 4.5 kWh, 1.53. Together 5.52 kWh and 1.7442.
    """
    machine = Machine()
    till = machine.till()
    async with opened(tmp_path / "ledger.db", machine.clock) as ledger:
        journal = Journal(till, ledger, machine.clock, "EUR", lambda: "stated")
        await journal.begin()
        for hours, working in ((6, False), (17, True), (1, False)):
            for second, _ in enumerate(machine.go_on(3600 * hours, working=working)):
                till.read()
                if second % 900 == 0:
                    await journal.tick()
        today = journal.today()
        await journal.write()
        entries = [entry for entry in await ledger.query(_entries) if isinstance(entry, EnergyUsed)]

    assert today.cost_micro is not None
    assert abs(today.cost_micro - 1_744_200) < 100  # a second at each change of price or work
    assert round(today.cost_micro / 10_000) == 174  # cents
    assert today.energy_mj == 19_872_000_000
    assert (round(today.idle_watts or 0), round(today.working_watts or 0)) == (60, 300)
    assert 23 <= len(entries) <= 25
    assert abs(sum(entry.cost_micro or 0 for entry in entries) - 1_744_200) < 100


def _entries(connection: object) -> list[object]:
    from node.ledger import queries
    from node.ledger.records import read

    return [read(entry.kind, entry.body) for entry in queries.entries(connection, limit=1000)]  # type: ignore[arg-type]


async def test_a_restarted_node_goes_on_with_the_day(tmp_path: Path) -> None:
    machine = Machine(MIDNIGHT + 8 * 3600)
    async with opened(tmp_path / "ledger.db", machine.clock) as ledger:
        first = Journal(machine.till(), ledger, machine.clock, "EUR", lambda: "stated")
        for _ in machine.go_on(1800, working=True):
            await first.tick()
        await first.write()

        second = Journal(machine.till(), ledger, machine.clock, "EUR", lambda: "stated")
        await second.begin()
        assert second.today() == first.today()
        assert second.today().cost_micro == 51_000 - 0  # half an hour at 300 W and 0.34

        machine.clock.now = MIDNIGHT + 86_400 + 60
        await second.write()
        await second.tick()
        assert second.today().energy_mj == 0


def test_what_was_paid_in_another_currency_is_not_added_up() -> None:
    record = EnergyUsed(0, 1, 10, 20, 1, 1, 500, 0, None, "GBP", "")
    day = Day.of([record], "EUR")
    assert (day.cost_micro, day.unpriced_mj, day.energy_mj) == (None, 30, 30)


def test_energy_without_a_price_is_told_apart() -> None:
    machine = Machine(MIDNIGHT)
    till = Till(lambda: machine.millijoules, lambda _: None, machine.clock, lambda: machine.working)
    for _ in machine.go_on(10, working=False):
        till.read()
    assert till.read().cost_micro is None
    assert till.read().unpriced_mj == 600_000


def test_carbon_is_counted_where_the_price_gives_it() -> None:
    used = Consumption().and_then(3_600_000_000, 1, working=True, price=Price(0, "", carbon=381.0))
    assert used.carbon_ug == 381_000_000


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(-(10**6), 10**6)), max_size=50))
def test_the_sum_is_exact_and_rounded_once(steps: list[tuple[int, int]]) -> None:
    used = Consumption()
    for energy, price in steps:
        used = used.and_then(energy, 1000, working=True, price=Price(price, ""))
    exact = sum((Decimal(energy) * price for energy, price in steps), Decimal()) / Decimal(3_600_000_000)
    assert (used.cost_micro or 0) == int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))


@pytest.mark.parametrize(
    ("product", "micro"), [(1_800_000_000, 0), (5_400_000_000, 2), (-1_800_000_000, 0), (-3_600_000_000, -1)]
)
def test_halves_are_rounded_to_even(product: int, micro: int) -> None:
    assert micro_of(product) == micro


def test_a_processor_that_cannot_be_measured_is_estimated_from_its_load() -> None:
    clock = HandClock(0)
    reading = HardwareReading(0, HostReading(cpu_pct=50))
    meter = Meter(lambda: None, lambda: reading, clock, cpu_watts=90, other_watts=30)
    for _ in range(10):
        clock.now += 1
        meter()
    assert meter() == 750_000  # (45 W + 30 W) for 10 s
    assert meter.source == "processor estimated from 90 W at full load + 30 W stated for the rest"


def test_a_processor_that_is_measured_is_not_estimated_as_well() -> None:
    clock = HandClock(0)
    reading = HardwareReading(0, HostReading(cpu_pct=50), energy_source="RAPL")
    meter = Meter(lambda: 5000, lambda: reading, clock, cpu_watts=90)
    clock.now += 5
    assert (meter(), meter.source) == (5000, "RAPL")


def test_nothing_measured_and_nothing_stated_is_no_figure() -> None:
    assert Meter(lambda: None, lambda: None, HandClock())() is None


async def test_a_job_s_receipt_says_what_its_energy_cost() -> None:
    machine = Machine()
    engine, books = ScriptedEngine(2), MemoryBooks()
    till = Till(lambda: machine.millijoules, fixed(300_000), machine.clock, lambda: True)
    dispatcher = Dispatcher(
        [engine], books, machine.clock, meter=lambda: machine.millijoules, cost=till.product, currency="EUR"
    )
    desk = dispatcher.desk("local", queue=10)
    await dispatcher.refresh()
    run = desk.submit(await desk.ticket("m"), Job("j", "local", GenerationRequest("m", prompt="hello")))
    gate = await engine.next_gate()
    machine.millijoules += 36_000_000  # a hundredth of a kilowatt-hour
    gate.set_result("two")
    await until(lambda: not run.course.computing)
    receipt = await run.delivered()
    assert (receipt.energy_mj, receipt.cost_micro, receipt.currency) == (36_000_000, 3000, "EUR")
    assert JobFinished.from_body(JobFinished(receipt).to_body()).receipt == receipt
