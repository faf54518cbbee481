"""The app in a real terminal: it gives it back, it notices its end, and a crash tells nothing private."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import psutil
import pytest
from terminal_run import ROOT, TerminalRun

from tui.cli.exits import Exit
from tui.running import chosen
from tui.terminal import has_few_colours

PROGRAM = str(ROOT / "tests" / "support" / "moving_node.py")
SELECT_RENDITION = re.compile(rb"\x1b\[([\d;]*)m")
REVERSE = b"7"
COLOURLESS = {b"", b"0", b"1", b"2", b"4", REVERSE, b"39", b"49"}
"""Off, bold, dim, underlined, reverse, and the terminal's own two colours."""
ON_ALTERNATE, OFF_ALTERNATE, CURSOR_SHOWN = b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?25h"


def painted(output: bytes) -> bool:
    return b"WORKING" in output and b"tok/s" in output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_app_and_gives_the_terminal_back(number: signal.Signals) -> None:
    with TerminalRun(PROGRAM, "still") as terminal:
        terminal.read_until(painted)
        terminal.signal(number)
        assert terminal.wait() == 128 + number
        end = bytes(terminal.output).rpartition(ON_ALTERNATE)[2]
        assert OFF_ALTERNATE in end
        assert CURSOR_SHOWN in end


@pytest.mark.parametrize("deaf", [False, True], ids=["hears the hangup", "deaf to the hangup"])
def test_an_app_whose_terminal_has_gone_ends_and_does_not_spin(deaf: bool) -> None:
    with TerminalRun(PROGRAM, "move", deaf_to_hangup=deaf) as terminal:
        terminal.read_until(painted)
        process = psutil.Process(terminal.pid)
        before = sum(process.cpu_times()[:2])
        terminal.hang_up()
        began = time.monotonic()
        spent = before
        while time.monotonic() - began < 5 and process.status() != psutil.STATUS_ZOMBIE:
            spent = sum(process.cpu_times()[:2])
            time.sleep(0.05)
        assert process.status() == psutil.STATUS_ZOMBIE
        assert spent - before < 1.2


def test_a_crash_shows_where_it_was_and_no_local_variables() -> None:
    with TerminalRun(PROGRAM, "crash") as terminal:
        terminal.read_until(painted)
        terminal.type(" ")
        assert terminal.wait() == 70
        shown = bytes(terminal.output)
        assert b"the view cannot be held" in shown
        assert b"action_hold" in shown
        assert b"canarycanary" not in shown
        assert OFF_ALTERNATE in shown


def test_copying_reaches_the_terminals_clipboard() -> None:
    with TerminalRun(PROGRAM, "still") as terminal:
        terminal.read_until(painted)
        terminal.type("y")
        terminal.read_until(lambda output: b"\x1b]52;c;aHR0cDovLzEyNy4wLjAuMTo3NDMzL3Yx" in output)


def test_without_colour_the_words_say_it_all_and_the_cursor_is_seen() -> None:
    with TerminalRun(PROGRAM, "still", environment={"NO_COLOR": "1"}) as terminal:
        terminal.read_until(painted)
        terminal.type("t2")
        terminal.read_until(lambda output: b"NO_COLOR is set" in output and b"#4815" in output)
        terminal.type("?")
        terminal.read_until(lambda output: b"Keys" in output)
        written = bytes(terminal.output)
        assert "● WORKING".encode() in written
        assert renditions(written) <= COLOURLESS
        assert REVERSE in renditions(written)


def test_an_empty_wish_for_no_colour_is_none() -> None:
    with TerminalRun(PROGRAM, "still", environment={"NO_COLOR": ""}) as terminal:
        terminal.read_until(painted)
        assert b"38;2;221;213;204" in bytes(terminal.output)


def renditions(output: bytes) -> set[bytes]:
    """The parameters of every SGR (ECMA-48, 8.3.117) in what a terminal was sent."""
    return {code for parameters in SELECT_RENDITION.findall(output) for code in parameters.split(b";")}


def test_nothing_of_the_node_or_the_wallet_is_loaded_beside_the_client() -> None:
    program = (
        "import sys, tui.app, tui.screens.dashboard.screen, tui.screens.jobs, tui.screens.settings;"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in"
        " ('httpx', 'pydantic', 'starlette', 'apsw', 'nacl') or name in ('node.service', 'wallet.vault')))"
    )
    with TerminalRun("-c", program) as terminal:
        assert terminal.wait() == 0
        assert bytes(terminal.output).strip() == b"[]"


@pytest.mark.parametrize(
    ("environment", "few"),
    [
        ({"TERM": "linux"}, True),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, False),
    ],
)
def test_a_console_with_sixteen_colours_is_known(environment: dict[str, str], few: bool) -> None:
    assert has_few_colours(environment) is few


def test_a_console_with_sixteen_colours_shows_the_cursor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.setenv("TERM", "linux")
    assert chosen(tmp_path)["theme"] == "ansi-dark"


def test_a_terminal_that_draws_no_screens_gets_the_status(tmp_path: Path) -> None:
    home = {"STOKER_HOME": str(tmp_path), "TERM": "dumb"}
    with TerminalRun("-P", "-m", "tui.cli", environment=home) as terminal:
        terminal.read_until(lambda said: b"draws no screens (TERM=dumb), so here is the status" in said)
        assert terminal.wait() == Exit.NO_NODE
