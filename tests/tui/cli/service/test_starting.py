"""A service that was set up and stopped: nothing is started beside it, and nothing without a yes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from scripted_control import Stoker
from scripted_systemd import RUNNING, ScriptedSystemd
from terminal_run import TerminalRun

STOPPED = b"is a service of yours, and that is stopped"


@pytest.fixture(autouse=True)
def _stopped(home: Path, stoker: Stoker, systemd: ScriptedSystemd) -> None:
    unit = home / ".config" / "systemd" / "user" / "stoker.service"
    unit.parent.mkdir(parents=True)
    unit.write_text(stoker("service", "install", "--dry-run").stdout)
    systemd.shows("user", RUNNING, FragmentPath=str(unit), ActiveState="inactive", SubState="dead", MainPID="0")


def asked(home: Path, *words: str) -> TerminalRun:
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_CONFIG_HOME")}
    run = TerminalRun("-m", "tui.cli", "--data-dir", str(home / "data"), *words, environment=environment)
    run.read_until(lambda said: STOPPED in said and b"Start the service? [y/N]" in said)
    return run


@pytest.mark.parametrize("words", [(), ("setup", "--plain")], ids=["the app", "the guide"])
def test_it_stays_stopped_without_a_yes(words: tuple[str, ...], home: Path, systemd: ScriptedSystemd) -> None:
    with asked(home, *words) as run:
        run.type("\n")
        assert run.wait() == 4

    assert b"nothing was started" in run.output
    assert systemd.orders() == []
    assert not (home / "data").exists()


def test_a_yes_has_systemd_start_it(home: Path, systemd: ScriptedSystemd) -> None:
    systemd.fails("systemctl", "start", "Job for stoker.service failed")
    with asked(home) as run:
        run.type("y\n")
        assert run.wait() == 1

    assert systemd.orders() == ["systemctl --user start stoker.service"]
    assert b"stoker service logs" in run.output


def test_without_a_terminal_the_command_is_told(stoker: Stoker, systemd: ScriptedSystemd) -> None:
    told = stoker()

    assert (told.exit_code, systemd.orders()) == (4, [])
    assert "`stoker restart` starts it" in told.stderr


def test_restart_starts_the_service_and_no_node_beside_it(stoker: Stoker, systemd: ScriptedSystemd) -> None:
    assert stoker("restart").exit_code == 0
    assert systemd.orders() == ["systemctl --user start stoker.service"]


def test_the_service_of_another_data_directory_is_no_matter(stoker: Stoker, home: Path) -> None:
    assert "stoker restart" not in stoker("--data-dir", str(home / "other"), "status").stderr
