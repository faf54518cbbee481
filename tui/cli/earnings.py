"""``stoker earnings``: what was claimed, what the networks credited, and what they paid, each by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from tui import format as shown
from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, table, write, write_csv, write_json

DATE = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"])
GROUPS = ("day", "network", "model", "asset")
COLUMNS = ("claimed", "credited", "paid")
COUNTED = ("done", "failed", "prompt_tokens", "completion_tokens", "compute", "joules")
CSV_HEADER = ("key", *COUNTED, "asset", "decimals", *COLUMNS)


@click.command(
    epilog=example("stoker earnings --by network --since 2026-11-01", "stoker earnings --csv > earnings.csv")
)
@click.option(
    "--by",
    type=click.Choice(["day", "network", "model", "asset"]),
    default="day",
    show_default=True,
    help="One row a ...",
)
@click.option("--since", type=DATE, help="From this local date or time on.")
@click.option("--until", type=DATE, help="Before this local date or time.")
@click.option("--json", "as_json", is_flag=True, help="As JSON; amounts in base units.")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV; amounts in base units.")
@pass_session
def earnings(
    session: Session, by: str, since: datetime | None, until: datetime | None, as_json: bool, as_csv: bool
) -> None:
    """What was earned, as three columns that are never added up: claimed when a job was delivered, credited in the
    network's own books, paid on chain."""
    span = {"since": _unix(since), "until": _unix(until)}
    found = session.read(lambda node: node.get("/earnings", by=by, **span))
    if as_json:
        write_json(found)
    elif as_csv:
        write_csv(CSV_HEADER, [cells for row in found["rows"] for cells in _csv_rows(row)])
    elif found["rows"]:
        header = (by.upper(), "DONE", "FAILED", "TOKENS", "COMPUTED", "ENERGY", "CLAIMED", "CREDITED", "PAID", "ASSET")
        write(table(header, [cells for row in found["rows"] for cells in _rows(row)], right=range(1, 9)))
    else:
        narrate("Nothing was done in this time. `stoker try` does a first job; unpaid ones count here, too.")


def _unix(date: datetime | None) -> int | None:
    return None if date is None else int(date.timestamp())


def _rows(row: dict[str, Any]) -> list[tuple[str, ...]]:
    work = (
        str(row["key"]),
        shown.count(row["done"]),
        shown.count(row["failed"]),
        shown.count(row["completion_tokens"]),
        shown.seconds(row["compute"]),
        " ".join(shown.energy(row["joules"])) if row["joules"] is not None else shown.DASH,
    )
    if not row["earnings"]:
        return [(*work, shown.DASH, shown.DASH, shown.DASH, "unpaid")]
    amounts = [
        (
            *(shown.units(earned[column], earned["decimals"]) for column in ("claimed", "credited", "paid")),
            earned["asset"],
        )
        for earned in row["earnings"]
    ]
    first, *others = amounts
    return [(*work, *first), *(("", "", "", "", "", "", *amount) for amount in others)]


def _csv_rows(row: dict[str, Any]) -> list[tuple[object, ...]]:
    work = (row["key"], *(row[name] for name in COUNTED))
    if not row["earnings"]:
        return [(*work, "", "", "", "", "")]
    return [(*work, *(earned[name] for name in ("asset", "decimals", *COLUMNS))) for earned in row["earnings"]]
