"""One network with everything that is known of it."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from node.control.wire import NetworkView
from tui.actions import bindings
from tui.ink import BLANK, Line, Span, Tone, dim
from tui.link import TROUBLE, ask, explain
from tui.screens.base import NodeScreen
from tui.screens.networks import about, models, remarks
from tui.screens.networks.listing import state
from tui.view import View
from tui.widgets.roll import Roll, Row
from tui.widgets.sheet import Sheet

ASK_EVERY = 2.0  # seconds


class WholeNetwork(NodeScreen):
    """All that the panels have no room for, as one scrolling text."""

    SCOPE: ClassVar[str] = "network"
    BINDINGS: ClassVar[list[BindingType]] = bindings("network")

    def __init__(self, network: NetworkView) -> None:
        super().__init__()
        self._network = network
        self._trouble = ""

    def body(self) -> ComposeResult:
        yield Sheet(id="tally")
        yield Roll(id="whole", cursor=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Roll).focus()
        self.set_interval(ASK_EVERY, self.fetch)

    def on_roll_resized(self, message: Roll.Resized) -> None:
        self.look(self.node_app.view)

    @work(exclusive=True, group="fetch")
    async def fetch(self) -> None:
        """Ask the node how it goes now."""
        view = self.node_app.view
        if not self.is_current or view.gone or view.held:
            return
        try:
            networks = await ask(self.node_app.client.networks)
        except TROUBLE as error:
            self._trouble = explain(error)
        else:
            self._trouble = ""
            found = next((network for network in networks if network.name == self._network.name), None)
            self._network = found or self._network
        self.look(self.node_app.view)

    def look(self, view: View) -> None:
        roll = self.query_one(Roll)
        if not roll.size.width:
            return
        now = view.snapshot.at if view.snapshot else 0.0
        word, tone = state(self._network)
        self.query_one("#tally", Sheet).show(
            (
                (
                    Span(" "),
                    Span(self._network.name, Tone.BOLD),
                    dim(f"  {self._network.title}   "),
                    Span(word, tone),
                    dim(f"   {self._trouble}"),
                ),
            )
        )
        lines = self._lines(now, roll.size.width - 3)
        roll.show(tuple(Row(str(index), (Span(" "), *line)) for index, line in enumerate(lines)))

    def _lines(self, now: float, width: int) -> list[Line]:
        network = self._network
        return [
            *about.lines_of(network, now, width, self.node_app.keys),
            BLANK,
            (Span("Models", Tone.BOLD),),
            *models.lines_of(network.models, width),
            BLANK,
            (Span("Faults and messages", Tone.BOLD),),
            *remarks.lines_of(network, now, width),
        ]

    def to_copy(self) -> tuple[str, str]:
        return self._network.worker_name, "the worker's name"

    def action_back(self) -> None:
        self.dismiss()
