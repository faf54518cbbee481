"""``stoker service``: what is written, what systemd is told, what is asked, and what a person reads."""

from __future__ import annotations

import json
import os
import plistlib
import pwd
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from fake_node import IDLE
from scripted_control import Answer, Asked, ScriptedControl, Stoker, json_answer
from scripted_systemd import ABSENT, RUNNING, ScriptedSystemd
from terminal_run import TerminalRun

from tui.cli.root import root

NO_PROCESS = 2**22 + 1  # above the highest number that Linux gives
PERSON = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def unit(home: Path) -> Path:
    return home / ".config" / "systemd" / "user" / "stoker.service"


def installed(systemd: ScriptedSystemd, unit: Path, **changed: str) -> None:
    """A service that runs, as ``stoker service install`` has left it."""
    systemd.shows("user", RUNNING, FragmentPath=str(unit), **changed)


def on_a_terminal(home: Path) -> TerminalRun:
    """``stoker service install`` before a person."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_CONFIG_HOME")}
    return TerminalRun(
        "-m", "tui.cli", "--data-dir", str(home / "data"), "service", "install", environment=environment
    )  # fmt: skip


def test_a_dry_run_prints_the_unit_and_writes_nothing(stoker: Stoker, systemd: ScriptedSystemd, unit: Path) -> None:
    result = stoker("service", "install", "--dry-run")

    assert f"ExecStart=:{sys.executable} -P -m node --data-dir {unit.parents[3] / 'data'}\n" in result.stdout
    assert "Type=notify\n" in result.stdout
    assert str(unit) in result.stderr
    assert (unit.exists(), systemd.orders()) == (False, [])


def test_install_writes_the_unit_starts_it_and_lets_it_linger(
    stoker: Stoker, systemd: ScriptedSystemd, unit: Path
) -> None:
    result = stoker("service", "install", "--yes")

    assert result.exit_code == 0, result.stderr
    assert unit.read_text() == stoker("service", "install", "--dry-run").stdout
    assert systemd.orders() == [
        "systemctl --user daemon-reload",
        "systemctl --user enable --quiet stoker.service",
        "systemctl --user start stoker.service",
        f"loginctl enable-linger {PERSON}",
    ]
    assert result.stdout == ""
    assert "stoker service status" in result.stderr


def test_lingering_is_left_alone_if_told_so(stoker: Stoker, systemd: ScriptedSystemd, unit: Path) -> None:
    stoker("service", "install", "--yes", "--no-linger")

    assert unit.exists()
    assert not any("linger" in order for order in systemd.orders())


def test_who_may_not_linger_is_told_who_can_change_that(stoker: Stoker, systemd: ScriptedSystemd) -> None:
    systemd.fails("loginctl", "enable-linger", "Could not enable linger: Access denied")

    result = stoker("service", "install", "--yes")

    assert result.exit_code == 1
    assert "loginctl enable-linger: Could not enable linger: Access denied" in result.stderr
    assert "try: sudo loginctl enable-linger" in result.stderr


def test_a_second_install_changes_nothing(stoker: Stoker, systemd: ScriptedSystemd, unit: Path) -> None:
    stoker("service", "install", "--yes")
    installed(systemd, unit)
    before = systemd.orders()

    result = stoker("service", "install", "--yes")

    assert (result.exit_code, systemd.orders()) == (0, before)
    assert result.stderr.startswith("The service is set up already and is active (running).")


def test_an_older_unit_is_renewed_and_its_node_restarted(stoker: Stoker, systemd: ScriptedSystemd, unit: Path) -> None:
    unit.parent.mkdir(parents=True)
    unit.write_text("[Service]\nExecStart=/old/stoker\n")
    installed(systemd, unit)

    result = stoker("service", "install", "--yes", "--no-linger")

    assert "/old/stoker" not in unit.read_text()
    assert f"This will change {unit}" in result.stderr
    assert systemd.orders()[-1] == "systemctl --user restart stoker.service"


def test_nothing_is_written_where_nobody_can_be_asked(stoker: Stoker, systemd: ScriptedSystemd, unit: Path) -> None:
    result = stoker("service", "install")

    assert (result.exit_code, unit.exists(), systemd.orders()) == (2, False, [])
    assert "--yes does it, --dry-run shows it" in result.stderr


@pytest.mark.parametrize(("last", "lingers"), [("n", False), ("", True)])
def test_a_person_is_asked_twice(home: Path, systemd: ScriptedSystemd, unit: Path, last: str, lingers: bool) -> None:
    with on_a_terminal(home) as run:
        run.read_until(lambda said: b"Go on? [Y/n]" in said)
        assert not unit.exists()
        run.type("\n")
        run.read_until(lambda said: b"Switch lingering on? [Y/n]" in said)
        run.type(f"{last}\n")
        assert run.wait() == 0

    assert unit.exists()
    assert any("enable-linger" in order for order in systemd.orders()) is lingers


def test_a_person_who_says_no_finds_nothing_changed(home: Path, systemd: ScriptedSystemd, unit: Path) -> None:
    with on_a_terminal(home) as run:
        run.read_until(lambda said: b"Go on? [Y/n]" in said)
        run.type("n\n")
        assert run.wait() == 130

    assert (unit.exists(), systemd.orders()) == (False, [])


def test_settings_that_the_service_will_not_see_are_named(
    stoker: Stoker, systemd: ScriptedSystemd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOKER_ENGINE__SLOTS", "2")

    assert "The service will not see STOKER_ENGINE__SLOTS" in stoker("service", "install", "--yes").stderr


def test_a_node_that_runs_without_the_service_finishes_its_jobs_first(
    control: ScriptedControl, systemd: ScriptedSystemd, home: Path
) -> None:
    there = replace(IDLE, node=replace(IDLE.node, pid=NO_PROCESS))
    told: list[str] = []

    def state(_: Asked) -> Answer:
        if told:
            control.vanish()
        return json_answer(there)

    def drain(_: Asked) -> Answer:
        told.append("drain")
        assert "systemctl --user start stoker.service" not in systemd.orders()
        return json_answer({"jobs": 0})

    control.on("GET", "/state", state)
    control.on("POST", "/commands/drain", drain)

    result = CliRunner().invoke(root, ["--data-dir", str(control.directory), "service", "install", "--yes"])

    assert (result.exit_code, told) == (0, ["drain"]), result.stderr
    assert f"A node runs there already (process {NO_PROCESS})" in result.stderr
    assert "systemctl --user start stoker.service" in systemd.orders()


def test_a_node_that_does_not_start_is_told_with_its_last_words(
    stoker: Stoker, systemd: ScriptedSystemd, unit: Path
) -> None:
    systemd.fails("systemctl", "start", "Job for stoker.service failed.")
    installed(systemd, unit, ActiveState="failed", SubState="failed", Result="exit-code", ExecMainStatus="78")
    systemd.journal("stoker.toml: engine.slotz: there is no such setting\n")

    result = stoker("service", "install", "--yes")

    assert result.exit_code == 1
    assert "  stoker.toml: engine.slotz: there is no such setting\n" in result.stderr
    assert "exit-code, exit code 78" in result.stderr
    assert "try: mend what it says above; then `stoker service install` again" in result.stderr


def test_where_the_journal_keeps_the_reason_to_itself_a_start_by_hand_is_named(
    stoker: Stoker, systemd: ScriptedSystemd
) -> None:
    systemd.fails("systemctl", "start", "Job for stoker.service failed.")

    assert "see what it says by hand: `stoker --headless`" in stoker("service", "install", "--yes").stderr


def test_without_a_session_it_says_how_to_get_one(stoker: Stoker, systemd: ScriptedSystemd, unit: Path) -> None:
    systemd.fails("systemctl", "show-environment", "Failed to connect to bus: No medium found")

    result = stoker("service", "install", "--yes")

    assert (result.exit_code, unit.exists()) == (1, False)
    assert "cannot be reached (Failed to connect to bus: No medium found)" in result.stderr
    assert "su and sudo bring no session along" in result.stderr


def test_without_systemd_it_says_what_else_can_be_done(
    stoker: Stoker, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(home))

    assert "let yours run `stoker --headless`" in stoker("service", "install", "--yes").stderr
    assert stoker("service", "status").stdout.startswith("The service is not installed.")


def test_the_unit_for_the_machine_is_printed_with_what_root_types(stoker: Stoker, systemd: ScriptedSystemd) -> None:
    result = stoker("service", "install", "--system")

    assert "DynamicUser=yes\n" in result.stdout
    assert "systemctl daemon-reload && systemctl enable --now stoker" in result.stderr
    assert systemd.orders() == []


def test_on_a_mac_the_agent_is_printed_and_called_untested(stoker: Stoker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")

    result = stoker("service", "install")

    agent = plistlib.loads(result.stdout.encode())
    assert agent["ProgramArguments"][:4] == [sys.executable, "-P", "-m", "node"]
    assert (agent["KeepAlive"], agent["RunAtLoad"]) == ({"SuccessfulExit": False}, True)
    assert "nobody has tried it yet" in result.stderr


def test_status_of_a_running_service(stoker: Stoker, systemd: ScriptedSystemd, unit: Path) -> None:
    stoker("service", "install", "--yes")
    installed(systemd, unit)

    result = stoker("service", "status")

    assert result.exit_code == 0
    assert result.stdout == (
        "Your service is active (running) since 2026-11-22 17:08:35, process 4711.\n"
        "The node says: WAITING: ready, no job has been sent.\n"
    )


def test_status_of_a_service_that_fails_says_why_and_what_to_do(
    stoker: Stoker, systemd: ScriptedSystemd, unit: Path
) -> None:
    installed(systemd, unit, ActiveState="failed", SubState="failed", StatusText="", Result="exit-code",
              MainPID="0", NRestarts="7", ExecMainStatus="78", UnitFileState="disabled")  # fmt: skip

    result = stoker("service", "status")

    assert result.exit_code == 4
    assert result.stdout == (
        "Your service is failed (failed).\n"
        "The last run ended badly (exit-code, exit code 78: a setting cannot be used; file and key are named). "
        "`stoker service logs` shows why.\n"
        "systemd has started it again 7 times by itself.\n"
        "It does not start with the machine. `stoker service install` changes that.\n"
        f"It runs only while you are logged in. `loginctl enable-linger {PERSON}` changes that.\n"
        f"{unit} is not what this Stoker would write for this data directory. `stoker service install` renews it.\n"
    )


def test_status_as_json(stoker: Stoker, systemd: ScriptedSystemd, unit: Path) -> None:
    installed(systemd, unit, NRestarts="2")
    systemd.lingers(True)

    assert json.loads(stoker("service", "status", "--json").stdout) == {
        "installed": True, "scope": "user", "unit": str(unit), "current": False, "enabled": True, "active": True,
        "state": "active (running)", "status": "WAITING: ready, no job has been sent", "pid": 4711,
        "since": 1795367315.0, "restarts": 2, "result": "success", "exit_code": 0, "linger": True,
    }  # fmt: skip


def test_the_machine_s_service_is_shown_where_only_that_is_in_use(stoker: Stoker, systemd: ScriptedSystemd) -> None:
    systemd.shows("system", RUNNING, FragmentPath="/etc/systemd/system/stoker.service")
    systemd.journal("the node is up\n")

    assert stoker("service", "status").stdout.startswith("The machine's service is active (running)")
    assert stoker("service", "logs").stdout == "the node is up\n"
    assert systemd.orders()[-1].startswith("journalctl --unit=stoker.service --lines=100")


def test_logs_come_from_the_journal(stoker: Stoker, systemd: ScriptedSystemd) -> None:
    systemd.journal("the node is up\nan \x1b[31mescape\n")

    assert stoker("service", "logs", "-n", "7").stdout == "the node is up\nan [31mescape\n"
    assert systemd.orders() == ["journalctl --user-unit=stoker.service --lines=7 --output=cat --no-pager --quiet"]


def test_logs_can_be_followed(stoker: Stoker, systemd: ScriptedSystemd) -> None:
    assert stoker("service", "logs", "-f").exit_code == 0
    assert systemd.orders()[-1].endswith("--follow")


def test_where_the_journal_is_silent_another_way_is_named(stoker: Stoker, systemd: ScriptedSystemd) -> None:
    result = stoker("service", "logs")

    assert result.exit_code == 1
    assert "`stoker logs` shows the node's own file" in result.stderr


def test_uninstall_ends_the_service_and_leaves_the_data(
    stoker: Stoker, systemd: ScriptedSystemd, unit: Path, home: Path
) -> None:
    (home / "data").mkdir()
    stoker("service", "install", "--yes")

    result = stoker("service", "uninstall", "--yes")

    assert result.exit_code == 0, result.stderr
    assert (unit.exists(), (home / "data").is_dir()) == (False, True)
    assert systemd.orders()[-2:] == [
        "systemctl --user disable --quiet --now stoker.service",
        "systemctl --user daemon-reload",
    ]
    assert f"Your data stays in {home / 'data'}" in result.stderr
    assert "loginctl disable-linger" in result.stderr


def test_uninstall_of_nothing_does_nothing(stoker: Stoker, systemd: ScriptedSystemd) -> None:
    systemd.shows("user", ABSENT)

    result = stoker("service", "uninstall")

    assert (result.exit_code, systemd.orders()) == (0, [])
