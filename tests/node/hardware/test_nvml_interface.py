"""Our NVIDIA backend against NVML's C interface: the real nvidia-ml-py over a test double. No GPU is involved."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_nvml import FakeNvml
from hand_clock import HandClock

from node.hardware.nvidia import REOPEN_S, SLOW_S, NvidiaBackend

NOT_SUPPORTED, GPU_IS_LOST, UNINITIALIZED, UNKNOWN = 3, 15, 1, 999


def test_every_value_of_a_card_arrives_in_its_unit(nvml: FakeNvml, nvidia: NvidiaBackend) -> None:
    nvml.add_card(hot_spot=84, memory_temperature=78)
    assert nvidia.open()
    (card,) = nvidia.read()
    assert (card.index, card.name, card.backend) == (0, "NVIDIA GeForce RTX 4090", "nvidia")
    assert card.uuid == "GPU-00000000-0000-0000-0000-000000000000"
    assert (card.temperature_c, card.temperature_limit_c) == (71, 95)
    assert (card.hot_spot_c, card.memory_temperature_c) == (84, 78)
    assert (card.power_w, card.power_limit_w, card.power_default_w) == (263.5, 315.0, 450.0)
    assert card.energy_mj == 5_000_000
    assert (card.utilisation_pct, card.fan_pct) == (97, 46)
    assert (card.memory_used, card.memory_total) == (9 << 30, 24 << 30)
    assert (card.clock_mhz, card.memory_clock_mhz) == (2520, 10501)
    assert (card.throttle, card.throttle_fault, card.lost) == ((), False, False)


def test_a_consumer_card_without_hot_spot_and_memory_sensor_shows_none_not_zero(
    nvml: FakeNvml, nvidia: NvidiaBackend
) -> None:
    nvml.add_card(memory_temperature=0)
    nvidia.open()
    (card,) = nvidia.read()
    assert card.hot_spot_c is None
    assert card.memory_temperature_c is None


VALUES = {
    "temperature": "temperature_c",
    "power_mw": "power_w",
    "default_mw": "power_default_w",
    "energy_mj": "energy_mj",
    "utilisation": "utilisation_pct",
    "memory_used": "memory_used",
    "clock": "clock_mhz",
    "memory_clock": "memory_clock_mhz",
    "fan": "fan_pct",
}


@pytest.mark.parametrize("code", [NOT_SUPPORTED, UNKNOWN])
@pytest.mark.parametrize("what", VALUES)
def test_a_value_that_fails_is_none_and_leaves_the_others_alone(
    nvml: FakeNvml, nvidia: NvidiaBackend, what: str, code: int
) -> None:
    nvml.add_card()
    nvml.fail_card(0, what, code)
    nvidia.open()
    (card,) = nvidia.read()
    missing = {name for name in VALUES.values() if getattr(card, name) is None}
    assert missing == {VALUES[what]}
    assert not card.lost


def test_a_driver_that_lacks_the_newer_symbols_is_read_by_the_older_ones(
    make_nvml: Callable[[Path], FakeNvml], old_nvml_library: Path, clock: HandClock
) -> None:
    nvml = make_nvml(old_nvml_library)
    nvml.add_card(reasons=0x40, hot_spot=84)
    backend = NvidiaBackend(clock, libraries=(nvml.library,))
    backend.open()
    (card,) = backend.read()
    backend.close()
    assert card.temperature_c == 71
    assert card.hot_spot_c is None
    assert card.throttle == ("heat (hardware)",)


def test_without_an_enforced_limit_the_set_limit_is_shown(nvml: FakeNvml, nvidia: NvidiaBackend) -> None:
    nvml.add_card(enforced_mw=None, limit_mw=300_000)
    nvidia.open()
    assert nvidia.read()[0].power_limit_w == 300.0


@pytest.mark.parametrize(
    ("reasons", "words", "fault"),
    [
        (0x001, (), False),  # idle
        (0x004, ("power limit",), False),
        (0x020, ("heat (driver)",), True),
        (0x044, ("heat (hardware)", "power limit"), True),
        (0x080, ("power brake",), True),
    ],
)
def test_throttling_is_told_in_words_and_only_heat_and_brakes_are_faults(
    nvml: FakeNvml, nvidia: NvidiaBackend, reasons: int, words: tuple[str, ...], fault: bool
) -> None:
    nvml.add_card(reasons=reasons)
    nvidia.open()
    (card,) = nvidia.read()
    assert (card.throttle, card.throttle_fault) == (words, fault)


def test_the_slow_calls_are_made_every_five_seconds_only(
    nvml: FakeNvml, nvidia: NvidiaBackend, clock: HandClock
) -> None:
    nvml.add_card()
    nvidia.open()
    for _ in range(int(2 * SLOW_S)):
        nvidia.read()
        clock.now += 1
    assert nvml.calls().count("nvmlDeviceGetPowerUsage") == 10
    assert nvml.calls().count("nvmlDeviceGetFanSpeed") == 2


def test_nothing_on_the_card_is_ever_set(nvml: FakeNvml, nvidia: NvidiaBackend) -> None:
    nvml.add_card()
    nvidia.open()
    nvidia.read()
    assert [call for call in nvml.calls() if call.startswith("nvmlDeviceSet")] == []


def test_a_card_that_falls_off_the_bus_is_lost_and_its_neighbour_is_not(nvml: FakeNvml, nvidia: NvidiaBackend) -> None:
    nvml.add_card()
    nvml.add_card(temperature=55)
    nvidia.open()
    nvidia.read()
    nvml.set_card(0, lost=1)
    gone, well = nvidia.read()
    assert gone.lost
    assert (gone.index, gone.name, gone.temperature_c) == (0, "NVIDIA GeForce RTX 4090", None)
    assert (well.lost, well.temperature_c) == (False, 55)


def test_a_lost_card_that_comes_back_is_read_again(nvml: FakeNvml, nvidia: NvidiaBackend, clock: HandClock) -> None:
    nvml.add_card()
    nvidia.open()
    nvml.set_card(0, lost=1)
    assert nvidia.read()[0].lost
    nvml.set_card(0, lost=None)
    assert nvidia.read()[0].lost
    clock.now += REOPEN_S
    (card,) = nvidia.read()
    assert (card.lost, card.temperature_c) == (False, 71)


def test_a_card_that_is_no_longer_counted_stays_on_the_list_as_lost(
    nvml: FakeNvml, nvidia: NvidiaBackend, clock: HandClock
) -> None:
    nvml.add_card(name="first", uuid="GPU-first")
    nvml.add_card(name="second", uuid="GPU-second")
    nvidia.open()
    nvml.set_card(0, lost=1)
    nvidia.read()
    nvml.set(count=1)
    nvml.set_card(0, lost=None, name="second", uuid="GPU-second")
    clock.now += REOPEN_S
    cards = nvidia.read()
    assert [(card.uuid, card.lost) for card in cards] == [("GPU-second", False), ("GPU-first", True)]
    assert [card.index for card in cards] == [0, 1]


def test_a_card_lost_before_the_start_is_shown_as_lost(nvml: FakeNvml, nvidia: NvidiaBackend) -> None:
    nvml.add_card(lost=1)
    assert nvidia.open()
    (card,) = nvidia.read()
    assert (card.lost, card.name) == (True, "NVIDIA GPU")


def test_a_driver_that_goes_away_is_opened_again_later(nvml: FakeNvml, nvidia: NvidiaBackend, clock: HandClock) -> None:
    nvml.add_card()
    nvidia.open()
    nvml.set(driver=f"!{UNINITIALIZED}")
    assert nvidia.read()[0].lost
    assert "stopped answering" in nvidia.absence
    nvml.set(driver=None)
    clock.now += REOPEN_S
    assert nvidia.read()[0].temperature_c == 71
    assert nvidia.absence == ""


def test_a_driver_that_stays_away_is_tried_again_every_half_minute_only(
    nvml: FakeNvml, nvidia: NvidiaBackend, clock: HandClock
) -> None:
    nvml.add_card()
    nvidia.open()
    nvml.set(driver=f"!{UNINITIALIZED}")
    nvidia.read()
    nvml.set(init="!9")
    for _ in range(60):
        clock.now += 1
        assert nvidia.read()[0].lost
    assert nvml.calls().count("nvmlInitWithFlags") == 3


@pytest.mark.parametrize(
    ("code", "says"),
    [(9, "modprobe nvidia"), (18, "reboot"), (4, "/dev/nvidiactl"), (999, "does not start")],
)
def test_a_driver_that_does_not_start_says_what_to_do(
    nvml: FakeNvml, nvidia: NvidiaBackend, code: int, says: str
) -> None:
    nvml.set(init=f"!{code}")
    assert not nvidia.open()
    assert says in nvidia.absence
    assert nvidia.read() == ()


def test_a_driver_without_cards_says_so(nvml: FakeNvml, nvidia: NvidiaBackend) -> None:
    assert not nvidia.open()
    assert "sees no card" in nvidia.absence


def test_without_a_driver_the_absence_is_a_sentence(fresh_pynvml: None, clock: HandClock) -> None:
    backend = NvidiaBackend(clock, libraries=("libnot-here.so.1",))
    assert not backend.open()
    assert backend.absence == "No NVIDIA driver: libnot-here.so.1 is not on this machine."
    assert backend.read() == ()


def test_the_library_is_found_by_its_usual_name(nvml: FakeNvml, tmp_path: Path) -> None:
    nvml.add_card()
    (tmp_path / "libnvidia-ml.so.1").symlink_to(nvml.library)
    code = (
        "from node.clock import SystemClock; from node.hardware.nvidia import NvidiaBackend;"
        "backend = NvidiaBackend(SystemClock()); print(backend.open(), backend.read()[0].temperature_c)"
    )
    environment = {**os.environ, **nvml.environment, "LD_LIBRARY_PATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "True 71\n"


def test_a_machine_without_a_driver_never_imports_pynvml() -> None:
    code = (
        "import sys; from node.clock import SystemClock; from node.hardware.nvidia import NvidiaBackend;"
        "NvidiaBackend(SystemClock(), ('libnot-here.so.1',)).open(); print('pynvml' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
