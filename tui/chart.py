"""Small charts out of characters: braille areas and thin bars. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby, pairwise

from tui.ink import Line, Span, Tone

_LEFT = (0x40, 0x04, 0x02, 0x01)  # dots of a braille cell from the bottom up, after ISO/TR 11548-1
_RIGHT = (0x80, 0x20, 0x10, 0x08)
_EMPTY = chr(0x2800)
_GLOW = (Tone.GLOW1, Tone.GLOW2, Tone.GLOW3, Tone.GLOW4)

Series = Sequence[float | None]


def buckets(series: Series, ends_at: float, dots: int) -> list[float | None]:
    """The series, one value a second, as the means of so many spans of time, none of them under a second.

    The spans lie on whole multiples of their length since 1970, each up to the second it ends in, so that a chart
    stands still until a span is complete and then moves by one dot.
    """
    if dots <= 0:
        return []
    seconds = max(len(series), dots)
    after = int(ends_at) + 1
    ends = [-(-span * seconds // dots) for span in range(after * dots // seconds - dots, after * dots // seconds + 1)]
    filled: list[float | None] = []
    for start, end in pairwise(max(0, len(series) - (after - end)) for end in ends):
        known = [value for value in series[start:end] if value is not None]
        filled.append(sum(known) / len(known) if known else None)
    return filled


def braille(values: Series, width: int, height: int, top: float, floor: float = 0.0) -> list[str]:
    """An area of so many cells from the floor up to ``top``, two values and four levels to a cell."""
    span = top - floor
    levels = [0 if value is None or span <= 0 else _level((value - floor) / span, height * 4) for value in values]
    levels = [0] * (2 * width - len(levels)) + levels[-2 * width :]
    rows = []
    for row in range(height):
        base = (height - 1 - row) * 4
        rows.append(
            "".join(
                chr(0x2800 + _dots(levels[at] - base, _LEFT) + _dots(levels[at + 1] - base, _RIGHT))
                for at in range(0, 2 * width, 2)
            )
        )
    return rows


def _level(share: float, levels: int) -> int:
    return max(1 if share > 0 else 0, min(levels, round(share * levels)))


def _dots(level: int, bits: tuple[int, ...]) -> int:
    return sum(bits[: max(0, min(4, level))])


def area(
    series: Series, ends_at: float, width: int, height: int, top: float, floor: float = 0.0, limit: float | None = None
) -> list[Line]:
    """A chart of a series with one value a second, glowing brighter with its height."""
    return plot(buckets(series, ends_at, 2 * width), width, height, top, floor, limit)


def plot(
    dots: Series, width: int, height: int, top: float, floor: float = 0.0, limit: float | None = None
) -> list[Line]:
    """A chart of two values to a cell; a dashed line stands at the limit, and what reaches above it is marked."""
    rows = braille(dots, width, height, top, floor)
    shades = [_GLOW[min(3, (height - 1 - row) * 4 // max(1, height))] for row in range(height)]
    at = None if limit is None or not floor < limit <= top else _row(limit, height, top, floor)
    lines: list[Line] = []
    for row, (text, shade) in enumerate(zip(rows, shades, strict=True)):
        if row == at:
            lines.append(_dashed(text, shade))
        else:
            lines.append((Span(text, Tone.WARN if at is not None and row < at else shade),))
    return lines


def _row(value: float, height: int, top: float, floor: float) -> int:
    level = max(1, min(height * 4, round((value - floor) / (top - floor) * height * 4)))
    return height - 1 - (level - 1) // 4


def _dashed(text: str, shade: Tone) -> Line:
    spans = []
    for empty, cells in groupby(text, lambda cell: cell == _EMPTY):
        run = "".join(cells)
        spans.append(Span("╌" * len(run), Tone.WARN) if empty else Span(run, shade))
    return tuple(spans)


def stretched(values: Series, dots: int) -> list[float | None]:
    """The values over exactly so many dots: means where there are more values than dots, repeated where fewer."""
    if not values or dots <= 0:
        return [None] * max(0, dots)
    found: list[float | None] = []
    for dot in range(dots):
        first = dot * len(values) // dots
        last = max(first + 1, (dot + 1) * len(values) // dots)
        known = [value for value in values[first:last] if value is not None]
        found.append(sum(known) / len(known) if known else None)
    return found


def bar(share: float | None, width: int, tone: Tone = Tone.EMBER) -> Line:
    """A share from 0 to 1 as a thin bar of exactly so many cells, by half cells; None is an empty bar."""
    halves = 0 if share is None else round(max(0.0, min(1.0, share)) * width * 2)
    full, half = divmod(halves, 2)
    text = "━" * full + "╸" * half
    spans = (Span(text, tone), Span("─" * (width - len(text)), Tone.FAINT))
    return tuple(span for span in spans if span.text)


def gauge(share: float | None, marks: Sequence[tuple[float, Tone]], width: int, tone: Tone = Tone.EMBER) -> Line:
    """A bar with a tick in its tone at each of these shares; the first of two in the same cell stays."""
    ticks = {min(width - 1, int(at * width)): mark for at, mark in reversed(marks) if 0 <= at <= 1}
    cells = [(letter, span.tone) for span in bar(share, width, tone) for letter in span.text]
    for at, mark in ticks.items():
        cells[at] = ("┿" if cells[at][0] == "━" else "┼", mark)
    return tuple(
        Span("".join(letter for letter, _ in run), shade) for shade, run in groupby(cells, lambda found: found[1])
    )


def ceiling(series: Series, least: float) -> float:
    """A round number at or above everything in the series, so that a chart does not rescale at every value."""
    highest = max((value for value in series if value is not None), default=0.0)
    top = max(highest, least)
    step = 10.0 ** math.floor(math.log10(top)) if top > 0 else 1.0
    return next((factor * step for factor in (1, 1.5, 2, 3, 4, 5, 6, 8) if factor * step >= top), 10 * step)
