from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from scripted_control import Stoker
from scripted_systemd import ScriptedSystemd

from tui.cli.root import root


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's home with nothing in it, and no settings in the environment."""
    for name in [name for name in os.environ if name.startswith("STOKER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    return tmp_path


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScriptedSystemd:
    """A service manager that plays a script."""
    systemd = ScriptedSystemd(tmp_path / "systemd")
    monkeypatch.setenv("PATH", f"{systemd.programs}:{os.environ['PATH']}")
    return systemd


@pytest.fixture
def stoker(home: Path) -> Stoker:
    """Runs ``stoker ARGUMENTS`` where no node runs."""

    def run(*arguments: str, input: str | None = None) -> Result:  # noqa: A002
        return CliRunner().invoke(root, ["--data-dir", str(home / "data"), *arguments], input=input)

    return run
