"""What our NVIDIA backend reads beside the basics, against NVML's interface. No GPU is involved."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from fake_nvml import FakeNvml
from hand_clock import HandClock

from node.hardware.nvidia import RARE_S, REOPEN_S, SLOW_S, NvidiaBackend
from node.hardware.readings import GpuProcess, GpuReading
from node.hardware.selection import Selection


def only(backend: NvidiaBackend) -> GpuReading:
    (card,) = backend.read()
    return card


def test_link_limits_memory_errors_and_instances_arrive(nvml: FakeNvml, nvidia: NvidiaBackend) -> None:
    nvml.add_card(
        pcie_generation=1, pcie_width=8, pcie_replays=3, ecc_corrected=12, ecc_uncorrected=1, remapped_rows=2, mig=1
    )
    nvidia.open()
    card = only(nvidia)
    assert card.address == "00000000:01:00.0"
    assert (card.power_min_w, card.power_max_w) == (150.0, 600.0)
    assert (card.pcie_generation, card.pcie_generation_max) == (1, 4)
    assert (card.pcie_width, card.pcie_width_max, card.pcie_replays) == (8, 16, 3)
    assert (card.ecc_corrected, card.ecc_uncorrected, card.remapped_rows) == (12, 1, 2)
    assert (card.remap_pending, card.remap_failed, card.mig) == (False, False, True)
    assert card.clock_max_mhz == 3105


def test_a_consumer_card_counts_no_memory_errors(nvml: FakeNvml, nvidia: NvidiaBackend) -> None:
    nvml.add_card()
    nvidia.open()
    card = only(nvidia)
    assert (card.ecc_corrected, card.ecc_uncorrected, card.remapped_rows, card.mig) == (None, None, None, False)


def test_a_row_that_could_not_be_replaced_is_told(nvml: FakeNvml, nvidia: NvidiaBackend) -> None:
    nvml.add_card(remapped_rows=8, remap_pending=1, remap_failed=1)
    nvidia.open()
    card = only(nvidia)
    assert (card.remapped_rows, card.remap_pending, card.remap_failed) == (8, True, True)


def test_a_card_that_gives_its_margin_instead_of_a_threshold_still_has_a_limit(
    nvml: FakeNvml, nvidia: NvidiaBackend
) -> None:
    slows_down_two_degrees_past_its_margin = 2**32 - 2
    nvml.add_card(
        slowdown=None, shutdown=None, temperature=60, margin=27, slowdown_margin=slows_down_two_degrees_past_its_margin
    )
    nvidia.open()
    card = only(nvidia)
    assert (card.margin_c, card.temperature_limit_c) == (29, 89)


def test_a_card_without_a_margin_keeps_its_threshold(nvml: FakeNvml, nvidia: NvidiaBackend) -> None:
    nvml.add_card()
    nvidia.open()
    card = only(nvidia)
    assert (card.margin_c, card.temperature_limit_c) == (None, 95)


def test_programs_on_the_card_have_names_and_ours_are_marked(
    nvml: FakeNvml, nvidia: NvidiaBackend, clock: HandClock
) -> None:
    stranger = os.getppid()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        nvml.add_card(compute=f"{os.getpid()}:500,{child.pid}:900", graphics=f"{stranger}:2000")
        nvidia.open()
        listed = only(nvidia).processes
    finally:
        child.communicate(b"\n")
    assert listed is not None
    assert [(each.pid, each.kind, each.memory, each.ours) for each in listed] == [
        (stranger, "graphics", 2000 << 20, False),
        (child.pid, "compute", 900 << 20, True),
        (os.getpid(), "compute", 500 << 20, True),
    ]
    assert all(each.name for each in listed)


def test_a_program_that_computes_and_draws_is_listed_once(nvml: FakeNvml, nvidia: NvidiaBackend) -> None:
    nvml.add_card(compute="4000000:300", graphics="4000000:300")
    nvidia.open()
    assert only(nvidia).processes == (GpuProcess(4_000_000, "", "both", 300 << 20),)


def test_memory_that_the_driver_does_not_tell_is_none(nvml: FakeNvml, nvidia: NvidiaBackend) -> None:
    nvml.add_card(graphics="4000000")
    nvidia.open()
    assert only(nvidia).processes == (GpuProcess(4_000_000, "", "graphics", None),)


def test_no_programs_and_no_answer_are_two_things(nvml: FakeNvml, nvidia: NvidiaBackend) -> None:
    nvml.add_card()
    nvml.add_card(compute=None, graphics=None)
    nvidia.open()
    assert [card.processes for card in nvidia.read()] == [(), None]


def test_link_and_memory_errors_are_asked_once_a_minute_and_processes_every_five_seconds(
    nvml: FakeNvml, nvidia: NvidiaBackend, clock: HandClock
) -> None:
    nvml.add_card()
    nvidia.open()
    for _ in range(int(RARE_S)):
        nvidia.read()
        clock.now += 1
    assert nvml.calls().count("nvmlDeviceGetCurrPcieLinkWidth") == 1
    assert nvml.calls().count("nvmlDeviceGetTotalEccErrors") == 2
    assert nvml.calls().count("nvmlDeviceGetGraphicsRunningProcesses_v3") <= 2 * RARE_S / SLOW_S


def wait_for_xids(backend: NvidiaBackend, card: int, numbers: list[int]) -> None:
    for _ in range(400):
        if [xid.number for xid in backend.read()[card].xids] == numbers:
            return
        threading.Event().wait(0.01)
    assert [xid.number for xid in backend.read()[card].xids] == numbers


def test_an_error_that_the_driver_reports_is_kept_with_its_card(nvml: FakeNvml, nvidia: NvidiaBackend) -> None:
    nvml.add_card()
    nvml.add_card()
    nvidia.open()
    nvml.report_xid(1, 48)
    wait_for_xids(nvidia, 1, [48])
    nvml.report_xid(1, 94)
    wait_for_xids(nvidia, 1, [48, 94])
    assert nvidia.read()[0].xids == ()
    assert nvidia.read()[1].xids[0].at == pytest.approx(1000.0)


def test_the_last_words_of_a_card_outlive_it(nvml: FakeNvml, nvidia: NvidiaBackend, clock: HandClock) -> None:
    nvml.add_card()
    nvidia.open()
    nvml.report_xid(0, 79)
    wait_for_xids(nvidia, 0, [79])
    nvml.set_card(0, lost=1)
    gone = only(nvidia)
    assert (gone.lost, [xid.number for xid in gone.xids]) == (True, [79])
    nvml.set_card(0, lost=None)
    clock.now += REOPEN_S
    back = only(nvidia)
    assert (back.lost, [xid.number for xid in back.xids]) == (False, [79])


def test_errors_are_still_heard_after_the_driver_was_away(
    nvml: FakeNvml, nvidia: NvidiaBackend, clock: HandClock
) -> None:
    nvml.add_card()
    nvidia.open()
    nvml.set(driver="!1")
    assert only(nvidia).lost
    nvml.set(driver=None)
    clock.now += REOPEN_S
    assert not only(nvidia).lost
    nvml.report_xid(0, 31)
    wait_for_xids(nvidia, 0, [31])


def test_a_card_that_reports_no_errors_is_read_all_the_same(nvml: FakeNvml, nvidia: NvidiaBackend) -> None:
    nvml.add_card(events=None)
    nvidia.open()
    assert only(nvidia).temperature_c == 71
    assert "nvmlEventSetWait_v2" not in nvml.calls()


def test_no_thread_is_left_when_the_driver_is_let_go(nvml: FakeNvml, nvidia: NvidiaBackend) -> None:
    nvml.add_card()
    nvidia.open()
    nvidia.close()
    assert [thread for thread in threading.enumerate() if "xid" in thread.name] == []


CARDS = (
    GpuReading(0, "first", "GPU-11111111-aaaa", address="00000000:01:00.0"),
    GpuReading(1, "second", "GPU-22222222-bbbb", address="00000000:02:00.0"),
)


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ((), ["first", "second"]),
        (("1",), ["second"]),
        (("GPU-11111111",), ["first"]),
        (("0000:02:00.0",), ["second"]),
        (("1", "0"), ["first", "second"]),
        (("7",), []),
        (("GPU",), []),
    ],
)
def test_the_owner_chooses_cards_by_number_uuid_or_address(wanted: tuple[str, ...], chosen: list[str]) -> None:
    assert [card.name for card in Selection(wanted).of(CARDS)] == chosen


def test_a_chosen_card_that_is_not_there_is_named() -> None:
    (absence,) = Selection(("0", "GPU-33333333")).absences(CARDS)
    assert absence == "hardware.gpus names GPU-33333333, and there is no such card."


@pytest.mark.slow
def test_reading_eight_cards_costs_less_than_a_hundredth_of_a_core_at_once_a_second(
    nvml: FakeNvml, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("FAKE_NVML_CALLS")
    for _ in range(8):
        nvml.add_card(compute=f"{os.getpid()}:500", memory_temperature=80, hot_spot=80, margin=20)
    code = COST.format(library=nvml.library, folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    cards, cpu_seconds = done.stdout.split()
    assert int(cards) == 8
    assert float(cpu_seconds) < 0.010


COST = """
import time
from pathlib import Path
from node.hardware.host import HostReader
from node.hardware.nvidia import NvidiaBackend
from node.hardware.rapl import Rapl
from node.hardware.sampler import Sampler

class Stepping:
    now, readings = 1000.0, 0
    def monotonic(self): return self.now
    def wall_ns(self): return int(self.now * 1e9)

clock = Stepping()
reader = HostReader(Path({folder!r}), clock)
def host():
    clock.now += 1
    clock.readings += 1
    return reader.read()

sampler = Sampler([NvidiaBackend(clock, ({library!r},))], host, clock, 0.02, Rapl())
sampler.start()
while clock.readings < 20: time.sleep(0.01)
began, first = time.process_time(), clock.readings
while clock.readings < first + 120: time.sleep(0.05)
spent, taken = time.process_time() - began, clock.readings - first
print(len(sampler.latest.gpus), spent / taken)
sampler.stop()
"""
