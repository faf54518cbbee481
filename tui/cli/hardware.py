"""``stoker hardware``: the readings of the cards and the host, with or without a node."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

import click

from node.control.client import NodeAbsent
from node.control.wire import Snapshot
from tui.cli.lazy import example
from tui.cli.readings import Told, told
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import paint, plain, printable, write, write_json

CLEAR_TO_END = "\x1b[J"
OFFLINE_PAUSE = 1.0  # seconds between two looks while no node runs; each costs a second itself


@click.command(epilog=example("stoker hardware", "stoker hardware --json", "stoker hardware --watch"))
@click.option("--json", "as_json", is_flag=True, help="The readings as JSON.")
@click.option("--watch", is_flag=True, help="Go on showing them until Ctrl-C; with --json one line a reading.")
@pass_session
def hardware(session: Session, as_json: bool, watch: bool) -> None:
    """What the cards and the machine around them feel: heat, power, load, memory, links, programs, alarms.

    It works without a node too; then it looks for itself, once.
    """
    if watch:
        _watch(session, as_json)
        return
    readings = _read(session)
    if as_json:
        write_json(readings)
    else:
        write("\n".join(_lines(readings)))


def _read(session: Session) -> dict[str, Any]:
    readings: dict[str, Any] = session.read(lambda node: node.get("/hardware"))
    return readings


def _watch(session: Session, as_json: bool) -> None:
    drawn = 0
    for readings in _follow(session):
        if as_json:
            write_json(readings, compact=True)
            continue
        lines = _lines(readings)
        if plain() or not sys.stdout.isatty():
            write("\n".join([*lines, ""]))
            continue
        up = f"\x1b[{drawn}F" if drawn else ""
        sys.stdout.write(up + "\n".join(f"{line}\x1b[K" for line in lines) + "\n" + CLEAR_TO_END)
        sys.stdout.flush()
        drawn = len(lines)


def _follow(session: Session) -> Iterator[dict[str, Any]]:
    """A node's readings whenever it has new ones, for as long as it runs; else our own."""
    try:
        last = 0.0
        for event in session.node.events():
            if isinstance(event, Snapshot) and event.hardware is not None and event.hardware.at != last:
                last = event.hardware.at
                yield _read(session)
    except NodeAbsent:
        while True:
            yield _read(session)
            time.sleep(OFFLINE_PAUSE)


def _lines(readings: dict[str, Any]) -> list[str]:
    if plain():
        return [printable(fact) for line in told(readings) for fact in line.plain]
    return [_painted(line) for line in told(readings)]


def _painted(line: Told) -> str:
    text = printable(line.text)
    return paint(text, line.colour, sys.stdout) if line.colour else text
