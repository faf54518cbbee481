"""``stoker doctor``: what the node needs, checked, with the way to mend what is missing."""

from __future__ import annotations

import sys
from typing import Any

import click

from tui.cli.exits import Exit
from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import paint, plain, printable, write, write_json

SIGNS = {"ok": ("✔", "green"), "warn": ("!", "yellow"), "fail": ("✖", "red")}


@click.command(epilog=example("stoker doctor", "stoker doctor --probe > my-card.json"))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--probe", is_flag=True, help="Instead, everything that the graphics cards answer, as JSON to send in.")
@pass_session
def doctor(session: Session, as_json: bool, probe: bool) -> None:
    """Check what the node needs, with or without a node running. The exit code is 1 if a check fails.

    With --probe it asks the cards all that Stoker ever asks and writes down each answer or error code. The result
    names the cards and drivers, but neither you nor your programs; sent to the developers, it becomes a test.
    """
    if probe:
        write_json(session.read(lambda node: node.get("/doctor/probe")))
        return
    found = session.read(lambda node: node.get("/doctor"))
    if as_json:
        write_json(found)
    else:
        for check in found["checks"]:
            write(_told(check))
    if any(check["status"] == "fail" for check in found["checks"]):
        raise click.exceptions.Exit(Exit.FAILED)


def _told(check: dict[str, Any]) -> str:
    status = str(check["status"])
    if plain():
        told = f"{status}: {printable(check['name'])}: {printable(check['detail'])}"
        return f"{told}\ntry: {printable(check['remedy'])}" if check["remedy"] and status != "ok" else told
    sign, colour = SIGNS.get(status, ("?", "yellow"))
    line = (
        f"{paint(f'{sign} {status:<4}', colour, sys.stdout)}  {printable(check['name'])}: {printable(check['detail'])}"
    )
    remedy = printable(check["remedy"])
    return f"{line}\n        try: {remedy}" if remedy and status != "ok" else line
