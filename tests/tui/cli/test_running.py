"""``stoker pause | resume | drain | restart | stop``."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from fake_node import WORKING
from scripted_control import Answer, Asked, ScriptedControl, Stoker, json_answer

from tui.cli.service import systemd
from tui.cli.service.systemd import Scope

NO_PROCESS = 2**22 + 1  # above the highest number that Linux gives
BUSY = replace(WORKING, node=replace(WORKING.node, pid=NO_PROCESS))


def ends_when_told(control: ScriptedControl, command: str) -> None:
    """The node is there until the command has come, and looks once more at its jobs before it ends."""
    told = []

    def state(_: Asked) -> Answer:
        if told:
            control.vanish()
        return json_answer(BUSY)

    def obey(_: Asked) -> Answer:
        told.append(command)
        return json_answer({"jobs": 5})

    control.on("GET", "/state", state)
    control.on("POST", f"/commands/{command}", obey)


def test_pause_carries_the_reason(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("POST", "/commands/pause", {"jobs": 1})

    result = stoker("pause", "rendering until noon")

    assert control.commands() == [("pause", {"reason": "rendering until noon"})]
    assert (result.exit_code, result.stdout) == (0, "")
    assert "stoker resume" in result.stderr


def test_resume_says_that_jobs_are_taken_again(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("POST", "/commands/resume", {})

    assert stoker("resume").stderr == "Resumed: the node takes jobs again.\n"


def test_drain_waits_until_the_node_has_ended(control: ScriptedControl, stoker: Stoker) -> None:
    ends_when_told(control, "drain")

    result = stoker("drain")

    assert not (control.directory / "control.sock").exists()
    assert (result.exit_code, result.stderr) == (0, "The node has finished its jobs and ended.\n")


def test_drain_without_waiting_returns_at_once(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/state", BUSY)
    control.on("POST", "/commands/drain", {"jobs": 4, "seconds": 40.0})

    result = stoker("drain", "--no-wait", "--json")

    assert json.loads(result.stdout) == {"jobs": 4, "seconds": 40.0}
    assert [asked.path for asked in control.asked] == ["/state", "/commands/drain"]


def test_restart_drains_the_node_and_starts_it_again(
    control: ScriptedControl, stoker: Stoker, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr("tui.cli.running.ensure", started.append)
    ends_when_told(control, "drain")

    result = stoker("restart")

    assert (result.exit_code, result.stderr) == (0, "The node runs again.\n")
    assert started == [control.directory]


def test_restart_starts_a_node_that_does_not_run(
    control: ScriptedControl, stoker: Stoker, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr("tui.cli.running.ensure", started.append)
    control.vanish()

    assert stoker("restart").exit_code == 0
    assert started == [control.directory]


def test_restart_leaves_a_service_to_its_manager(
    control: ScriptedControl, stoker: Stoker, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, ...]] = []
    running = replace(systemd.state(Scope.USER), pid=NO_PROCESS)
    monkeypatch.setattr(systemd, "state", lambda _: running)
    monkeypatch.setattr(systemd, "tell", lambda *words: told.append(words))
    control.on("GET", "/state", BUSY)

    assert stoker("restart").exit_code == 0
    assert told == [("restart", "stoker.service")]
    assert control.commands() == []


def test_stop_ends_the_node(control: ScriptedControl, stoker: Stoker) -> None:
    ends_when_told(control, "stop")

    assert stoker("stop", "--yes").stderr == "The node has ended.\n"
