"""AMD cards from a made-up sysfs tree."""

from __future__ import annotations

import shutil

import pytest
from fake_sysfs import AMDGPU, FakeSysfs

from node.hardware.amd import AmdBackend


def test_every_value_of_a_card_arrives_in_its_unit(sysfs: FakeSysfs) -> None:
    sysfs.add_card(1, "0000:03:00.0", AMDGPU)
    backend = AmdBackend(sysfs.root)
    assert backend.open()
    (card,) = backend.read()
    assert (card.index, card.uuid, card.backend) == (0, "c0ffee0123456789", "amd")
    assert (card.temperature_c, card.temperature_limit_c) == (61.0, 100.0)
    assert (card.hot_spot_c, card.memory_temperature_c) == (82.0, 78.0)
    assert (card.power_w, card.power_limit_w, card.power_default_w) == (263.0, 291.0, 303.0)
    assert (card.utilisation_pct, card.fan_pct) == (97.0, 40.0)
    assert (card.memory_used, card.memory_total) == (9 << 30, 24 << 30)
    assert (card.clock_mhz, card.memory_clock_mhz) == (2498, 1249)
    assert card.energy_mj is None
    assert not card.lost


def test_the_link_and_the_bounds_of_the_power_limit_are_read(sysfs: FakeSysfs) -> None:
    link = {
        "current_link_speed": "8.0 GT/s PCIe",
        "max_link_speed": "16.0 GT/s PCIe",
        "current_link_width": "8",
        "max_link_width": "16",
        "hwmon/hwmon3/power1_cap_min": "212000000",
        "hwmon/hwmon3/power1_cap_max": "348000000",
    }
    sysfs.add_card(0, "0000:03:00.0", AMDGPU | link)
    backend = AmdBackend(sysfs.root)
    backend.open()
    (card,) = backend.read()
    assert card.address == "0000:03:00.0"
    assert (card.pcie_generation, card.pcie_generation_max) == (3, 4)
    assert (card.pcie_width, card.pcie_width_max) == (8, 16)
    assert (card.power_min_w, card.power_max_w) == (212.0, 348.0)


def test_newer_cards_give_their_power_under_another_name(sysfs: FakeSysfs) -> None:
    files = {name: text for name, text in AMDGPU.items() if not name.endswith("power1_average")}
    sysfs.add_card(0, "0000:03:00.0", files | {"hwmon/hwmon3/power1_input": "31500000"})
    backend = AmdBackend(sysfs.root)
    backend.open()
    assert backend.read()[0].power_w == 31.5


@pytest.mark.parametrize("text", ["", "nonsense", "\xff\xfe"])
def test_a_damaged_value_is_none_and_leaves_the_others_alone(sysfs: FakeSysfs, text: str) -> None:
    sysfs.add_card(0, "0000:03:00.0", AMDGPU | {"hwmon/hwmon3/temp1_input": text})
    backend = AmdBackend(sysfs.root)
    backend.open()
    (card,) = backend.read()
    assert card.temperature_c is None
    assert card.hot_spot_c == 82.0


def test_a_card_without_sensors_is_still_a_card(sysfs: FakeSysfs) -> None:
    sysfs.add_card(0, "0000:03:00.0", {"vendor": "0x1002", "device": "0x744c", "class": "0x030000"})
    backend = AmdBackend(sysfs.root)
    assert backend.open()
    (card,) = backend.read()
    assert (card.temperature_c, card.power_w, card.lost) == (None, None, False)


def test_a_sleeping_card_is_not_woken(sysfs: FakeSysfs) -> None:
    sysfs.add_card(0, "0000:03:00.0", AMDGPU | {"power/runtime_status": "suspended"})
    backend = AmdBackend(sysfs.root)
    backend.open()
    (card,) = backend.read()
    assert (card.temperature_c, card.lost) == (None, False)


def test_a_card_that_is_pulled_out_is_lost(sysfs: FakeSysfs) -> None:
    device = sysfs.add_card(0, "0000:03:00.0", AMDGPU)
    backend = AmdBackend(sysfs.root)
    backend.open()
    shutil.rmtree(device)
    (card,) = backend.read()
    assert (card.lost, card.uuid, card.temperature_c) == (True, "c0ffee0123456789", None)


@pytest.mark.parametrize(("revision", "apu"), [(1, False), (2, True), (3, True)])
def test_a_processor_with_graphics_says_that_its_power_covers_both(sysfs: FakeSysfs, revision: int, apu: bool) -> None:
    sysfs.add_card(0, "0000:03:00.0", AMDGPU)
    sysfs.write("bus/pci/devices/0000:03:00.0/gpu_metrics", bytes([128, 0, revision, 1]) + bytes(124))
    backend = AmdBackend(sysfs.root)
    backend.open()
    assert backend.read()[0].power_includes_cpu is apu


def test_cards_keep_the_order_of_their_numbers(sysfs: FakeSysfs) -> None:
    sysfs.add_card(10, "0000:0a:00.0", AMDGPU | {"unique_id": "tenth"})
    sysfs.add_card(2, "0000:0b:00.0", AMDGPU | {"unique_id": "second"})
    backend = AmdBackend(sysfs.root)
    backend.open()
    assert [(card.index, card.uuid) for card in backend.read()] == [(0, "second"), (1, "tenth")]


def test_without_cards_the_absence_is_a_sentence(sysfs: FakeSysfs) -> None:
    backend = AmdBackend(sysfs.root)
    assert not backend.open()
    assert backend.absence == "No AMD card with the amdgpu driver."
    assert backend.read() == ()
