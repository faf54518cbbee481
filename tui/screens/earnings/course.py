"""The last thirty days as a small chart: in money, or in the foremost asset where nothing has a price. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from node.control.wire import Earning, EarningsTable
from tui import format as said
from tui.chart import Series, ceiling, plot, stretched
from tui.ink import Line, Picture, Span, dim, spread
from tui.screens.earnings import spans

DAYS = 30


def picture(table: EarningsTable | None, now: float, width: int, height: int) -> Picture:
    """The chart over its dates; a day without earnings is an empty one."""
    if table is None:
        return Picture(((dim("the node is being asked"),),))
    values, unit, decimals = series(table, now)
    known = [value for value in values if value is not None]
    if not known:
        return Picture(((dim("nothing was earned yet"),),))
    top = ceiling(known, 10.0**-decimals if decimals else 1.0)
    rows = max(1, height - 1)
    lines: list[Line] = list(plot(stretched(values, 2 * width), width, rows, top))
    first, *_, last = spans.days(now, DAYS)
    lines.append(spread((dim(first[5:]),), (dim(last[5:]),), width))
    return Picture(tuple(lines[:height]), (dim("best day "), Span(_short(max(known), decimals)), dim(f" {unit}")))


def series(table: EarningsTable, now: float) -> tuple[Series, str, int]:
    """One value a day, its unit, and the decimals that it is worth showing."""
    by_day = {row.key: row for row in table.rows}
    dates = spans.days(now, DAYS)
    if any(row.worth_micro for row in table.rows):
        worth = [by_day[date].worth_micro if date in by_day else None for date in dates]
        return [None if value is None else value / 1e6 for value in worth], table.currency, 2
    asset = _foremost([earning for row in table.rows for earning in row.earnings])
    if asset is None:
        return [None] * DAYS, "", 0
    values = [_claimed(by_day[date].earnings, asset.asset) if date in by_day else None for date in dates]
    return values, asset.asset, min(asset.decimals, 2)


def _foremost(earnings: Sequence[Earning]) -> Earning | None:
    """An earning in the asset that came on the most days."""
    count = [earning.asset for earning in earnings if earning.claimed or earning.credited]
    return max((e for e in earnings if e.asset in count), key=lambda e: count.count(e.asset), default=None)


def _claimed(earnings: Sequence[Earning], asset: str) -> float | None:
    found = next((earning for earning in earnings if earning.asset == asset), None)
    return None if found is None else max(found.claimed, found.credited) / 10**found.decimals


def _short(value: float, decimals: int) -> str:
    return said.short_count(value) if value >= 100 else f"{value:.{decimals}f}"
