"""Getting a model to the point where it can answer."""

from __future__ import annotations

import time
from copy import copy

from node.control.client import ControlClient
from tui import format as shown
from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.fetch import find_model, pull
from tui.cli.terminal.output import narrate, printable
from tui.cli.terminal.progress import Waiting

LOAD_PATIENCE = 600.0  # seconds: tens of gigabytes from a slow disk
SERVER_PATIENCE = 15.0
POLL = 0.1


def make_ready(node: ControlClient, wanted: str | None) -> str:
    """The name of a model that is served now: the wanted one, or the one that the settings name.

    What is missing is fetched, what is not loaded is loaded.

    Raises:
        Failure: there is no such model, it is too big, or no engine serves it.
    """
    served = _served(node)
    if wanted is None and served:
        return served[0]
    if wanted in served:
        return wanted
    chosen = {each.key: each.value for each in node.settings()}
    if chosen.get("engine.kind") == "openai":
        return _await_server(node, wanted)
    name = wanted or chosen["engine.model"]
    models = node.get("/models")
    if not any(each["name"] == name for each in models["installed"]):
        _fetch(node, models, name)
    if name not in _served(node):
        _load(node, name)
    return name


def _fetch(node: ControlClient, models: dict[str, object], name: str) -> None:
    known = find_model(models, name)
    fit = known["fit"]
    narrate(printable(f"Fetching {name} ({shown.size(known['size'])}, {known['licence']}) from {known['source']}."))
    if fit["level"] == "too_big":
        raise Failure(f"{name} {fit['sentence']}", "`stoker model list` shows which models fit")
    pull(node, name)


def _load(node: ControlClient, name: str) -> None:
    patient = copy(node)
    patient.timeout = LOAD_PATIENCE
    with Waiting(f"loading {name}"):
        patient.command("use_model", name=name)


def _await_server(node: ControlClient, wanted: str | None) -> str:
    deadline = time.monotonic() + SERVER_PATIENCE
    with Waiting("waiting for your engine"):
        while time.monotonic() < deadline:
            served = _served(node)
            if served and (wanted is None or wanted in served):
                return wanted or served[0]
            time.sleep(POLL)
    engines = node.state().engines
    said = "; ".join(f"engine {each.name} is {each.status}: {each.detail}" for each in engines)
    serves = ", ".join(_served(node)) or "nothing"
    raise Failure(
        printable(f"no engine serves {wanted or 'a model'} ({said}; served: {serves})"),
        next((each.remedy for each in engines if each.remedy), "stoker engine detect"),
        Exit.NOT_NOW,
    )


def _served(node: ControlClient) -> list[str]:
    return [name for engine in node.state().engines for name in engine.models]
