"""Every job, running and ended: filtered, sorted, opened, cancelled."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import ScreenResume

from node.control.wire import JobView, LedgerEvent
from tui import job_list
from tui.actions import Action, bindings
from tui.ink import BLANK, Line, Span, Tone, dim
from tui.lesson import Lesson, Way
from tui.link import TROUBLE, ask, explain
from tui.screens.base import NodeScreen
from tui.view import View
from tui.widgets.prompt import Prompt
from tui.widgets.roll import Roll, Row
from tui.widgets.sheet import Sheet

FETCHED = 500  # rows that are kept
FETCH_EVERY = 2.0  # seconds at least between two looks into the node's books

EMPTY = Lesson(
    "No job has come yet. Each one appears here while it runs, and stays with its ledger entry.",
    (
        Way("See one run here", command="stoker try"),
        Way("Join a network", actions=("go.networks", "networks.add"), note="it sends this machine jobs"),
    ),
)
UNFOUND = Lesson("No job has this text.", (Way("See all of them", actions=("jobs.filter", "prompt.close")),))


class Jobs(NodeScreen):
    """A live table over the jobs in hand and those that ended."""

    SCOPE: ClassVar[str] = "jobs"
    BINDINGS: ClassVar[list[BindingType]] = bindings("jobs")

    def __init__(self) -> None:
        super().__init__()
        self._fetched: dict[int, JobView] = {}
        self._trouble = ""
        self._pattern = ""
        self._order = 0
        self._stale = True

    def body(self) -> ComposeResult:
        yield Sheet(id="tally")
        yield Prompt()
        yield Roll(id="list")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Roll).focus()
        self.set_interval(FETCH_EVERY, self._fetch_if_stale)

    def on_screen_resume(self, event: ScreenResume) -> None:
        super().on_screen_resume(event)
        self._stale = True
        self._fetch_if_stale()

    def booked(self, event: LedgerEvent) -> None:
        self._stale = True

    def _fetch_if_stale(self) -> None:
        if self._stale and self.is_current and not self.node_app.view.gone:
            self._stale = False
            self.fetch()

    @work(exclusive=True, group="fetch")
    async def fetch(self) -> None:
        """Ask the node for the latest jobs, and for those that the filter names."""
        pattern = "" if self._pattern.startswith("!") else self._pattern
        try:
            jobs = await ask(partial(self._page, pattern))
        except TROUBLE as error:
            self._trouble = explain(error)
        else:
            self._trouble = ""
            self._fetched = (
                {**self._fetched, **{job.number: job for job in jobs}} if pattern else {j.number: j for j in jobs}
            )
        self.look(self.node_app.view)

    def _page(self, pattern: str) -> list[JobView]:
        client = self.node_app.client
        return client.jobs(limit=FETCHED, text=pattern) if pattern else client.jobs(limit=FETCHED)

    def look(self, view: View) -> None:
        roll = self.query_one(Roll)
        width = roll.size.width
        if not width:
            return
        snapshot = view.snapshot
        known = job_list.merged(self._fetched, snapshot)
        wanted = job_list.chosen(known, self._pattern, job_list.ORDERS[self._order])[:FETCHED]
        now = snapshot.at if snapshot else 0.0
        layout = job_list.layout(width)
        rows = tuple(Row(str(job.number), job_list.line(layout, job, now)) for job in wanted)
        heading = job_list.heading(layout, job_list.ORDERS[self._order]) if known else BLANK
        roll.show(rows, heading, self._nothing(bool(known), width))
        self.query_one("#tally", Sheet).show((self._tally(len(wanted), known),))

    def _tally(self, shown: int, known: list[JobView]) -> Line:
        line = [Span(" "), Span("Jobs", Tone.BOLD), dim("  "), Span(str(shown))]
        if self._pattern:
            line += [dim(f" of {len(known)} with "), Span(self._pattern, Tone.EMBER)]
        line.append(dim(f"   sorted by {job_list.ORDERS[self._order]}"))
        if self._trouble:
            line += [Span("   ✖ ", Tone.BAD), dim(self._trouble)]
        return tuple(line)

    def _nothing(self, any_known: bool, width: int) -> tuple[Line, ...]:
        return (UNFOUND if any_known else EMPTY).lines(width, self.node_app.keys)

    def _current(self) -> JobView | None:
        key = self.query_one(Roll).cursor_key
        if key is None:
            return None
        known = job_list.merged(self._fetched, self.node_app.view.snapshot)
        return next((job for job in known if str(job.number) == key), None)

    def obstacle(self, action: Action) -> str:
        if action.id == "jobs.cancel" and self.is_mounted:
            if self.node_app.view.gone:
                return "no node answers"
            return job_list.why_not_cancelled(self._current())
        return super().obstacle(action)

    def to_copy(self) -> tuple[str, str]:
        job = self._current()
        return (job.id, f"the id of job #{job.number}") if job else ("", "")

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        self._pattern = message.text
        self._stale = True
        self.look(self.node_app.view)

    def on_prompt_left(self, message: Prompt.Left) -> None:
        self.query_one(Roll).focus()

    def on_roll_moved(self, message: Roll.Moved) -> None:
        self.see(self.node_app.view)

    def on_roll_opened(self, message: Roll.Opened) -> None:
        from tui.screens.job import JobDetail

        self.app.push_screen(JobDetail(int(message.key)))

    def action_filter(self) -> None:
        self.query_one(Prompt).open()

    def action_sort(self) -> None:
        self._order = (self._order + 1) % len(job_list.ORDERS)
        self.look(self.node_app.view)

    @work(exclusive=True, group="cancel")
    async def action_cancel_job(self) -> None:
        from tui.screens.questions import cancel

        job = self._current()
        if job and await self.app.push_screen_wait(cancel(job)) == "cancel":
            self.node_app.tell("cancel_job", f"Job #{job.number} is being cancelled.", number=job.number)
