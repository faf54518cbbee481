"""Text with a tone: what a screen says, before it is drawn. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size


class Tone(StrEnum):
    """How a piece of text is meant; the theme says how that looks."""

    PLAIN = "plain"
    DIM = "dim"  # units, labels, what is at rest
    FAINT = "faint"  # frames, what cannot be used now
    BOLD = "bold"
    EMBER = "ember"  # the one accent
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    GLOW1 = "glow1"  # charts, from the bottom up
    GLOW2 = "glow2"
    GLOW3 = "glow3"
    GLOW4 = "glow4"


class Span(NamedTuple):
    """A piece of one line. ``action`` is run when it is clicked."""

    text: str
    tone: Tone = Tone.PLAIN
    action: str = ""


Line = tuple[Span, ...]
BLANK: Line = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """What a panel shows: its lines, and what stands at the right of its title."""

    lines: tuple[Line, ...]
    aside: Line = ()


def dim(text: str) -> Span:
    return Span(text, Tone.DIM)


def bold(text: str) -> Span:
    return Span(text, Tone.BOLD)


def measure(line: Iterable[Span]) -> int:
    """Cells that a line takes."""
    return sum(cell_len(span.text) for span in line)


def clean(text: str) -> str:
    """The text without anything that a terminal would obey: each such character becomes a dot."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else "·" for letter in text)


def clip(text: str, width: int) -> str:
    """The text in at most so many cells, an ellipsis for what is lost."""
    text = clean(text)
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip(" …") + "…" if width > 0 else ""


def cell(text: str, width: int, tone: Tone = Tone.PLAIN, *, right: bool = False) -> Span:
    """Exactly so many cells, left or right aligned."""
    text = clip(text, width)
    padding = " " * (width - cell_len(text))
    return Span(padding + text if right else text + padding, tone)


def crop(line: Iterable[Span], width: int) -> Line:
    """As much of a line as fits, an ellipsis where it is cut."""
    fitting: list[Span] = []
    room = width
    for span in line:
        if room <= 0:
            break
        taken = cell_len(span.text)
        if taken > room:
            fitting.append(span._replace(text=clip(span.text, room)))
            break
        fitting.append(span)
        room -= taken
    return tuple(fitting)


def fill(line: Line, width: int) -> Line:
    """A line in exactly so many cells."""
    room = width - measure(line)
    if room < 0:
        return fill(crop(line, width), width)
    return (*line, Span(" " * room)) if room else line


def spread(left: Line, right: Line, width: int, gap: Tone = Tone.PLAIN, filler: str = " ") -> Line:
    """One line with something at both ends; the left end gives way."""
    right = crop(right, width)
    room = max(0, width - measure(right))
    left = crop(left, room)
    between = room - measure(left)
    return (*left, *((Span(filler * between, gap),) if between else ()), *right)


def join(parts: Sequence[Line], gap: str = "  ") -> Line:
    """Lines put side by side; empty ones are left out."""
    joined: list[Span] = []
    for part in parts:
        if part:
            if joined:
                joined.append(Span(gap))
            joined.extend(part)
    return tuple(joined)


Ranked = tuple[int, Line]
"""A part of a line and its rank: the highest is left out first where room is short, 0 never."""


def fitting(parts: Sequence[Ranked], width: int, gap: str = "  ") -> Line:
    """The parts in their order, as many as fit."""
    return ends(parts, (), width, gap)


def ends(left: Sequence[Ranked], right: Sequence[Ranked], width: int, gap: str = "  ") -> Line:
    """Parts at both ends of one line of so many cells, as many as fit with a gap between any two."""
    parts = [*((rank, line, False) for rank, line in left), *((rank, line, True) for rank, line in right)]
    parts = [part for part in parts if part[1]]

    def needed() -> int:
        return sum(measure(line) for _, line, _ in parts) + len(gap) * max(0, len(parts) - 1)

    while needed() > width and (worst := max((rank for rank, _, _ in parts), default=0)) > 0:
        del parts[max(index for index, part in enumerate(parts) if part[0] == worst)]
    kept_left = join([line for _, line, is_right in parts if not is_right], gap)
    kept_right = join([line for _, line, is_right in parts if is_right], gap)
    return spread(kept_left, kept_right, width)


def abreast(lines: Sequence[Line], width: int, rows: int, gap: int = 4) -> list[Line]:
    """The lines in so many rows, in as few columns as that takes; as they are where the columns have no room."""
    columns = math.ceil(len(lines) / rows) if rows > 0 else 1
    widest = max(map(measure, lines), default=0)
    if columns <= 1 or columns * (widest + gap) - gap > width:
        return list(lines)
    tall = math.ceil(len(lines) / columns)
    padded = [fill(line, widest) for line in lines]
    return [join(padded[row::tall], " " * gap) for row in range(tall)]


def framed(title: str, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
    """A picture in a rounded frame of this outer size, the title at the left of its top and the aside at the right."""
    inner = width - 4
    head: Line = (Span("╭ ", Tone.FAINT), bold(title), Span(" "))
    tail: Line = (Span(" "), *picture.aside, Span(" ╮", Tone.FAINT)) if picture.aside else (Span("╮", Tone.FAINT),)
    if measure(head) + measure(tail) > width:
        tail = (Span("╮", Tone.FAINT),)
    lines = [spread(head, tail, width, Tone.FAINT, "─")]
    for index in range(height - 2):
        line = picture.lines[index] if index < len(picture.lines) else BLANK
        lines.append((Span("│ ", Tone.FAINT), *fill(line, inner), Span(" │", Tone.FAINT)))
    lines.append((Span("╰" + "─" * (width - 2) + "╯", Tone.FAINT),))
    return tuple(lines)


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most so many cells, broken at blanks where there are any."""
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for word in paragraph.split():
            while cell_len(word) > width > 0:
                if line:
                    lines.append(line)
                    line = ""
                head = _most(word, width)
                lines.append(head)
                word = word[len(head) :]
            longer = f"{line} {word}" if line else word
            if cell_len(longer) > width:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return lines


def _most(word: str, width: int) -> str:
    """As many letters from the front as fit, at least one."""
    taken = 1
    while taken < len(word) and cell_len(word[: taken + 1]) <= width:
        taken += 1
    return word[:taken]
