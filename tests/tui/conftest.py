"""The same local time and colours on every machine, and a node that plays a script."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from fake_node import hang_up
from scripted_control import ScriptedControl


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def _no_line_is_left_open() -> Iterator[None]:
    """An app that has ended is kept in memory by its thread, which listens to a fake node."""
    yield
    hang_up()


@pytest.fixture
def control() -> Iterator[ScriptedControl]:
    """A node that plays a script."""
    with ScriptedControl() as control:
        yield control
