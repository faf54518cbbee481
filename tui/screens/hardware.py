"""What the sensors say of the cards and of the machine around them."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal

from tui import hardware_facts as facts
from tui.screens.base import NodeScreen
from tui.view import View
from tui.widgets.panel import Panel
from tui.widgets.sheet import Drawing


class Hardware(NodeScreen):
    """Cards and host as figures, the last five minutes as charts. What cannot be read is a dash."""

    SCOPE: ClassVar[str] = "hardware"

    def body(self) -> ComposeResult:
        with Horizontal(id="machines"):
            yield Panel("GPU", facts.cards, id="cards")
            yield Panel("Machine", facts.host, id="host")
        with Horizontal(id="trends"):
            yield Panel("Temperature", facts.temperature, id="temperature")
            yield Panel("Power", facts.power, id="power")
            yield Panel("CPU", facts.processor, id="processor")

    def look(self, view: View) -> None:
        for drawing in self.query("#body Drawing").results(Drawing):
            drawing.look(view)

    def to_copy(self) -> tuple[str, str]:
        snapshot = self.node_app.view.snapshot
        gpus = snapshot.hardware.gpus if snapshot and snapshot.hardware else ()
        return (gpus[0].uuid, "the card's UUID") if gpus else ("", "")
