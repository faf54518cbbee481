from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_nvml import FakeNvml
from fake_sysfs import AMDGPU, FakeSysfs
from hand_clock import HandClock
from patience import PATIENCE

from node.clock import SystemClock
from node.hardware.amd import AmdBackend
from node.hardware.discover import gpu_backends, sampler_for
from node.hardware.host import HostReader
from node.hardware.nvidia import NvidiaBackend
from node.hardware.rapl import Rapl
from node.hardware.readings import GpuReading, HardwareReading, HostReading
from node.hardware.sampler import LOOK_AGAIN_S, Sampler
from node.hardware.source import STALE_S

INTERVAL = 0.02
HOST = HostReading(cpu_name="a processor", cpu_pct=50.0, cpu_temperature_c=45.0)


class OneCard:
    """A backend with one card that the test drives."""

    name = "made-up"

    def __init__(self, **values: object) -> None:
        self.values = values
        self.present = True
        self.opened = 0
        self.closed = False
        self.trouble: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()

    @property
    def absence(self) -> str:
        return "" if self.present else "No made-up card."

    def open(self) -> bool:
        self.opened += 1
        return self.present

    def read(self) -> tuple[GpuReading, ...]:
        self.gate.wait()
        if self.trouble:
            raise self.trouble
        return (GpuReading(0, "card", uuid="GPU-0", backend=self.name, **self.values),)  # type: ignore[arg-type]

    def close(self) -> None:
        self.closed = True


def until(true: Callable[[], bool], timeout: float = PATIENCE) -> None:
    """Wait for what another thread does; fails if it does not."""
    end = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


Make = Callable[..., Sampler]


@pytest.fixture
def make_sampler(clock: HandClock) -> Iterator[Make]:
    made: list[tuple[Sampler, tuple[OneCard, ...]]] = []

    def make(*backends: OneCard, host: Callable[[], HostReading] = lambda: HOST, rapl: Rapl | None = None) -> Sampler:
        sampler = Sampler(backends, host, clock, INTERVAL, rapl)
        made.append((sampler, backends))
        sampler.start()
        return sampler

    yield make
    for sampler, backends in made:
        for backend in backends:
            backend.gate.set()
        sampler.stop()


def latest(sampler: Sampler) -> HardwareReading:
    """A reading that began after this call."""
    for _ in range(2):
        before = sampler.latest
        until(lambda before=before: sampler.latest is not before)
    assert sampler.latest is not None
    return sampler.latest


def test_before_the_first_reading_there_is_none(clock: HandClock) -> None:
    sampler = Sampler((), lambda: HOST, clock)
    assert sampler.latest is None
    assert sampler.energy_mj() is None
    assert sampler.history.temperature_c == ()


def test_a_reading_holds_cards_host_and_its_own_cost(make_sampler: Make, clock: HandClock) -> None:
    sampler = make_sampler(OneCard(temperature_c=71.0))
    reading = latest(sampler)
    assert reading.at == clock.now
    assert [card.temperature_c for card in reading.gpus] == [71.0]
    assert reading.host == HOST
    assert 0 < reading.cost_us < 5_000_000


def test_the_energy_is_measured_from_the_start(make_sampler: Make, clock: HandClock) -> None:
    card = OneCard(energy_mj=7000, power_w=200.0)
    sampler = make_sampler(card)
    latest(sampler)
    assert sampler.energy_mj() == 0
    clock.now += 1
    card.values = {"energy_mj": 207_000, "power_w": 200.0}
    until(lambda: latest(sampler).energy_mj == 200_000)
    assert latest(sampler).energy_source == "GPU counter"


def test_a_short_job_has_its_share_of_energy_and_the_total_never_falls(clock: HandClock) -> None:
    card = OneCard(power_w=200.0)
    sampler = Sampler((card,), lambda: HOST, clock, INTERVAL)
    sampler.start()
    latest(sampler)
    clock.now += 1
    latest(sampler)
    latest(sampler)
    sampler.stop()
    before = sampler.energy_mj()
    clock.now += 0.25
    after = sampler.energy_mj()
    clock.now -= 0.2
    assert before is not None
    assert after == before + 50_000
    assert sampler.energy_mj() == after


