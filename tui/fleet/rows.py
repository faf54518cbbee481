"""A line for each node: what it does, why, on what, and what it has earned today. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from node.control.wire import Earning, Snapshot, StateWord
from tui import format as said
from tui.hardware.facts import warmth
from tui.ink import Line, Ranked, Span, Tone, bold, dim, fitting
from tui.view import View, drawn_power, hottest, lowest_ceiling
from tui.widgets import columns
from tui.widgets.columns import Column, Layout
from tui.widgets.state_line import WORDS

COLUMNS = (
    Column("name", "node", 9),
    Column("word", "state", 10),
    Column("why", "why", 22, widest=72),
    Column("slots", "slots", 5, right=True),
    Column("speed", "tok/s", 5, right=True, rank=4),
    Column("heat", "°C", 3, right=True, rank=3),
    Column("watts", "W", 4, right=True, rank=1),
    Column("earned", "claimed today", 15, right=True, rank=2),
)
WIDE, WIDE_EARNED = 110, 28


def layout(width: int) -> Layout:
    """The columns that fit; where there is room, earnings in several assets stand side by side."""
    wide = tuple(replace(each, width=WIDE_EARNED) if each.name == "earned" else each for each in COLUMNS)
    return columns.laid_out(wide if width >= WIDE else COLUMNS, width - 1)


def heading(layout: Layout) -> Line:
    return columns.heading(layout)


def line(layout: Layout, view: View) -> Line:
    """One node; the last that is known of one that has gone stays, dimmed."""
    snapshot = view.snapshot
    known = _known(snapshot, {column.name: width for column, width in layout}) if snapshot else {}
    if view.gone:
        known = {name: (text, Tone.FAINT) for name, (text, _) in known.items()}
        state = {"word": ("✖ LOST", Tone.BAD), "why": (view.gone, Tone.PLAIN)}
    elif snapshot is None:
        state = {"word": ("○ …", Tone.DIM), "why": ("connecting", Tone.DIM)}
    else:
        sign, tone = WORDS[snapshot.state.word]
        state = {"word": (f"{sign} {snapshot.state.word}", tone), "why": (snapshot.state.reason, Tone.PLAIN)}
    unknown = {column.name: (said.DASH, Tone.FAINT) for column in COLUMNS}
    return columns.row(layout, {**unknown, **known, **state, "name": (view.name, Tone.BOLD)})


def _known(snapshot: Snapshot, widths: Mapping[str, int]) -> dict[str, tuple[str, Tone]]:
    heat, watts = hottest(snapshot.hardware), drawn_power(snapshot.hardware)
    return {
        "slots": (f"{snapshot.busy}/{snapshot.slots}", Tone.PLAIN),
        "speed": (said.speed(snapshot.tokens_per_second), Tone.PLAIN),
        "heat": (said.whole(heat), warmth(heat, lowest_ceiling(snapshot))),
        "watts": (said.whole(watts), Tone.PLAIN),
        "earned": (_claimed(snapshot.today.earnings, widths.get("earned", 0)), Tone.PLAIN),
    }


def together(views: Sequence[View], width: int) -> Line:
    """What they all do; amounts of one asset are added up, and nothing else is."""
    here = [view.snapshot for view in views if view.snapshot is not None and not view.gone]
    working = sum(snapshot.state.word in (StateWord.WORKING, StateWord.DRAINING) for snapshot in here)
    lost = sum(bool(view.gone) for view in views)
    watts = [drawn for snapshot in here if (drawn := drawn_power(snapshot.hardware)) is not None]
    parts: list[Ranked] = [
        (0, (Span(" "), bold("Fleet"))),
        (0, (Span(f"{len(views)}"), dim(" node" if len(views) == 1 else " nodes"))),
        (1, (Span(f"{working}"), dim(" at work"))),
        (0, (Span(f"✖ {lost} lost", Tone.BAD),) if lost else ()),
        (3, (Span(f"{sum(s.busy for s in here)}"), dim(f" of {sum(s.slots for s in here)} slots"))),
        (4, (Span(said.whole(sum(watts))), dim(" W")) if watts else ()),
        (2, (dim("claimed today "), Span(_claimed(_added(here), width // 4)))),
    ]
    return fitting(parts, width, "   ")


def _added(snapshots: Iterable[Snapshot]) -> tuple[Earning, ...]:
    sums: dict[tuple[str, int], Earning] = {}
    for earning in (each for snapshot in snapshots for each in snapshot.today.earnings):
        key = earning.asset, earning.decimals
        so_far = sums.get(key, Earning(*key))
        sums[key] = Earning(*key, so_far.claimed + earning.claimed)
    return tuple(sums.values())


def _claimed(earnings: Iterable[Earning], width: int) -> str:
    """Every asset by itself, those with nothing left out; where there is no room, how many more there are."""
    told = [f"{said.units(each.claimed, each.decimals)} {each.asset}" for each in earnings if each.claimed]
    for shown in range(len(told), 0, -1):
        more = f" +{len(told) - shown}" if shown < len(told) else ""
        if len(text := " · ".join(told[:shown]) + more) <= width:
            return text
    return told[0] if told else said.DASH
