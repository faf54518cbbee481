from __future__ import annotations

from collections.abc import Iterator

import pytest
from fake_node import IDLE
from network_views import FINE, HORDE, POD
from scripted_control import Asked, ScriptedControl, json_answer

from node.control.client import ControlClient
from node.control.wire import SettingView
from node.settings_form import describe


@pytest.fixture
def control() -> Iterator[ScriptedControl]:
    """A node without cards that serves nothing and has joined nothing; it takes every setting and command."""
    with ScriptedControl() as control:
        settings = {view.key: view for view in describe(control.directory / "stoker.toml")}

        def written(asked: Asked) -> object:
            old = settings[asked.path.removeprefix("/settings/")]
            value = asked.body["value"]
            source = "default" if value is None else "file"
            settings[old.key] = SettingView(
                old.key, old.kind, old.default if value is None else value, old.default, old.help, source
            )
            return json_answer(settings[old.key])

        control.on("GET", "/settings", lambda _: json_answer({"settings": list(settings.values())}))
        for key in settings:
            control.on("PUT", f"/settings/{key}", written)
        control.on("GET", "/state", IDLE)
        control.on("GET", "/models", {"installed": [], "catalogue": []})
        control.on("GET", "/wallets", {"wallets": []})
        control.on("GET", "/networks", {"networks": []})
        control.on("GET", "/networks/kinds", {"kinds": [HORDE, POD]})
        control.on("GET", "/engines/detect", {"found": []})
        control.on("GET", "/engines/builds", {"installed": [], "available": [], "release": "b1"})
        control.on("POST", "/networks/examine", FINE)
        for command in ("add_network", "use_engine", "use_model", "drain"):
            control.on("POST", f"/commands/{command}", {})
        yield control


@pytest.fixture
def node(control: ScriptedControl) -> ControlClient:
    return ControlClient(control.directory)
