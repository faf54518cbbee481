"""The app on a terminal, with the person's own colours and keys, from its start to an exit code."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypedDict

from node.control.client import ControlClient
from tui import terminal
from tui.app import StokerApp
from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.themes import DEFAULT, SIXTEEN

CRASHED = 1  # what Textual says after an exception


def run(client: ControlClient, *, home: Path | None = None, name: str = "", setup_at: str | None = None) -> int:
    """Show the node of this client until the person leaves or the terminal goes; the node goes on either way.

    Args:
        home: the directory with the person's colours and keys; None for the shipped ones.
        name: what a node is called that is not this machine's own.
        setup_at: open the guide, at this step if it is not empty; None opens the dashboard.

    Returns:
        The exit code: OK if the person left, SOFTWARE after a crash, 128 + n if signal n ended it.

    Raises:
        Failure: the file with colours and keys cannot be used.
    """
    return asyncio.run(show(StokerApp(client, name=name, setup_at=setup_at, **chosen(home))))


class Chosen(TypedDict, total=False):
    """What a person's preferences mean for an app."""

    theme: str
    keys: Mapping[str, str]
    keep_theme: Callable[[str], None]


def chosen(home: Path | None) -> Chosen:
    """The preferences in this directory; see `tui.preferences`."""
    if home is None:
        return {}
    from tui.preferences import FILE, PreferencesError, keep_theme, load

    try:
        preferences = load(home / FILE)
    except PreferencesError as error:
        raise Failure(str(error), "mend that line, or move the file away for defaults", Exit.BAD_CONFIG) from None
    theme = preferences.theme or (SIXTEEN if terminal.has_few_colours(os.environ) else DEFAULT)
    return {"theme": theme, "keys": preferences.keys, "keep_theme": partial(keep_theme, home / FILE)}


async def show(app: StokerApp) -> int:
    """Run an app that has been built, inside the event loop; the exit code."""
    terminal.on_end_signals(app.exit)
    result = await app.run_async()
    if app.return_code == CRASHED:
        return Exit.SOFTWARE
    return result or Exit.OK
