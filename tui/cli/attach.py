"""``stoker`` alone: the app on a terminal, a few sentences elsewhere."""

from __future__ import annotations

import sys

from tui.cli.node_process import ensure
from tui.cli.session import Session
from tui.cli.status import tell
from tui.cli.terminal.output import narrate, plain


def attach(session: Session) -> int:
    """Open the app on the node of this session, starting the node if none runs; the exit code."""
    if plain():
        return tell(session)
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):  # Textual draws on stderr
        narrate("This is no terminal, so here is the status; `stoker --headless` runs the node without the app.")
        return tell(session)
    if session.named is None:
        ensure(session.directory)
    from tui.app import run
    from tui.cli.keys.memory import forbid_core_dumps

    forbid_core_dumps()  # a passphrase may be typed in the app
    return run(session.node)
