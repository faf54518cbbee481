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

__all__ = ["csv_line", "csv_of_entries", "csv_of_jobs", "iso_time", "tame"]

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
        yield csv_line(JOB_COLUMNS)
    for job in jobs:
        yield csv_line(
            (
                job.number, tame(job.job_id), tame(job.network), tame(job.model), tame(job.client),
                iso_time(job.accepted_ns), iso_time(job.ended_ns), job.state, tame(job.reason), job.prompt_tokens,
                job.completion_tokens, job.queued_us, job.first_token_us, job.compute_us, job.energy_mj,
                None if job.reward is None else f"{job.reward.decimal():f}",
                None if job.reward is None else tame(job.reward.asset.code),
                job.accepted_seq, job.ended_seq, job.cost_micro, job.currency,
            )
        )  # fmt: skip


def csv_of_entries(entries: Iterable[Entry], *, header: bool = True) -> Iterator[str]:
    """One line for each entry, its body as JSON and its hashes in hexadecimal."""
    if header:
        yield csv_line(ENTRY_COLUMNS)
    for entry in entries:
        body = json.dumps(entry.body, ensure_ascii=False, sort_keys=True)
        yield csv_line((entry.seq, iso_time(entry.at_ns), entry.kind, body, entry.prev.hex(), entry.hash.hex()))


def tame(text: str) -> str:
    """A text of strangers that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def iso_time(at_ns: int | None) -> str | None:
    """To the microsecond, exact at any year that a clock can show."""
    if at_ns is None:
        return None
    return (EPOCH + timedelta(microseconds=at_ns // 1000)).isoformat(timespec="microseconds")


def csv_line(cells: Iterable[Cell]) -> str:
    """One line with its CR LF."""
    return ",".join(map(_quoted, cells)) + "\r\n"


def _quoted(cell: Cell) -> str:
    text = "" if cell is None else str(cell)
    if any(sign in text for sign in ',"\r\n') or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text
