"""A network's page, to be read before it is joined."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from node.control.wire import NetworkKind
from tui.ink import BLANK, Line, Span, Tone, bold, dim, wrapped
from tui.widgets.form import Form, titled
from tui.widgets.roll import Roll, Row


class Page(Form[bool]):
    """True once it was read to its end and accepted: until then ``enter`` goes on reading."""

    def __init__(self, kind: NetworkKind) -> None:
        super().__init__()
        self._kind = kind

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = titled(self._kind.title)
            yield Roll(id="page", cursor=False)

    def on_mount(self) -> None:
        roll = self.query_one(Roll)
        roll.focus()
        self.watch(roll, "scroll_y", self._say_keys, init=False)

    def on_roll_resized(self, message: Roll.Resized) -> None:
        lines = told(self._kind, message.roll.size.width - 2)
        message.roll.show(tuple(Row(str(index), line) for index, line in enumerate(lines)))
        self._say_keys()

    @property
    def read(self) -> bool:
        """Whether the end is in sight."""
        roll = self.query_one(Roll)
        return bool(roll.rows) and roll.scroll_offset.y + roll.size.height >= len(roll.rows)

    def _say_keys(self) -> None:
        accept = "says: I asked them, and accept" if self._kind.experimental else "says: I have read it and accept"
        self.query_one("#box").border_subtitle = self.legend(
            ("list.open", accept if self.read else "reads on"), ("dialog.close", "leaves it")
        )

    def on_roll_opened(self, message: Roll.Opened) -> None:
        if self.read:
            self.dismiss(True)
        else:
            self.query_one(Roll).action_page(1)


def told(kind: NetworkKind, width: int) -> list[Line]:
    """The page in lines; a notice that has to be agreed to as well stands first and last."""
    lines: list[Line] = [(bold(text),) for text in wrapped(kind.summary, width)]
    lines += _notice(kind.experimental, width)
    for part in kind.page:
        lines += [BLANK, *((Span(text, Tone.EMBER),) for text in wrapped(part.heading, width))]
        lines += [(Span(text),) for text in wrapped(part.text, width)]
    dated = f"This page is of {kind.page_version}. That you accept it is written down, with the date."
    lines += [BLANK, *((dim(text),) for text in wrapped(dated, width))]
    return [*lines, *_notice(kind.experimental, width)]


def _notice(text: str, width: int) -> list[Line]:
    if not text:
        return []
    told = wrapped(text, width - 2)
    return [
        BLANK,
        *((Span("▲ " if at == 0 else "  ", Tone.WARN), Span(part, Tone.WARN)) for at, part in enumerate(told)),
    ]
