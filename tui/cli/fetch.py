"""Following a download or an import that the node does, with a way to call it off."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Any

from node.control.client import ControlClient, NodeAbsent, Refused
from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.terminal.output import narrate, printable
from tui.cli.terminal.progress import TransferBar, Waiting

LONGEST_LINE = 1 << 20
INTERRUPTED = Failure("the fetch ended without a result", "`stoker logs` says more; start it again, it goes on")


def find_model(found: dict[str, Any], name: str) -> dict[str, Any]:
    """A model by name out of the node's answer about models; what is installed goes before the catalogue.

    Raises:
        Failure: there is none; the nearest name is offered.
    """
    known = {each["name"]: each for each in [*found["catalogue"], *found["installed"]]}
    if name in known:
        which: dict[str, Any] = known[name]
        return which
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise Failure(f"there is no model {name!r}", f"{hint}`stoker model list` shows what there is", Exit.REFUSED)


def pull(node: ControlClient, name: str) -> dict[str, Any]:
    """Fetch a model of the catalogue; what was installed.

    Raises:
        Failure: it did not work out.
        KeyboardInterrupt: the person called it off, and the node has been told.
    """
    try:
        return _follow(node, "/models/pull", {"name": name}, f"fetching {name}")
    except KeyboardInterrupt:
        with suppress(NodeAbsent, Refused, OSError):
            node.command("cancel_pull", name=name)
        raise


def import_file(node: ControlClient, path: str, name: str | None) -> dict[str, Any]:
    """Take a GGUF file into the store; what was installed."""
    return _follow(node, "/models/import", {"path": path, **({"name": name} if name else {})}, name or path)


def follow_steps(node: ControlClient, path: str, body: Mapping[str, object]) -> dict[str, Any]:
    """Have the node add or try an engine, telling each of its steps; what came of it.

    Raises:
        Failure: it did not work out.
    """
    with ExitStack() as shown, node.stream(path, body) as answer:
        told, bar = "", None
        while line := answer.readline(LONGEST_LINE):
            event = json.loads(line)
            if "error" in event:
                raise Failure(event["error"]["message"], event["error"].get("remedy", ""))
            if "engine" in event:
                engine: dict[str, Any] = event["engine"]
                return engine
            if event["detail"] != told:
                shown.close()
                told, bar = event["detail"], None
                if event["done"] or event["total"]:
                    bar = TransferBar(told)
                    shown.callback(bar.close)
                else:
                    narrate(f"{printable(told)} …")
                    shown.enter_context(Waiting(told))
            if bar is not None:
                bar.update(event["done"], event["total"])
    raise INTERRUPTED


def _follow(node: ControlClient, path: str, body: dict[str, object], name: str) -> dict[str, Any]:
    bar = TransferBar(name)
    try:
        with node.stream(path, body) as answer:
            while line := answer.readline(LONGEST_LINE):
                event = json.loads(line)
                if "error" in event:
                    error = event["error"]
                    raise Failure(error["message"], error.get("remedy", ""))
                if "installed" in event:
                    installed: dict[str, Any] = event["installed"]
                    return installed
                bar.update(event["done"], event.get("total"))
    finally:
        bar.close()
    raise INTERRUPTED
