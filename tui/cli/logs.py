"""``stoker logs``: what the running node tells about itself."""

from __future__ import annotations

import dataclasses
import sys
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path

import click

from node.control.client import NodeAbsent
from node.control.wire import LogLine
from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, paint, printable, write, write_json

LEVELS = ("debug", "info", "warning", "error")
COLOURS = {"warning": "yellow", "error": "red", "critical": "red", "debug": "dim"}
LOG_FILE = Path("logs") / "node.log"
POLL = 0.5  # seconds
PAGE = 2000


@click.command(epilog=example("stoker logs --level warning", "stoker logs -f"))
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("-n", "--lines", type=click.IntRange(1, PAGE), default=100, show_default=True, help="The last so many.")
@click.option("--level", type=click.Choice(LEVELS), default="debug", help="Only lines of this level or above.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pass_session
def logs(session: Session, follow: bool, lines: int, level: str, as_json: bool) -> None:
    """The running node's latest log lines, or the last ones in its file if none runs."""
    node = session.node
    try:
        latest = node.logs(limit=PAGE)
    except NodeAbsent:
        own = session.named is None
        if not own or follow or as_json or level != LEVELS[0] or not _tell_file(session.directory / LOG_FILE, lines):
            raise
        return
    _tell(list(_at_least(level, latest))[-lines:], as_json)
    while follow:
        time.sleep(POLL)
        after = latest[-1].seq if latest else 0
        news = node.logs(after=after, limit=PAGE)
        latest = news or latest
        _tell(_at_least(level, news), as_json)


def _tell_file(file: Path, most: int) -> bool:
    """Write the last lines of the node's log file as they stand; False if there is none."""
    try:
        with file.open(errors="replace") as text:
            last = deque(text, maxlen=most)
    except FileNotFoundError:
        return False
    narrate(f"No node runs; these are the last lines of {file}.")
    write(printable("".join(last)).rstrip("\n"))
    return True


def _at_least(level: str, lines: Iterable[LogLine]) -> Iterable[LogLine]:
    wanted = LEVELS[LEVELS.index(level) :]
    return (line for line in lines if line.level.lower() in wanted or line.level.lower() not in LEVELS)


def _tell(lines: Iterable[LogLine], as_json: bool) -> None:
    for line in lines:
        if as_json:
            write_json(dataclasses.asdict(line), compact=True)
            continue
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(line.at))
        level = f"{line.level:<7}"
        colour = COLOURS.get(line.level.lower())
        painted = paint(level, colour, sys.stdout) if colour else level
        write(f"{when} {painted} {printable(line.source)}  {printable(line.message)}")
