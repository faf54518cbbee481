"""``stoker status`` as a person and a program read it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner
from fake_node import BLOCKED, IDLE, WORKING
from scripted_control import Answer, ScriptedControl, Stoker

from node.control.wire import StateLine, StateWord
from tui.cli.root import root

WORKING_TEXT = """\
WORKING: 4 jobs run, 1 waits.
Engine llamacpp is ready on NVIDIA GeForce RTX 4090 (CUDA), serves Mistral-Nemo-12B, \
bartowski/Llama-3.1-8B-Instruct.gguf, 4 of 4 slots busy, 118 tokens a second.
4 jobs in work, 1 waiting.
  Job 4812 for horde with Mistral-Nemo-12B: 312 tokens of at most 512, 31 a second.
  Job 4813 for horde with Mistral-Nemo-12B: 88 tokens of at most 512, 30 a second.
  Job 4811 for local with bartowski/Llama-3.1-8B-Instruct.gguf: 460 tokens of at most 512, 29 a second.
  Job 4814 for horde with Mistral-Nemo-12B: the prompt is being read.
Today: jobs 412 done, 2 failed, 5 cancelled; 311,870 tokens in 10 h 37 min of computing; 3.21 kWh; \
kudos 1,391 claimed, 1,284 credited, 0 paid; USDC 0.3142 claimed, 0.3142 credited, 0.31 paid.
Power: the machine took 3.52 kWh today, for 1.05 EUR, net +0.40 EUR (priced assets only), 61 W idle, 305 W at work.
A kilowatt-hour costs 0.30 EUR (day-ahead price of energy-charts), 0.0927 EUR an hour as it runs.
NVIDIA GeForce RTX 4090: 71 of 83 °C, 263 W, 97 % busy, 17.8 GB of 25.8 GB memory used, held back by power limit.
AMD Ryzen 9 7900: 24 cores at 12 %, 55 °C, 48 W, 21.0 GB of 67.0 GB memory used, 412 GB of disk free.
Your own endpoint is http://127.0.0.1:7433/v1.
Node ember 0.1.0 is process 4242 since 2026-11-18 10:30, in /home/ada/.local/share/stoker.
"""


def test_a_working_node_is_told_in_whole_sentences(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/state", WORKING)

    result = stoker("status")

    assert result.stdout == WORKING_TEXT
    assert (result.exit_code, result.stderr) == (0, "")


def test_an_idle_node_says_why_and_what_would_change_it(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/state", IDLE)

    lines = stoker("status").stdout.splitlines()

    assert lines[:2] == [
        "WAITING: ready since 12:36, no job has come. What would change it: stoker try.",
        "The engine runs on the CPU.",
    ]
    assert "No job is in hand." in lines
    assert "No graphics card can be read." in lines


def test_a_blocked_node_says_how_to_mend_it_and_what_is_being_fetched(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/state", BLOCKED)

    told = stoker("status").stdout

    assert "BLOCKED: no model is here yet. What would change it: stoker model pull smollm2." in told
    assert "SmolLM2-135M-Instruct is being fetched: 43.2 MB of 98.3 MB." in told


def test_as_json_it_is_the_node_s_own_snapshot(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/state", WORKING)

    said = json.loads(stoker("status", "--json").stdout)

    assert said["running"] is True
    assert said["state"]["word"] == "WORKING"
    assert [job["number"] for job in said["jobs"]] == [4812, 4813, 4811, 4814, 4815]


def test_without_a_node_it_says_so_and_how_to_start_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(root, ["--data-dir", str(tmp_path), "status"])

    assert result.stdout == f"No node runs in {tmp_path}.\n"
    assert "stoker --headless" in result.stderr
    assert result.exit_code == 4


def test_without_a_node_the_json_says_so_too(tmp_path: Path) -> None:
    result = CliRunner().invoke(root, ["--data-dir", str(tmp_path), "status", "--json"])

    assert json.loads(result.stdout) == {"running": False, "data_dir": str(tmp_path)}
    assert result.exit_code == 4


def test_without_a_command_and_a_terminal_the_status_is_told(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/state", WORKING)

    result = stoker()

    assert result.stdout == WORKING_TEXT
    assert "no terminal" in result.stderr


def test_watching_off_a_terminal_tells_only_changes(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/events", events(WORKING, WORKING, IDLE))

    assert stoker("status", "--watch").stdout.splitlines() == [
        "WORKING: 4 jobs run, 1 waits.",
        "WAITING: ready since 12:36, no job has come. What would change it: stoker try.",
    ]


def test_what_a_stranger_wrote_cannot_command_the_terminal(control: ScriptedControl, stoker: Stoker) -> None:
    hostile = StateLine(StateWord.WAITING, "\x1b]0;owned\x07\x9b2J wait")
    control.on("GET", "/state", replace(IDLE, state=hostile))

    assert stoker("status").stdout.startswith("WAITING: ]0;owned2J wait.")


def events(*snapshots: object) -> Answer:
    from node.control.codec import encode

    lines = [f"event: snapshot\ndata: {json.dumps(encode(snapshot))}\n\n".encode() for snapshot in snapshots]
    return Answer([b'event: hello\ndata: {"protocol": 1}\n\n', *lines])
