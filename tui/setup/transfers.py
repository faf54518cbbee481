"""Following what the node fetches or unpacks, line by line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from node.control.client import ControlClient, NodeAbsent, Refused
from tui.cli.failures import Failure
from tui.cli.fetch import INTERRUPTED, LONGEST_LINE
from tui.setup.words import Busy, Progress, Talk

RESULTS = ("installed", "engine")


def followed(client: ControlClient, path: str, body: Mapping[str, object], what: str) -> Talk[dict[str, Any]]:
    """Have the node do it, telling how far it is; what came of it.

    Args:
        what: is under way, in words; empty for the node's own.

    Raises:
        Failure: it did not work out.
    """
    busy = ""
    with client.stream(path, body) as answer:
        while line := answer.readline(LONGEST_LINE):
            event = json.loads(line)
            if "error" in event:
                raise Failure(event["error"]["message"], event["error"].get("remedy", ""))
            for name in RESULTS:
                if name in event:
                    result: dict[str, Any] = event[name]
                    return result
            now = what or event["detail"]
            if event["done"] or event.get("total"):
                yield Progress(now, event["done"], event.get("total"))
            elif now != busy:
                yield Busy(now)
            busy = now
    raise INTERRUPTED


def pulled(client: ControlClient, name: str) -> Talk[dict[str, Any]]:
    """Fetch a model of the catalogue; breaking it off calls the fetch off, and the next one goes on there."""
    try:
        return (yield from followed(client, "/models/pull", {"name": name}, f"fetching {name}"))
    except (GeneratorExit, KeyboardInterrupt):
        with suppress(NodeAbsent, Refused, OSError):
            client.command("cancel_pull", name=name)
        raise
