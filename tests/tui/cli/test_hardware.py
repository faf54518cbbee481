from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from fake_node import HARDWARE, WORKING
from fake_nvml import FakeNvml
from scripted_control import Answer, ScriptedControl, Stoker

from node.control.codec import encode
from node.control.wire import Alarm, Severity
from tui.cli.root import root

ROOT = Path(__file__).resolve().parents[3]
FAN = Alarm(
    "fan GPU-0", Severity.WARNING, "GPU 0 (RTX 4090)", "fan stands still", "the fan is at 0 % at 70 °C", "look", 1e9
)


def answer(**changes: object) -> dict[str, object]:
    return {**encode(HARDWARE), "absences": [], "alarms": [], **changes}


def offline(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """``stoker ...`` in a process of its own, where no node runs."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "tui.cli", "--data-dir", str(home), *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
    )


def test_cards_and_host_are_told_in_lines(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/hardware", answer())
    lines = stoker("hardware").stdout.splitlines()
    assert lines[0].startswith("GPU 0  NVIDIA GeForce RTX 4090")
    assert any(line.startswith("  heat") and "°C" in line for line in lines)
    assert any(line.startswith("  power") and " W" in line for line in lines)
    assert any(line.startswith("Host") for line in lines)


def test_what_is_wrong_comes_first_with_what_to_do(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/hardware", answer(alarms=encode([FAN])))
    assert stoker("hardware").stdout.splitlines()[:2] == [
        "GPU 0 (RTX 4090) fan stands still: the fan is at 0 % at 70 °C",
        "        try: look",
    ]


def test_a_lost_card_is_told_as_lost(control: ScriptedControl, stoker: Stoker) -> None:
    (card, *_) = encode(HARDWARE)["gpus"]
    control.on("GET", "/hardware", answer(gpus=[{**card, "lost": True}]))
    assert "  lost: it fell off the bus" in stoker("hardware").stdout


def test_every_value_may_be_missing(control: ScriptedControl, stoker: Stoker) -> None:
    (card, *_) = encode(HARDWARE)["gpus"]
    bare = {key: value if isinstance(value, (bool, list, str)) else None for key, value in card.items()} | {"index": 0}
    host = dict.fromkeys(encode(HARDWARE)["host"])
    control.on("GET", "/hardware", answer(gpus=[bare | {"processes": None}], host=host))
    result = stoker("hardware")
    assert result.exit_code == 0, result.output


def test_watching_as_json_gives_one_line_a_reading(control: ScriptedControl, stoker: Stoker) -> None:
    snapshot = f"event: snapshot\ndata: {json.dumps(encode(WORKING))}\n\n".encode()
    control.on("GET", "/events", Answer([b'event: hello\ndata: {"protocol": 1}\n\n', snapshot, snapshot]))
    control.on("GET", "/hardware", answer())
    (line,) = stoker("hardware", "--watch", "--json").stdout.splitlines()
    assert json.loads(line)["gpus"][0]["index"] == 0


def test_in_an_empty_home_without_a_node_and_a_card_it_says_what_there_is_and_why(tmp_path: Path) -> None:
    said = json.loads(offline("hardware", "--json", home=tmp_path / "home").stdout)
    assert said["gpus"] == []
    assert "No AMD card with the amdgpu driver." in said["absences"]
    assert said["host"]["memory_total"] > 0
    assert said["host"]["cpu_pct"] is not None


def test_without_a_node_eight_cards_of_the_stand_in_are_read(nvml_library: Path, tmp_path: Path) -> None:
    (tmp_path / "libnvidia-ml.so.1").symlink_to(nvml_library)
    nvml = FakeNvml(nvml_library, tmp_path)
    for _ in range(8):
        nvml.add_card()
    said = json.loads(
        offline("hardware", "--json", home=tmp_path / "home", LD_LIBRARY_PATH=str(tmp_path), **nvml.environment).stdout
    )
    assert [(card["index"], card["temperature_c"]) for card in said["gpus"]] == [(index, 71) for index in range(8)]


def test_the_probe_is_the_node_s_recording_as_it_is(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/doctor/probe", {"probe": 1, "nvml": {"absence": "No NVIDIA driver"}})
    assert json.loads(stoker("doctor", "--probe").stdout) == {"probe": 1, "nvml": {"absence": "No NVIDIA driver"}}


@pytest.mark.parametrize("hostile", ["\x1b]0;owned\x07card", "\x9b2J"])
def test_a_card_s_name_cannot_command_the_terminal(control: ScriptedControl, stoker: Stoker, hostile: str) -> None:
    (card, *_) = encode(HARDWARE)["gpus"]
    control.on("GET", "/hardware", answer(gpus=[{**card, "name": hostile}]))
    assert "\x1b" not in stoker("hardware").stdout
    assert "\x9b" not in stoker("hardware").stdout


def test_help_has_an_example() -> None:
    assert "stoker hardware --watch" in CliRunner().invoke(root, ["hardware", "--help"]).stdout
