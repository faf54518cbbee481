from __future__ import annotations

from collections.abc import Iterator

import pytest
from ssh_server import SshServer, ssh_server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SshServer]:
    """Another machine, by ssh."""
    with ssh_server(monkeypatch) as server:
        yield server
