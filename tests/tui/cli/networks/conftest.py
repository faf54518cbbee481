from __future__ import annotations

import pytest
from network_views import FINE, HORDE, PARKED, POD, WORKING
from scripted_control import ScriptedControl


@pytest.fixture(autouse=True)
def _networks(control: ScriptedControl, monkeypatch: pytest.MonkeyPatch) -> None:
    control.on("GET", "/networks", {"networks": [WORKING, PARKED]})
    control.on("GET", "/networks/kinds", {"kinds": [HORDE, POD]})
    control.on("POST", "/networks/examine", FINE)
    for name in ("add", "change", "enable", "disable", "remove"):
        control.on("POST", f"/commands/{name}_network", {"name": "horde"})
    control.on("POST", "/commands/network_maintenance", {"name": "horde"})
    # for the tests' own process: it could no longer read its own /proc/self
    monkeypatch.setattr("tui.cli.keys.memory.forbid_core_dumps", lambda: None)
