"""The networks screen: every joined network in a table, and of the one under the cursor why, how, and what it pays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.events import ScreenResume

from node.control.wire import NetworkView
from tui.actions import Action, bindings
from tui.ink import Line, Picture
from tui.keymap import Keys
from tui.lesson import NODE_ASKED, trouble
from tui.link import TROUBLE, ask, explain
from tui.screens.base import NodeScreen
from tui.screens.networks import about, listing, models, questions, remarks
from tui.view import View
from tui.widgets.panel import Paint, Panel
from tui.widgets.roll import Roll, Row
from tui.widgets.sheet import Sheet

ASK_EVERY = 2.0  # seconds, while the screen is seen
LISTED = 6  # networks in sight at once

Draw = Callable[[NetworkView, float, int, int, Keys], Picture]
"""Gets a network, the time, the columns and lines that there are, and the person's keys."""


class Networks(NodeScreen):
    """What is shown is what the node said last; it is asked again as long as somebody looks."""

    SCOPE: ClassVar[str] = "networks"
    BINDINGS: ClassVar[list[BindingType]] = bindings("networks")

    def __init__(self) -> None:
        super().__init__()
        self._networks: dict[str, NetworkView] = {}
        self._asked = False
        self._trouble = ""

    def body(self) -> ComposeResult:
        yield Sheet(id="tally")
        yield Roll(id="list")
        with Container(id="one"):
            yield Panel("Network", self._paint(about.picture), id="about")
            with Vertical(id="beside"):
                yield Panel("Models", self._paint(models.picture), id="models")
                yield Panel("Faults and messages", self._paint(remarks.picture), id="remarks")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Roll).focus()
        self.set_interval(ASK_EVERY, self.ask_if_seen)

    def on_screen_resume(self, event: ScreenResume) -> None:
        super().on_screen_resume(event)
        self.fetch()

    # What is asked

    def ask_if_seen(self) -> None:
        """Ask again, unless nobody looks."""
        view = self.node_app.view
        if self.is_current and not view.gone and not view.held:
            self.fetch()

    @work(exclusive=True, group="fetch")
    async def fetch(self) -> None:
        """Ask the node how it goes with its networks."""
        try:
            networks = await ask(self.node_app.client.networks)
        except TROUBLE as error:
            self._trouble = explain(error)
        else:
            self._networks = {network.name: network for network in networks}
            self._trouble, self._asked = "", True
        self.see(self.node_app.view)

    # What is shown

    def current(self) -> NetworkView | None:
        """The network under the cursor; the first one before the list was drawn."""
        key = self.query_one(Roll).cursor_key if self.is_mounted else None
        return self._networks.get(key or "") or next(iter(self._networks.values()), None)

    def look(self, view: View) -> None:
        self._list()
        for panel in self.query(Panel):
            panel.look(view)
        self.query_one("#tally", Sheet).show((listing.tally(self._networks.values(), self._trouble),))

    def _list(self) -> None:
        roll = self.query_one(Roll)
        self.set_class(not self._networks, "-bare")
        if not roll.size.width:
            return
        layout = listing.layout(roll.size.width)
        rows = tuple(Row(name, listing.row(layout, network)) for name, network in self._networks.items())
        roll.styles.height = 1 + min(LISTED, len(rows)) if rows else "1fr"
        roll.show(rows, listing.heading(layout) if rows else (), self._nothing(roll.size.width))

    def _nothing(self, width: int) -> tuple[Line, ...]:
        if self._trouble:
            return trouble(self._trouble, width)
        return (listing.EMPTY if self._asked else NODE_ASKED).lines(width, self.node_app.keys)

    def _paint(self, draw: Draw) -> Paint:
        def paint(view: View, width: int, height: int) -> Picture:
            network = self.current()
            now = view.snapshot.at if view.snapshot else 0.0
            return draw(network, now, width, height, view.keys) if network else Picture(())

        return paint

    def on_roll_moved(self, message: Roll.Moved) -> None:
        self.see(self.node_app.view)

    def on_roll_resized(self, message: Roll.Resized) -> None:
        self._list()

    # What can be done

    def word(self, action: Action) -> str:
        network = self.current()
        if action.id == "networks.switch" and network is not None:
            return "disable" if network.enabled else "enable"
        return super().word(action)

    def obstacle(self, action: Action) -> str:
        if not action.id.startswith("networks."):
            return super().obstacle(action)
        return "no node answers" if self.node_app.view.gone else listing.why_not(action.id, self.current())

    def to_copy(self) -> tuple[str, str]:
        network = self.current()
        return (network.worker_name, f"the worker's name at {network.name}") if network else ("", "")

    def on_roll_opened(self, message: Roll.Opened) -> None:
        from tui.screens.networks.whole import WholeNetwork

        if network := self._networks.get(message.key):
            self.app.push_screen(WholeNetwork(network))

    @work(exclusive=True, group="write")
    async def action_switch(self) -> None:
        if network := self.current():
            command = "disable_network" if network.enabled else "enable_network"
            news = "takes no more work; what is in hand is finished" if network.enabled else "takes work again"
            await self._order(command, f"{network.name} {news}.", name=network.name)

    @work(exclusive=True, group="ask")
    async def action_maintenance(self) -> None:
        network = self.current()
        if network and (answer := await self.app.push_screen_wait(questions.maintenance(network))):
            news = f"{network.name} is told that maintenance {'begins' if answer == 'on' else 'ends'}."
            await self._order("network_maintenance", news, name=network.name, on=answer == "on")

    @work(exclusive=True, group="ask")
    async def action_remove(self) -> None:
        network = self.current()
        if network and await self.app.push_screen_wait(questions.remove(network)) == "remove":
            await self._order("remove_network", f"{network.name} is removed; its books stay.", name=network.name)

    def action_test(self) -> None:
        from tui.screens.networks.trial import Trial

        if network := self.current():
            question = partial(self.node_app.client.examine_network, {"name": network.name})
            self.app.push_screen(Trial(network.name, asyncio.ensure_future(ask(question))))

    @work(exclusive=True, group="ask")
    async def action_add(self) -> None:
        from tui.screens.networks.joining import Join
        from tui.screens.networks.page import Page

        try:
            kinds = {kind.kind: kind for kind in await ask(self.node_app.client.network_kinds)}
        except TROUBLE as error:
            self.notify(explain(error), severity="error", markup=False)
            return
        kind = kinds.get(await self.app.push_screen_wait(questions.kind(list(kinds.values()))))
        if kind is None or not await self.app.push_screen_wait(Page(kind)):
            return
        name = listing.free_name(kind.kind, self._networks.values())
        if joined := await self.app.push_screen_wait(Join(kind, name)):
            self.notify(f"{joined} is joined. Work comes as soon as it has some for your models.", markup=False)
            self.fetch()

    async def _order(self, command: str, news: str, **arguments: object) -> None:
        if await self.order(command, news, **arguments):
            self.fetch()
