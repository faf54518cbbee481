"""What a network thinks of each of our models: known, validated, and what a job is expected to bring. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from node.control.wire import Coin, NetworkModel, NetworkView
from tui import format as said
from tui.ink import Line, Picture, Span, Tone, crop, dim, join, measure, wrapped
from tui.job_list import short_model
from tui.keymap import SHIPPED, Keys, hint
from tui.widgets import columns
from tui.widgets.columns import Column, Layout

COLUMNS = (
    Column("served", "model", 14, widest=32),
    Column("name", "their name", 22, rank=2, widest=56),
    Column("known", "known", 9),
    Column("validated", "pays", 9, rank=1),
    Column("a_job", "a job", 12, right=True),
    Column("an_hour", "an hour", 14, right=True),
)
KNOWN = ("✔ known", "▲ unknown")
VALIDATED = ("✔ in full", "▲ less")
TABLE = 70  # columns below which a model takes several lines


def picture(network: NetworkView, now: float, width: int, height: int, keys: Keys = SHIPPED) -> Picture:
    """The panel's lines; the heading goes first where there is no room."""
    models = network.models
    lines = lines_of(models, width)
    if len(lines) > height and width >= TABLE:
        lines = lines[1:]
    if len(lines) > height:
        lines = [*lines[: max(1, height - 1)], (dim("and more:  "), hint("list.open", keys))]
    refused = sum(bool(model.barred) for model in models)
    aside: Line = (Span(f"{refused} not offered", Tone.WARN),) if refused else ()
    return Picture(tuple(lines[:height]), aside)


def lines_of(models: Sequence[NetworkModel], width: int) -> list[Line]:
    """Every model; one that is not offered says why."""
    if not models:
        return [(dim("Whatever the engine serves."),)]
    if width < TABLE:
        return [line for model in models for line in _stacked(model, width)]
    layout = columns.laid_out(COLUMNS, width)
    return [columns.heading(layout), *(_row(layout, model, width) for model in models)]


def _stacked(model: NetworkModel, width: int) -> list[Line]:
    """One model where a row of the table has no room: its name, what is thought of it, and what it is worth."""
    name: Line = (Span(short_model(model.served)),)
    if model.name != model.served:
        name = (*name, dim(f"  as {model.name}"))
    if model.barred:
        told = wrapped(f"not offered: {model.barred}", width - 4)
        return [
            crop(name, width),
            *((Span("  ✖ " if at == 0 else "    ", Tone.BAD), Span(text)) for at, text in enumerate(told)),
        ]
    facts = [_said(fact, *words) for fact, words in ((model.known, KNOWN), (model.validated, VALIDATED))]
    worth = [f"{coin(amount)} {per}" for amount, per in ((model.a_job, "a job"), (model.an_hour, "an hour")) if amount]
    lines = [
        join([(Span(text, tone),) for text, tone in facts if text != said.DASH], "   "),
        (Span("   ".join(worth)),),
    ]
    return [crop(name, width), *(crop((Span("  "), *line), width) for line in lines if measure(line))]


def _row(layout: Layout, model: NetworkModel, width: int) -> Line:
    name = short_model(model.served)
    if model.barred:
        return crop((Span(" ✖ ", Tone.BAD), Span(name), dim(f"  not offered: {model.barred}")), width)
    return columns.row(
        layout,
        {
            "served": (name, Tone.PLAIN),
            "name": (model.name if model.name != model.served else "the same", Tone.DIM),
            "known": _said(model.known, *KNOWN),
            "validated": _said(model.validated, *VALIDATED),
            "a_job": (coin(model.a_job), Tone.PLAIN),
            "an_hour": (coin(model.an_hour), Tone.PLAIN),
        },
    )


def _said(fact: bool | None, yes: str, no: str) -> tuple[str, Tone]:
    if fact is None:
        return said.DASH, Tone.DIM
    return (yes, Tone.GOOD) if fact else (no, Tone.WARN)


def coin(amount: Coin | None) -> str:
    """So much of an asset: 12.40 kudos."""
    return said.DASH if amount is None else f"{said.units(amount.units, amount.decimals)} {amount.asset}"
