"""The dashboard: titled panels over one view."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal

from tui.screens.base import NodeScreen
from tui.screens.dashboard import earnings, lately, queue, running, temperatures, work
from tui.view import View
from tui.widgets.panel import Panel
from tui.widgets.sheet import Drawing


class Dashboard(NodeScreen):
    """Work and Temperatures, Earnings and Queue, Running, Lately; what is least needed goes first in a small window."""

    SCOPE: ClassVar[str] = "dashboard"

    def body(self) -> ComposeResult:
        with Horizontal(id="charts"):
            yield Panel("Work", work.draw, id="work")
            yield Panel("Temperatures", temperatures.draw, id="temperatures")
        with Horizontal(id="books"):
            yield Panel("Earnings", earnings.draw, id="earnings")
            yield Panel("Queue", queue.draw, id="queue")
        yield Panel("Running", running.draw, id="running")
        yield Panel("Lately", lately.draw, id="lately")
        yield Drawing(earnings.one_line, id="today")

    def look(self, view: View) -> None:
        for drawing in self.query("#body Drawing").results(Drawing):
            drawing.look(view)

    def to_copy(self) -> tuple[str, str]:
        snapshot = self.node_app.view.snapshot
        return (snapshot.node.endpoint, "the endpoint's address") if snapshot else ("", "")
