"""The jobs in hand with how far they are, and what is being fetched."""

from __future__ import annotations

from node.control.wire import JobState, JobView, Snapshot, StateWord, Transfer
from tui import format as said
from tui.chart import bar
from tui.ink import Line, Picture, Span, Tone, cell, crop, dim, fill, wrapped
from tui.job_list import short_model
from tui.keymap import Keys, hint
from tui.view import View

TOKENS, SPEED, TIME = 17, 10, 15
NOTHING = "Nothing runs.  "


def draw(view: View, width: int, height: int) -> Picture:
    snapshot = view.snapshot
    if snapshot is None:
        return Picture(((dim("What runs is not known." if view.gone else "The node is being asked."),),))
    rows = [_transfer(transfer, width) for transfer in snapshot.transfers]
    rows += [_job(job, snapshot.at, width) for job in snapshot.jobs]
    if not rows:
        return Picture(_teach(snapshot, view.keys, width, height))
    if len(rows) > height:
        rows = [*rows[: height - 1], (dim(f"and {len(rows) - height + 1} more:  "), hint("go.jobs", view.keys))]
    return Picture(tuple(rows), (Span(str(snapshot.busy)), dim(f" of {snapshot.slots} slots")))


def _job(job: JobView, now: float, width: int) -> Line:
    model = 36 if width >= 160 else 24 if width >= 100 else 12 if width >= 66 else 0
    network = 7 if width >= 70 else 0
    head = [cell(f"#{job.number}", 7)]
    if network:
        head += [cell(job.network, network, Tone.DIM), Span(" ")]
    if model:
        head += [cell(short_model(job.model), model), Span("  ")]
    tail = [*_tokens(job), Span(" "), *_speed(job)]
    if width >= 84:
        tail += [Span("  "), *_time(job, now)]
    room = width - sum(len(span.text) for span in (*head, *tail)) - 2
    share = job.tokens / job.max_tokens if job.max_tokens and job.state is JobState.RUNNING else None
    if job.state is JobState.DELIVERING:
        share = 1.0
    middle = (*bar(share, room), Span("  ")) if room >= 6 else ()
    return fill((*head, *middle, *tail), width)


def _tokens(job: JobView) -> Line:
    if job.state is JobState.WAITING:
        return (cell("waiting", TOKENS, Tone.DIM),)
    if job.state is JobState.DELIVERING:
        return (cell("delivering", TOKENS, Tone.DIM),)
    if job.first_token is None and not job.tokens:
        size = f"reading {said.short_count(job.prompt_tokens)} tok" if job.prompt_tokens else "reading prompt"
        return (cell(size, TOKENS, Tone.DIM),)
    if job.max_tokens:
        return (cell(f"{job.tokens:,}", 6, right=True), cell(f" / {job.max_tokens:,} tok", TOKENS - 6, Tone.DIM))
    return (cell(f"{job.tokens:,}", 6, right=True), cell(" tok", TOKENS - 6, Tone.DIM))


def _speed(job: JobView) -> Line:
    if not job.tokens_per_second or job.state is not JobState.RUNNING:
        return (Span(" " * SPEED),)
    return (cell(said.speed(job.tokens_per_second), SPEED - 6, right=True), dim(" tok/s"))


def _time(job: JobView, now: float) -> Line:
    since = now - (job.started_at or job.accepted_at)
    if job.deadline_at is None:
        return (cell(f"{max(0, since):.0f}", 4, right=True), cell(" s", TIME - 4, Tone.DIM))
    allowed = job.deadline_at - (job.started_at or job.accepted_at)
    late = since > allowed * 0.8
    return (
        cell(f"{max(0, since):.0f}", 4, Tone.WARN if late else Tone.PLAIN, right=True),
        cell(f" s of {allowed:.0f} s", TIME - 4, Tone.DIM),
    )


def _transfer(transfer: Transfer, width: int) -> Line:
    share = transfer.done / transfer.total if transfer.total else None
    name = cell(f"↓ {short_model(transfer.name)}", min(27, width // 3))
    amount = f"{said.size(transfer.done)} of {said.size(transfer.total)}"
    rate = f"{said.size(transfer.rate)}/s" if transfer.rate is not None else transfer.detail
    tail = (cell(amount, 19), cell(rate, 11, Tone.DIM, right=True))
    room = width - len(name.text) - 30 - 3
    return fill((name, Span(" "), *bar(share, max(0, room)), Span("  "), *tail), width)


def _teach(snapshot: Snapshot, keys: Keys, width: int, height: int) -> tuple[Line, ...]:
    state = snapshot.state
    tone = Tone.EMBER if state.remedy else Tone.PLAIN
    if state.word is StateWord.WAITING:
        rows: list[Line] = [(dim("Nothing runs. See a job run here:  "), Span("stoker try", Tone.EMBER))]
    else:
        told = wrapped(state.remedy or state.reason, max(1, width - len(NOTHING)))
        rows = [(dim(NOTHING if at == 0 else " " * len(NOTHING)), Span(text, tone)) for at, text in enumerate(told)]
    if snapshot.node.endpoint and state.word is StateWord.WAITING:
        rows.append(
            (
                dim("or send one to  "),
                Span(snapshot.node.endpoint, Tone.EMBER),
                dim("   "),
                hint("view.copy", keys),
                dim(" copies it"),
            )
        )
    for engine in snapshot.engines:
        line = [dim(f"engine {engine.name}  "), Span(engine.status)]
        if engine.models:
            line.append(dim("  serves " + ", ".join(short_model(model) for model in engine.models)))
        if engine.detail and engine.status != "ready":
            line.append(dim(f"  {engine.detail}"))
        if engine.remedy:
            line += [dim("  →  "), Span(engine.remedy, Tone.EMBER)]
        rows.append(tuple(line))
    return tuple(crop(row, width) for row in rows[:height])
