"""``stoker earnings``: what was claimed, what the networks credited, and what they paid, each by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from node.control.client import ControlClient
from tui.cli import earnings_tables as tables
from tui.cli.failures import Failure
from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, write, write_json, write_text
from tui.cli.terminal.progress import Waiting

DATE = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"])
GROUPS = ("day", "hour", "network", "model", "asset", "job")


@click.command(
    epilog=example(
        "stoker earnings --by network --since 2026-11-01",
        "stoker earnings --by job --network horde --since 2026-11-01",
        "stoker earnings --reconcile",
        "stoker earnings --csv koinly --since 2026-01-01 --until 2027-01-01 --output 2026.csv",
    )
)
@click.option("--by", type=click.Choice(GROUPS), default="day", show_default=True, help="One row a ...")
@click.option("--since", type=DATE, help="From this local date or time on; by the hour, a day ago if left out.")
@click.option("--until", type=DATE, help="Before this local date or time.")
@click.option("--network", help="Of this network alone.")
@click.option("--limit", type=click.IntRange(1, 1000), default=30, show_default=True, help="By job: at most so many.")
@click.option("--reconcile", is_flag=True, help="Why claimed, credited and paid differ, and since when.")
@click.option(
    "--csv",
    "form",
    type=click.Choice(["generic", "koinly"]),
    is_flag=False,
    flag_value="generic",
    help="For tax tools: every amount with all columns, or what was received in Koinly's form.",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A new file for the CSV.")
@click.option("--json", "as_json", is_flag=True, help="As JSON; amounts in base units, money in millionths.")
@pass_session
def earnings(
    session: Session,
    by: str,
    since: datetime | None,
    until: datetime | None,
    network: str | None,
    limit: int,
    reconcile: bool,
    form: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """What was earned, as three columns that are never added up: claimed when a job was delivered, credited in the
    network's own books, paid on chain. Worth is what the earnings that have a price were worth when they came; net is
    worth less the energy of the jobs. Kudos have no price and are in no sum of money."""
    if output is not None and form is None:
        raise click.UsageError("--output is for --csv")
    if form is not None and network is not None:
        raise click.UsageError("--csv is of all networks")
    if form is None and reconcile and (since or until):
        raise click.UsageError("--since and --until are not for --reconcile: it is of all time")
    span = {"since": _unix(since), "until": _unix(until)}
    if form is not None:
        _export(session, form, span, output)
    elif reconcile:
        _reconcile(session, network, as_json)
    elif by == "job":
        _rewards(session, {**span, "network": network, "limit": limit}, as_json)
    else:
        if by == "hour" and since is None:
            span["since"] = _unix((until or datetime.now()) - timedelta(days=1))
        _sums(session, by, {**span, "network": network}, as_json)


def _sums(session: Session, by: str, asked: dict[str, object], as_json: bool) -> None:
    if as_json:
        write_json(session.read(lambda node: node.get("/earnings", by=by, **asked)))
        return
    found = session.read(lambda node: node.earnings(by, **asked))
    if not found.rows:
        narrate("Nothing was done in this time. `stoker try` does a first job; unpaid ones count here, too.")
        return
    write(tables.sums(by, found))
    for left_out in found.total.left_out:
        narrate(f"Not in the money: {left_out}.")


def _reconcile(session: Session, network: str | None, as_json: bool) -> None:
    if as_json:
        write_json(session.read(lambda node: node.get("/earnings/reconciliation", network=network)))
        return
    found = session.read(lambda node: node.reconciliation(network))
    if not found:
        narrate("Nothing was earned yet. `stoker networks add` joins a network that pays.")
        return
    write(tables.reconciliation(found))
    write(tables.explanations(found))


def _rewards(session: Session, asked: dict[str, Any], as_json: bool) -> None:
    if as_json:
        write_json(session.read(lambda node: node.get("/earnings/rewards", **asked)))
        return
    found = session.read(lambda node: node.rewards(**asked))
    if found:
        write(tables.rewards(found))
    elif asked["since"] is None and asked["until"] is None:
        narrate("There is no reward yet. `stoker networks add` joins a network that pays.")
    else:
        narrate("There is no reward of this time. `stoker earnings --by job` shows the newest ones.")


def _export(session: Session, form: str, span: dict[str, int | None], output: Path | None) -> None:
    if output is None:
        session.read(lambda node: _copy(node, form, span, write_text))
        return
    if output.exists():
        raise Failure(f"{output} is there already", "choose another name, or remove it")
    unfinished = output.with_name(f"{output.name}.part")
    with Waiting(f"writing {output}"), unfinished.open("w", encoding="utf-8", newline="") as file:
        session.read(lambda node: _copy(node, form, span, file.write))
    unfinished.replace(output)
    narrate(f"{output} is written.")


def _copy(node: ControlClient, form: str, span: dict[str, int | None], take: Callable[[str], object]) -> None:
    for piece in node.pieces("/earnings.csv", form=form, **span):
        take(piece)


def _unix(date: datetime | None) -> int | None:
    return None if date is None else int(date.timestamp())
