"""``stoker`` alone: the app on a terminal, a few sentences elsewhere."""

from __future__ import annotations

import os
import sys

from node.control.client import NodeAbsent
from tui.cli.exits import Exit
from tui.cli.sentences import headline
from tui.cli.service.starting import start
from tui.cli.session import Session
from tui.cli.status import tell
from tui.cli.terminal.output import narrate, plain, printable, write

CHOICES = ("stoker.toml", "networks.toml")
"""The files of a data directory that hold what its owner has decided."""


def attach(session: Session) -> int:
    """Open the app on the nodes of this session, starting its own if none runs; the exit code."""
    if plain():
        return _tell_all(session)
    if lack := _lack():
        narrate(f"{lack}, so here is the status; `stoker --headless` runs the node without the app.")
        return _tell_all(session)
    return show(session, "" if _is_first_start(session) else None)


def show(session: Session, setup_at: str | None) -> int:
    """Open the app, starting this machine's own node if none runs; the exit code.

    Args:
        setup_at: open it with the guide, at this step if it is not empty; None opens the dashboard.
    """
    from tui.cli.keys.memory import forbid_core_dumps

    forbid_core_dumps()  # a passphrase may be typed in the app
    if session.named is None:
        start(session)
    if session.others:
        from tui.fleet.app import run as run_fleet

        return run_fleet([(session.name, session.node), *session.others], home=session.directory)
    from tui.running import run

    return run(session.node, home=session.directory, name=session.name, setup_at=setup_at)


def _is_first_start(session: Session) -> bool:
    """Nothing was chosen or joined in the data directory yet; `stoker try` may have been here."""
    return session.named is None and not any((session.directory / name).exists() for name in CHOICES)


def _lack() -> str:
    """Why the app cannot be shown here; empty if it can."""
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):  # Textual draws on stderr
        return "This is no terminal"
    return "This terminal draws no screens (TERM=dumb)" if os.environ.get("TERM") == "dumb" else ""


def _tell_all(session: Session) -> int:
    """The status of the one node, or a line for each; the exit code says whether all of them run."""
    if not session.others:
        return tell(session)
    code = Exit.OK
    for name, node in ((session.name, session.node), *session.others):
        try:
            write(printable(f"{name}: {headline(node.state())}"))
        except (NodeAbsent, OSError) as lost:
            write(printable(f"{name}: LOST: {lost}"))
            code = Exit.NO_NODE
    return code
