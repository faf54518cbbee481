"""How the service of one person is set up: the unit is written, enabled and started, lingering offered."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from node.control.client import NodeAbsent
from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.node_process import command_line, wait_for_end
from tui.cli.sentences import many
from tui.cli.service import systemd
from tui.cli.service.systemd import Scope
from tui.cli.service.unit import NAME, user_unit
from tui.cli.session import Session
from tui.cli.terminal.output import narrate, printable
from tui.cli.terminal.progress import Waiting
from wallet.whole_file import replace_file

LINGERING = """\
Without lingering, systemd ends your services when you log out, and does not start them before you log in.
With it the node runs from the start of the machine on, also after a power cut."""
AFTERWARDS = """\
What to type next:
  stoker                    the app on the running node
  stoker service status     whether it runs, and since when
  stoker service logs -f    what it tells
  stoker service uninstall  undoes this; your data stays"""


def install(session: Session, *, yes: bool, linger: bool | None) -> None:
    """Set the service up; harmless a second time.

    Args:
        yes: ask nothing. linger: whether services shall run without a login; None asks, and with ``yes`` means so.

    Raises:
        Failure: it cannot be done here, or the node did not start; says what to do.
    """
    systemd.require()
    unit = user_unit(command_line(session.directory))
    path = systemd.unit_path()
    before = path.read_text("utf-8", "replace") if path.exists() else None
    state = systemd.state(Scope.USER)
    if before == unit and state.active and state.enabled:
        narrate(f"The service is set up already and is {state.state}.")
    else:
        _set_up(session, path, before, unit, _outsider(session, state.pid), yes=yes)
    _offer_lingering(yes=yes, wanted=linger)
    narrate(AFTERWARDS)


def _set_up(session: Session, path: Path, before: str | None, unit: str, outsider: int | None, *, yes: bool) -> None:
    _ask(session.directory, path, before, unit, outsider, yes=yes)
    if before != unit:
        _write(path, unit)
        narrate(f"Wrote {path}.")
        systemd.tell("daemon-reload")
    if outsider is not None:
        _end(session, outsider)
    _start(changed=before not in (unit, None))


def _outsider(session: Session, ours: int | None) -> int | None:
    """The process of a node that runs here without the service."""
    try:
        pid = session.node.state().node.pid
    except NodeAbsent:
        return None
    return None if pid == ours else pid


def _ask(directory: Path, path: Path, before: str | None, unit: str, outsider: int | None, *, yes: bool) -> None:
    if os.getuid() == 0:
        narrate("This is root's account: the node would run as root. `stoker service install --system` explains how to "
                "run it under a user of its own.")  # fmt: skip
    if strays := sorted(name for name in os.environ if name.startswith("STOKER_") and name != "STOKER_HOME"):
        narrate(f"The service will not see {', '.join(strays)}: `stoker settings set` keeps settings for it.")
    verb = "change" if before not in (None, unit) else "keep" if before else "write"
    narrate(f"This will {verb} {path} and let systemd run the node in {directory}, now and at every start.")
    if outsider is not None:
        narrate(f"A node runs there already (process {outsider}); it finishes its jobs first, then the service begins.")
    if yes:
        return
    if not sys.stdin.isatty():
        raise Failure("nothing was done: there is nobody to ask here", "--yes does it, --dry-run shows it", Exit.USAGE)
    click.confirm("Go on?", default=True, abort=True, err=True)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(path, text.encode())


def _end(session: Session, pid: int) -> None:
    node = session.node
    jobs = len(node.state().jobs)
    narrate(f"Process {pid} finishes {many(jobs, 'job')}." if jobs else f"Process {pid} ends.")
    node.command("drain")
    wait_for_end(node, pid)


def _start(*, changed: bool) -> None:
    with Waiting("systemd starts the node"):
        systemd.tell("enable", "--quiet", NAME)
        try:
            systemd.tell("restart" if changed else "start", NAME)
        except Failure:
            raise _not_up() from None
    narrate("The node runs as a service.")


def _not_up() -> Failure:
    state = systemd.state(Scope.USER)
    said = systemd.journal(Scope.USER, 8)
    for line in said:
        narrate(f"  {printable(line)}")
    look = "mend what it says above" if said else "see what it says by hand: `stoker --headless`"
    return Failure(
        f"the service is installed, but the node did not start: {state.result}, exit code {state.exit_code}; "
        f"systemd says {state.state}",
        f"{look}; then `stoker service install` again",
    )


def _offer_lingering(*, yes: bool, wanted: bool | None) -> None:
    if wanted is False or systemd.lingers():
        return
    narrate(LINGERING)
    if wanted is None and not yes and not click.confirm("Switch lingering on?", default=True, err=True):
        narrate(f"Later: loginctl enable-linger {systemd.person()}")
        return
    systemd.linger()
    narrate(f"Lingering is on for {systemd.person()}; `loginctl disable-linger` takes it back.")
