"""``stoker update``: the command."""

from __future__ import annotations

import re

import click

from node.control.client import NodeAbsent
from tui.cli.lazy import example
from tui.cli.service import systemd
from tui.cli.service.systemd import Scope
from tui.cli.service.unit import NAME as UNIT
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, printable, write, write_json
from tui.cli.terminal.progress import Waiting
from tui.cli.update.installation import Installation, this_installation
from tui.cli.update.newest import Newest, newest

_VERSION = re.compile(r"[0-9][0-9A-Za-z.+!-]{0,39}")
PROMISE = """\
The node finishes its jobs first. The new version copies the books before it changes them, verifies them, and goes on;
if it cannot start, it leaves them as they were and says how to go back."""


@click.command(epilog=example("stoker update", "stoker update --check --json", "stoker update --to 0.1.0"))
@click.option("--check", is_flag=True, help="Only say whether there is a newer version; this asks over the network.")
@click.option("--to", "version", metavar="VERSION", help="Tell the way to this version instead, such as an older one.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
def update(session: Session, check: bool, version: str | None, as_json: bool) -> None:
    """What to type to get another version, by how this one was installed. Nothing is changed.

    The commands go to stdout, one a line, in their order.
    """
    if version is not None and not _VERSION.fullmatch(version):
        raise click.BadParameter(f"got {version!r}; expected a version such as 0.1.0", param_hint="--to")
    if version is not None and check:
        raise click.UsageError("--check looks for the newest version; leave out --to")
    installed = this_installation()
    found = None
    if check:
        with Waiting("looking for a newer version"):
            found = newest(installed)
    commands = (*installed.commands(version), *_restart(session))
    if as_json:
        write_json(_as_json(installed, found, commands))
        return
    if found is not None:
        write(printable(_sentence(installed, found)))
        if found.newer:
            narrate("`stoker update` tells how to get it.")
        return
    narrate(printable(_origin(installed)))
    for command in commands:
        write(printable(command))
    narrate(PROMISE)


def _restart(session: Session) -> tuple[str, ...]:
    """How the node goes over to what is then installed."""
    if systemd.state(Scope.USER).active:
        return (f"systemctl --user restart {UNIT}",)
    if systemd.state(Scope.SYSTEM).active:
        return (f"sudo systemctl restart {UNIT}",)
    try:
        session.node.state()
    except NodeAbsent:
        return ()
    return ("stoker drain", "stoker")


def _origin(installed: Installation) -> str:
    where = f" from {installed.place}" if installed.place else " from the package index"
    kept = f"kept by {installed.tool}"
    told = f"This is Stoker {installed.version}, installed{where}, {kept}."
    return told if installed.commands() else f"{told} Install a newer file in the same way."


def _sentence(installed: Installation, found: Newest) -> str:
    if found.version:
        compared = "is newer than" if found.newer else "is not newer than"
        return f"The newest version is {found.version}; it {compared} this one, {installed.version}."
    if found.newer:
        return f"{installed.place} has newer commits, up to {found.commit[:12]}; this is {installed.version}."
    return f"This is {installed.version}, with all commits that there are (the newest is {found.commit[:12]})."


def _as_json(installed: Installation, found: Newest | None, commands: tuple[str, ...]) -> dict[str, object]:
    said: dict[str, object] = {
        "installed": installed.version,
        "source": installed.source.value,
        "place": installed.place,
        "tool": installed.tool.value,
        "commands": list(commands),
    }
    if found is not None:
        said |= {"newest": found.version or None, "commit": found.commit or None, "newer": found.newer}
    return said
