"""The jobs that ended last."""

from __future__ import annotations

from node.control.wire import JobState, JobView
from tui import format as said
from tui.ink import Line, Picture, Tone, cell, dim, fill
from tui.job_list import SIGNS, short_model
from tui.view import View


def draw(view: View, width: int, height: int) -> Picture:
    snapshot = view.snapshot
    if snapshot is None:
        return Picture(())
    if not snapshot.recent:
        return Picture(((dim("Jobs that have ended appear here, each with its ledger entry."),),))
    newest = next((job.entry for job in snapshot.recent if job.entry is not None), None)
    aside: Line = (dim(f"ledger #{newest}"),) if newest is not None else ()
    return Picture(tuple(_row(job, width) for job in snapshot.recent[:height]), aside)


def _row(job: JobView, width: int) -> Line:
    sign, tone = SIGNS[job.state]
    parts = [
        cell(said.clock(job.ended_at), 10, Tone.DIM),
        cell(f"#{job.number}", 7),
        *([cell(job.network, 8, Tone.DIM)] if width >= 70 else []),
        cell(f"{sign} {job.state}", 12, tone),
    ]
    if job.state is JobState.DONE or not job.reason:
        parts += [cell(said.count(job.tokens), 6, right=True), cell(" tok", 6, Tone.DIM)]
        parts += [cell(said.seconds(job.compute), 8, right=True), cell("", 2)]
        if width >= 66:
            parts += [cell(said.joules(job.joules), 8, right=True), cell("", 2)]
        parts += [cell(job.reward, 18 if width >= 100 else 0)]
        if width >= 100:
            parts += [cell(short_model(job.model), max(0, width - sum(len(part.text) for part in parts)), Tone.DIM)]
    else:
        parts += [cell(job.reason, max(0, width - sum(len(part.text) for part in parts)), Tone.DIM)]
    return fill(tuple(parts), width)
