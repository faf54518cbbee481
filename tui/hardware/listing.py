"""The facts of one device as the rows of a list."""

from __future__ import annotations

from tui.chart import gauge
from tui.hardware.devices import Device
from tui.hardware.facts import Fact
from tui.ink import Line, Span, Tone, cell, crop, dim, measure

NAME, VALUE, UNIT = 12, 6, 4
WORDS = 36  # cells of the longest note with more
SIGNS = {Tone.WARN: "▲", Tone.BAD: "✖"}


def heading(device: Device, width: int) -> Line:
    return crop((Span(" "), Span(device.name, Tone.BOLD)), width)


def row(fact: Fact, width: int) -> Line:
    """Name, figure, gauge and words in at most so many cells."""
    sign = Span(f"{SIGNS.get(fact.tone, ' ')}", fact.tone)
    if not fact.value:
        note = Span(fact.note, fact.tone) if fact.tone is not Tone.PLAIN else dim(fact.note)
        return crop((sign, cell(fact.name, NAME, Tone.DIM), Span("  "), note), width)
    spans = [sign, cell(fact.name, NAME, Tone.DIM), cell(fact.value, VALUE, fact.tone, right=True)]
    spans.append(cell(f" {fact.unit}", UNIT + 1, Tone.DIM))
    if fact.gauged:
        room = gauge_width(width)
        tone = fact.tone if fact.tone is not Tone.PLAIN else Tone.EMBER
        spans += [*gauge(fact.share, fact.marks, room, tone), Span("  ")]
    short = (*spans, dim(fact.note))
    whole = (*short, dim(f"   {fact.more}")) if fact.more else short
    return whole if measure(whole) <= width else crop(short, width)


def gauge_width(width: int) -> int:
    """Cells of a gauge, so that the words behind it have room."""
    return max(8, min(24, width - NAME - VALUE - UNIT - 2 - WORDS))
