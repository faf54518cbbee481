"""Tokens per second over the last five minutes."""

from __future__ import annotations

from tui import format as said
from tui.chart import area, ceiling
from tui.ink import Line, Picture, Span, dim, spread
from tui.view import View


def draw(view: View, width: int, height: int) -> Picture:
    snapshot, history = view.snapshot, view.history
    series = history.tokens_per_second
    top = ceiling(series, 10.0)
    tall = height >= 5
    lines = area(series, history.ends_at, width, height - 1 if tall else height, top)
    busy = said.whole(snapshot.busy_pct if snapshot else None)
    if tall:
        left = (dim(f"{max(1, round(len(series) / 60))} min"), dim(f"   top {said.speed(top)} tok/s"))
        lines.append(spread(left, (dim("busy "), Span(f"{busy:>3}"), dim(" %")), width))
    rate = said.speed(snapshot.tokens_per_second if snapshot else None)
    aside: Line = (Span(f"{rate:>5}"), dim(" tok/s"))
    if not tall:
        aside = (dim("busy "), Span(f"{busy:>3}"), dim(" %  "), *aside)
    return Picture(tuple(lines), aside)
