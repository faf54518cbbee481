"""Data on stdout, narration on stderr; colours only where a person looks and wants them."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import IO, Any

import click

from tui.format import DASH

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What could move the cursor, change colours or ring: everything below space but tab and newline, and C1."""

COLOURS = {"red": 31, "green": 32, "yellow": 33, "dim": 2, "bold": 1}
PLAIN = "stoker.plain"
"""Where a command's context keeps that ``--plain`` was given."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def printable(text: str) -> str:
    """The text without characters that command a terminal: networks, models and clients may have written it."""
    return CONTROL.sub("", text)


def plain() -> bool:
    """Whether the person wants one fact a line and nothing drawn: ``--plain``, or STOKER_PLAIN for every command."""
    context = click.get_current_context(silent=True)
    return bool(os.environ.get("STOKER_PLAIN")) or (context is not None and PLAIN in context.meta)


def paint(text: str, colour: str, stream: IO[str]) -> str:
    """The text in a colour, if the stream is a terminal and nothing speaks against it (NO_COLOR, --plain)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or plain() or not stream.isatty():
        return text
    return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m"


def narrate(text: str) -> None:
    """One line for the person, on stderr; it never mixes with data."""
    click.echo(text, err=True)


def write(text: str) -> None:
    """Data for people: a line, or several, on stdout."""
    click.echo(text)


def write_json(value: Any, *, compact: bool = False) -> None:
    """Data for programs: one JSON document, on one line if compact."""
    text = json.dumps(value, ensure_ascii=False, indent=None if compact else 2)
    click.echo(CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def write_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Data for spreadsheets (RFC 4180); texts that one would take for a formula get an apostrophe in front."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    for row in rows:
        writer.writerow([_tame(cell) for cell in row])
    write_text(text.getvalue())


def write_text(text: str) -> None:
    """A finished text as it is, such as a CSV export of the node."""
    sys.stdout.write(text)
    sys.stdout.flush()


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Iterable[int] = ()) -> str:
    """Columns two spaces apart, without lines or boxes; the columns in ``right`` are flush right.

    Plainly: a line for each cell that holds something, under its column's name, and an empty line between two rows.
    """
    clean = [[printable(cell).replace("\n", " ") for cell in row] for row in (header, *rows)]
    if plain():
        return "\n\n".join(_record(clean[0], row) for row in clean[1:])
    widths = [max(len(row[column]) for row in clean) for column in range(len(header))]
    flush_right = frozenset(right)
    lines = []
    for row in clean:
        cells = [
            cell.rjust(width) if column in flush_right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join([paint(lines[0], "dim", sys.stdout), *lines[1:]])


def _record(header: Sequence[str], row: Sequence[str]) -> str:
    named = ((name.lower(), cell.strip()) for name, cell in zip(header, row, strict=True))
    return "\n".join(f"{name}: {cell}" if name else cell for name, cell in named if cell not in ("", DASH))


def _tame(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell
