"""Today: jobs, tokens, what was claimed and what was paid, and the energy it took."""

from __future__ import annotations

from node.control.wire import Counts, Earning
from tui import format as said
from tui.ink import Line, Picture, Ranked, Span, Tone, cell, dim, fitting, join
from tui.view import View

LABEL = 8


def draw(view: View, width: int, height: int) -> Picture:
    today = view.snapshot.today if view.snapshot else None
    if today is None:
        return Picture(tuple((_label(name), dim(said.DASH)) for name in ("jobs", "tokens", "earned", "energy")))
    figure, unit = said.energy(today.joules)
    work = join(
        [
            (Span(said.short_count(today.completion_tokens)), dim(" out")),
            (Span(said.short_count(today.prompt_tokens)), dim(" in")),
        ],
        "  ",
    )
    rows: list[Line] = [
        (_label("jobs"), *_counts(today.counts, width - LABEL)),
        (_label("tokens"), *work),
        *_earned(today.earnings, height - 3),
        (_label("energy"), Span(figure), dim(f" {unit}"), *_compute(today.compute)),
    ]
    return Picture(tuple(rows), (dim(f"today since {said.hour(today.since_at)}"),))


def one_line(view: View, width: int, height: int) -> tuple[Line, ...]:
    """All of it in one line, for small windows."""
    today = view.snapshot.today if view.snapshot else None
    if today is None:
        return ((dim(" Today  "), dim(said.DASH)),)
    figure, unit = said.energy(today.joules)
    parts: list[Ranked] = [
        (0, (dim(" Today"),)),
        (0, (Span(said.count(today.counts.done)), dim(" jobs"))),
        (1, _bad(today.counts)),
        *(
            (2, (Span(said.units(earning.claimed, earning.decimals)), dim(f" {earning.asset}")))
            for earning in today.earnings
        ),
        (3, (Span(said.short_count(today.completion_tokens)), dim(" tok"))),
        (4, (Span(figure), dim(f" {unit}"))),
    ]
    return (fitting(parts, width),)


def _label(name: str) -> Span:
    return cell(name, LABEL, Tone.DIM)


def _counts(counts: Counts, width: int) -> Line:
    parts: list[Ranked] = [
        (0, (Span(said.count(counts.done)), dim(" done"))),
        (1, _bad(counts)),
        (2, (Span(str(counts.cancelled)), dim(" cancelled")) if counts.cancelled else ()),
        (3, (Span(str(counts.expired)), dim(" expired")) if counts.expired else ()),
        (4, (Span(str(counts.returned)), dim(" returned")) if counts.returned else ()),
    ]
    return fitting(parts, width)


def _bad(counts: Counts) -> Line:
    return (Span(str(counts.failed), Tone.BAD if counts.failed else Tone.PLAIN), dim(" failed"))


def _compute(seconds: float) -> Line:
    return (dim("  in "), Span(said.seconds(seconds)), dim(" of work")) if seconds else ()


def _earned(earnings: tuple[Earning, ...], room: int) -> list[Line]:
    if not earnings:
        return [(_label("earned"), dim("nothing: own jobs are unpaid"))]
    widest = max(len(said.units(earning.claimed, earning.decimals)) for earning in earnings)
    name = max(len(earning.asset) for earning in earnings)
    shown = earnings[: max(1, room)]
    rows: list[Line] = []
    for index, earning in enumerate(shown):
        claimed = said.units(earning.claimed, earning.decimals)
        rows.append(
            (
                _label("earned" if index == 0 else ""),
                Span(f"{claimed:>{widest}}"),
                dim(f" {earning.asset:<{name}}  paid "),
                Span(said.units(earning.paid, earning.decimals)),
            )
        )
    if len(shown) < len(earnings):
        rows[-1] = (*rows[-1], dim(f"  +{len(earnings) - len(shown)}"))
    return rows
