"""``stoker pause | resume | drain | stop``."""

from __future__ import annotations

import json
from dataclasses import replace

from fake_node import WORKING
from scripted_control import Answer, Asked, ScriptedControl, Stoker, json_answer

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


def test_stop_ends_the_node(control: ScriptedControl, stoker: Stoker) -> None:
    ends_when_told(control, "stop")

    assert stoker("stop", "--yes").stderr == "The node has ended.\n"
