"""Starting this machine's node: a service that was set up for it goes before a node in the background."""

from __future__ import annotations

import subprocess
import sys

import click

from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.node_process import answers, ensure
from tui.cli.service import systemd
from tui.cli.service.systemd import Scope, ServiceState
from tui.cli.service.unit import NAME, quoted
from tui.cli.session import Session
from tui.cli.terminal.output import narrate
from tui.cli.terminal.progress import Waiting

STOPPED = "The node of this data directory is a service of yours, and that is stopped."
BY_HAND = "`stoker restart` starts it"


def start(session: Session) -> subprocess.Popen[bytes] | None:
    """Make sure that the node runs, and ask before its service is started: it may have been stopped for a reason.

    Returns:
        The process if it was started in the background, else None.

    Raises:
        Failure: it did not start, or the person does not want its service started.
    """
    service = None if answers(session.directory) else service_of(session)
    if service is None:
        return ensure(session.directory)
    if not service.active:
        narrate(STOPPED)
        if not sys.stdin.isatty():
            raise Failure("nothing was started: there is nobody to ask here", BY_HAND, Exit.NO_NODE)
        if not click.confirm("Start the service?", err=True):
            raise Failure("nothing was started", f"{BY_HAND}, once you want it", Exit.NO_NODE)
    start_service()
    return None


def start_service() -> None:
    """Have systemd start it, and wait until it is up.

    Raises:
        Failure: it did not start.
    """
    with Waiting("systemd starts the node"):
        systemd.tell("start", NAME)


def service_of(session: Session) -> ServiceState | None:
    """This person's service, if it is there to run the node of this data directory."""
    path = systemd.unit_path()
    words = f" --data-dir {quoted(str(session.directory))}\n"
    if not path.exists() or words not in path.read_text("utf-8", "replace"):
        return None
    state = systemd.state(Scope.USER)
    return state if state.unit is not None else None
