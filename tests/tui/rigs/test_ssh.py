"""``stoker --node ssh://...`` through a real OpenSSH, on both sides."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable

import psutil
import pytest
from click.testing import CliRunner, Result
from eventually import eventually
from fake_node import IDLE, WORKING
from scripted_control import ScriptedControl
from ssh_server import SshServer

from tui.cli.root import root
from tui.rigs.place import SshPlace
from tui.rigs.reach import RigClient
from tui.rigs.tunnel import Tunnel

Stoker = Callable[..., Result]


@pytest.fixture
def place(server: SshServer, control: ScriptedControl) -> SshPlace:
    """Where the scripted node is, seen from here."""
    control.on("GET", "/state", WORKING)
    return SshPlace("rig2", path=str(control.directory))


def stoker(place: SshPlace | str, *arguments: str) -> Result:
    return CliRunner().invoke(root, ["--node", str(place), *arguments])


def test_a_command_speaks_to_the_node_there(place: SshPlace) -> None:
    result = stoker(place, "status", "--json")

    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["node"]["name"] == WORKING.node.name


def test_the_node_there_is_told_what_to_do(place: SshPlace, control: ScriptedControl) -> None:
    control.on("POST", "/commands/pause", {})

    assert stoker(place, "pause", "holiday").exit_code == 0
    assert control.commands() == [("pause", {"reason": "holiday"})]


def test_without_a_path_the_machine_there_says_where_its_node_is(server: SshServer, control: ScriptedControl) -> None:
    server.configure(f"SetEnv STOKER_HOME={control.directory}")
    control.on("GET", "/state", IDLE)

    assert stoker("ssh://rig2", "status").stdout.startswith("WAITING")


def test_a_shell_there_that_greets_everybody_does_no_harm(server: SshServer, place: SshPlace) -> None:
    server.configure("ForceCommand echo Welcome; printf 'no line end'; eval \"$SSH_ORIGINAL_COMMAND\"")

    assert stoker(place, "status").exit_code == 0


def test_nothing_is_left_behind(place: SshPlace, server: SshServer) -> None:
    stoker(place, "status")

    assert list(server.runtime.iterdir()) == []


def test_the_way_is_open_to_nobody_else(place: SshPlace) -> None:
    with Tunnel(place) as tunnel:
        tunnel.open(ask=False)

        assert tunnel.directory.stat().st_mode & 0o077 == 0
        assert (tunnel.directory / "control.sock").stat().st_mode & 0o077 == 0


def test_where_no_node_runs_it_is_told_where_to_look(server: SshServer) -> None:
    result = stoker("ssh://rig2/nowhere", "status")

    assert result.exit_code == 4
    assert "no node answers at ssh://rig2/nowhere, where its socket would be /nowhere/control.sock" in result.stderr
    assert "see there" in result.stderr


def test_a_server_that_forbids_forwarding_is_told_of_with_its_setting(server: SshServer, place: SshPlace) -> None:
    server.configure("AllowStreamLocalForwarding no")

    result = stoker(place, "status")

    assert result.exit_code == 4
    assert "AllowStreamLocalForwarding yes" in result.stderr


def test_what_ssh_says_is_told_in_its_own_words(server: SshServer) -> None:
    server.configure("AuthorizedKeysFile none")

    result = stoker("ssh://rig2", "status")

    assert result.exit_code == 4
    assert "Permission denied (publickey" in result.stderr
    assert "see whether this works: ssh rig2" in result.stderr


def test_without_ssh_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert "install OpenSSH" in stoker("ssh://rig2", "status").stderr


@pytest.mark.parametrize("command", [("keys", "list"), ("model", "import", __file__)])
def test_what_works_on_files_says_that_it_must_be_run_there(place: SshPlace, command: tuple[str, ...]) -> None:
    result = stoker(place, *command)

    assert result.exit_code == 2
    assert "run it there" in result.stderr


async def test_a_line_that_is_lost_is_opened_again(place: SshPlace) -> None:
    with Tunnel(place) as tunnel:
        await asyncio.to_thread(tunnel.open, ask=False)
        tunnel.keep()
        client = RigClient(tunnel)
        assert client.state().node.name == WORKING.node.name
        first = next(child for child in psutil.Process().children() if child.name() == "ssh")
        first.kill()
        await eventually(lambda: not first.is_running() or first.status() == psutil.STATUS_ZOMBIE)

        def answers() -> bool:
            try:
                return client.state().node.name == WORKING.node.name
            except Exception:
                return False

        await eventually(lambda: answers())


async def test_a_line_that_cannot_be_opened_again_says_why(server: SshServer, place: SshPlace) -> None:
    with Tunnel(place) as tunnel:
        await asyncio.to_thread(tunnel.open, ask=False)
        tunnel.keep()
        server.configure("AuthorizedKeysFile none")
        next(child for child in psutil.Process().children() if child.name() == "ssh").kill()

        await eventually(lambda: "Permission denied" in tunnel.trouble)

        assert "Permission denied" in str(RigClient(tunnel).absence())


async def test_ssh_ends_with_a_program_that_is_killed(place: SshPlace, control: ScriptedControl) -> None:
    line = [sys.executable, "-P", "-m", "tui.cli", "--node", str(place), "logs", "--follow"]
    control.on("GET", "/logs", {"lines": []})
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program:  # noqa: ASYNC220
        await eventually(lambda: any(asked.path == "/logs" for asked in control.asked))
        ssh = [child for child in psutil.Process(program.pid).children(recursive=True) if child.name() == "ssh"]
        assert ssh
        program.kill()

    await eventually(lambda: not any(child.is_running() for child in ssh))
