"""Small charts out of characters: braille areas and thin bars. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tui.ink import Line, Span, Tone

_LEFT = (0x40, 0x04, 0x02, 0x01)  # dots of a braille cell from the bottom up, after ISO/TR 11548-1
_RIGHT = (0x80, 0x20, 0x10, 0x08)
_GLOW = (Tone.GLOW1, Tone.GLOW2, Tone.GLOW3, Tone.GLOW4)

Series = Sequence[float | None]


def buckets(series: Series, ends_at: float, dots: int) -> list[float | None]:
    """The series, one value a second, as the means of so many equal spans of time.

    The spans lie on whole multiples of their length since 1970, so that a chart stands still until a span is complete
    and then moves by one dot.
    """
    if dots <= 0:
        return []
    step = max(1, math.ceil(len(series) / dots))
    last = int(ends_at)
    complete = (last + 1) % step
    usable = series[: len(series) - complete] if complete else series
    filled: list[float | None] = []
    for end in range(len(usable), 0, -step):
        known = [value for value in usable[max(0, end - step) : end] if value is not None]
        filled.append(sum(known) / len(known) if known else None)
        if len(filled) == dots:
            break
    filled.extend([None] * (dots - len(filled)))
    filled.reverse()
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


def area(series: Series, ends_at: float, width: int, height: int, top: float, floor: float = 0.0) -> list[Line]:
    """A chart of a series with one value a second, glowing brighter with its height."""
    rows = braille(buckets(series, ends_at, 2 * width), width, height, top, floor)
    shades = [_GLOW[min(3, (height - 1 - row) * 4 // max(1, height))] for row in range(height)]
    return [(Span(text, shade),) for text, shade in zip(rows, shades, strict=True)]


def bar(share: float | None, width: int, tone: Tone = Tone.EMBER) -> Line:
    """A share from 0 to 1 as a thin bar of exactly so many cells, by half cells; None is an empty bar."""
    halves = 0 if share is None else round(max(0.0, min(1.0, share)) * width * 2)
    full, half = divmod(halves, 2)
    text = "━" * full + "╸" * half
    spans = (Span(text, tone), Span("─" * (width - len(text)), Tone.FAINT))
    return tuple(span for span in spans if span.text)


def ceiling(series: Series, least: float) -> float:
    """A round number at or above everything in the series, so that a chart does not rescale at every value."""
    highest = max((value for value in series if value is not None), default=0.0)
    top = max(highest, least)
    step = 10.0 ** math.floor(math.log10(top)) if top > 0 else 1.0
    return next((factor * step for factor in (1, 1.5, 2, 3, 4, 5, 6, 8) if factor * step >= top), 10 * step)
