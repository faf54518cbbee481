"""``stoker jobs``: what was done, for whom, and how it ended."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

from node.control.client import JobLife
from node.control.wire import JobState, JobView
from tui import format as shown
from tui.cli.export import write_pages
from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, paint, printable, table, write, write_json

HEADER = ("JOB", "ACCEPTED", "NETWORK", "MODEL", "STATE", "TOKENS", "TOK/S", "TIME", "ENERGY", "REWARD")
NUMERIC = (0, 5, 6, 7, 8)
STATES = [state.value for state in JobState]
COLOUR = {JobState.DONE: "green", JobState.FAILED: "red"}


@click.group(
    invoke_without_command=True,
    epilog=example("stoker jobs --state failed --limit 20", "stoker jobs show 12", "stoker jobs --csv > jobs.csv"),
)
@click.option("--state", type=click.Choice(STATES), help="Only jobs in this state.")
@click.option("--network", help="Only jobs of this network.")
@click.option("--model", help="Only jobs for this model.")
@click.option("--text", help="Only jobs whose number, id, client or reason holds this.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many; 30 if left out, with --csv all.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV.")
@click.pass_context
def jobs(
    ctx: click.Context,
    state: str | None,
    network: str | None,
    model: str | None,
    text: str | None,
    limit: int | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """List jobs, newest first; show one with its life; cancel one."""
    if ctx.invoked_subcommand is not None:
        return
    session: Session = ctx.obj
    asked = {"state": state, "network": network, "model": model, "text": text}
    filters: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    most = limit or 30
    if as_csv:
        write_pages(session, "/jobs.csv", "before", limit, filters)
    elif as_json:
        write_json(session.read(lambda node: node.get("/jobs", limit=most, **filters)))
    else:
        _tell(session.read(lambda node: node.jobs(limit=most, **filters)), filtered=bool(filters))


@jobs.command(epilog=example("stoker jobs show 12"))
@click.argument("number", type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
def show(session: Session, number: int, as_json: bool) -> None:
    """One job, and every ledger entry that speaks of it."""
    if as_json:
        write_json(session.read(lambda node: node.get(f"/jobs/{number}")))
    else:
        write("\n".join(printable(line) for line in _life(session.read(lambda node: node.job(number)))))


@jobs.command(epilog=example("stoker jobs cancel 12"))
@click.argument("number", type=click.IntRange(min=1))
@pass_session
def cancel(session: Session, number: int) -> None:
    """Cancel a job that waits or runs."""
    session.node.command("cancel_job", number=number)
    narrate(f"Job {number} is cancelled.")


def _tell(found: list[JobView], *, filtered: bool) -> None:
    if found:
        write(table(HEADER, [_row(job) for job in found], right=NUMERIC))
    elif filtered:
        narrate("No job matches. `stoker jobs` lists them all.")
    else:
        narrate("No job has been done yet. `stoker try` does the first.")


def _row(job: JobView) -> tuple[str, ...]:
    return (
        str(job.number),
        shown.moment(job.accepted_at, time.time()),
        job.network,
        job.model,
        job.state.value,
        shown.count(job.tokens),
        shown.speed(job.tokens_per_second),
        shown.seconds(job.compute),
        shown.joules(job.joules),
        job.reward or shown.DASH,
    )


def _life(life: JobLife) -> list[str]:
    job = life.job
    word = paint(job.state.value, COLOUR.get(job.state, "bold"), sys.stdout)
    lines = [f"Job {job.number} is {word}{f': {job.reason}' if job.reason else ''}."]
    client = f", asked by {job.client}" if job.client else ""
    lines.append(f"It came from {job.network}{client} with id {job.id}, for the model {job.model}.")
    most = f" of at most {shown.count(job.max_tokens)}" if job.max_tokens else ""
    if job.prompt_tokens is None:
        lines.append("Its tokens were not counted.")
    else:
        lines.append(
            f"It read {shown.count(job.prompt_tokens)} tokens and wrote {shown.count(job.tokens)}{most}, "
            f"{shown.speed(job.tokens_per_second)} a second."
        )
    lines.append(
        f"It waited {shown.seconds(job.queued)}, its first token came after {shown.seconds(job.first_token)}, "
        f"and it computed for {shown.seconds(job.compute)}."
    )
    lines.append(f"It took {shown.joules(job.joules)}." if job.joules is not None else "Its energy was not measured.")
    lines.append(f"Its reward is {job.reward}." if job.reward else "It is unpaid.")
    for event in life.life:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(event.at))
        lines.append(f"  {when}  entry {event.seq}  {event.kind}  {event.hash[:16]}  {event.summary}")
    return lines
