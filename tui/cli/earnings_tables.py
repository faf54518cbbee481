"""Earnings as tables for a terminal. Pure but for the local time zone."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from node.control.wire import Earning, EarningsRow, EarningsTable, Posting, Reconciliation, RewardView
from tui import format as shown
from tui.cli.terminal.output import printable, table

COLUMNS = ("DONE", "FAILED", "TOKENS", "ENERGY", "CLAIMED", "CREDITED", "PAID", "ASSET", "COST", "WORTH", "NET")


def sums(by: str, found: EarningsTable) -> str:
    """Rows and, below several, their total. An asset has a line of its own; the money stands in the first."""
    lines = [cells for row in found.rows for cells in _lines(row, row.key, found.currency)]
    if len(found.rows) > 1:
        lines += _lines(found.total, "total", found.currency)
    return table((by.upper(), *COLUMNS), lines, right=(1, 2, 3, 4, 5, 6, 7, 9, 10, 11))


def rewards(found: Sequence[RewardView]) -> str:
    """Single rewards with their times."""
    header = ("JOB", "NETWORK", "MODEL", "ASSET", "CLAIMED", "CLAIMED AT", "CREDITED", "CREDITED AT", "PAID", "PAID AT")
    lines = [
        (
            shown.DASH if one.job is None else str(one.job),
            one.network,
            one.model or shown.DASH,
            one.asset,
            *_posted(() if one.claimed is None else (one.claimed,), one.decimals),
            *_posted(one.credited, one.decimals),
            *_posted(one.paid, one.decimals),
        )
        for one in found
    ]
    return table(header, lines, right=(0, 4, 6, 8))


def reconciliation(found: Iterable[Reconciliation]) -> str:
    """The columns, their differences, and since when they stand."""
    header = ("NETWORK", "ASSET", "CLAIMED", "CREDITED", "PAID", "HELD (ESTIMATE)", "JOBS WAITING", "SINCE",
              "LAST CREDIT", "LAST PAYMENT")  # fmt: skip
    lines = [
        (
            one.network,
            one.asset,
            *(shown.exact(units, one.decimals) for units in (one.claimed, one.credited, one.paid)),
            shown.DASH if one.held is None else f"about {shown.exact(one.held, one.decimals)}",
            shown.count(one.waiting_jobs),
            *(shown.stamp(at) for at in (one.oldest_claim_at, one.last_credit_at, one.last_payment_at)),
        )
        for one in found
    ]
    return table(header, lines, right=(2, 3, 4, 5, 6))


def explanations(found: Iterable[Reconciliation]) -> str:
    """What the differences come from, in sentences."""
    return "\n".join(
        printable(f"{one.network}, {one.asset}: {'; '.join(one.explanation)}.") for one in found if one.explanation
    )


def _lines(row: EarningsRow, key: str, currency: str) -> list[tuple[str, ...]]:
    work = (
        key,
        shown.count(row.done),
        shown.count(row.failed),
        shown.count(row.completion_tokens),
        " ".join(shown.energy(row.joules)) if row.joules is not None else shown.DASH,
    )
    money = tuple(
        shown.DASH if micro is None else shown.money(micro, currency, sign=sign)
        for micro, sign in ((row.cost_micro, False), (row.worth_micro, False), (row.net_micro, True))
    )
    if not row.earnings:
        return [(*work, shown.DASH, shown.DASH, shown.DASH, "unpaid", *money)]
    first, *others = map(_amounts, row.earnings)
    return [(*work, *first, *money), *(("",) * 5 + other + ("",) * 3 for other in others)]


def _amounts(earned: Earning) -> tuple[str, ...]:
    columns = (earned.claimed, earned.credited, earned.paid)
    return (*(shown.units(units, earned.decimals) for units in columns), earned.asset)


def _posted(postings: Sequence[Posting], decimals: int) -> tuple[str, str]:
    if not postings:
        return shown.DASH, shown.DASH
    units = shown.exact(sum(posting.units for posting in postings), decimals)
    return units, time.strftime("%Y-%m-%d %H:%M", time.localtime(postings[-1].at))
