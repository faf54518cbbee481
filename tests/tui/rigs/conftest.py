from __future__ import annotations

from collections.abc import Iterator

import pytest
from scripted_control import ScriptedControl
from ssh_server import SshServer, ssh_server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SshServer]:
    """Another machine, by ssh."""
    with ssh_server(monkeypatch) as server:
        yield server


@pytest.fixture
def control() -> Iterator[ScriptedControl]:
    """A node that plays a script."""
    with ScriptedControl() as control:
        yield control
