"""``stoker networks`` on a real terminal: the page, the questions, and a key that is not echoed."""

from __future__ import annotations

import pytest
from scripted_control import ScriptedControl
from terminal_run import TerminalRun

KEY = "0123456789abcdefKEY"


def stoker(control: ScriptedControl, *arguments: str) -> TerminalRun:
    return TerminalRun("-m", "tui.cli", "--data-dir", str(control.directory), "networks", *arguments, columns=60)


def answered(run: TerminalRun, question: str, answer: str) -> None:
    run.read_until(lambda output: question.encode() in output)
    run.type(f"{answer}\n")


def test_page_name_and_key_are_asked_for_one_after_the_other(control: ScriptedControl) -> None:
    control.on("GET", "/networks", {"networks": []})
    with stoker(control, "add", "horde") as run:
        answered(run, "want to work for AI Horde?", "y")
        answered(run, "Your worker's name at AI Horde", "rig")
        answered(run, "API key of AI Horde", KEY)
        assert run.wait() == 0

    (command,) = control.commands()
    assert command[1]["worker_name"] == "rig"
    assert command[1]["key"] == KEY
    assert KEY.encode() not in run.output
    page = run.output.decode().split("Do you accept")[0].splitlines()
    assert max(map(len, page)) <= 60


def test_who_does_not_accept_the_page_joins_nothing(control: ScriptedControl) -> None:
    control.on("GET", "/networks", {"networks": []})
    with stoker(control, "add", "horde", "--name", "rig") as run:
        answered(run, "want to work for AI Horde?", "n")
        assert run.wait() == 130

    assert {asked.method for asked in control.asked} == {"GET"}


def test_an_experiment_asks_a_second_time(control: ScriptedControl) -> None:
    control.on("GET", "/networks", {"networks": []})
    with stoker(control, "add", "usepod") as run:
        answered(run, "want to work for Use Pod?", "y")
        answered(run, "Have you asked them", "y")
        assert run.wait() == 0

    ((_, given),) = control.commands()
    assert given["options"] == {"asked_them": True}


@pytest.mark.parametrize(("answer", "removed"), [("y", True), ("n", False)])
def test_leaving_asks(control: ScriptedControl, answer: str, removed: bool) -> None:
    with stoker(control, "remove", "horde") as run:
        answered(run, "Leave horde", answer)
        run.wait()

    assert bool(control.commands()) is removed
