"""Intel cards from a made-up sysfs tree."""

from __future__ import annotations

from fake_sysfs import XE, FakeSysfs
from hand_clock import HandClock

from node.hardware.intel import IntelBackend

ENERGY = "bus/pci/devices/0000:03:00.0/hwmon/hwmon5/energy1_input"


def test_every_value_of_a_card_arrives_in_its_unit(sysfs: FakeSysfs, clock: HandClock) -> None:
    sysfs.add_card(0, "0000:03:00.0", XE)
    backend = IntelBackend(clock, sysfs.root)
    assert backend.open()
    (card,) = backend.read()
    assert (card.temperature_c, card.temperature_limit_c, card.memory_temperature_c) == (58.0, 100.0, 62.0)
    assert (card.power_limit_w, card.power_default_w) == (190.0, 190.0)
    assert (card.energy_mj, card.clock_mhz) == (5_000_000, 2850)


def test_power_is_what_the_energy_counter_gained(sysfs: FakeSysfs, clock: HandClock) -> None:
    sysfs.add_card(0, "0000:03:00.0", XE)
    backend = IntelBackend(clock, sysfs.root)
    backend.open()
    assert backend.read()[0].power_w is None
    clock.now += 2
    sysfs.write(ENERGY, str(5_000_000_000 + 300_000_000))
    assert backend.read()[0].power_w == 150.0


def test_a_counter_that_began_again_gives_no_power(sysfs: FakeSysfs, clock: HandClock) -> None:
    sysfs.add_card(0, "0000:03:00.0", XE)
    backend = IntelBackend(clock, sysfs.root)
    backend.open()
    backend.read()
    clock.now += 1
    sysfs.write(ENERGY, "1000")
    assert backend.read()[0].power_w is None


def test_a_limit_that_is_switched_off_is_no_limit(sysfs: FakeSysfs, clock: HandClock) -> None:
    sysfs.add_card(0, "0000:03:00.0", XE | {"hwmon/hwmon5/power1_max": "0"})
    backend = IntelBackend(clock, sysfs.root)
    backend.open()
    assert backend.read()[0].power_limit_w is None


def test_graphics_inside_the_processor_are_left_out(sysfs: FakeSysfs, clock: HandClock) -> None:
    sysfs.add_card(0, "0000:00:02.0", {"vendor": "0x8086", "device": "0x46a6", "class": "0x030000"})
    backend = IntelBackend(clock, sysfs.root)
    assert not backend.open()
    assert backend.absence == "No discrete Intel card with the i915 or xe driver."
