from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from fake_sysfs import FakeSysfs
from hand_clock import HandClock

from node.hardware.cpu import CpuTemperature, cpu_name
from node.hardware.host import SLOW_S, HostReader


@pytest.fixture
def host(tmp_path: Path, clock: HandClock, sysfs: FakeSysfs) -> HostReader:
    return HostReader(tmp_path, clock, sysfs.root)


def test_this_machine_is_read(host: HostReader, tmp_path: Path) -> None:
    reading = host.read()
    assert reading.cpu_name
    assert reading.cpu_count == os.cpu_count()
    assert reading.memory_total
    assert reading.memory_used is not None
    assert 0 < reading.memory_used < reading.memory_total
    assert reading.disk_total == psutil.disk_usage(str(tmp_path)).total
    assert reading.disk_free
    assert reading.load_1m is not None


def test_shares_and_rates_are_none_until_there_are_two_readings(host: HostReader, clock: HandClock) -> None:
    first = host.read()
    assert (first.cpu_pct, first.net_sent_bps, first.net_received_bps) == (None, None, None)
    clock.now += 1
    assert host.read().cpu_pct is not None


def counters(sent: int, received: int) -> SimpleNamespace:
    return SimpleNamespace(bytes_sent=sent, bytes_recv=received)


def test_network_rates_run_over_the_time_between_readings_and_leave_loopback_out(
    host: HostReader, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = {"eth0": counters(1000, 5000), "wlan0": counters(0, 0), "lo": counters(0, 0)}
    monkeypatch.setattr(psutil, "net_io_counters", lambda pernic: now)
    host.read()
    now.update(eth0=counters(3000, 6000), wlan0=counters(200, 0), lo=counters(10**9, 10**9))
    clock.now += 2
    reading = host.read()
    assert (reading.net_sent_bps, reading.net_received_bps) == (1100.0, 500.0)


def test_an_interface_that_was_taken_away_gives_no_rate_rather_than_a_negative_one(
    host: HostReader, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = {"eth0": counters(1000, 1000), "wlan0": counters(5000, 5000)}
    monkeypatch.setattr(psutil, "net_io_counters", lambda pernic: now)
    host.read()
    del now["wlan0"]
    clock.now += 1
    assert host.read().net_sent_bps is None


def test_a_sensor_that_fails_is_none_and_leaves_the_others_alone(
    host: HostReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise NotImplementedError("not on this system")

    for sensor in ("cpu_freq", "swap_memory", "sensors_battery", "net_io_counters", "cpu_percent"):
        monkeypatch.setattr(psutil, sensor, broken)
    reading = host.read()
    assert (reading.cpu_mhz, reading.swap_used, reading.battery_pct) == (None, None, None)
    assert reading.memory_total


def test_a_data_directory_that_is_gone_has_no_disk(tmp_path: Path, clock: HandClock) -> None:
    assert HostReader(tmp_path / "gone", clock).read().disk_free is None


def test_the_slow_readings_are_taken_every_five_seconds_only(
    host: HostReader, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    usage = psutil.disk_usage
    monkeypatch.setattr(psutil, "disk_usage", lambda path: asked.append(path) or usage(path))
    for _ in range(int(2 * SLOW_S)):
        host.read()
        clock.now += 1
    assert len(asked) == 2


def test_a_laptop_off_the_mains_says_so(host: HostReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: SimpleNamespace(percent=71, power_plugged=False))
    reading = host.read()
    assert (reading.battery_pct, reading.on_battery) == (71, True)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("processor\t: 0\nmodel name\t: AMD Ryzen 9 7950X 16-Core Processor\n", "AMD Ryzen 9 7950X 16-Core Processor"),
        ("processor\t: 0\nBogoMIPS\t: 108.00\n\nModel\t\t: Raspberry Pi 5 Model B\n", "Raspberry Pi 5 Model B"),
    ],
)
def test_the_processor_s_name_is_the_kernel_s(tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / "cpuinfo").write_text(text)
    assert cpu_name(tmp_path / "cpuinfo") == name


def test_a_system_without_cpuinfo_still_names_its_processor(tmp_path: Path) -> None:
    assert cpu_name(tmp_path / "none")


def sensor(sysfs: FakeSysfs, number: int, driver: str, **values: str) -> None:
    sysfs.write(f"class/hwmon/hwmon{number}/name", driver)
    for name, text in values.items():
        sysfs.write(f"class/hwmon/hwmon{number}/{name}", text)


def test_the_whole_package_is_preferred_to_one_core(sysfs: FakeSysfs) -> None:
    labels = {"temp2_label": "Core 0", "temp2_input": "44000", "temp1_label": "Package id 0", "temp1_input": "52000"}
    sensor(sysfs, 4, "coretemp", **labels)
    sensor(sysfs, 0, "nvme", temp1_input="38000")
    assert CpuTemperature(sysfs.root).read() == 52.0


def test_the_die_is_preferred_to_the_control_value_that_carries_an_offset(sysfs: FakeSysfs) -> None:
    labels = {"temp1_label": "Tctl", "temp1_input": "95000", "temp2_label": "Tdie", "temp2_input": "68000"}
    sensor(sysfs, 1, "k10temp", **labels)
    assert CpuTemperature(sysfs.root).read() == 68.0


@pytest.mark.parametrize("text", ["0", "-273150", "255000", "warm"])
def test_nonsense_is_no_temperature(sysfs: FakeSysfs, text: str) -> None:
    sensor(sysfs, 0, "cpu_thermal", temp1_input=text)
    assert CpuTemperature(sysfs.root).read() is None


def test_a_machine_without_a_processor_sensor_has_no_temperature(sysfs: FakeSysfs) -> None:
    sensor(sysfs, 0, "nvme", temp1_input="38000")
    assert CpuTemperature(sysfs.root).read() is None
