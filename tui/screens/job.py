"""One job: its facts, and its life as the ledger tells it."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from node.control.client import JobLife
from node.control.wire import JobView, LedgerEvent
from tui import job_facts
from tui.actions import Action, bindings
from tui.ink import Picture, Span, dim
from tui.job_list import SIGNS, why_not_cancelled
from tui.link import TROUBLE, ask, explain
from tui.screens.base import NodeScreen
from tui.view import View
from tui.widgets.panel import Panel
from tui.widgets.roll import Roll, Row


class JobDetail(NodeScreen):
    """Follows one job while it runs, and keeps what the books say of it."""

    SCOPE: ClassVar[str] = "job"
    BINDINGS: ClassVar[list[BindingType]] = bindings("job")

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._known: JobLife | None = None
        self._trouble = ""

    def body(self) -> ComposeResult:
        yield Panel(f"Job #{self._number}", self._facts, id="facts")
        yield Roll(id="life")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Roll).focus()
        self.fetch()

    def booked(self, event: LedgerEvent) -> None:
        self.fetch()

    @work(exclusive=True, group="fetch")
    async def fetch(self) -> None:
        """Ask the node for the job and its ledger entries."""
        try:
            self._known = await ask(partial(self.node_app.client.job, self._number))
        except TROUBLE as error:
            self._trouble = explain(error)
        else:
            self._trouble = ""
        self.see(self.node_app.view)

    def job(self, view: View) -> JobView | None:
        """The newest word on it."""
        for job in (*view.in_hand, *(view.snapshot.recent if view.snapshot else ())):
            if job.number == self._number:
                return job
        return self._known.job if self._known else None

    def look(self, view: View) -> None:
        self.query_one(Panel).look(view)
        roll = self.query_one(Roll)
        if not roll.size.width:
            return
        life = self._known.life if self._known else ()
        layout = job_facts.layout(roll.size.width)
        rows = tuple(Row(str(event.seq), job_facts.entry(layout, event)) for event in life)
        missing = self._trouble or (
            "the books are being asked" if self._known is None else "the books hold no entry of it"
        )
        roll.show(rows, job_facts.heading(layout), ((dim(f" {missing}"),),))

    def obstacle(self, action: Action) -> str:
        if action.id == "job.cancel":
            return "no node answers" if self.node_app.view.gone else why_not_cancelled(self.job(self.node_app.view))
        return super().obstacle(action)

    def to_copy(self) -> tuple[str, str]:
        life = self._known.life if self._known else ()
        key = self.query_one(Roll).cursor_key
        found = next((event for event in life if str(event.seq) == key), None)
        return (found.hash, f"the hash of entry {found.seq}") if found else ("", "")

    def action_back(self) -> None:
        self.dismiss()

    @work(exclusive=True, group="cancel")
    async def action_cancel_job(self) -> None:
        from tui.screens.questions import cancel

        job = self.job(self.node_app.view)
        if job and await self.app.push_screen_wait(cancel(job)) == "cancel":
            self.node_app.tell("cancel_job", f"Job #{job.number} is being cancelled.", number=job.number)

    def _facts(self, view: View, width: int, height: int) -> Picture:
        job = self.job(view)
        if job is None:
            return Picture(((dim(self._trouble or "the node is being asked"),),))
        now = view.snapshot.at if view.snapshot else 0.0
        sign, tone = SIGNS[job.state]
        return Picture(job_facts.facts(job, now, width)[:height], (Span(f"{sign} {job.state}", tone),))
