"""``stoker wallet balance`` and ``history``: what the chain says, or why it says nothing."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import click

from node.control.wire import BalanceView, Holding, Movement
from tui import format as shown
from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, printable, table, write, write_json
from tui.cli.wallet.choice import chosen

BALANCE_HEADER = ("ASSET", "AMOUNT", "WORTH", "")
HISTORY_HEADER = ("WHEN", "", "AMOUNT", "ASSET", "FROM OR TO", "FEE", "MEMO", "TRANSACTION")
FEE_DECIMALS = 9
"""Fees are in lamports."""

as_json_option = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.command(epilog=example("stoker wallet balance", "stoker wallet balance mine --json"))
@click.argument("name", required=False)
@as_json_option
@pass_session
def balance(session: Session, name: str | None, as_json: bool) -> None:
    """What a wallet holds, asked of the chain now; of the active wallet if none is named.

    If the chain cannot be asked, that is said, no number is shown, and the exit code is 6.
    """
    wallet = chosen(session, name)
    found = session.read(lambda node: node.balance(wallet.name))
    if as_json:
        write_json(_balance_document(found))
    elif not found.problem:
        narrate(f"{found.wallet} ({found.address}) on {found.cluster}:")
        write(table(BALANCE_HEADER, [_holding(each) for each in found.holdings], right=(1, 2)))
    if found.problem:
        for endpoint in found.endpoints:
            narrate(printable(endpoint))
        raise Failure(f"what {found.wallet} holds is not known: {found.problem}", found.remedy, Exit.NOT_NOW)


@click.command(epilog=example("stoker wallet history", "stoker wallet history mine --limit 50 --json"))
@click.argument("name", required=False)
@click.option(
    "--limit", type=click.IntRange(1, 100), default=25, show_default=True, help="At most so many transactions."
)
@click.option(
    "--older", default="", help="Go on where the page before ended: the word that its end, or its JSON, says."
)
@as_json_option
@pass_session
def history(session: Session, name: str | None, limit: int, older: str, as_json: bool) -> None:
    """What came and went, newest first; of the active wallet if none is named."""
    wallet = chosen(session, name)
    page = session.read(lambda node: node.movements(wallet.name, older=older, limit=limit))
    if as_json:
        write_json(dataclasses.asdict(page))
    elif page.movements:
        rows = [_movement(each) for each in page.movements]
        write(table(HISTORY_HEADER, rows, right=(2, 5)))
        if page.older:
            narrate(f"There is more: `stoker wallet history {wallet.name} --older {page.older}`")
    elif not page.problem:
        narrate(f"Nothing came or went yet. `stoker wallet receive {wallet.name}` shows where to pay to.")
    if page.problem:
        raise Failure(f"the history of {page.wallet} is not known: {page.problem}", "try again later", Exit.NOT_NOW)


def _holding(holding: Holding) -> tuple[str, ...]:
    remarks = [] if holding.known else ["unknown token: nobody here vouches for it"]
    if holding.worth_stale and holding.worth_at is not None:
        remarks.append(f"price from {shown.stamp(holding.worth_at)}")
    return (holding.asset, shown.exact(holding.units, holding.decimals), holding.worth, "; ".join(remarks))


def _movement(movement: Movement) -> tuple[str, ...]:
    moved = movement.direction in ("in", "out")
    remark = "failed" if movement.failed else movement.direction
    return (
        shown.DASH if movement.at is None else shown.moment(movement.at, time.time()),
        remark,
        shown.exact(movement.units, movement.decimals) if moved else shown.DASH,
        movement.asset if moved else "",
        movement.counterparty or shown.DASH,
        "" if movement.fee_units is None else shown.exact(movement.fee_units, FEE_DECIMALS),
        movement.memo,
        movement.signature,
    )


def _balance_document(found: BalanceView) -> dict[str, Any]:
    """As the node says it, but for a number that nobody stated: what is not known is null."""
    return {**dataclasses.asdict(found), **({"holdings": None} if found.problem else {})}
