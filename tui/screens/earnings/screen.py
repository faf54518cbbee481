"""The earnings screen: the sums in a table, the last thirty days as a chart, and where the three columns differ."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import ScreenResume

from node.control.client import ControlClient
from node.control.wire import EarningsTable, LedgerEvent, Reconciliation
from tui import format as said
from tui.actions import Action, bindings
from tui.ink import BLANK, Picture
from tui.keymap import hint
from tui.lesson import BOOKS_ASKED, trouble
from tui.link import TROUBLE, ask, explain
from tui.screens.base import NodeScreen
from tui.screens.earnings import agreement, course, listing, spans
from tui.view import View
from tui.widgets.panel import Panel
from tui.widgets.roll import Roll
from tui.widgets.sheet import Sheet

LOOK_EVERY = 2.0  # seconds at least between two looks into the books
ASK_EVERY = 15  # of these looks without a new entry, after which the energy and the estimates are asked for anyway


@dataclass(frozen=True, slots=True)
class Books:
    """What the node's books answered, for one grouping and span."""

    by: str
    table: EarningsTable
    month: EarningsTable
    agreement: tuple[Reconciliation, ...]


class Earnings(NodeScreen):
    """Claimed, credited and paid stand side by side and are never added up; nor is one asset to another."""

    SCOPE: ClassVar[str] = "earnings"
    BINDINGS: ClassVar[list[BindingType]] = bindings("earnings")

    def __init__(self) -> None:
        super().__init__()
        self._by = 0
        self._span = spans.MONTH
        self._books: Books | None = None
        self._trouble = ""
        self._stale = 0

    def body(self) -> ComposeResult:
        yield Sheet(id="tally")
        yield Roll(id="list")
        with Horizontal(id="below"):
            yield Panel("Last 30 days", self._course, id="course")
            yield Panel("Do they agree?", self._agreement, id="agreement")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Roll).focus()
        self.set_interval(LOOK_EVERY, self._fetch_if_stale)

    def on_screen_resume(self, event: ScreenResume) -> None:
        super().on_screen_resume(event)
        self.fetch()

    # What is asked

    def booked(self, event: LedgerEvent) -> None:
        self._stale = ASK_EVERY

    def _fetch_if_stale(self) -> None:
        view = self.node_app.view
        self._stale += 1
        if self._stale >= ASK_EVERY and self.is_current and not view.gone and not view.held:
            self.fetch()

    @work(exclusive=True, group="fetch")
    async def fetch(self) -> None:
        """Ask the node for the sums, the month and the differences."""
        self._stale = 0
        try:
            self._books = await ask(partial(_ask, self.node_app.client, self.by, self._since(), self._midnight()))
        except TROUBLE as error:
            self._trouble = explain(error)
        else:
            self._trouble = ""
        self.see(self.node_app.view)

    @property
    def by(self) -> str:
        return listing.GROUPS[self._by]

    @property
    def _now(self) -> float:
        snapshot = self.node_app.view.snapshot
        return snapshot.at if snapshot else 0.0

    def _since(self) -> int | None:
        return spans.SPANS[self._span].since(self._now)

    def _midnight(self) -> int:
        return spans.midnight(self._now, course.DAYS - 1)

    # What is shown

    def look(self, view: View) -> None:
        roll, books = self.query_one(Roll), self._books
        self.set_class(books is not None and not books.table.rows, "-bare")
        for panel in self.query(Panel):
            panel.look(view)
        span = spans.SPANS[self._span].name
        table = books.table if books else None
        tally = self.query_one("#tally", Sheet)
        tally.show((listing.tally(table, self.by, span, self._trouble, tally.size.width),))
        if not roll.size.width:
            return
        if books is None:
            width = roll.size.width
            roll.show((), BLANK, trouble(self._trouble, width) if self._trouble else BOOKS_ASKED.lines(width))
            return
        layout = listing.layout(roll.size.width, books.by, books.table.currency)
        rows = listing.rows(books.table, books.by, layout) if books.table.rows else ()
        roll.show(rows, listing.heading(layout) if rows else BLANK, listing.EMPTY.lines(roll.size.width, view.keys))

    def _course(self, view: View, width: int, height: int) -> Picture:
        return course.picture(self._books.month if self._books else None, self._now, width, height)

    def _agreement(self, view: View, width: int, height: int) -> Picture:
        return agreement.picture(self._books.agreement if self._books else None, self._now, width, height, view.keys)

    def on_roll_resized(self, message: Roll.Resized) -> None:
        self.look(self.node_app.view)

    # What can be done

    def word(self, action: Action) -> str:
        if action.id == "earnings.by":
            return f"by {listing.GROUPS[(self._by + 1) % len(listing.GROUPS)]}"
        if action.id == "earnings.longer":
            return spans.SPANS[min(self._span + 1, len(spans.SPANS) - 1)].name
        return super().word(action)

    def obstacle(self, action: Action) -> str:
        if action.id == "earnings.longer" and self._span == len(spans.SPANS) - 1:
            return "that is all there is"
        if not action.id.startswith("earnings.") or action.id in ("earnings.by", "earnings.longer", "earnings.shorter"):
            return super().obstacle(action)
        if self.node_app.view.gone:
            return "no node answers"
        return "" if self._books else "the books have not answered yet"

    def action_by(self) -> None:
        self._by = (self._by + 1) % len(listing.GROUPS)
        self.fetch()

    def action_span(self, by: int) -> None:
        self._span = max(0, min(len(spans.SPANS) - 1, self._span + by))
        self.fetch()

    def on_roll_opened(self, message: Roll.Opened) -> None:
        from tui.screens.earnings.reward_list import RewardList, Wanted

        key, asset = listing.parts(message.key)
        self.app.push_screen(RewardList(Wanted(**({} if key is None else {self.by: key}), asset=asset or None)))

    def action_explain(self) -> None:
        from tui.widgets.reading import Reading

        if books := self._books:
            now = self._now
            self.app.push_screen(
                Reading("Claimed, credited, paid", lambda width: agreement.lines_of(books.agreement, now, width))
            )

    @work(exclusive=True, group="ask")
    async def action_copy_csv(self) -> None:
        from tui.screens.earnings import sheets

        form = await self.app.push_screen_wait(sheets.question())
        if not form:
            return
        try:
            text = await ask(partial(sheets.fetch, self.node_app.client, form, self._since()))
        except TROUBLE as error:
            self.notify(explain(error), severity="error", markup=False)
            return
        if len(text) > sheets.CLIPBOARD:
            key = hint("earnings.write", self.node_app.keys).text
            self.notify(
                f"The sheet has {said.size(len(text))}, more than terminals take: write a file with {key}.",
                severity="warning",
                markup=False,
            )
            return
        self.app.copy_to_clipboard(text)
        self.notify(f"Copied {sheets.lines(text)} as CSV.", markup=False)

    @work(exclusive=True, group="ask")
    async def action_write_csv(self) -> None:
        from tui.screens.earnings.writing import Write

        if path := await self.app.push_screen_wait(Write(self._since(), spans.SPANS[self._span].name, self._now)):
            self.notify(f"Written to {path}.", markup=False)


def _ask(client: ControlClient, by: str, since: int | None, month: int) -> Books:
    """All that the screen shows, in one visit; the month is asked for once where it is what the table shows."""
    table = client.earnings(by, since=since)
    same = by == "day" and since == month
    return Books(by, table, table if same else client.earnings("day", since=month), tuple(client.reconciliation()))
