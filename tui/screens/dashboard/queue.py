"""Where jobs wait: here, and in the networks."""

from __future__ import annotations

from rich.cells import cell_len

from node.control.wire import JobState, QueueView
from tui import format as said
from tui.ink import Line, Picture, Span, Tone, cell, dim, wrapped
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
    rows: list[Line] = [heading(layout)]
    spare = height - 1 - len(shown)
    for queue in shown:
        lines = _rows(layout, queue, width, 1 + max(0, spare))
        spare -= len(lines) - 1
        rows += lines
    return Picture(tuple(rows), aside)


def _rows(layout: Layout, queue: QueueView, width: int, most: int) -> list[Line]:
    """One network in a line; what is wrong with it in as many as there are for it."""
    name = f"● {queue.network}" if queue.connected else f"○ {queue.network}"
    if not queue.connected and queue.detail:
        return _wrong(name, queue.detail, width, most)
    tone = Tone.PLAIN if queue.connected else Tone.DIM
    told = {
        "network": (name, tone),
        "running": (str(queue.running), tone),
        "waiting": (str(queue.waiting), tone),
        "depth": (said.short_count(queue.depth), tone),
    }
    return [row(layout, told)]


def _wrong(name: str, detail: str, width: int, most: int) -> list[Line]:
    indent = cell_len(name) + 3
    room = max(1, width - indent)
    lines = wrapped(detail, room)
    lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    told: list[Line] = [(Span(" " * indent), cell(text, room, Tone.DIM)) for text in lines[:most] if text]
    return [(Span(" "), Span(name, Tone.WARN), Span("  "), *told[0][1:]), *told[1:]]
