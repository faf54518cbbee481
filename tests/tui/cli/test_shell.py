"""The manual page and the completion, made from the commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tui.cli.root import COMMANDS, root

PAGE = CliRunner().invoke(root, ["man"]).stdout


def commands(group: click.Group, path: str = "") -> dict[str, click.Command]:
    """Every listed command by what a person types after ``stoker``."""
    context = click.Context(group)
    found: dict[str, click.Command] = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if not command.hidden:
            found[f"{path}{name}"] = command
            if isinstance(command, click.Group):
                found |= commands(command, f"{path}{name} ")
    return found


def test_every_command_has_its_part_in_the_manual_page() -> None:
    assert set(commands(root)) == {part.replace(r"\-", "-") for part in re.findall(r"^\.SS (.+)$", PAGE, re.M)}


def test_every_option_and_exit_code_stands_there() -> None:
    plain = PAGE.replace(r"\-", "-")
    for command in commands(root).values():
        for option in (each for each in command.params if isinstance(each, click.Option)):
            assert option.opts[0] in plain
    assert "no node runs, and this needs one" in plain


def test_what_is_for_developers_is_not_in_it() -> None:
    assert ".SS dev" not in PAGE


def test_roff_takes_no_text_for_an_order() -> None:
    orders = {line.split()[0] for line in PAGE.splitlines() if line.startswith((".", "'"))}

    assert orders <= {".TH", ".SH", ".SS", ".PP", ".TP", ".RS", ".RE", ".nf", ".fi", ".nh", ".ad"}
    assert PAGE.isascii()


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (["stoker", "ha"], ["hardware"]),
        (["stoker", "jobs", "s"], ["show"]),
        (["stoker", "jobs", "--state", "fa"], ["failed"]),
        (["stoker", "--no"], ["--node"]),
    ],
)
def test_words_are_completed(words: list[str], completed: list[str]) -> None:
    environment = {
        **os.environ,
        "_STOKER_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-P", "-c", "from tui.cli import main; main()"],
        env=environment,
        capture_output=True,
        text=True,
    )

    assert [line.partition(",")[2] for line in done.stdout.splitlines()] == completed


def test_completing_the_first_word_imports_no_command() -> None:
    told = "import sys; from tui.cli.root import root; import click; "
    told += "root.shell_complete(click.Context(root), ''); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", told], capture_output=True, text=True, check=True)

    modules = {place.partition(":")[0] for place, _ in COMMANDS.values()}
    assert not modules & set(done.stdout.split())


def test_the_script_is_one_for_the_person_s_own_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/usr/bin/bash")

    script = CliRunner().invoke(root, ["completion"]).stdout

    assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0
    assert "complete -o nosort -F _stoker_completion stoker" in script


def test_a_shell_that_is_not_known_gets_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", str(Path("/bin/tcsh")))

    result = CliRunner().invoke(root, ["completion"])

    assert result.exit_code == 2
    assert "name one: bash, zsh, fish" in result.stderr