def test_a_machine_that_measures_nothing_claims_no_energy(make_sampler: Make) -> None:
    reading = latest(make_sampler(OneCard(temperature_c=71.0)))
    assert (reading.energy_mj, reading.energy_source) == (None, "")


def test_a_backend_that_raises_loses_its_own_values_only(make_sampler: Make, caplog: pytest.LogCaptureFixture) -> None:
    broken, well = OneCard(temperature_c=71.0), OneCard(temperature_c=55.0)
    broken.name = "broken"
    sampler = make_sampler(broken, well)
    latest(sampler)
    broken.trouble = RuntimeError("the driver said no")
    until(lambda: latest(sampler).gpus[0].temperature_c is None)
    for _ in range(5):
        reading = latest(sampler)
    assert [(card.name, card.temperature_c) for card in reading.gpus] == [("card", None), ("card", 55.0)]
    assert reading.host.cpu_pct == 50.0
    assert [r.getMessage() for r in caplog.records] == ["broken cannot be read: RuntimeError: the driver said no"]
    broken.trouble = None
    until(lambda: latest(sampler).gpus[0].temperature_c == 71.0)


def test_a_backend_that_hangs_goes_stale_and_stops_nobody(
    make_sampler: Make, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    hung, well = OneCard(temperature_c=71.0), OneCard(temperature_c=55.0)
    hung.name = "hung"
    sampler = make_sampler(hung, well)
    latest(sampler)
    hung.gate.clear()
    assert [card.temperature_c for card in latest(sampler).gpus] == [71.0, 55.0]
    clock.now += STALE_S + 1
    until(lambda: [card.temperature_c for card in latest(sampler).gpus] == [None, 55.0])
    until(lambda: any("hung has not answered" in r.getMessage() for r in caplog.records))
    hung.gate.set()
    until(lambda: [card.temperature_c for card in latest(sampler).gpus] == [71.0, 55.0])


def test_a_host_that_hangs_stops_no_card(make_sampler: Make, clock: HandClock) -> None:
    gate = threading.Event()

    def host() -> HostReading:
        gate.wait()
        return HOST

    sampler = make_sampler(OneCard(temperature_c=71.0), host=host)
    reading = latest(sampler)
    assert (reading.host.cpu_pct, reading.gpus[0].temperature_c) == (None, 71.0)
    gate.set()
    until(lambda: latest(sampler).host.cpu_pct == 50.0)


def test_stopping_closes_the_drivers_at_once(clock: HandClock) -> None:
    card = OneCard()
    sampler = Sampler((card,), lambda: HOST, clock, interval=30.0)
    sampler.start()
    until(lambda: sampler.latest is not None)
    began = time.monotonic()
    sampler.stop()
    assert time.monotonic() - began < 0.4
    assert card.closed


def test_stopping_does_not_wait_for_a_driver_that_hangs(clock: HandClock) -> None:
    card = OneCard()
    card.gate.clear()
    sampler = Sampler((card,), lambda: HOST, clock, INTERVAL)
    sampler.start()
    until(lambda: sampler.latest is not None)
    began = time.monotonic()
    sampler.stop()
    assert time.monotonic() - began < 1.5
    card.gate.set()


def test_a_sampler_that_never_started_can_be_stopped(clock: HandClock) -> None:
    Sampler((OneCard(),), lambda: HOST, clock).stop()


def test_a_card_that_is_plugged_in_later_is_found(make_sampler: Make, clock: HandClock) -> None:
    card = OneCard(temperature_c=71.0)
    card.present = False
    sampler = make_sampler(card)
    for _ in range(3):
        assert latest(sampler).gpus == ()
    assert sampler.absences == ("No made-up card.",)
    assert card.opened == 1
    card.present = True
    clock.now += LOOK_AGAIN_S
    until(lambda: len(latest(sampler).gpus) == 1)
    assert sampler.absences == ()


def test_the_history_follows_the_hottest_card_all_power_and_the_processor(
    make_sampler: Make, clock: HandClock, sysfs: FakeSysfs
) -> None:
    cool, hot = OneCard(temperature_c=55.0, power_w=100.0), OneCard(temperature_c=71.0, power_w=150.5)
    sampler = make_sampler(cool, hot)
    latest(sampler)
    clock.now += 1
    until(lambda: len(sampler.history.power_w) == 2)
    assert sampler.history.temperature_c[-1] == 71.0
    assert sampler.history.power_w[-1] == 250.5
    assert sampler.history.cpu_pct[-1] == 50.0


def test_without_a_card_the_history_follows_the_processor_s_heat(make_sampler: Make) -> None:
    sampler = make_sampler()
    latest(sampler)
    assert sampler.history.temperature_c == (45.0,)
    assert sampler.history.power_w == (None,)


def test_the_processor_s_power_is_shown_beside_the_host(make_sampler: Make, clock: HandClock, sysfs: FakeSysfs) -> None:
    zone = "class/powercap/intel-rapl:0"
    sysfs.write(f"{zone}/name", "package-0")
    sysfs.write(f"{zone}/max_energy_range_uj", "262143328850")
    sysfs.write(f"{zone}/energy_uj", "0")
    sampler = make_sampler(rapl=Rapl(sysfs.root))
    latest(sampler)
    sysfs.write(f"{zone}/energy_uj", "65000000")
    clock.now += 1
    until(lambda: latest(sampler).energy_mj == 65_000)
    assert latest(sampler).energy_source == "RAPL"


def test_nvidia_and_amd_cards_stand_side_by_side(nvml: FakeNvml, sysfs: FakeSysfs, tmp_path: Path) -> None:
    nvml.add_card()
    sysfs.add_card(0, "0000:03:00.0", AMDGPU)
    clock = SystemClock()
    backends = (NvidiaBackend(clock, (nvml.library,)), AmdBackend(sysfs.root))
    sampler = Sampler(backends, HostReader(tmp_path, clock).read, clock, INTERVAL)
    sampler.start()
    until(lambda: sampler.latest is not None and len(sampler.latest.gpus) == 2)
    sampler.stop()
    assert sampler.latest is not None
    assert [card.backend for card in sampler.latest.gpus] == ["nvidia", "amd"]


def test_a_real_library_that_hangs_inside_its_call_does_not_stop_the_host(nvml: FakeNvml, tmp_path: Path) -> None:
    nvml.add_card()
    clock = SystemClock()
    sampler = Sampler((NvidiaBackend(clock, (nvml.library,)),), HostReader(tmp_path, clock).read, clock, INTERVAL)
    sampler.start()
    until(lambda: sampler.latest is not None and len(sampler.latest.gpus) == 1)
    nvml.set(hang=1)
    stuck = nvml.calls()
    for _ in range(3):
        assert latest(sampler).host.memory_total
    nvml.set(hang=None)
    until(lambda: len(nvml.calls()) > len(stuck) + 20)
    sampler.stop()


def test_this_machine_can_be_sampled_whatever_it_has(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    sampler = sampler_for(tmp_path, SystemClock(), INTERVAL)
    sampler.start()
    until(lambda: sampler.latest is not None and sampler.latest.host.cpu_pct is not None)
    sampler.stop()
    assert len(sampler.absences) + len({card.backend for card in sampler.latest.gpus}) >= 3  # type: ignore[union-attr]
    assert caplog.records == []


def test_there_is_a_backend_for_each_vendor(clock: HandClock) -> None:
    assert [backend.name for backend in gpu_backends(clock)] == ["nvidia", "amd", "intel"]
