"""Reads a QR code off the cells of a screen, as a phone would: drawn as pixels, decoded by zbar."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from textual.pilot import Pilot

CELL = 8  # pixels across; a cell is twice as high
DARK_HALVES = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


def cells_of(pilot: Pilot[int]) -> list[list[tuple[str, str, str]]]:
    """Every cell in sight: its letter, its colour and the colour under it, as the terminal is told."""
    rows = []
    for strip in pilot.app.screen._compositor.render_strips():
        row = []
        for text, style, _ in strip:
            ink = style.color.name if style and style.color else ""
            paper = style.bgcolor.name if style and style.bgcolor else ""
            row += [(letter, ink, paper) for letter in text]
        rows.append(row)
    return rows


def is_white(colour: str) -> bool:
    return colour == "#ffffff"


def raster(cells: Sequence[Sequence[tuple[str, str, str]]]) -> bytes:
    """The cells as a grey picture (PGM): half blocks in their two colours, other letters as plain paper."""
    lines = []
    for row in cells:
        for half in (0, 1):
            line = bytearray()
            for letter, ink, paper in row:
                colour = ink if DARK_HALVES.get(letter, (0, 0))[half] else paper
                line += bytes([255 if is_white(colour) else 0]) * CELL
            lines += [bytes(line)] * CELL
    return b"P5 %d %d 255\n" % (len(lines[0]), len(lines)) + b"".join(lines)


def scanned(picture: bytes, folder: Path) -> str:
    """What zbar reads in a picture. Needs ``zbarimg``, of Debian's package zbar-tools."""
    path = folder / "screen.pgm"
    path.write_bytes(picture)
    found = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(path)], capture_output=True, text=True
    )
    return found.stdout.strip()
