"""``stoker status``: the node in complete sentences."""

from __future__ import annotations

import shutil
import sys
from textwrap import wrap

import click

from node.control.client import NodeAbsent
from node.control.wire import Snapshot
from tui.cli.exits import Exit
from tui.cli.lazy import example
from tui.cli.sentences import describe, headline
from tui.cli.service.starting import BY_HAND, STOPPED, service_of
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, paint, plain, printable, write, write_json

CLEAR_TO_END = "\x1b[J"


@click.command(epilog=example("stoker status", "stoker status --json", "stoker status --watch"))
@click.option("--json", "as_json", is_flag=True, help="The node's whole snapshot as JSON.")
@click.option("--watch", is_flag=True, help="Go on showing it until Ctrl-C; with --json one line a snapshot.")
@pass_session
def status(session: Session, as_json: bool, watch: bool) -> None:
    """What the node does, why, and what would change it."""
    if watch:
        _watch(session, as_json)
        return
    code = _tell_json(session) if as_json else tell(session)
    if code != Exit.OK:
        raise click.exceptions.Exit(code)


def tell(session: Session) -> int:
    """Write the status as sentences; the exit code says whether a node runs."""
    try:
        snapshot = session.node.state()
    except NodeAbsent:
        if session.named is not None:
            raise
        write(f"No node runs in {session.directory}.")
        service = service_of(session)
        if service is not None and not service.active:
            narrate(f"{STOPPED} {BY_HAND}.")
        else:
            narrate("`stoker` starts one with the app, `stoker --headless` without, `stoker try` for one job.")
        return Exit.NO_NODE
    write("\n".join(_lines(snapshot)))
    return Exit.OK


def _tell_json(session: Session) -> int:
    try:
        write_json({"running": True, **session.node.get("/state")})
    except NodeAbsent as absent:
        if session.named is not None:
            write_json({"running": False, "node": session.named.place, "reason": str(absent)})
            return Exit.NO_NODE
        write_json({"running": False, "data_dir": str(session.directory)})
        return Exit.NO_NODE
    return Exit.OK


def _watch(session: Session, as_json: bool) -> None:
    drawn = 0
    last_said: tuple[object, ...] = ()
    for event in session.node.events():
        if not isinstance(event, Snapshot):
            continue
        if as_json:
            write_json({"running": True, **session.node.get("/state")}, compact=True)
        elif sys.stdout.isatty() and not plain():
            drawn = _redraw(event, drawn)
        elif (said := (event.state.word, event.state.reason, len(event.jobs))) != last_said:
            last_said = said
            write(printable(headline(event)))


def _redraw(snapshot: Snapshot, drawn: int) -> int:
    """Write over the lines that were drawn before; as many lines as are there now."""
    size = shutil.get_terminal_size()
    rows = [row for line in describe(snapshot) for row in wrap(printable(line), size.columns - 1)][: size.lines - 1]
    up = f"\x1b[{drawn}F" if drawn else ""
    sys.stdout.write(up + "\n".join(f"{row}\x1b[K" for row in rows) + f"\n{CLEAR_TO_END}")
    sys.stdout.flush()
    return len(rows)


def _lines(snapshot: Snapshot) -> list[str]:
    first, *rest = (printable(line) for line in describe(snapshot))
    return [paint(first, "bold", sys.stdout), *rest]
