"""What the machine took today, what that cost, and what a kilowatt-hour costs now."""

from __future__ import annotations

from node.control.wire import Electricity, PowerToday
from tui import format as said
from tui.ink import Line, Picture, Ranked, Span, Tone, cell, dim, fitting
from tui.view import View

LABEL = 7


def draw(view: View, width: int, height: int) -> Picture:
    snapshot = view.snapshot
    if snapshot is None:
        return Picture(((dim(said.DASH),),))
    parts = [*_today(snapshot.today.power), *_now(snapshot.electricity), *_means(snapshot.today.power)]
    rows = tuple((cell(name, LABEL, Tone.DIM), *fitting(row, width - LABEL)) for name, row in parts)
    return Picture(rows[:height], (dim(f"today since {said.hour(snapshot.today.since_at)}"),))


def one_line(view: View, width: int, height: int) -> tuple[Line, ...]:
    """The same in one line, where many cards leave no more room."""
    snapshot = view.snapshot
    if snapshot is None:
        return ()
    rows = [*_today(snapshot.today.power), *_now(snapshot.electricity)]
    return (fitting([(0, (dim(" Energy"),)), *(part for _, row in rows for part in row)], width),)


Row = tuple[str, list[Ranked]]
"""A label, and parts of which the least needed go first."""


def _today(power: PowerToday | None) -> list[Row]:
    if power is None:
        estimate: list[Ranked] = [(0, (Span("hardware.cpu_watts", Tone.EMBER),)), (1, (dim("to have it estimated"),))]
        return [("energy", [(0, (dim("is not measured here"),))]), ("set", estimate)]
    figure, unit = said.energy(power.idle_joules + power.working_joules)
    work, work_unit = said.energy(power.working_joules)
    energy: Row = ("energy", [(0, _with(figure, unit)), (5, _with(work, f"{work_unit} at work"))])
    if power.cost_micro is None:
        return [energy, ("cost", [(0, (dim("set "), Span("electricity.price", Tone.EMBER)))])]
    return [energy, ("cost", [(0, (Span(said.money(power.cost_micro, power.currency)),)), *_net(power)])]


def _net(power: PowerToday) -> list[Ranked]:
    if power.net_micro is None:
        return []
    tone = Tone.GOOD if power.net_micro >= 0 else Tone.BAD
    net = (dim("net "), Span(said.money(power.net_micro, power.currency, sign=True), tone))
    return [(1, net), (6, (dim("of priced assets"),))]


def _now(now: Electricity | None) -> list[Row]:
    if now is None or (now.price_micro is None and now.watts is None):
        return []
    drawn: list[Ranked] = [(2, _with(said.whole(now.watts), "W"))]
    if now.hour_micro is not None:
        drawn.append((1, _with(said.money(now.hour_micro, now.currency), "an hour")))
    if now.price_micro is None:
        return [("now", drawn)]
    price: list[Ranked] = [(3, (Span(said.money(now.price_micro, now.currency)),))]
    if now.worth_micro is not None:
        price.append((4, (dim("earns "), Span(said.money(now.worth_micro, now.currency)))))
    return [("now", drawn), ("kWh", [*price, (7, (dim(now.price_source),))])]


def _means(power: PowerToday | None) -> list[Row]:
    if power is None or (power.idle_watts is None and power.working_watts is None):
        return []
    means: list[Ranked] = [
        (0, _with(said.whole(power.working_watts), "W at work")),
        (1, _with(said.whole(power.idle_watts), "W at rest")),
    ]
    if power.carbon_g is not None:
        means.append((2, _with(f"{power.carbon_g / 1000:.2f}", "kg CO2")))
    return [("mean", means)]


def _with(figure: str, unit: str) -> Line:
    return (Span(figure), dim(f" {unit}"))
