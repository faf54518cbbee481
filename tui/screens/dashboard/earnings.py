"""Today: jobs, tokens, what was claimed and what was paid, and the energy it took."""

from __future__ import annotations

from node.control.wire import Counts, Earning, PowerToday, Today
from tui import format as said
from tui.ink import Line, Picture, Ranked, Span, Tone, cell, dim, fitting, join
from tui.view import View

LABEL = 8


def draw(view: View, width: int, height: int) -> Picture:
    today = view.snapshot.today if view.snapshot else None
    if today is None:
        return Picture(tuple((_label(name), dim(said.DASH)) for name in ("jobs", "tokens", "earned", "energy")))
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
    ]
    energy = _energy(today, width, height - len(rows) - max(1, len(today.earnings)))
    rows += [*_earned(today.earnings, height - len(rows) - len(energy), width), *energy]
    return Picture(tuple(rows), (dim(f"today since {said.hour(today.since_at)}"),))


def one_line(view: View, width: int, height: int) -> tuple[Line, ...]:
    """All of it in one line, for small windows."""
    today = view.snapshot.today if view.snapshot else None
    if today is None:
        return ((dim(" Today  "), dim(said.DASH)),)
    parts: list[Ranked] = [
        (0, (dim(" Today"),)),
        (0, (Span(said.count(today.counts.done)), dim(" jobs"))),
        (1, _bad(today.counts)),
        *(
            (2, (Span(said.units(earning.claimed, earning.decimals)), dim(f" {earning.asset}")))
            for earning in today.earnings
        ),
        (3, (Span(said.short_count(today.completion_tokens)), dim(" tok"))),
        (4, _taken(today)),
        (3, _cost(today.power)),
        (1, _net(today.power)),
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


def _energy(today: Today, width: int, room: int) -> list[Line]:
    """What it took and cost; what is left of the earnings has a line of its own where there is room for it."""
    taken, cost, net = _taken(today), _cost(today.power), _net(today.power)
    if not cost:
        work = (dim("in "), Span(said.seconds(today.compute)), dim(" of work")) if today.compute else ()
        return [(_label("energy"), *fitting([(0, taken), (1, work)], width - LABEL))]
    if net and room > 1:
        return [
            (_label("energy"), *fitting([(0, taken), (1, cost)], width - LABEL)),
            (_label("net"), *net[1:], dim("  priced assets only")),
        ]
    return [(_label("energy"), *fitting([(2, taken), (1, cost), (0, _net(today.power, brief=True))], width - LABEL))]


def _taken(today: Today) -> Line:
    """The whole machine where that is measured, else the jobs alone."""
    joules = today.joules if today.power is None else today.power.idle_joules + today.power.working_joules
    figure, unit = said.energy(joules)
    return (Span(figure), dim(f" {unit}"))


def _cost(power: PowerToday | None) -> Line:
    if power is None or power.cost_micro is None:
        return ()
    return (Span(said.money(-power.cost_micro, power.currency)),)


def _net(power: PowerToday | None, *, brief: bool = False) -> Line:
    """What is left of what has a price; earnings without one are not in it. Brief: the currency stands beside it."""
    if power is None or power.net_micro is None:
        return ()
    tone = Tone.GOOD if power.net_micro >= 0 else Tone.BAD
    text = said.money(power.net_micro, power.currency, sign=True)
    return (dim("net "), Span(text.removesuffix(f" {power.currency}") if brief else text, tone))


def _earned(earnings: tuple[Earning, ...], room: int, width: int) -> list[Line]:
    """What was claimed, and as far as there is room what of it was credited, and what was paid."""
    if not earnings:
        return [(_label("earned"), dim("nothing: own jobs are unpaid"))]
    shown = earnings[: max(1, room)]
    widest = max(len(said.units(earning.claimed, earning.decimals)) for earning in shown)
    name = max(len(earning.asset) for earning in shown)
    rows: list[Line] = []
    for index, earning in enumerate(shown):
        figures = (("credited", earning.credited, 2), ("paid", earning.paid, 1))
        parts: list[Ranked] = [
            (0, (Span(f"{said.units(earning.claimed, earning.decimals):>{widest}}"), dim(f" {earning.asset:<{name}}"))),
            *((rank, (dim(f"{word} "), Span(said.units(units, earning.decimals)))) for word, units, rank in figures),
        ]
        if index + 1 == len(shown) < len(earnings):
            parts.append((1, (dim(f"+{len(earnings) - len(shown)} more"),)))
        rows.append((_label("earned" if index == 0 else ""), *fitting(parts, width - LABEL)))
    return rows
