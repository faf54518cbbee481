"""``stoker pause | resume | drain | stop``."""

from __future__ import annotations

import json

import pytest
from fake_node import IDLE, WORKING
from scripted_control import Answer, Asked, ScriptedControl, Stoker, json_answer


def ends_when_told(control: ScriptedControl, command: str) -> None:
    """The node is there until the command has come, and looks once more at its jobs before it ends."""
    told = []

    def state(_: Asked) -> Answer:
        if told:
            control.vanish()
        return json_answer(WORKING)

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
    control.on("POST", "/commands/drain", {"jobs": 4, "seconds": 40.0})

    result = stoker("drain", "--no-wait", "--json")

    assert json.loads(result.stdout) == {"jobs": 4, "seconds": 40.0}
    assert [asked.path for asked in control.asked] == ["/commands/drain"]


def test_stop_ends_the_node(control: ScriptedControl, stoker: Stoker) -> None:
    ends_when_told(control, "stop")

    assert stoker("stop", "--yes").stderr == "The node has ended.\n"


@pytest.mark.parametrize(("state", "asks"), [(WORKING, True), (IDLE, False)])
def test_stop_asks_on_a_terminal_only_while_jobs_run(
    control: ScriptedControl, stoker: Stoker, monkeypatch: pytest.MonkeyPatch, state: object, asks: bool
) -> None:
    def obey(_: Asked) -> Answer:
        control.vanish()
        return json_answer({})

    control.on("GET", "/state", state)
    control.on("POST", "/commands/stop", obey)
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)

    result = stoker("stop", input="n\n")

    assert ("5 jobs in hand" in result.stderr) is asks
    assert (control.commands() == []) is asks
    assert result.exit_code == (130 if asks else 0)
