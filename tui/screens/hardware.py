"""What the sensors say of the cards and of the machine around them, how it went, and what the guard makes of it."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from node.control.wire import Course, GpuReading
from tui.actions import Action, bindings
from tui.hardware import alarms, costs, devices, listing, meaning, trends, watchman
from tui.hardware.devices import Device
from tui.hardware.trends import REACHES, Scene
from tui.ink import Line, Picture
from tui.link import TROUBLE, ask, explain
from tui.screens.base import NodeScreen
from tui.view import View
from tui.widgets.panel import Paint, Panel
from tui.widgets.roll import Roll, Row
from tui.widgets.sheet import Drawing

FETCH_EVERY = 60.0  # seconds; the node's history has a row a minute
MANY = 5  # devices from which a window of 24 lines has no room for the guard's and the energy's panels
POINTS = 300


class Hardware(NodeScreen):
    """All devices in a table; of the chosen one every fact, and charts. What cannot be read is a dash."""

    SCOPE: ClassVar[str] = "hardware"
    BINDINGS: ClassVar[list[BindingType]] = bindings("hardware")

    def __init__(self) -> None:
        super().__init__()
        self._chosen = 0
        self._reach = 0
        self._courses: dict[tuple[str, int], Course] = {}
        self._trouble = ""

    def body(self) -> ComposeResult:
        yield Drawing(self._table, id="devices")
        yield Panel("Alarms", alarms.draw, id="alarms")
        with Horizontal(id="device"):
            yield Roll(id="facts")
            with Vertical(id="trends"):
                yield Panel("Heat", self._chart(trends.temperature), id="heat")
                yield Panel("Power", self._chart(trends.power), id="power")
                yield Panel("Load", self._chart(trends.load), id="load")
        with Horizontal(id="rules"):
            yield Panel("Guard", watchman.draw, id="guard")
            yield Panel("Energy", costs.draw, id="energy")
        yield Drawing(costs.one_line, id="energy-line")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Roll).focus()
        self.set_interval(FETCH_EVERY, self._refetch)

    def on_roll_resized(self, message: Roll.Resized) -> None:
        self._list(self._device(self.node_app.view))

    def look(self, view: View) -> None:
        known = devices.devices(view.snapshot)
        self._chosen = min(self._chosen, len(known) - 1)
        self._make_room(len(known), _is_bare(view))
        wrong = len(view.snapshot.alarms) if view.snapshot else 0
        self.set_class(wrong > 0, "-alarm")
        self.set_class(wrong > 1, "-alarms")
        for drawing in self.query("#body Drawing").results(Drawing):
            drawing.look(view)
        self._list(known[self._chosen])

    def _make_room(self, count: int, bare: bool) -> None:
        lines = count + 1 + bare
        table = self.query_one("#devices", Drawing)
        if table.styles.height is None or table.styles.height.value != lines:
            table.styles.height = lines
        self.set_class(count > MANY, "-many")

    def _list(self, device: Device) -> None:
        roll = self.query_one(Roll)
        if width := roll.size.width:
            rows = tuple(Row(fact.key, listing.row(fact, width - 1)) for fact in device.facts())
            roll.show(rows, listing.heading(device, width))

    def _device(self, view: View) -> Device:
        known = devices.devices(view.snapshot)
        return known[min(self._chosen, len(known) - 1)]

    def _table(self, view: View, width: int, height: int) -> tuple[Line, ...]:
        known = devices.devices(view.snapshot)
        if not _is_bare(view):
            return devices.table(known, self._chosen, width, height)
        heading, *rows = devices.table(known, self._chosen, width, height - 1)
        return (devices.no_card(width), heading, *rows)

    def _chart(self, draw: trends.Draw) -> Paint:
        def paint(view: View, width: int, height: int) -> Picture:
            device, reach = self._device(view), REACHES[self._reach]
            course = self._courses.get((device.key, reach.hours))
            return draw(Scene(device, view.history, reach, course, self._trouble), width, height)

        return paint

    def _redraw(self) -> None:
        self.see(self.node_app.view)

    # Charts

    def _refetch(self) -> None:
        if self.is_current and not self.node_app.view.gone:
            self.fetch()

    @work(exclusive=True, group="fetch")
    async def fetch(self) -> None:
        """Ask the node how the chosen device has been."""
        key, hours = self._device(self.node_app.view).key, REACHES[self._reach].hours
        if not hours:
            return
        client = self.node_app.client
        try:
            course = await ask(partial(client.course, key, hours=hours, points=POINTS))
        except TROUBLE as error:
            self._trouble = explain(error)
        else:
            self._trouble = ""
            self._courses[key, hours] = course
        self._redraw()

    def word(self, action: Action) -> str:
        if action.id == "hardware.longer":
            return REACHES[min(self._reach + 1, len(REACHES) - 1)].name
        return super().word(action)

    def obstacle(self, action: Action) -> str:
        if action.id == "hardware.longer" and self._reach == len(REACHES) - 1:
            return "these are the longest charts"
        return super().obstacle(action)

    def action_span(self, by: int) -> None:
        self._reach = max(0, min(len(REACHES) - 1, self._reach + by))
        self._trouble = ""
        self._redraw()
        self.fetch()

    # Devices and facts

    def action_device(self, by: int) -> None:
        self._chosen = (self._chosen + by) % len(devices.devices(self.node_app.view.snapshot))
        self._trouble = ""
        self._redraw()
        self.fetch()

    def on_roll_opened(self, message: Roll.Opened) -> None:
        from tui.widgets.reading import Reading

        device = self._device(self.node_app.view)
        fact = next((found for found in device.facts() if found.key == message.key), None)
        if fact is not None:
            self.app.push_screen(Reading(meaning.title(device, fact), partial(meaning.about, device, fact)))

    def to_copy(self) -> tuple[str, str]:
        reading = self._device(self.node_app.view).reading
        return (reading.uuid, "the card's UUID") if isinstance(reading, GpuReading) else ("", "")


def _is_bare(view: View) -> bool:
    """Whether the machine was looked at, and has no card that can be read."""
    hardware = view.snapshot.hardware if view.snapshot else None
    return hardware is not None and not hardware.gpus
