"""A QR code on the screen."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from tui.qr import drawn

INK = Style(color="#000000", bgcolor="#ffffff")  # never the theme's: a scanner wants dark on light


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
