"""A text over a screen, to be scrolled where it is long, and closed."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical

from tui.ink import Line, Span, wrapped
from tui.widgets.form import Form, titled
from tui.widgets.roll import Roll, Row

Text = Callable[[int], list[Line]]
"""Gets the columns that there are."""


class Reading(Form[None]):
    """Shows lines that are laid out for the room there is; enter, which opened it, closes it too."""

    def __init__(self, title: str, text: Text) -> None:
        super().__init__()
        self._heading = title
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = titled(self._heading)
            box.border_subtitle = self.legend(("dialog.close", "closes"))
            yield Roll(id="text", cursor=False)

    def on_mount(self) -> None:
        self.query_one(Roll).focus()

    def on_roll_opened(self, message: Roll.Opened) -> None:
        self.dismiss(None)

    def on_roll_resized(self, message: Roll.Resized) -> None:
        lines = self._text(message.roll.size.width - 2)
        message.roll.styles.height = len(lines)
        message.roll.show(tuple(Row(str(index), line) for index, line in enumerate(lines)))


def paragraph(text: str) -> Text:
    """A plain text, wrapped."""
    return lambda width: [(Span(line),) for line in wrapped(text, width)]
