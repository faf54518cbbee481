"""Which jobs a list shows, in what order, and how a row looks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from node.control.wire import JobState, JobView, Snapshot
from tui import format as said
from tui.ink import Line, Tone
from tui.search import matches
from tui.widgets import columns
from tui.widgets.columns import Column, Layout

COLUMNS = (
    Column("number", "job", 7),
    Column("state", "state", 11),
    Column("network", "network", 7, rank=1),
    Column("model", "model", 14, rank=2, widest=40),
    Column("client", "for", 10, rank=7, widest=20),
    Column("tokens", "tokens", 12, right=True),
    Column("speed", "tok/s", 6, right=True, rank=3),
    Column("time", "time", 7, right=True),
    Column("energy", "energy", 7, right=True, rank=5),
    Column("reward", "reward", 13, right=True, rank=4),
    Column("begun", "taken", 8, right=True, rank=6),
)

SIGNS = {
    JobState.WAITING: ("○", Tone.DIM),
    JobState.RUNNING: ("▶", Tone.EMBER),
    JobState.DELIVERING: ("▲", Tone.EMBER),
    JobState.DONE: ("✔", Tone.GOOD),
    JobState.FAILED: ("✖", Tone.BAD),
    JobState.CANCELLED: ("■", Tone.DIM),
    JobState.EXPIRED: ("✖", Tone.WARN),
    JobState.RETURNED: ("◂", Tone.WARN),
}
"""A sign for each state, so that its colour is never alone."""

_SORTS: dict[str, Callable[[JobView], tuple[object, ...]]] = {
    "number": lambda job: (-job.number,),
    "state": lambda job: (list(SIGNS).index(job.state), -job.number),
    "model": lambda job: (job.model.casefold(), -job.number),
    "tokens": lambda job: (-job.tokens, -job.number),
    "speed": lambda job: (-(job.tokens_per_second or 0.0), -job.number),
    "time": lambda job: (-(job.compute or 0.0), -job.number),
}

ORDERS = tuple(_SORTS)
"""What a list can be sorted by, as ``s`` goes through it."""


def merged(ended: Mapping[int, JobView], snapshot: Snapshot | None) -> list[JobView]:
    """All that is known of every job: the snapshot's word is the newer one."""
    if snapshot is None:
        return list(ended.values())
    fresh = {job.number: job for job in (*snapshot.recent, *snapshot.jobs)}
    return list({**ended, **fresh}.values())


def chosen(jobs: Iterable[JobView], pattern: str, order: str) -> list[JobView]:
    """The jobs that have this text somewhere, sorted."""
    kept = [job for job in jobs if not pattern or _has(job, pattern)]
    return sorted(kept, key=_SORTS[order])


def _has(job: JobView, pattern: str) -> bool:
    return matches(pattern, f"#{job.number}", job.id, job.network, job.model, job.state, job.client, job.reason)


def layout(width: int) -> Layout:
    return columns.laid_out(COLUMNS, width - 1)


def heading(layout: Layout, order: str) -> Line:
    return columns.heading(layout, order)


def line(layout: Layout, job: JobView, now: float) -> Line:
    """One row; what is still going on is measured against ``now``."""
    sign, tone = SIGNS[job.state]
    tokens = f"{job.tokens:,}"
    if job.max_tokens and not job.state.final:
        tokens = f"{job.tokens:,}/{job.max_tokens:,}"
    if job.state is JobState.RUNNING and job.first_token is None and not job.tokens:
        tokens = "reading"
    rate = job.tokens_per_second if job.tokens else None
    return columns.row(
        layout,
        {
            "number": (f"#{job.number}", Tone.PLAIN),
            "state": (f"{sign} {job.state}", tone),
            "network": (job.network, Tone.DIM),
            "model": (short_model(job.model), Tone.PLAIN),
            "client": (job.client, Tone.DIM),
            "tokens": (tokens, Tone.PLAIN),
            "speed": (said.speed(rate), Tone.PLAIN),
            "time": (said.seconds(elapsed(job, now)), Tone.PLAIN),
            "energy": (said.joules(job.joules), Tone.DIM),
            "reward": (job.reward or said.DASH, Tone.PLAIN if job.reward else Tone.DIM),
            "begun": (said.clock(job.accepted_at), Tone.DIM),
        },
    )


def elapsed(job: JobView, now: float) -> float | None:
    """Seconds of work; for a job that has not ended, since it began."""
    if job.state.final:
        return job.compute
    return max(0.0, now - (job.started_at or job.accepted_at))


def why_not_cancelled(job: JobView | None) -> str:
    """Why a job cannot be cancelled; empty if it can."""
    if job is None:
        return "no job is chosen"
    return f"job #{job.number} has ended" if job.state.final else ""


def short_model(name: str) -> str:
    """The part of a model's name that tells it from others: without its owner's folder and file ending."""
    return name.rpartition("/")[2].removesuffix(".gguf")
