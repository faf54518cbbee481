"""From the node's own objects to what clients see. Pure."""

from __future__ import annotations

from node.clock import Clock
from node.control.wire import JobView, LedgerEvent
from node.dispatcher import JobRun
from node.jobs import JobState
from node.ledger.chain import Entry
from node.ledger.queries import JobRow
from node.ledger.records import read


def view_of_run(run: JobRun, clock: Clock) -> JobView:
    """A job in hand, as of now."""
    now = clock.monotonic()
    end = run.course.stopped_at or now
    writing = 0.0 if run.course.first_token_at is None else end - run.course.first_token_at
    deadline = run.job.deadline
    return JobView(
        number=run.number,
        id=run.job.id,
        network=run.job.network,
        model=run.job.model,
        state=run.state,
        client=run.job.client,
        accepted_at=run.course.accepted_wall_ns / 1e9,
        started_at=_wall(run, run.course.started_at),
        deadline_at=None if deadline is None else run.course.accepted_wall_ns / 1e9 + deadline - run.course.accepted_at,
        prompt_tokens=run.course.usage.prompt_tokens if run.course.usage else None,
        tokens=run.course.usage.completion_tokens if run.course.usage else run.course.deltas,
        max_tokens=run.job.request.max_tokens,
        tokens_per_second=run.course.deltas / writing if writing > 0.2 else None,
        first_token=_since(run, run.course.first_token_at),
        queued=_since(run, run.course.started_at),
        compute=None if run.course.started_at is None else end - run.course.started_at,
        reason=run.reason,
        entry=run.entry,
    )


def view_of_row(row: JobRow) -> JobView:
    """A job as the books have it."""
    ended = row.ended_ns is not None
    writing = None
    if row.compute_us is not None and row.queued_us is not None and row.first_token_us is not None:
        writing = (row.compute_us + row.queued_us - row.first_token_us) / 1e6
    tokens = row.completion_tokens or 0
    return JobView(
        number=row.number,
        id=row.job_id,
        network=row.network,
        model=row.model,
        state=row.state or JobState.WAITING,
        client=row.client,
        accepted_at=row.accepted_ns / 1e9,
        started_at=_plus(row.accepted_ns, row.queued_us) if row.compute_us else None,
        ended_at=None if row.ended_ns is None else row.ended_ns / 1e9,
        prompt_tokens=row.prompt_tokens,
        tokens=tokens,
        tokens_per_second=(tokens - 1) / writing if writing and tokens > 1 else None,
        first_token=_seconds(row.first_token_us),
        queued=_seconds(row.queued_us),
        compute=_seconds(row.compute_us),
        joules=None if row.energy_mj is None else row.energy_mj / 1000,
        cost_micro=row.cost_micro,
        currency=row.currency,
        reward="" if row.reward is None else str(row.reward),
        reason=row.reason,
        entry=row.ended_seq if ended else row.accepted_seq,
    )


def event_of(entry: Entry) -> LedgerEvent:
    """A ledger entry with one line for a person."""
    try:
        summary = read(entry.kind, entry.body).summary()
    except ValueError:
        summary = entry.kind  # written by a newer Stoker
    body: dict[str, object] = {**entry.body}
    return LedgerEvent(entry.seq, entry.at_ns / 1e9, entry.kind, entry.hash.hex(), summary, body)


def _wall(run: JobRun, moment: float | None) -> float | None:
    return None if moment is None else run.course.accepted_wall_ns / 1e9 + moment - run.course.accepted_at


def _since(run: JobRun, moment: float | None) -> float | None:
    return None if moment is None else moment - run.course.accepted_at


def _plus(start_ns: int, microseconds: int | None) -> float | None:
    return None if microseconds is None else start_ns / 1e9 + microseconds / 1e6


def _seconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1e6
