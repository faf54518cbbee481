"""A recording of what cards answer, and that it can be played to become a test."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from fake_nvml import FakeNvml
from fake_sysfs import AMDGPU, FakeSysfs
from hand_clock import HandClock

from node.hardware.nvidia import NvidiaBackend
from node.hardware.probe import DEVICE_CALLS, probe

SECRET = "GPU-9d3b0f2a-1111-2222-3333-444455556666"


def recorded(nvml: FakeNvml) -> dict:  # type: ignore[type-arg]
    return json.loads(json.dumps(probe((nvml.library,))))  # type: ignore[no-any-return]


def test_every_call_is_answered_with_a_value_or_an_error_code_and_its_time(nvml: FakeNvml) -> None:
    nvml.add_card()
    nvml.fail_card(0, "power_mw", 999)
    told = recorded(nvml)["nvml"]
    (gpu,) = told["gpus"]
    assert len(gpu["answers"]) == len(DEVICE_CALLS)
    assert all(("value" in each) != ("error" in each) and each["microseconds"] >= 0 for each in gpu["answers"])
    answers = {each["call"]: each for each in gpu["answers"]}
    assert answers["nvmlDeviceGetFanSpeed"]["value"] == 46
    assert answers["nvmlDeviceGetPowerUsage"]["error"] == {"code": 999, "words": "Unknown Error"}
    assert answers["nvmlDeviceGetArchitecture"]["error"]["code"] == 13
    assert told["library"] == nvml.library
    assert {each["call"]: each["value"] for each in told["system"]}["nvmlSystemGetDriverVersion"] == "580.95.05"


def test_it_names_neither_the_card_s_identity_nor_the_programs(nvml: FakeNvml) -> None:
    nvml.add_card(uuid=SECRET, compute=f"{os.getpid()}:300")
    text = json.dumps(probe((nvml.library,)))
    assert "9d3b0f2a" not in text
    assert str(os.getpid()) not in text


def test_nothing_is_set(nvml: FakeNvml) -> None:
    nvml.add_card()
    recorded(nvml)
    assert [call for call in nvml.calls() if "Set" in call] == []


def test_without_a_driver_it_says_so(fresh_pynvml: None, tmp_path: Path) -> None:
    told = probe(("libnot-here.so.1",), tmp_path)
    assert told["nvml"] == {"absence": "No NVIDIA driver: libnot-here.so.1 is not on this machine."}
    assert told["sysfs"] == []


def test_a_lost_card_is_an_error_and_not_the_end(nvml: FakeNvml) -> None:
    nvml.add_card(lost=1)
    nvml.add_card()
    first, second = recorded(nvml)["nvml"]["gpus"]
    assert first["error"]["code"] == 15
    assert second["answers"]


def test_an_amd_card_s_files_are_recorded(sysfs: FakeSysfs) -> None:
    sysfs.add_card(0, "0000:03:00.0", AMDGPU)
    (files,) = probe(("libnot-here.so.1",), sysfs.root)["sysfs"]
    assert any(name.startswith("hwmon/") and name.endswith("temp1_input") for name in files)


def test_a_recording_can_be_played_and_reads_the_same(
    make_nvml: Callable[[Path], FakeNvml], nvml_library: Path, tmp_path: Path, clock: HandClock
) -> None:
    (tmp_path / "first").mkdir()
    original = make_nvml(nvml_library)
    original.add_card(
        uuid="GPU-00000000-0000-0000-0000-000000000000", margin=24, slowdown_margin=2**32 - 2, hot_spot=80
    )
    original.fail_card(0, "fan", 999)
    recording = recorded(original)
    before = NvidiaBackend(clock, (original.library,))
    before.open()
    (card,) = before.read()
    before.close()
    player = FakeNvml(nvml_library, tmp_path / "first")
    player.play(recording)
    original.state.write_text(player.state.read_text())
    after = NvidiaBackend(clock, (original.library,))
    after.open()
    assert after.read() == (card,)
    assert card.fan_pct is None
    after.close()
