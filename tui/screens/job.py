"""One job: its facts, and its life as the ledger tells it."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from node.control.client import JobLife
from node.control.wire import JobState, JobView, LedgerEvent
from tui import format as said
from tui.actions import Action, bindings
from tui.chart import bar
from tui.ink import BLANK, Line, Picture, Span, Tone, cell, crop, dim
from tui.job_list import SIGNS, elapsed, why_not_cancelled
from tui.link import TROUBLE, ask, explain
from tui.screens.base import NodeScreen
from tui.view import View, remaining
from tui.widgets.panel import Panel
from tui.widgets.roll import Roll, Row

LABEL = 10
HASH = 12  # digits of a hash that are shown


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
        now = view.snapshot.at if view.snapshot else 0.0
        rows = tuple(Row(str(event.seq), entry(event, now, roll.size.width)) for event in life)
        heading = (
            cell("   entry", 10, Tone.DIM),
            cell("time", 21, Tone.DIM),
            cell("what", 16, Tone.DIM),
            cell("hash", HASH + 3, Tone.DIM),
            dim("in words"),
        )
        missing = self._trouble or (
            "the books are being asked" if self._known is None else "the books hold no entry of it"
        )
        roll.show(rows, heading, ((dim(f" {missing}"),),))

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
        return Picture(facts(job, now, width)[:height], (Span(f"{sign} {job.state}", tone),))


def facts(job: JobView, now: float, width: int) -> tuple[Line, ...]:
    """What is known of a job; the most important first."""
    rows: list[Line] = []
    if job.reason:
        rows.append(_fact("reason", job.reason, tone=Tone.WARN if job.state is not JobState.DONE else Tone.PLAIN))
    if not job.state.final:
        share = job.tokens / job.max_tokens if job.max_tokens else None
        left = remaining(job)
        rows.append(
            (
                _name("progress"),
                *bar(share, min(40, max(10, width - 40))),
                dim("  about "),
                Span(said.seconds(left)),
                dim(" left"),
            )
            if left is not None
            else (_name("progress"), *bar(share, min(40, max(10, width - 40))))
        )
    most = f" of {job.max_tokens:,}" if job.max_tokens else ""
    rows += [
        (
            _name("tokens"),
            Span(said.count(job.tokens)),
            dim(f"{most} out   "),
            Span(said.count(job.prompt_tokens)),
            dim(" in   "),
            Span(said.speed(job.tokens_per_second)),
            dim(" tok/s"),
        ),
        (
            _name("time"),
            Span(said.seconds(elapsed(job, now))),
            dim(" of work   "),
            Span(said.seconds(job.queued)),
            dim(" queued   "),
            Span(said.seconds(job.first_token)),
            dim(" to the first token"),
        ),
        (_name("energy"), Span(said.joules(job.joules)), dim("   reward "), Span(job.reward or said.DASH)),
        _fact("model", job.model),
        (_name("network"), Span(job.network), *((dim("   for "), Span(job.client)) if job.client else ())),
        (_name("taken"), Span(said.moment(job.accepted_at, now)), *_deadline(job, now)),
        _fact("id", job.id, tone=Tone.DIM),
    ]
    return tuple(crop(row, width) for row in rows)


def _deadline(job: JobView, now: float) -> Line:
    if job.deadline_at is None:
        return BLANK
    if job.state.final:
        return (dim("   deadline "), Span(said.moment(job.deadline_at, now)))
    return (dim("   deadline in "), Span(said.seconds(job.deadline_at - now)))


def _name(name: str) -> Span:
    return cell(name, LABEL, Tone.DIM)


def _fact(name: str, text: str, tone: Tone = Tone.PLAIN) -> Line:
    return (_name(name), Span(text, tone))


def entry(event: LedgerEvent, now: float, width: int) -> Line:
    """One ledger entry in one line."""
    when = said.moment(event.at, now)
    line = (
        cell(f"  {event.seq}", 9),
        Span(" "),
        cell(when, 20, Tone.DIM),
        Span(" "),
        cell(event.kind, 15),
        Span(" "),
        cell(event.hash, HASH, Tone.DIM),
        Span("   "),
        Span(event.summary),
    )
    return crop(line, width)
