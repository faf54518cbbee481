"""The README and the pages in docs/ tell people nothing that does not work."""

from __future__ import annotations

from pathlib import Path

import click
import pages
import pytest
from click.testing import CliRunner
from pages import Call

from node.config import build
from tui.cli.root import root

TYPED = [(page, call) for page in pages.PAGES for call in pages.calls(page.read_text("utf-8"))]


def listed(group: click.Group, above: click.Context | None = None, name: str = "stoker") -> dict[str, click.Command]:
    """A group and every listed command below it, by what a person types."""
    context = click.Context(group, info_name=name, parent=above)
    found: dict[str, click.Command] = {context.command_path: group}
    for below in group.list_commands(context):
        command = group.get_command(context, below)
        assert command is not None
        inner = listed(command, context, below) if isinstance(command, click.Group) else {}
        found |= inner or {f"{context.command_path} {below}": command}
    return found


COMMANDS = listed(root)


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where every file that is named lies, and no command does anything."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(click.Command, "invoke", lambda *_: None)
    monkeypatch.setattr(click.Path, "convert", lambda _, value, *__: Path(value))
    return tmp_path


def read(call: Call, ways: Path) -> None:
    """Have the CLI read a command line; it raises what it would refuse it with."""
    for word in call.words:
        if Path(word).suffix in (".key", ".pass", ".json", ".backup") and "/" not in word:
            (ways / word).touch(mode=0o600)
    result = CliRunner().invoke(root, call.words, standalone_mode=False)
    unfinished = isinstance(result.exception, click.MissingParameter | click.exceptions.NoArgsIsHelpError)
    if result.exception and not (call.mentioned and unfinished):
        raise result.exception
    assert not result.return_value, result.stderr


@pytest.mark.parametrize(("page", "call"), TYPED, ids=[f"{page.stem}: {call}" for page, call in TYPED])
def test_every_command_in_the_pages_is_one(page: Path, call: Call, ways: Path) -> None:
    read(call, ways)


@pytest.mark.parametrize("path", COMMANDS)
def test_the_help_of_every_command_has_an_example_that_is_one(path: str, ways: Path) -> None:
    examples = [call for line in (COMMANDS[path].epilog or "").splitlines() for call in pages.typed(line)]

    assert any(" ".join(["stoker", *call.words]).startswith(path) for call in examples)
    for call in examples:
        read(call, ways)


def test_every_command_is_spoken_of_in_the_pages() -> None:
    told = {call.words[0] for _, call in TYPED if call.words}

    assert set(root.list_commands(click.Context(root))) <= told


def test_every_setting_that_the_pages_set_can_be_set_so() -> None:
    for _, call in TYPED:
        match call.words:
            case ("settings", "set", key, value):
                group, name = key.split(".")
                build({group: {name: value}}, "the page")


@pytest.mark.parametrize("page", pages.PAGES, ids=[page.stem for page in pages.PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in pages.links(page):
        assert target.exists()
        assert not anchor or anchor in pages.anchors(target)


def test_the_readme_leads_to_every_page() -> None:
    assert set(pages.PAGES) - {pages.README} <= {target for target, _ in pages.links(pages.README)}
