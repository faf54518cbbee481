"""Starting the node again, so that what was chosen takes effect."""

from __future__ import annotations

import time

from node.control.client import ControlClient
from tui.cli.failures import Failure
from tui.setup import facts
from tui.setup.words import Busy, Run, Talk, ran

PATIENCE = 600.0  # seconds: tens of gigabytes from a slow disk
SERVER_PATIENCE = 20.0  # seconds until a server of one's own has said what it serves


def restarted(client: ControlClient) -> Talk[None]:
    """Have the node finish its jobs and start again, and wait until it serves what it can.

    Raises:
        Failure: it did not start.
    """
    done = yield from ran(Run(("restart",), "starting the node again"))
    if done.code:
        raise Failure(" ".join(done.said[-3:]) or "the node did not start again", "`stoker doctor` says more")
    yield from loaded(client)


def loaded(client: ControlClient) -> Talk[None]:
    """Wait until a node that has just been started serves what it can."""
    known = facts.look(client)
    if known.served:
        return
    if known.own_server:
        yield Busy("asking your server for its models")
        served(client, SERVER_PATIENCE)
    elif any(model["name"] == known.value("engine.model") for model in known.models["installed"]):
        yield Busy(f"loading {known.value('engine.model')}")
        served(client, PATIENCE)


def served(client: ControlClient, seconds: float) -> tuple[str, ...]:
    """What is served, as soon as something is or an engine says that it cannot; empty if nothing is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        engines = client.state().engines
        if found := tuple(name for engine in engines for name in engine.models):
            return found
        if engines and all(engine.remedy for engine in engines):
            break
        time.sleep(0.1)
    return ()
