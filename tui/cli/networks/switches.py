"""``stoker networks enable``, ``disable``, ``maintenance`` and ``remove``."""

from __future__ import annotations

import sys

import click

from node.control.client import ControlClient
from tui.cli.failures import Failure
from tui.cli.lazy import example
from tui.cli.networks.consent import agree
from tui.cli.networks.joined import named
from tui.cli.networks.kinds import kind_of
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate


@click.command(epilog=example("stoker networks accept horde"))
@click.argument("name")
@click.option("--accept", "read", is_flag=True, help="You have read its page (`stoker networks page KIND`) already.")
@pass_session
def accept(session: Session, name: str, read: bool) -> None:
    """Read the page of a joined network again, as it may have changed, and agree to it."""
    kind = kind_of(session, named(session.read(ControlClient.networks), name).kind)
    version = agree(kind, accept=read)
    session.read(lambda node: node.order("change_network", {"name": name, "accepted_page": version}))
    narrate(f"{name}: its page of {version} is accepted.")


@click.command(epilog=example("stoker networks enable horde"))
@click.argument("name")
@pass_session
def enable(session: Session, name: str) -> None:
    """Work for a network again."""
    session.read(lambda node: node.order("enable_network", {"name": name}))
    narrate(f"{name} is enabled.")


@click.command(epilog=example("stoker networks disable horde"))
@click.argument("name")
@pass_session
def disable(session: Session, name: str) -> None:
    """Finish the network's jobs in hand, then take no more, until it is enabled again."""
    session.read(lambda node: node.order("disable_network", {"name": name}))
    narrate(f"{name} is disabled; its jobs in hand are finished. `stoker networks enable {name}` undoes it.")


@click.command(
    epilog=example(
        "stoker networks maintenance horde on --message 'new card, back at noon'",
        "stoker networks maintenance horde off",
    )
)
@click.argument("name")
@click.argument("state", type=click.Choice(("on", "off")))
@click.option("--message", default="", help="What the network tells others meanwhile.")
@pass_session
def maintenance(session: Session, name: str, state: str, message: str) -> None:
    """Let the network itself send no jobs of others to your worker, or send them again. Needs a running node."""
    node = session.node
    node.timeout = 60.0
    node.order("network_maintenance", {"name": name, "on": state == "on", "message": message})
    narrate(f"{name}: maintenance is {state}.")


@click.command(epilog=example("stoker networks remove horde", "stoker networks remove horde --yes"))
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def remove(session: Session, name: str, yes: bool) -> None:
    """Leave a network: finish its jobs in hand, forget it, and delete its key here. The books keep what it brought."""
    if not yes:
        if not sys.stdin.isatty():
            raise Failure(f"leaving {name} deletes its key here", "`--yes` does it without asking")
        click.confirm(f"Leave {name} and delete its key here?", abort=True, err=True)
    session.read(lambda node: node.order("remove_network", {"name": name}))
    narrate(f"{name} is removed; the books keep what it brought.")
