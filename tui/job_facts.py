"""One job in words, and its ledger entries as rows. Pure."""

from __future__ import annotations

from node.control.wire import JobState, JobView, LedgerEvent
from tui import format as said
from tui.chart import bar
from tui.ink import BLANK, Line, Span, Tone, cell, crop, dim
from tui.job_list import elapsed
from tui.view import remaining
from tui.widgets import columns
from tui.widgets.columns import Column, Layout

LABEL = 10
COLUMNS = (
    Column("entry", "entry", 7),
    Column("time", "time", 8),
    Column("what", "what", 13),
    Column("words", "in words", 24, widest=80),
    Column("hash", "hash", 12, rank=1),
)


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
        (
            _name("energy"),
            Span(said.joules(job.joules)),
            *((dim("   cost "), Span(said.money(job.cost_micro, job.currency))) if job.cost_micro is not None else ()),
            dim("   reward "),
            Span(job.reward or said.DASH),
        ),
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


def layout(width: int) -> Layout:
    return columns.laid_out(COLUMNS, width - 1)


def heading(layout: Layout) -> Line:
    return columns.heading(layout)


def entry(layout: Layout, event: LedgerEvent) -> Line:
    """One ledger entry in one line."""
    return columns.row(
        layout,
        {
            "entry": (f"#{event.seq}", Tone.PLAIN),
            "time": (said.clock(event.at), Tone.DIM),
            "what": (event.kind, Tone.PLAIN),
            "words": (event.summary, Tone.PLAIN),
            "hash": (event.hash, Tone.DIM),
        },
    )
