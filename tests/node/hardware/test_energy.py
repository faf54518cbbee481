from __future__ import annotations

from itertools import pairwise

import pytest
from fake_sysfs import FakeSysfs
from hypothesis import given
from hypothesis import strategies as st

from node.hardware.energy import LONGEST_GAP_S, Energy, EnergyMeter, counter_step
from node.hardware.rapl import Rapl, RaplCounter
from node.hardware.readings import GpuReading


def card(**values: object) -> GpuReading:
    return GpuReading(0, "card", uuid="GPU-0", **values)  # type: ignore[arg-type]


def test_without_any_sensor_nothing_is_claimed() -> None:
    meter = EnergyMeter()
    meter.add(0, [card()], ())
    assert meter.add(1, [card()], ()) == Energy(at=1)


def test_a_card_s_own_counter_is_preferred_to_its_power() -> None:
    meter = EnergyMeter()
    meter.add(0, [card(energy_mj=5000, power_w=999.0)], ())
    energy = meter.add(1, [card(energy_mj=5250, power_w=999.0)], ())
    assert (energy.total_mj, energy.source, energy.power_w) == (250, "GPU counter", 0.25)


def test_power_is_added_up_over_time_where_there_is_no_counter() -> None:
    meter = EnergyMeter()
    meter.add(0, [card(power_w=100.0)], ())
    energy = meter.add(2, [card(power_w=200.0)], ())
    assert (energy.total_mj, energy.source) == (300_000, "GPU power over time")


def test_a_counter_that_began_again_with_its_driver_loses_nothing_twice() -> None:
    meter = EnergyMeter()
    meter.add(0, [card(energy_mj=1_000_000)], ())
    meter.add(1, [card(energy_mj=1_000_300)], ())
    assert meter.add(2, [card(energy_mj=40)], ()).total_mj == 340


def test_a_counter_away_for_a_moment_is_not_counted_by_power_as_well() -> None:
    meter = EnergyMeter()
    meter.add(0, [card(energy_mj=0, power_w=100.0)], ())
    for at in (1, 2, 3):
        meter.add(at, [card(power_w=100.0)], ())
    energy = meter.add(4, [card(energy_mj=400_000, power_w=100.0)], ())
    assert (energy.total_mj, energy.power_w) == (400_000, 100.0)


def test_power_across_a_long_silence_is_not_made_up() -> None:
    meter = EnergyMeter()
    meter.add(0, [card(power_w=100.0)], ())
    assert meter.add(LONGEST_GAP_S + 1, [card(power_w=100.0)], ()).total_mj == 0


def test_power_is_not_carried_over_a_time_without_readings() -> None:
    meter = EnergyMeter()
    meter.add(0, [card(power_w=100.0)], ())
    meter.add(1, [card()], ())
    assert meter.add(2, [card(power_w=100.0)], ()).total_mj == 0


def test_processor_and_card_add_up_and_both_are_named() -> None:
    meter = EnergyMeter()
    meter.add(0, [card(energy_mj=0)], [RaplCounter("intel-rapl:0", 0, 10**9)])
    energy = meter.add(1, [card(energy_mj=2000)], [RaplCounter("intel-rapl:0", 65_000_000, 10**9)])
    assert (energy.total_mj, energy.cpu_power_w, energy.source) == (67_000, 65.0, "RAPL + GPU counter")


def test_the_processor_s_counter_turns_over() -> None:
    meter = EnergyMeter()
    meter.add(0, (), [RaplCounter("intel-rapl:0", 990_000, 1_000_000)])
    assert meter.add(1, (), [RaplCounter("intel-rapl:0", 15_000, 1_000_000)]).total_mj == 25


def test_a_chip_with_graphics_is_not_counted_twice() -> None:
    meter = EnergyMeter()
    for at in (0, 1):
        energy = meter.add(
            at, [card(power_w=50.0, power_includes_cpu=True)], [RaplCounter("intel-rapl:0", at * 50_000_000, 10**9)]
        )
    assert (energy.total_mj, energy.source) == (50_000, "RAPL")


def test_between_readings_the_total_is_carried_forward_at_the_latest_power() -> None:
    energy = Energy(at=10, total_mj=1000, power_w=200.0, source="GPU counter")
    assert energy.total_at(10.5) == 101_000
    assert energy.total_at(9) == 1000
    assert energy.total_at(1000) == energy.total_at(10 + LONGEST_GAP_S)
    assert Energy(at=10).total_at(11) is None


@given(st.integers(1, 2**40), st.data())
def test_a_counter_s_step_is_the_way_it_went_around(turn: int, data: st.DataObject) -> None:
    before = data.draw(st.integers(0, turn - 1))
    went = data.draw(st.integers(0, turn - 1))
    assert counter_step(before, (before + went) % turn, turn) == went


readings = st.builds(
    lambda energy, power: card(energy_mj=energy, power_w=power),
    st.none() | st.integers(0, 2**50),
    st.none() | st.floats(0, 2000),
)


@given(st.lists(st.tuples(st.floats(0, 60), readings), min_size=1))
def test_whatever_the_sensors_say_the_total_never_falls(steps: list[tuple[float, GpuReading]]) -> None:
    meter, at, totals = EnergyMeter(), 0.0, []
    for gap, reading in steps:
        at += gap
        totals.append(meter.add(at, [reading], ()).total_mj or 0)
    assert all(before <= after for before, after in pairwise(totals))


def zone(sysfs: FakeSysfs, path: str, name: str, energy: str) -> None:
    for file, text in {"name": name, "energy_uj": energy, "max_energy_range_uj": "262143328850"}.items():
        sysfs.write(f"class/powercap/{path}/{file}", text)


def test_rapl_gives_the_packages_and_not_their_parts(sysfs: FakeSysfs) -> None:
    zone(sysfs, "intel-rapl:0", "package-0", "1000")
    zone(sysfs, "intel-rapl:0:0", "core", "600")
    zone(sysfs, "intel-rapl:1", "package-1", "2000")
    zone(sysfs, "intel-rapl:2", "psys", "9000")
    assert Rapl(sysfs.root).read() == (
        RaplCounter("intel-rapl:0", 1000, 262143328850),
        RaplCounter("intel-rapl:1", 2000, 262143328850),
    )


@pytest.mark.parametrize("energy", ["", "not a number"])
def test_a_counter_that_cannot_be_read_is_left_out(sysfs: FakeSysfs, energy: str) -> None:
    zone(sysfs, "intel-rapl:0", "package-0", energy)
    assert Rapl(sysfs.root).read() == ()


def test_a_machine_without_rapl_has_no_counters(sysfs: FakeSysfs) -> None:
    assert Rapl(sysfs.root).read() == ()
