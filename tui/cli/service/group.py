"""``stoker service install | status | logs | uninstall``."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import click

from tui import format as shown
from tui.cli.exits import MEANINGS, Exit
from tui.cli.failures import Failure
from tui.cli.lazy import example
from tui.cli.node_process import command_line
from tui.cli.service import systemd
from tui.cli.service.installing import install as set_up
from tui.cli.service.systemd import Scope, ServiceState
from tui.cli.service.unit import LABEL, NAME, launch_agent, system_unit, user_unit
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, printable, write, write_json
from tui.cli.terminal.progress import Waiting

SYSTEM_STEPS = f"""\
That is the unit for a service of the whole machine, under a user of its own: best for a server that is nobody's desk.
Nothing was written. As root, in a clone of Stoker:
  python3 -m venv /opt/stoker && /opt/stoker/bin/pip install -c constraints.txt .
  /opt/stoker/bin/stoker service install --system > /etc/systemd/system/{NAME}
  systemctl daemon-reload && systemctl enable --now stoker
  /opt/stoker/bin/stoker --data-dir /var/lib/stoker status
On a machine without the groups `video` and `render`, take SupplementaryGroups= out of the file."""
MAC_STEPS = f"""\
That is the agent for launchd; nobody has tried it yet, and nothing was written. To use it:
  stoker service install > ~/Library/LaunchAgents/{LABEL}.plist
  launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/{LABEL}.plist"""


@click.group(epilog=example("stoker service install", "stoker service status"))
def service() -> None:
    """Run the node as a service of systemd: from the start of the machine on, and again after every crash."""


@service.command(
    epilog=example(
        "stoker service install", "stoker service install --dry-run", "stoker service install --yes --no-linger"
    )
)
@click.option("--dry-run", is_flag=True, help="Only print the unit that would be written.")
@click.option("--system", is_flag=True, help="Print the unit for the whole machine, and how root sets it up.")
@click.option("--yes", is_flag=True, help="Ask nothing; lingering is switched on.")
@click.option(
    "--linger/--no-linger", default=None, help="Whether it runs while you are not logged in; asked otherwise."
)
@pass_session
def install(session: Session, dry_run: bool, system: bool, yes: bool, linger: bool | None) -> None:
    """Set the service up for you alone, start it, and offer to run it while you are not logged in.

    It may be repeated: a unit that is already right is left alone, and one of an older Stoker is renewed.
    """
    command = command_line(session.directory)
    if system:
        write(system_unit().rstrip("\n"))
        narrate(SYSTEM_STEPS)
    elif sys.platform == "darwin":
        write(launch_agent(command, session.directory).rstrip("\n"))
        narrate(MAC_STEPS)
    elif dry_run:
        write(user_unit(command).rstrip("\n"))
        narrate(f"Nothing was written; `stoker service install` writes this to {systemd.unit_path()}.")
    else:
        set_up(session, yes=yes, linger=linger)


@service.command(epilog=example("stoker service status", "stoker service status --json"))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
def status(session: Session, as_json: bool) -> None:
    """Whether the service is installed and runs. The exit code is 4 if it does not run."""
    scope, state = _look()
    current = scope is Scope.SYSTEM or _is_current(session)
    lingers = systemd.lingers() if state.unit and scope is Scope.USER else None
    if as_json:
        write_json(_as_json(scope, state, lingers, current))
    else:
        for line in _sentences(scope, state, lingers, current):
            write(printable(line))
    if not state.active:
        raise click.exceptions.Exit(Exit.NO_NODE)


@service.command(epilog=example("stoker service logs", "stoker service logs -f"))
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option(
    "-n", "--lines", type=click.IntRange(1, 100_000), default=100, show_default=True, help="The last so many."
)
def logs(follow: bool, lines: int) -> None:
    """What the service told, and what systemd told about it, from the journal."""
    scope, _ = _look()
    last = systemd.journal(scope, lines)
    if not last and not follow:
        raise Failure(
            "the journal shows nothing of it: it was never started, or you may not read the journal",
            "`stoker logs` shows the node's own file; or read the journal as root: "
            + " ".join(systemd.journal_command(scope, lines)),
        )
    if not follow:
        write(printable("\n".join(last)))
        return
    done = subprocess.run([*systemd.journal_command(scope, lines), "--follow"], check=False)  # noqa: S603
    raise click.exceptions.Exit(done.returncode)


@service.command(epilog=example("stoker service uninstall"))
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def uninstall(session: Session, yes: bool) -> None:
    """Let the node finish its jobs, end the service and remove its unit. Your data stays."""
    path = systemd.unit_path()
    if not path.exists():
        narrate(f"There is nothing to remove: {path} does not exist.")
        return
    systemd.require()
    if not yes:
        if not sys.stdin.isatty():
            raise Failure("nothing was done: there is nobody to ask here", "--yes does it", Exit.USAGE)
        click.confirm(f"End the service and remove {path}?", default=True, abort=True, err=True)
    with Waiting("the node finishes its jobs"):
        systemd.tell("disable", "--quiet", "--now", NAME)
    path.unlink()
    systemd.tell("daemon-reload")
    narrate(f"Removed {path}. Your data stays in {session.directory}; `stoker` starts the node by hand.")
    if systemd.lingers():
        narrate("Lingering stays on; if nothing else of yours needs it: loginctl disable-linger")


def _look() -> tuple[Scope, ServiceState]:
    """This person's service; the machine's where only that is in use."""
    own = systemd.state(Scope.USER)
    if own.unit is None:
        machine = systemd.state(Scope.SYSTEM)
        if machine.active or machine.enabled:
            return Scope.SYSTEM, machine
    return Scope.USER, own


def _is_current(session: Session) -> bool:
    path = systemd.unit_path()
    return path.exists() and path.read_text("utf-8", "replace") == user_unit(command_line(session.directory))


def _as_json(scope: Scope, state: ServiceState, lingers: bool | None, current: bool) -> dict[str, Any]:
    return {
        "installed": state.unit is not None,
        "scope": scope.value,
        "unit": None if state.unit is None else str(state.unit),
        "current": current,
        "enabled": state.enabled,
        "active": state.active,
        "state": state.state,
        "status": state.status,
        "pid": state.pid,
        "since": state.since,
        "restarts": state.restarts,
        "result": state.result,
        "exit_code": state.exit_code,
        "linger": lingers,
    }


def _sentences(scope: Scope, state: ServiceState, lingers: bool | None, current: bool) -> list[str]:
    if state.unit is None:
        return ["The service is not installed. `stoker service install` sets it up."]
    since = f" since {shown.stamp(state.since)}" if state.since else ""
    whose = "Your service" if scope is Scope.USER else "The machine's service"
    lines = [f"{whose} is {state.state}{since}" + (f", process {state.pid}." if state.pid else ".")]
    if state.status:
        lines.append(f"The node says: {state.status}.")
    if state.result != "success":
        known = MEANINGS.get(Exit(state.exit_code)) if state.exit_code in tuple(Exit) and state.exit_code else None
        because = f", exit code {state.exit_code}: {known}" if known else ""
        lines.append(f"The last run ended badly ({state.result}{because}). `stoker service logs` shows why.")
    if state.restarts:
        lines.append(f"systemd has started it again {state.restarts} times by itself.")
    if not state.enabled:
        remedy = "stoker service install" if scope is Scope.USER else f"systemctl enable {NAME}"
        lines.append(f"It does not start with the machine. `{remedy}` changes that.")
    if lingers is False:
        lines.append(f"It runs only while you are logged in. `loginctl enable-linger {systemd.person()}` changes that.")
    if not current:
        lines.append(f"{state.unit} is not what this Stoker would write for this data directory. "
                     "`stoker service install` renews it.")  # fmt: skip
    return lines
