"""``stoker`` on a real terminal: colours, redrawing, questions, keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from fake_node import IDLE, WORKING
from scripted_control import Answer, Asked, ScriptedControl, json_answer
from terminal_run import TerminalRun

from node.control.codec import encode


def stoker(control: ScriptedControl, *arguments: str, **environment: str) -> TerminalRun:
    command = ("-m", "tui.cli", "--data-dir", str(control.directory), *arguments)
    return TerminalRun(*command, columns=80, lines=24, environment=environment)


NO_PROCESS = 2**22 + 1  # above the highest number that Linux gives
BUSY = replace(WORKING, node=replace(WORKING.node, pid=NO_PROCESS))


@pytest.fixture
def working(control: ScriptedControl) -> Iterator[ScriptedControl]:
    control.on("GET", "/state", BUSY)
    yield control


def test_the_state_stands_out(working: ScriptedControl) -> None:
    with stoker(working, "status") as run:
        assert run.wait() == 0

    assert run.output.startswith(b"\x1b[1mWORKING: 4 jobs run, 1 waits.\x1b[0m")


def test_no_color_means_no_escape_at_all(working: ScriptedControl) -> None:
    with stoker(working, "status", NO_COLOR="1") as run:
        assert run.wait() == 0

    assert b"\x1b" not in run.output


def test_watching_draws_in_place_and_never_wider_than_the_terminal(working: ScriptedControl) -> None:
    snapshots = [f"event: snapshot\ndata: {json.dumps(encode(each))}\n\n".encode() for each in (WORKING, WORKING, IDLE)]
    working.on("GET", "/events", Answer(snapshots))

    with stoker(working, "status", "--watch") as run:
        assert run.wait() == 0

    frames = run.output.decode().split("\x1b[J")[:-1]
    rows = [re.sub(r"\x1b\[\d*[A-Z]", "", frame).strip("\r\n").split("\r\n") for frame in frames]
    assert len(frames) == 3
    assert max(len(row) for frame in rows for row in frame) < 80
    assert [re.findall(r"\x1b\[(\d+)F", frame) for frame in frames[1:]] == [[str(len(rows[0]))], [str(len(rows[1]))]]


@pytest.mark.parametrize(("key", "stopped", "code"), [("n", False, 130), ("y", True, 0)])
def test_stop_asks_while_jobs_run(working: ScriptedControl, key: str, stopped: bool, code: int) -> None:
    def obey(_: Asked) -> Answer:
        working.vanish()
        return json_answer({})

    working.on("POST", "/commands/stop", obey)

    with stoker(working, "stop") as run:
        run.read_until(lambda output: b"Stop now?" in output)
        run.type(f"{key}\n")
        assert run.wait() == code

    assert (working.commands() == [("stop", {})]) is stopped


def test_stop_does_not_ask_without_jobs(control: ScriptedControl) -> None:
    def obey(_: Asked) -> Answer:
        control.vanish()
        return json_answer({})

    control.on("GET", "/state", replace(IDLE, node=BUSY.node))
    control.on("POST", "/commands/stop", obey)

    with stoker(control, "stop") as run:
        assert run.wait() == 0

    assert b"Stop now?" not in run.output


def test_a_transfer_is_drawn_over_itself_and_ends_with_a_full_bar(control: ScriptedControl) -> None:
    steps = [{"done": done, "total": 4_000_000} for done in (0, 2_000_000, 4_000_000)]
    lines = [json.dumps(step).encode() + b"\n" for step in [*steps, {"installed": {"name": "m", "size": 4_000_000}}]]
    fit = {"level": "fits", "sentence": "fits"}
    model = {"name": "m", "size": 4_000_000, "licence": "MIT", "fit": fit}
    control.on("GET", "/models", {"installed": [], "catalogue": [model]})
    control.on("POST", "/models/pull", Answer(lines))

    with stoker(control, "model", "pull", "m") as run:
        assert run.wait() == 0

    told = run.output.decode()
    assert f"\r\x1b[Kfetching m  {'█' * 24}  4.0 MB of 4.0 MB" in told
    assert all("\n" not in between for between, _ in pairwise(told.split("\r\x1b[K")[1:]))


def test_ctrl_c_ends_watching_without_a_traceback(working: ScriptedControl) -> None:
    def for_ever() -> Iterator[bytes]:
        while True:
            yield f"event: snapshot\ndata: {json.dumps(encode(WORKING))}\n\n".encode()

    working.on("GET", "/events", Answer(for_ever()))

    with stoker(working, "status", "--watch") as run:
        run.read_until(lambda output: b"WORKING" in output)
        run.type("\x03")
        assert run.wait() == 130

    assert b"Traceback" not in run.output
