"""``stoker networks set``, ``enable``, ``disable``, ``maintenance`` and ``remove``."""

from __future__ import annotations

import pytest
from scripted_control import ScriptedControl, Stoker


def test_only_what_is_given_changes(control: ScriptedControl, stoker: Stoker) -> None:
    assert stoker("networks", "set", "horde", "--weight", "3").exit_code == 0
    assert control.commands() == [("change_network", {"name": "horde", "weight": 3.0})]


def test_a_new_key_goes_to_the_node_alone(control: ScriptedControl, stoker: Stoker) -> None:
    result = stoker("networks", "set", "horde", "--api-key-file", "-", input="new-key\n")
    assert control.commands() == [("change_network", {"name": "horde", "key": "new-key"})]
    assert "new-key" not in result.output


def test_changing_nothing_is_a_mistake(control: ScriptedControl, stoker: Stoker) -> None:
    assert stoker("networks", "set", "horde").exit_code == 2
    assert control.commands() == []


@pytest.mark.parametrize("command", ["enable", "disable"])
def test_a_network_is_switched(control: ScriptedControl, stoker: Stoker, command: str) -> None:
    assert stoker("networks", command, "horde").exit_code == 0
    assert control.commands() == [(f"{command}_network", {"name": "horde"})]


@pytest.mark.parametrize(("state", "on"), [("on", True), ("off", False)])
def test_maintenance_is_asked_of_the_network(control: ScriptedControl, stoker: Stoker, state: str, on: bool) -> None:
    assert stoker("networks", "maintenance", "horde", state, "--message", "back at noon").exit_code == 0
    assert control.commands() == [("network_maintenance", {"name": "horde", "on": on, "message": "back at noon"})]


def test_without_a_terminal_leaving_needs_a_yes(control: ScriptedControl, stoker: Stoker) -> None:
    result = stoker("networks", "remove", "horde")
    assert (result.exit_code, "--yes" in result.stderr) == (1, True)
    assert control.commands() == []


def test_leaving_says_that_the_books_stay(control: ScriptedControl, stoker: Stoker) -> None:
    result = stoker("networks", "remove", "horde", "--yes")
    assert control.commands() == [("remove_network", {"name": "horde"})]
    assert "the books keep what it brought" in result.stderr


def test_a_changed_page_is_accepted_anew(control: ScriptedControl, stoker: Stoker) -> None:
    result = stoker("networks", "accept", "horde", "--accept")
    assert result.exit_code == 0, result.output
    (command,) = control.commands()
    assert command[0] == "change_network"
    assert set(command[1]) == {"name", "accepted_page"}


def test_nobody_agrees_for_somebody_else(control: ScriptedControl, stoker: Stoker) -> None:
    assert stoker("networks", "accept", "horde").exit_code != 0
    assert control.commands() == []
