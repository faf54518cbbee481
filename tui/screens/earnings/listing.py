"""Earnings as a table: one line for each row and asset, three columns that are never added up. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from node.control.wire import Earning, EarningsRow, EarningsTable
from tui import format as said
from tui.ink import Line, Ranked, Span, Tone, bold, dim, fitting
from tui.job_list import short_model
from tui.lesson import Lesson, Way
from tui.widgets import columns
from tui.widgets.columns import Column, Layout
from tui.widgets.roll import Row

GROUPS = ("day", "network", "model")
TOTAL = "together"
FINE = 1_000_000  # millionths of the currency below which two decimals tell too little
LEAST = {"day": 10, "network": 10, "model": 20}
NARROW = 72  # columns up to which the names of models give way
JOINT, ALL = "\x1f", "\x1e"  # between the parts of a line's key, and instead of a row's key where it is all of them

EMPTY = Lesson(
    "Nothing was done in this time. What networks say they owe, what their books show, and what they paid stands here "
    "in three columns, beside what the energy cost.",
    (
        Way("Join a network", actions=("go.networks", "networks.add")),
        Way("Or do a first job", command="stoker try", note="unpaid jobs count here, too"),
    ),
)


def layout(width: int, by: str, currency: str) -> Layout:
    """The columns that fit."""
    unit = f" {currency}" if currency else ""
    return columns.laid_out(
        (
            Column("key", by, LEAST[by] if width > NARROW else 10, widest=40),
            Column("done", "done", 6, right=True, rank=4),
            Column("failed", "failed", 6, right=True, rank=6),
            Column("tokens", "tokens", 6, right=True, rank=7),
            Column("claimed", "claimed", 10, right=True),
            Column("credited", "credited", 10, right=True),
            Column("paid", "paid", 10, right=True),
            Column("asset", "", 6),
            Column("energy", "energy", 10, right=True, rank=3),
            Column("cost", f"cost{unit}", 9, right=True, rank=5),
            Column("net", f"net{unit}", 9, right=True, rank=2),
        ),
        width - 1,
    )


def heading(layout: Layout) -> Line:
    return columns.heading(layout)


def rows(table: EarningsTable, by: str, layout: Layout) -> tuple[Row, ...]:
    """Every row, days with the newest first, and all of them together where there are several."""
    largest = max((abs(row.net_micro or 0) for row in (*table.rows, table.total)), default=0)
    fine = largest < FINE
    ordered = table.rows[::-1] if by == "day" else table.rows
    found = [line for row in ordered for line in _rows(row, row.key, row.key or f"no {by}", layout, fine=fine)]
    if len(table.rows) > 1:
        found += _rows(table.total, ALL, TOTAL, layout, fine=fine)
    return tuple(found)


def parts(key: str) -> tuple[str | None, str]:
    """The row's key and the asset that a line of the table is about; None for the line of all rows together."""
    name, _, asset = key.partition(JOINT)
    return None if name == ALL else name, asset


def _rows(row: EarningsRow, key: str, name: str, layout: Layout, *, fine: bool) -> list[Row]:
    """The first asset stands beside what was done; each other one has a line of its own."""
    energy, unit = said.energy(row.joules)
    first = {
        "key": (short_model(name), Tone.BOLD if key == ALL else Tone.PLAIN),
        "done": (said.count(row.done), Tone.PLAIN),
        "failed": (said.count(row.failed), Tone.BAD if row.failed else Tone.DIM),
        "tokens": (said.short_count(row.completion_tokens), Tone.DIM),
        "energy": (f"{energy} {unit}" if row.joules is not None else said.DASH, Tone.DIM),
        "cost": (_money(None if row.cost_micro is None else -row.cost_micro, fine), Tone.PLAIN),
        "net": _net(row.net_micro, fine),
    }
    blank = dict.fromkeys(first, ("", Tone.DIM))
    assets: Sequence[Earning | None] = row.earnings or (None,)
    return [
        Row(
            f"{key}{JOINT}{earning.asset if earning else ''}",
            columns.row(layout, {**(first if at == 0 else blank), **_amounts(earning)}),
        )
        for at, earning in enumerate(assets)
    ]


def _amounts(earning: Earning | None) -> dict[str, tuple[str, Tone]]:
    if earning is None:
        return {**dict.fromkeys(("claimed", "credited", "paid"), (said.DASH, Tone.DIM)), "asset": ("", Tone.DIM)}
    return {
        "claimed": (said.units(earning.claimed, earning.decimals), Tone.PLAIN),
        "credited": (said.units(earning.credited, earning.decimals), Tone.PLAIN),
        "paid": (said.units(earning.paid, earning.decimals), Tone.PLAIN),
        "asset": (earning.asset, Tone.DIM),
    }


def _money(micro: int | None, fine: bool, *, sign: bool = False) -> str:
    """Without its currency; ``fine``: four decimals instead of two."""
    return said.DASH if micro is None else f"{micro / 1e6:{'+' if sign else ''},.{4 if fine else 2}f}"


def _net(micro: int | None, fine: bool) -> tuple[str, Tone]:
    if micro is None:
        return said.DASH, Tone.DIM
    return _money(micro, fine, sign=True), Tone.GOOD if micro >= 0 else Tone.BAD


def tally(table: EarningsTable | None, by: str, span: str, trouble: str, width: int) -> Line:
    """The line above the table: what it shows, and what is left of it all."""
    parts: list[Ranked] = [(0, (Span(" "), bold("Earnings"), dim("  by "), Span(by))), (0, (Span(span),))]
    if table is not None:
        net = table.total.net_micro
        if net is not None:
            tone = Tone.GOOD if net >= 0 else Tone.BAD
            parts.append((0, (dim("net "), Span(said.money(net, table.currency, sign=True), tone))))
        if table.total.left_out:
            parts.append((1, (dim("; ".join(table.total.left_out)),)))
    if trouble:
        parts.append((0, (Span("✖ ", Tone.BAD), dim(trouble))))
    return fitting(parts, width, "   ")
