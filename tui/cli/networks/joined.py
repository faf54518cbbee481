"""``stoker networks list`` and ``status``: how it goes with each that was joined."""

from __future__ import annotations

import dataclasses

import click

from node.control.client import ControlClient
from node.control.wire import NetworkView
from tui import format as shown
from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.lazy import example
from tui.cli.networks.findings import models_table
from tui.cli.networks.sentences import describe, earned_an_hour, reason_of
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, printable, table, write, write_json

HEADER = ("NAME", "NETWORK", "STATE", "IN HAND", "QUEUE", "DONE/H", "FAILED/H", "SHARE", "CLAIMED/H", "WHY")

as_json_option = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.command("list", epilog=example("stoker networks list", "stoker networks list --json"))
@as_json_option
@pass_session
def list_networks(session: Session, as_json: bool) -> None:
    """The networks that you have joined, a line each."""
    if as_json:
        write_json(session.read(lambda node: node.get("/networks"))["networks"])
        return
    found = session.read(ControlClient.networks)
    if found:
        write(table(HEADER, [_row(each) for each in found], right=range(3, 9)))
    else:
        _teach()


@click.command(epilog=example("stoker networks status", "stoker networks status horde --json"))
@click.argument("name", required=False)
@as_json_option
@pass_session
def status(session: Session, name: str | None, as_json: bool) -> None:
    """How it goes with a network, in sentences; with all of them if none is named."""
    found = session.read(ControlClient.networks)
    if name is not None:
        found = [named(found, name)]
    if as_json:
        views = [dataclasses.asdict(each) for each in found]
        write_json(views if name is None else views[0])
    elif not found:
        _teach()
    else:
        for number, each in enumerate(found):
            if number:
                write("")
            _tell(each)


def named(found: list[NetworkView], name: str) -> NetworkView:
    """The one of that name.

    Raises:
        Failure: it was not joined.
    """
    for each in found:
        if each.name == name:
            return each
    known = ", ".join(each.name for each in found)
    remedy = f"there are: {known}" if known else "`stoker networks add KIND` joins one"
    raise Failure(f"no network {name!r} was joined", remedy, Exit.REFUSED)


def _tell(view: NetworkView) -> None:
    for line in describe(view):
        write(printable(line))
    if view.models:
        write(models_table(view.models))


def _row(view: NetworkView) -> tuple[str, ...]:
    return (
        view.name,
        view.title,
        view.state.value,
        shown.count(view.running + view.waiting),
        shown.count(view.depth),
        shown.count(view.hour_done),
        shown.count(view.hour_failed),
        shown.DASH if view.share_pct is None else f"{shown.whole(view.share_pct)} %",
        earned_an_hour(view) or shown.DASH,
        reason_of(view),
    )


def _teach() -> None:
    narrate("No network is joined yet. `stoker networks kinds` lists those that could be, and what they pay.")
