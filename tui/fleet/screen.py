"""The fleet: a line for each node. The one under the cursor is at hand: the state line and the keys are about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from tui.fleet import rows
from tui.screens.base import NodeScreen
from tui.view import View
from tui.widgets.roll import Roll, Row
from tui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from tui.fleet.app import FleetApp


class Fleet(NodeScreen):
    """A live table of nodes."""

    SCOPE: ClassVar[str] = "fleet"

    def body(self) -> ComposeResult:
        yield Sheet(id="tally")
        yield Roll(id="list")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Roll).focus()

    @property
    def fleet_app(self) -> FleetApp:
        from tui.fleet.app import FleetApp

        assert isinstance(self.app, FleetApp)
        return self.app

    def look(self, view: View) -> None:
        roll = self.query_one(Roll)
        width = roll.size.width
        if not width:
            return
        views = [rig.view for rig in self.fleet_app.rigs]
        layout = rows.layout(width)
        roll.show(
            tuple(Row(str(index), rows.line(layout, each)) for index, each in enumerate(views)), rows.heading(layout)
        )
        self.query_one("#tally", Sheet).show((rows.together(views, width),))

    def to_copy(self) -> tuple[str, str]:
        place = self.fleet_app.rig.client.place
        return place, "where the node is"

    def on_roll_moved(self, message: Roll.Moved) -> None:
        if message.key is not None:
            self.fleet_app.take(int(message.key))

    def on_roll_opened(self, message: Roll.Opened) -> None:
        self.fleet_app.take(int(message.key))
        self.fleet_app.action_go("dashboard")

    def on_roll_resized(self, message: Roll.Resized) -> None:
        self.look(self.node_app.view)
