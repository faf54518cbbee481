from __future__ import annotations

import pytest
from click.testing import CliRunner, Result
from scripted_control import ScriptedControl, Stoker

from tui.cli.root import root


@pytest.fixture
def stoker(control: ScriptedControl) -> Stoker:
    """Runs ``stoker ARGUMENTS`` against the scripted node."""

    def run(*arguments: str, input: str | None = None) -> Result:  # noqa: A002
        return CliRunner().invoke(root, ["--data-dir", str(control.directory), *arguments], input=input)

    return run
