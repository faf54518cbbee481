"""``stoker update``: the commands as data, the rest as narration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fake_node import IDLE
from scripted_control import ScriptedControl
from scripted_systemd import RUNNING, ScriptedSystemd
from wheels import make_wheel

from tui.cli.root import root
from tui.cli.update import command
from tui.cli.update.installation import Installation, Source, Tool

INSTALLED = Installation("0.1.0", Source.INDEX, Tool.PIPX)


@pytest.fixture(autouse=True)
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScriptedSystemd:
    systemd = ScriptedSystemd(tmp_path / "systemd")
    monkeypatch.setenv("PATH", str(systemd.programs), prepend=":")
    monkeypatch.setattr(command, "this_installation", lambda: INSTALLED)
    return systemd


def stoker(directory: Path, *arguments: str) -> Result:
    return CliRunner().invoke(root, ["--data-dir", str(directory), "update", *arguments])


def test_where_no_node_runs_the_commands_are_the_installer_s(tmp_path: Path) -> None:
    result = stoker(tmp_path)

    assert result.stdout == "pipx upgrade stoker\n"
    assert "This is Stoker 0.1.0, installed from the package index, kept by pipx." in result.stderr
    assert "copies the books before it changes them" in result.stderr


def test_a_node_that_runs_by_itself_is_drained_and_started_again(control: ScriptedControl) -> None:
    control.on("GET", "/state", IDLE)

    assert stoker(control.directory).stdout == "pipx upgrade stoker\nstoker drain\nstoker\n"


@pytest.mark.parametrize(
    ("scope", "restart"),
    [("user", "systemctl --user restart stoker.service"), ("system", "sudo systemctl restart stoker.service")],
)
def test_a_service_is_restarted(tmp_path: Path, systemd: ScriptedSystemd, scope: str, restart: str) -> None:
    systemd.shows(scope, RUNNING)

    assert stoker(tmp_path).stdout.splitlines()[-1] == restart


def test_the_way_to_another_version(tmp_path: Path) -> None:
    assert stoker(tmp_path, "--to", "0.0.9").stdout == "pipx install --force stoker==0.0.9\n"


@pytest.mark.parametrize("arguments", [("--to", "; rm -rf /"), ("--to", "-e"), ("--check", "--to", "0.0.9")])
def test_what_is_no_version_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert stoker(tmp_path, *arguments).exit_code == 2


def test_a_check_says_whether_there_is_a_newer_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    make_wheel(tmp_path, "stoker", "0.2.0", {})

    told, data = stoker(tmp_path / "data", "--check"), stoker(tmp_path / "data", "--check", "--json")

    assert told.stdout == "The newest version is 0.2.0; it is newer than this one, 0.1.0.\n"
    assert json.loads(data.stdout) == {
        "installed": "0.1.0", "source": "index", "place": "", "tool": "pipx", "commands": ["pipx upgrade stoker"],
        "newest": "0.2.0", "commit": None, "newer": True,
    }  # fmt: skip


def test_the_installation_that_runs_these_tests_can_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()

    said = json.loads(stoker(tmp_path, "--json").stdout)

    assert said["source"] in tuple(Source)
    assert "newest" not in said
