"""The books as CSV (RFC 4180), for spreadsheets and accountants.

Amounts are exact decimals of whole units beside their asset; times are ISO 8601 in UTC. A text that a spreadsheet would
take for a formula gets an apostrophe in front, because ids, models and clients are written by strangers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from node.ledger.chain import Entry
from node.ledger.queries import JobRow

__all__ = ["csv_of_entries", "csv_of_jobs"]

JOB_COLUMNS = (
    "number", "id", "network", "model", "client", "accepted_at", "ended_at", "state", "reason", "prompt_tokens",
    "completion_tokens", "queued_us", "first_token_us", "compute_us", "energy_mj", "reward", "asset",
    "accepted_entry", "ended_entry", "cost_micro", "currency",
)  # fmt: skip
ENTRY_COLUMNS = ("seq", "at", "kind", "body", "previous", "hash")

FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # full-width ones too: some spreadsheets fold them
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Cell = int | str | None


def csv_of_jobs(jobs: Iterable[JobRow], *, header: bool = True) -> Iterator[str]:
    """One line for each job, each ending in CR LF; further pages of the same file want no header."""
    if header:
        yield _line(JOB_COLUMNS)
    for job in jobs:
        yield _line(
            (
                job.number, _text(job.job_id), _text(job.network), _text(job.model), _text(job.client),
                _time(job.accepted_ns), _time(job.ended_ns), job.state, _text(job.reason), job.prompt_tokens,
                job.completion_tokens, job.queued_us, job.first_token_us, job.compute_us, job.energy_mj,
                None if job.reward is None else f"{job.reward.decimal():f}",
                None if job.reward is None else _text(job.reward.asset.code),
                job.accepted_seq, job.ended_seq, job.cost_micro, job.currency,
            )
        )  # fmt: skip


def csv_of_entries(entries: Iterable[Entry], *, header: bool = True) -> Iterator[str]:
    """One line for each entry, its body as JSON and its hashes in hexadecimal."""
    if header:
        yield _line(ENTRY_COLUMNS)
    for entry in entries:
        body = json.dumps(entry.body, ensure_ascii=False, sort_keys=True)
        yield _line((entry.seq, _time(entry.at_ns), entry.kind, body, entry.prev.hex(), entry.hash.hex()))


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _time(at_ns: int | None) -> str | None:
    """To the microsecond, exact at any year that a clock can show."""
    if at_ns is None:
        return None
    return (EPOCH + timedelta(microseconds=at_ns // 1000)).isoformat(timespec="microseconds")


def _line(cells: Iterable[Cell]) -> str:
    return ",".join(map(_quoted, cells)) + "\r\n"


def _quoted(cell: Cell) -> str:
    text = "" if cell is None else str(cell)
    if any(sign in text for sign in ',"\r\n') or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text
