"""A widget made of lines with tones that repaints only what differs from what it showed before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.events import Resize
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.ink import BLANK, Line, Span, Tone, clean, crop
from tui.view import View


def paint(widget: Widget, line: Line, width: int, under: Style | None = None) -> Strip:
    """Turn a line into a strip of exactly so many cells in the widget's colours, on ``under`` if given."""
    base = widget.rich_style if under is None else widget.rich_style + under
    inks = palette_of(widget)
    segments = []
    for text, tone, action in crop(line, width):
        style = base + inks[tone]
        if action:
            style += Style(meta={"@click": action})
        segments.append(Segment(clean(text), style))
    return Strip(segments).adjust_cell_length(width, base)


def palette_of(widget: Widget) -> Mapping[Tone, Style]:
    """How the app of this widget draws each tone."""
    from tui.app import StokerApp

    assert isinstance(widget.app, StokerApp)
    return widget.app.palette


def difference(old: Line, new: Line) -> tuple[int, int] | None:
    """The first cell and the number of cells where two lines of the same width differ, by whole spans."""
    if old == new:
        return None
    start = 0
    common = 0
    for left, right in zip(old, new, strict=False):
        if left != right:
            break
        start += cell_len(left.text)
        common += 1
    old_end, new_end = len(old), len(new)
    while old_end > common and new_end > common and old[old_end - 1] == new[new_end - 1]:
        old_end -= 1
        new_end -= 1
    changed = max(_cells(old[common:old_end]), _cells(new[common:new_end]))
    if _cells(old) != _cells(new):
        changed = max(_cells(old), _cells(new)) - start
    return start, changed


def _cells(spans: Sequence[Span]) -> int:
    return sum(cell_len(span.text) for span in spans)


class Sheet(Widget):
    """Shows lines. Fixed size; whoever fills it draws for that size."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.lines: tuple[Line, ...] = ()

    def show(self, lines: tuple[Line, ...]) -> None:
        """Show these lines from the top; what is the same as before is not painted again."""
        before, self.lines = self.lines, lines
        width, height = self.size
        changed = []
        for y in range(height):
            old = before[y] if y < len(before) else BLANK
            new = lines[y] if y < len(lines) else BLANK
            if span := difference(old, new):
                start, cells = span
                changed.append(Region(min(start, width), y, min(cells, width - start), 1))
        visible = [region for region in changed if region.width > 0]
        if visible:
            self.refresh(*visible)

    def render_line(self, y: int) -> Strip:
        return paint(self, self.lines[y] if y < len(self.lines) else BLANK, self.size.width)

    @property
    def text(self) -> str:
        """What stands there, without tones."""
        return "\n".join("".join(span.text for span in line).rstrip() for line in self.lines)


Draw = Callable[[View, int, int], tuple[Line, ...]]
"""What a drawing shows: gets the view, and the columns and lines that there are."""


class Drawing(Sheet):
    """A sheet whose lines are a pure function of what the app knows and of the room there is."""

    def __init__(self, draw: Draw, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._draw = draw
        self._view = View()

    def look(self, view: View) -> None:
        """Show this view."""
        self._view = view
        self._redraw()

    def on_resize(self, event: Resize) -> None:
        self._redraw()

    def _redraw(self) -> None:
        width, height = self.size
        if width and height:
            self.show(self._draw(self._view, width, height))
