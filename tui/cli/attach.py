"""``stoker`` alone: the app on a terminal, a few sentences elsewhere."""

from __future__ import annotations

import os
import sys

from node.control.client import NodeAbsent
from tui.cli.exits import Exit
from tui.cli.node_process import ensure
from tui.cli.sentences import headline
from tui.cli.session import Session
from tui.cli.status import tell
from tui.cli.terminal.output import narrate, plain, printable, write


def attach(session: Session) -> int:
    """Open the app on the nodes of this session, starting its own if none runs; the exit code."""
    if plain():
        return _tell_all(session)
    if lack := _lack():
        narrate(f"{lack}, so here is the status; `stoker --headless` runs the node without the app.")
        return _tell_all(session)
    from tui.cli.keys.memory import forbid_core_dumps

    forbid_core_dumps()  # a passphrase may be typed in the app
    if session.named is None:
        ensure(session.directory)
    if session.others:
        from tui.fleet.app import run as run_fleet

        return run_fleet([(session.name, session.node), *session.others], home=session.directory)
    from tui.app import run

    return run(session.node, home=session.directory, name=session.name)


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
