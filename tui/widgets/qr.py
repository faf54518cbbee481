"""A QR code drawn with half blocks: one module is one column wide and half a line high."""

from __future__ import annotations

import segno
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

QUIET_ZONE = 4  # modules of white on each side, ISO/IEC 18004 section 5.3.8
INK = Style(color="#000000", bgcolor="#ffffff")  # never the theme's: a scanner wants dark on light
BLOCKS = " ▄▀█"  # by upper module * 2 + lower module


def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """The code of a text with its quiet zone, row by row from the top; True is dark."""
    code = segno.make(text, error="l", micro=False, boost_error=False)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix_iter(border=QUIET_ZONE))


def drawn(text: str) -> tuple[str, ...]:
    """The code as lines of half blocks, black ink on white paper. An odd last row gets one of white below it."""
    rows = modules(text)
    if len(rows) % 2:
        rows = (*rows, (False,) * len(rows[0]))
    return tuple(
        "".join(BLOCKS[upper * 2 + lower] for upper, lower in zip(rows[at], rows[at + 1], strict=True))
        for at in range(0, len(rows), 2)
    )


class QrCode(Widget):
    """Exactly as large as its code: 37 columns and 19 lines for an address of Solana or of an EVM chain."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "QrCode { width: auto; height: auto; }"

    def __init__(self, text: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.lines = drawn(text)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return len(self.lines[0])

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.lines)

    def render_line(self, y: int) -> Strip:
        return Strip([Segment(self.lines[y], INK)], len(self.lines[y]))
