"""Where jobs wait: here, and in the networks."""

from __future__ import annotations

from node.control.wire import JobState, QueueView
from tui import format as said
from tui.ink import Line, Picture, Span, Tone, cell, dim
from tui.view import View
from tui.widgets.columns import Column, Layout, heading, laid_out, row

COLUMNS = (
    Column("network", "network", 10, widest=40),
    Column("running", "run", 4, right=True),
    Column("waiting", "wait", 4, right=True),
    Column("depth", "theirs", 6, right=True, rank=1),
)


def draw(view: View, width: int, height: int) -> Picture:
    snapshot = view.snapshot
    if snapshot is None:
        return Picture((), (dim(said.DASH),))
    waiting = sum(job.state is JobState.WAITING for job in snapshot.jobs)
    running = sum(job.state is not JobState.WAITING for job in snapshot.jobs)
    aside = (Span(str(running)), dim(" running  "), Span(str(waiting)), dim(" waiting"))
    if not snapshot.queues:
        return Picture(((dim("No network is switched on."),),), aside)
    layout = laid_out(COLUMNS, width)
    shown = snapshot.queues[: max(1, height - 1)]
    return Picture((heading(layout), *(_row(layout, queue, width) for queue in shown)), aside)


def _row(layout: Layout, queue: QueueView, width: int) -> Line:
    name = f"● {queue.network}" if queue.connected else f"○ {queue.network}"
    if not queue.connected and queue.detail:
        return (Span(" "), Span(name, Tone.WARN), Span("  "), cell(queue.detail, width - len(name) - 3, Tone.DIM))
    tone = Tone.PLAIN if queue.connected else Tone.DIM
    return row(
        layout,
        {
            "network": (name, tone),
            "running": (str(queue.running), tone),
            "waiting": (str(queue.waiting), tone),
            "depth": (said.short_count(queue.depth), tone),
        },
    )
