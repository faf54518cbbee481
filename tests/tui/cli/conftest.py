from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result
from scripted_control import ScriptedControl, Stoker

from tui.cli.root import root


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def control() -> Iterator[ScriptedControl]:
    """A node that plays a script."""
    with ScriptedControl() as control:
        yield control


@pytest.fixture
def stoker(control: ScriptedControl) -> Stoker:
    """Runs ``stoker ARGUMENTS`` against the scripted node."""

    def run(*arguments: str, input: str | None = None) -> Result:  # noqa: A002
        return CliRunner().invoke(root, ["--data-dir", str(control.directory), *arguments], input=input)

    return run
