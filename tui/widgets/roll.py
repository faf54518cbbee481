"""A scrolling list of lines with a cursor, drawn line by line: what is not in sight costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from textual.binding import BindingType
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.actions import bindings
from tui.ink import BLANK, Line, Tone
from tui.widgets.sheet import paint


@dataclass(frozen=True, slots=True)
class Row:
    """One line, known by its key."""

    key: str
    line: Line


class Roll(ScrollView, can_focus=True):
    """Rows under an optional heading. The cursor stays with its key while rows come and go."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"roll--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = bindings("list")

    @dataclass
    class Moved(Message):
        """The cursor stands on another row."""

        roll: Roll
        key: str | None

    @dataclass
    class Opened(Message):
        """The row under the cursor was asked for."""

        roll: Roll
        key: str

    @dataclass
    class Resized(Message):
        """The rows have another width; whoever laid them out does so again."""

        roll: Roll

    def __init__(self, *, id: str | None = None, follow: bool = False, cursor: bool = True) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows: tuple[Row, ...] = ()
        self.heading: Line = BLANK
        self.empty: tuple[Line, ...] = ()
        self.follow = follow
        self._has_cursor = cursor
        self._cursor = 0

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor."""
        return self.rows[self._cursor].key if self._cursor < len(self.rows) else None

    @property
    def text(self) -> str:
        """The rows, without tones."""
        return "\n".join("".join(span.text for span in row.line).rstrip() for row in self.rows)

    def show(self, rows: tuple[Row, ...], heading: Line = BLANK, empty: tuple[Line, ...] = ()) -> None:
        """Show these rows; ``empty`` is what teaches where there are none."""
        before, key = self.rows, self.cursor_key
        self.rows = rows
        if heading != self.heading or (not rows and (before or empty != self.empty)):
            self.heading, self.empty = heading, empty
            self.refresh()
        self._keep_cursor(key)
        if len(rows) != len(before):
            self.virtual_size = Size(self.size.width, len(rows) + self._above)
            self.refresh()
        else:
            self._repaint_changed(before)
        if self.follow:
            self._to_end()
        if self.cursor_key != key:
            self.post_message(self.Moved(self, self.cursor_key))

    @property
    def _above(self) -> int:
        return 1 if self.heading else 0

    def _keep_cursor(self, key: str | None) -> None:
        if self.follow:
            self._cursor = max(0, len(self.rows) - 1)
            return
        if key is not None and self.cursor_key != key:
            found = next((index for index, row in enumerate(self.rows) if row.key == key), None)
            self._cursor = found if found is not None else self._cursor
        self._cursor = max(0, min(self._cursor, len(self.rows) - 1))

    def _repaint_changed(self, before: tuple[Row, ...]) -> None:
        top = self.scroll_offset.y
        for y in range(self._above, self.size.height):
            index = top + y - self._above
            if index >= len(self.rows):
                break
            if self.rows[index] != before[index]:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self.heading and y == 0:
            return paint(self, self.heading, width)
        index = self.scroll_offset.y + y - self._above
        if not self.rows:
            return paint(self, self.empty[index] if 0 <= index < len(self.empty) else BLANK, width)
        if index >= len(self.rows):
            return paint(self, BLANK, width)
        under = None
        if index == self._cursor and self._has_cursor and not self.follow:
            cursor = self.get_component_rich_style("roll--cursor")
            under = Style(bgcolor=cursor.bgcolor, reverse=cursor.reverse)
        line = self.rows[index].line
        if under is not None and under.reverse:  # each colour would be a patch of its own
            line = tuple(span._replace(tone=Tone.PLAIN) for span in line)
        return paint(self, line, width, under)

    def on_resize(self, event: Resize) -> None:
        self.virtual_size = Size(self.size.width, len(self.rows) + self._above)
        self._into_sight()
        if self.follow:
            self.call_after_refresh(self._follow)  # how far it can be scrolled is known only then
        self.post_message(self.Resized(self))

    def on_click(self, event: Click) -> None:
        index = self.scroll_offset.y + event.y - self._above
        if 0 <= index < len(self.rows) and event.y >= self._above:
            self._move_to(index)
            if event.chain == 2:
                self.action_open()

    def put_cursor(self, key: str) -> None:
        """Put the cursor on the row of this key; leave it where it is if there is none."""
        found = next((index for index, row in enumerate(self.rows) if row.key == key), None)
        if found is not None:
            self._move_to(found)

    def action_open(self) -> None:
        if (key := self.cursor_key) is not None:
            self.post_message(self.Opened(self, key))

    def action_move(self, by: int) -> None:
        self.follow = False
        self._move_to(self._cursor + by)

    def action_page(self, by: int) -> None:
        self.follow = False
        self._move_to(self._cursor + by * max(1, self.size.height - 1 - self._above))

    def action_first(self) -> None:
        self.follow = False
        self._move_to(0)

    def action_last(self) -> None:
        self._move_to(len(self.rows) - 1)

    def _move_to(self, index: int) -> None:
        index = max(0, min(index, len(self.rows) - 1))
        if not self._has_cursor:
            self.scroll_to(y=index, animate=False, immediate=True)
            self._cursor = self.scroll_offset.y
            return
        if index != self._cursor:
            self._cursor = index
            self.post_message(self.Moved(self, self.cursor_key))
        self._into_sight()
        self.refresh()

    def _into_sight(self) -> None:
        page = max(1, self.size.height - self._above)
        top = self.scroll_offset.y
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, immediate=True)
        elif self._cursor >= top + page:
            self.scroll_to(y=self._cursor - page + 1, animate=False, immediate=True)

    def _follow(self) -> None:
        if self.follow:
            self._to_end()

    def _to_end(self) -> None:
        self.scroll_to(y=max(0, len(self.rows) + self._above - self.size.height), animate=False, immediate=True)
