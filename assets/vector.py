"""Turns what stands on a terminal into a small SVG picture that needs no font of its own for charts and frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple
from xml.sax.saxutils import escape

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

WIDE, HIGH, FONT = 8.4, 18.0, 14
"""Width and height of a cell, and the size of the letters, in the picture's units."""

BASELINE, MARGIN = 13.5, 12.0
DOT_WIDE, DOT_HIGH = WIDE / 2, HIGH / 4
FIRST_BRAILLE, LAST_BRAILLE = 0x2800, 0x28FF
DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of the dots of a braille cell, from the lowest bit up: ISO/TR 11548-1."""

LINES = {"─": 1.0, "╌": 1.0, "━": 2.5}
"""Letters that are a line from one side to the other, and how thick."""

SHAPES = {
    "│": "m4.2 0v18",
    "╭": "m8.4 9q-4.2 0 -4.2 4v5",
    "╮": "m0 9q4.2 0 4.2 4v5",
    "╰": "m4.2 0v5q0 4 4.2 4",
    "╯": "m4.2 0v5q0 4 -4.2 4",
    "┼": "m0 9h8.4m-4.2 -6v12",
    "┿": "m0 9h8.4m-4.2 -6v12",
    "╸": "m0 8h4.2m0 1h-4.2m0 1h4.2",
}
"""Other letters that are drawn, from the corner of their cell."""


class Cell(NamedTuple):
    """One letter, where it stands, and its colours as ``#rrggbb``."""

    letter: str
    x: int
    y: int
    ink: str
    ground: str
    bold: bool


def drawn(lines: Iterable[Iterable[Segment]], columns: int, rows: int, title: str) -> str:
    """The picture of so many columns and rows; every segment has to have true colours."""
    cells = [cell for y, line in enumerate(lines) for cell in _cells(line, y)]
    ground = cells[0].ground
    width, height = columns * WIDE + 2 * MARGIN, rows * HIGH + 2 * MARGIN
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" xml:space="preserve" '
            f'font-family="ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="{FONT}" fill="none">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width:g}" height="{height:g}" rx="8" fill="{ground}"/>',
            f'<g transform="translate({MARGIN:g} {MARGIN:g})">',
            *_grounds(cells, ground),
            *_letters(cell for cell in cells if not _is_drawn(cell.letter)),
            *_lines(cells),
            *_shapes(cells),
            *_dots(cells),
            "</g></svg>\n",
        )
    )


def _cells(line: Iterable[Segment], y: int) -> Iterator[Cell]:
    x = 0
    for text, style, _ in line:
        ink, ground, bold = _colours(style or Style())
        for letter in text:
            yield Cell(letter, x, y, ink, ground, bold)
            x += cell_len(letter)


def _colours(style: Style) -> tuple[str, str, bool]:
    ink, ground = (
        color.get_truecolor(foreground=fore).hex if color else default
        for color, fore, default in ((style.color, True, "#ffffff"), (style.bgcolor, False, "#000000"))
    )
    return (ground, ink, bool(style.bold)) if style.reverse else (ink, ground, bool(style.bold))


def _grounds(cells: list[Cell], ground: str) -> Iterator[str]:
    for (y, color), run in groupby(cells, lambda cell: (cell.y, cell.ground)):
        if color != ground:
            first, *rest = run
            yield (
                f'<rect x="{first.x * WIDE:.4g}" y="{y * HIGH:g}" width="{(len(rest) + 1) * WIDE:.4g}" '
                f'height="{HIGH:g}" fill="{color}"/>'
            )


def _letters(cells: Iterable[Cell]) -> Iterator[str]:
    """A text for every run of one colour, stretched to its cells, whatever the font."""
    for (y, ink, bold), run in groupby(_joined(cells), lambda cell: (cell.y, cell.ink, cell.bold)):
        kept = list(run)
        text = "".join(cell.letter for cell in kept)
        start = len(text) - len(text.lstrip())
        if not (stripped := text.strip()):
            continue
        weight = ' font-weight="bold"' if bold else ""
        yield (
            f'<text x="{kept[start].x * WIDE:.5g}" y="{y * HIGH + BASELINE:.5g}" fill="{ink}"{weight} '
            f'textLength="{cell_len(stripped) * WIDE:.5g}">{escape(stripped)}</text>'
        )


def _joined(cells: Iterable[Cell]) -> Iterator[Cell]:
    """Blanks in the colour of what stands before them, and a gap where something else was drawn."""
    before: Cell | None = None
    for cell in cells:
        if before is not None and before.y == cell.y:
            if cell.x != before.x + cell_len(before.letter):
                yield Cell(" ", cell.x, cell.y, "", "", False)
            elif cell.letter == " ":
                cell = cell._replace(ink=before.ink, bold=before.bold)
        yield cell
        before = cell


def _is_drawn(letter: str) -> bool:
    return letter in LINES or letter in SHAPES or FIRST_BRAILLE <= ord(letter) <= LAST_BRAILLE


def _lines(cells: list[Cell]) -> Iterator[str]:
    for (y, letter, ink), run in groupby(cells, lambda cell: (cell.y, cell.letter, cell.ink)):
        if thick := LINES.get(letter):
            first, *rest = run
            dashes = ' stroke-dasharray="3 2"' if letter == "╌" else ""
            path = f"M{first.x * WIDE:.5g} {(y + 0.5) * HIGH:.5g}h{(len(rest) + 1) * WIDE:.5g}"
            yield f'<path stroke="{ink}" stroke-width="{thick:g}"{dashes} d="{path}"/>'


def _shapes(cells: list[Cell]) -> Iterator[str]:
    """One path for each colour."""
    drawn = sorted((cell.ink, cell) for cell in cells if cell.letter in SHAPES)
    for ink, run in groupby(drawn, lambda pair: pair[0]):
        path = "".join(f"M{cell.x * WIDE:.5g} {cell.y * HIGH:.5g}{SHAPES[cell.letter]}" for _, cell in run)
        yield f'<path stroke="{ink}" d="{path}"/>'


def _dots(cells: list[Cell]) -> Iterator[str]:
    """Rows of dots: a line for each, dashed so that only its dots are seen, and one path for each colour."""
    rows: dict[str, dict[int, list[int]]] = {}
    for cell in cells:
        if FIRST_BRAILLE < ord(cell.letter) <= LAST_BRAILLE:
            for bit, (column, row) in enumerate(DOTS):
                if (ord(cell.letter) - FIRST_BRAILLE) >> bit & 1:
                    rows.setdefault(cell.ink, {}).setdefault(cell.y * 4 + row, []).append(cell.x * 2 + column)
    for ink, found in rows.items():
        path = "".join(
            f"M{(first + 0.5) * DOT_WIDE:.5g} {(y + 0.5) * DOT_HIGH:.5g}h{(count - 1) * DOT_WIDE:.5g}"
            for y, columns in sorted(found.items())
            for first, count in _runs(sorted(columns))
        )
        yield (
            f'<path stroke="{ink}" stroke-width="2.4" stroke-linecap="round" '
            f'stroke-dasharray="0 {DOT_WIDE:g}" d="{path}"/>'
        )


def _runs(columns: list[int]) -> Iterator[tuple[int, int]]:
    """Where columns stand side by side: the first, and how many."""
    for _, run in groupby(enumerate(columns), lambda pair: pair[1] - pair[0]):
        first, *rest = (column for _, column in run)
        yield first, len(rest) + 1
