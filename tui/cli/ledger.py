"""``stoker ledger``: the books themselves, and whether they are whole."""

from __future__ import annotations

import time
from typing import Any

import click

from node.control.client import ControlClient
from tui import format as shown
from tui.cli.exits import Exit
from tui.cli.export import write_pages
from tui.cli.failures import Failure
from tui.cli.lazy import example
from tui.cli.sentences import many
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, table, write, write_json
from tui.cli.terminal.progress import Waiting

VERIFY_PATIENCE = 3600.0  # seconds: millions of entries
BACKUP_HINT = "keep a copy as it is; then restore ledger.db from a backup, or move it away to begin new books"


@click.group(epilog=example("stoker ledger verify", "stoker ledger show --limit 20"))
def ledger() -> None:
    """Read and verify the books: every job, reward and order, chained and signed."""


@ledger.command(epilog=example("stoker ledger verify && echo whole"))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
def verify(session: Session, as_json: bool) -> None:
    """Compute every hash and check every signature again; name the first bad entry."""
    found = check(session)
    if as_json:
        write_json(found)
    problem = found["problem"]
    if problem:
        raise Failure(f"entry {problem['seq']}: {problem['what']}", BACKUP_HINT, Exit.LEDGER_DAMAGED)
    if not as_json:
        write(verdict(found))


@ledger.command(epilog=example("stoker ledger show --kind job_finished", "stoker ledger show --csv > ledger.csv"))
@click.option("--after", type=click.IntRange(min=0), default=0, show_default=True, help="Only entries behind this one.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many; 100 if left out, with --csv all.")
@click.option("--kind", help="Only entries of this kind.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with whole bodies.")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV.")
@pass_session
def show(session: Session, after: int, limit: int | None, kind: str | None, as_json: bool, as_csv: bool) -> None:
    """Entries in the order in which they were written."""
    asked: dict[str, Any] = {"after": after, **({"kind": kind} if kind else {})}
    if as_csv:
        write_pages(session, "/ledger.csv", "after", limit, asked)
        return
    asked["limit"] = limit or 100
    if as_json:
        write_json(session.read(lambda node: node.get("/ledger", **asked)))
        return
    entries = session.read(lambda node: node.entries(**asked))
    if not entries:
        narrate("There is no such entry. The node writes the first one when it starts.")
        return
    rows = [(str(entry.seq), _when(entry.at), entry.kind, entry.hash[:12], entry.summary) for entry in entries]
    write(table(("ENTRY", "WRITTEN", "KIND", "HASH", "WHAT"), rows, right=(0,)))


def check(session: Session) -> dict[str, Any]:
    """Have the ledger verified, by the running node or without one."""

    def ask(node: ControlClient) -> dict[str, Any]:
        node.timeout = VERIFY_PATIENCE
        found: dict[str, Any] = node.get("/ledger/verify")
        return found

    with Waiting("verifying the ledger"):
        return session.read(ask)


def verdict(found: dict[str, Any]) -> str:
    """One sentence about a ledger that is whole."""
    entries, checkpoints = many(found["entries"], "entry"), many(found["checkpoints"], "signed checkpoint")
    return (
        f"The ledger is whole: {entries}, {checkpoints} up to entry {shown.count(found['signed_up_to'])}, "
        f"head {str(found['head'])[:16]}."
    )


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
