"""``stoker try``: one real job on this machine, from the prompt to the signed entry in the books."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from node.control.client import ControlClient, Refused
from node.control.wire import JobState, JobView, LedgerEvent
from tui import format as shown
from tui.cli.completion import Completion, ask
from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.lazy import example
from tui.cli.ledger import BACKUP_HINT, check
from tui.cli.node_process import borrowed
from tui.cli.readiness import make_ready
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, printable, write_json, write_text

PROMPT = "In two sentences: what does a stoker on a steam ship do?"
MOST_TOKENS = 200
RECEIPT_PATIENCE = 10.0  # seconds
CUT = "length"
"""OpenAI's word for an answer that has come to its limit of tokens."""

FINISHED = "job_finished"
"""The kind of the entry that ends a job."""


@dataclass(frozen=True, slots=True)
class Report:
    """A completion with what the books say of it; ``entry`` is the one that ended the job."""

    completion: Completion
    job: JobView
    entry: LedgerEvent
    books: dict[str, Any]

    @property
    def tokens_per_second(self) -> float | None:
        """As the node says, or else new tokens over the time of computing."""
        if self.job.tokens_per_second is not None or not self.job.compute:
            return self.job.tokens_per_second
        return self.completion.completion_tokens / self.job.compute


@click.command("try", epilog=example("stoker try 'Why is the sky blue?'", "stoker try --max-tokens 50 --json"))
@click.argument("prompt", default=PROMPT)
@click.option("--model", help="Which model; the one in use if left out.")
@click.option("--max-tokens", type=click.IntRange(1, 100_000), default=MOST_TOKENS, help="At most so many new tokens.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document with text, usage, timings and entry.")
@pass_session
def attempt(session: Session, prompt: str, model: str | None, max_tokens: int, as_json: bool) -> None:
    """Do one real AI job on this machine, now: no account, no GPU, nothing to set up.

    A model is fetched on first use; a node is started if none runs, and ended afterwards. The answer goes to stdout,
    one line about it to stderr. The exit code is 0 only if a real answer came and the ledger is whole.
    """
    with borrowed(session) as node:
        name = make_ready(node, model)
        completion = _complete(node, name, prompt, max_tokens, heard=_ignore if as_json else _show)
        if not as_json:
            write_text("\n")
        report = Report(completion, *_receipt(node, completion), check(session))
    if as_json:
        write_json(_document(report))
    else:
        narrate(printable(summary(report)))
    _judge(report)
    if not as_json:
        narrate("To let this machine earn, step by step: `stoker setup`.")


def summary(report: Report) -> str:
    """One line: tokens, speed, time to first token, energy, entry and hash."""
    job = report.job
    cut = " (cut there: --max-tokens sets how many)" if report.completion.finish_reason == CUT else ""
    energy = f"{job.joules:.1f} joules" if job.joules is not None else "energy not measurable here"
    whole = "ledger whole" if report.books["problem"] is None else "LEDGER DAMAGED"
    return (
        f"{shown.count(report.completion.completion_tokens)} tokens{cut}, "
        f"{shown.speed(report.tokens_per_second)} tokens/s, "
        f"first token after {_short(job.first_token)}, {energy}, "
        f"ledger entry {report.entry.seq} {report.entry.hash[:12]}, {whole}"
    )


def _complete(
    node: ControlClient, model: str, prompt: str, max_tokens: int, *, heard: Callable[[str], None]
) -> Completion:
    try:
        return ask(node, model, prompt, max_tokens=max_tokens, heard=heard)
    except Refused as error:
        remedy = error.remedy or node.state().state.remedy
        raise Refused(error.status, error.code, error.message, remedy) from None


def _receipt(node: ControlClient, completion: Completion) -> tuple[JobView, LedgerEvent]:
    if completion.job is None:
        raise Failure("the answer came without a job number, so it is in no books", "stoker doctor", Exit.SOFTWARE)
    deadline = time.monotonic() + RECEIPT_PATIENCE
    while True:
        found = node.job(completion.job)
        last = found.life[-1] if found.life else None
        if found.job.state.final and last is not None and last.kind == FINISHED:
            return found.job, last
        if time.monotonic() > deadline:
            raise Failure(f"job {completion.job} is still {found.job.state.value} in the books", "stoker jobs")
        time.sleep(0.01)


def _judge(report: Report) -> None:
    problem = report.books["problem"]
    if problem is not None:
        raise Failure(f"entry {problem['seq']}: {problem['what']}", BACKUP_HINT, Exit.LEDGER_DAMAGED)
    job = report.job
    if job.state is not JobState.DONE:
        raise Failure(f"job {job.number} ended as {job.state.value}: {job.reason}", f"stoker jobs show {job.number}")
    if report.completion.completion_tokens < 1:
        raise Failure("the answer has no token", f"stoker jobs show {job.number}")


def _document(report: Report) -> dict[str, Any]:
    job, completion = report.job, report.completion
    return {
        "text": completion.text,
        "finish_reason": completion.finish_reason,
        "model": job.model,
        "job": job.number,
        "state": job.state.value,
        "usage": {"prompt_tokens": completion.prompt_tokens, "completion_tokens": completion.completion_tokens},
        "timings": {
            "queued": job.queued,
            "first_token": job.first_token,
            "compute": job.compute,
            "tokens_per_second": report.tokens_per_second,
        },
        "joules": job.joules,
        "entry": report.entry.seq,
        "hash": report.entry.hash,
        "verified": report.books["problem"] is None,
    }


def _show(text: str) -> None:
    write_text(printable(text) if sys.stdout.isatty() else text)


def _ignore(_: str) -> None:
    return None


def _short(seconds: float | None) -> str:
    return shown.DASH if seconds is None else f"{seconds:.2f} s"
