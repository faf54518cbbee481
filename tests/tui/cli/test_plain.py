"""``--plain``: one fact a line, nothing drawn, for those who listen."""

from __future__ import annotations

import re

import click
import pytest
from click.testing import CliRunner
from fake_node import RECENT, WORKING
from scripted_control import ScriptedControl, Stoker

from node.control.codec import encode
from tui.cli.root import root

DRAWN = re.compile("[\u2500-\u259f\u2800-\u28ff\x1b✔✖]")

ANSWERS: dict[tuple[str, ...], dict[str, object]] = {
    ("status",): {"/state": WORKING},
    ("jobs",): {"/jobs": {"jobs": [encode(job) for job in RECENT]}},
    ("engine", "list"): {"/state": WORKING, "/engines/builds": {"installed": [], "release": "b1", "available": []}},
    ("doctor",): {
        "/doctor": {
            "checks": [
                {"name": "clock", "status": "ok", "detail": "exact", "remedy": ""},
                {"name": "card", "status": "warn", "detail": "none is here", "remedy": "add one"},
            ]
        }
    },
    ("hardware",): {"/hardware": {**encode(WORKING.hardware), "alarms": [], "absences": []}},
}


@pytest.mark.parametrize("command", ANSWERS, ids=" ".join)
def test_nothing_is_drawn_and_no_two_facts_share_a_line(
    command: tuple[str, ...], control: ScriptedControl, stoker: Stoker
) -> None:
    for path, answer in ANSWERS[command].items():
        control.on("GET", path, answer)

    result = stoker(*command, "--plain")

    assert result.exit_code == 0, result.stderr
    assert result.stdout
    assert not DRAWN.search(result.stdout)
    assert not [line for line in result.stdout.splitlines() if re.search(r"\S\s{2,}\S", line)]


def test_a_row_becomes_lines_with_the_names_of_the_columns(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/jobs", {"jobs": [encode(job) for job in RECENT[:2]]})

    first, second = stoker("jobs", "--plain").stdout.strip().split("\n\n")

    assert first.splitlines()[0] == f"job: {RECENT[0].number}"
    assert f"network: {RECENT[0].network}" in first.splitlines()
    assert second.splitlines()[0] == f"job: {RECENT[1].number}"


def test_it_may_stand_before_the_command_too(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/jobs", {"jobs": [encode(job) for job in RECENT]})

    assert stoker("--plain", "jobs").stdout == stoker("jobs", "--plain").stdout


def test_or_in_the_environment_for_good(
    control: ScriptedControl, stoker: Stoker, monkeypatch: pytest.MonkeyPatch
) -> None:
    control.on("GET", "/jobs", {"jobs": [encode(job) for job in RECENT]})
    plain = stoker("jobs", "--plain").stdout
    monkeypatch.setenv("STOKER_PLAIN", "1")

    assert stoker("jobs").stdout == plain


def test_every_command_that_has_json_has_it() -> None:
    def walk(command: click.Command, path: str) -> list[str]:
        options = {name for each in command.params for name in each.opts}
        missing = [path] if "--json" in options and "--plain" not in options else []
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                below = command.get_command(context, name)
                assert below is not None
                missing += walk(below, f"{path} {name}")
        return missing

    assert walk(root, "stoker") == []


def test_the_app_is_not_opened_but_the_status_told(control: ScriptedControl) -> None:
    control.on("GET", "/state", WORKING)

    told = CliRunner().invoke(root, ["--data-dir", str(control.directory), "--plain"])

    assert told.stdout.startswith("WORKING")
    assert told.stderr == ""
