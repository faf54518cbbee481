"""The app on other machines, in a real terminal and through a real ssh."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from fake_node import WORKING
from scripted_control import ScriptedControl
from ssh_server import SshServer
from terminal_run import TerminalRun

from node.control.wire import History
from tui.cli.root import root


def test_a_fleet_shows_the_node_that_answers_and_the_one_that_does_not(
    server: SshServer, control: ScriptedControl, tmp_path: Path
) -> None:
    control.on("GET", "/state", WORKING)
    control.on("GET", "/history", History(WORKING.at))
    nodes = ("--node", f"ssh://rig2{control.directory}", "--node", "ssh://rig2/nowhere")

    with TerminalRun("-P", "-m", "tui.cli", *nodes, environment={"STOKER_HOME": str(tmp_path)}) as run:
        run.read_until(lambda said: b"WORKING" in said and b"LOST" in said)
        run.type("q")
        assert run.wait() == 0

    assert list(server.runtime.iterdir()) == []


def test_elsewhere_than_on_a_terminal_each_node_gets_a_line(control: ScriptedControl, tmp_path: Path) -> None:
    control.on("GET", "/state", WORKING)
    (tmp_path / "dead").mkdir()

    told = CliRunner().invoke(root, ["--plain", "--node", str(control.directory), "--node", str(tmp_path / "dead")])

    assert told.stdout.splitlines() == [
        f"{control.directory.name}: WORKING: 4 jobs run, 1 waits.",
        f"dead: LOST: no node answers at {tmp_path}/dead",
    ]
    assert told.exit_code == 4


def test_a_command_speaks_to_one_node_only(tmp_path: Path) -> None:
    told = CliRunner().invoke(root, ["--node", str(tmp_path), "--node", "here", "status"])

    assert told.exit_code == 2
    assert "give one --node" in told.stderr
