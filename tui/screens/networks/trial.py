"""A network is looked at: progress while it is being asked, then what was found."""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content

from node.control.wire import Examination
from tui.actions import bindings
from tui.ink import BLANK, Line, Span, Tone, dim, wrapped
from tui.link import TROUBLE, explain
from tui.screens.networks import models
from tui.widgets.form import Form, titled
from tui.widgets.roll import Roll, Row


class Trial(Form[bool]):
    """Shows what an examination finds. While joining it asks as well: True means to join.

    Args:
        name: whom it is about.
        asked: the examination under way; it is dropped if nobody waits for it any more.
        joining: whether there is something to decide.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("trial")

    def __init__(self, name: str, asked: asyncio.Future[Examination], *, joining: bool = False) -> None:
        super().__init__()
        self._called = name
        self._asked = asked
        self._joining = joining
        self._began = time.monotonic()
        self._found: Examination | None = None
        self._trouble = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = titled(f"{'Before joining' if self._joining else 'Test of'} {self._called}")
            yield Roll(id="found", cursor=False)

    def on_mount(self) -> None:
        self.query_one(Roll).focus()
        self.set_interval(0.5, self._tick)
        self.wait()

    def on_unmount(self) -> None:
        self._asked.cancel()

    def on_roll_resized(self, message: Roll.Resized) -> None:
        self._draw()

    @work(group="fetch")
    async def wait(self) -> None:
        """Wait for what is found."""
        try:
            self._found = await self._asked
        except TROUBLE as error:
            self._trouble = explain(error)
        self._draw()

    @property
    def _may_join(self) -> bool:
        """Whether there is something to say yes to."""
        return self._joining and self._found is not None

    @property
    def _fine(self) -> bool:
        return self._found is not None and all(finding.good for finding in self._found.findings)

    def _tick(self) -> None:
        if self._found is None and not self._trouble:
            self._draw()

    def _draw(self) -> None:
        roll = self.query_one(Roll)
        width = roll.size.width
        if not width:
            return
        lines = self._lines(width - 1)
        roll.styles.height = len(lines)
        roll.show(tuple(Row(str(index), line) for index, line in enumerate(lines)))
        self.query_one("#box").border_subtitle = self._keys()

    def _lines(self, width: int) -> list[Line]:
        if self._trouble:
            return [
                (Span("✖ " if at == 0 else "  ", Tone.BAD), Span(text))
                for at, text in enumerate(wrapped(self._trouble, width - 2))
            ]
        if self._found is None:
            waited = int(time.monotonic() - self._began)
            return [(Span("▷ ", Tone.EMBER), Span(f"{self._called} is being asked"), dim(f"   {waited} s"))]
        return told(self._found, width)

    def _keys(self) -> Content:
        leave = ("dialog.close", "goes back" if self._joining else "closes")
        if not self._may_join:
            return self.legend(leave)
        return self.legend(("list.open", "joins") if self._fine else ("trial.anyway", "joins in spite of it"), leave)

    def on_roll_opened(self, message: Roll.Opened) -> None:
        if self._may_join and self._fine:
            self.dismiss(True)

    def action_anyway(self) -> None:
        if self._may_join:
            self.dismiss(True)


def told(examination: Examination, width: int) -> list[Line]:
    """Every finding with its sign and remedy, and what each model is worth there."""
    lines: list[Line] = []
    for finding in examination.findings:
        sign, tone = ("✔ ", Tone.GOOD) if finding.good else ("✖ ", Tone.BAD)
        lines += [
            (Span(sign if at == 0 else "  ", tone), Span(text))
            for at, text in enumerate(wrapped(finding.what, width - 2))
        ]
        if finding.remedy:
            lines += [
                (dim("  → " if at == 0 else "    "), Span(text, Tone.EMBER))
                for at, text in enumerate(wrapped(finding.remedy, width - 4))
            ]
    if examination.models:
        lines += [BLANK, *models.lines_of(examination.models, width)]
    return lines or [(dim("there was nothing to look at"),)]
