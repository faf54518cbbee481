"""What stands where there is nothing to list: what would be here, and how to begin it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tui.ink import BLANK, Line, Span, Tone, dim, join, measure, wrapped
from tui.keymap import SHIPPED, Keys, hint

WIDEST = 100  # columns beyond which a line of text is hard to read
INDENT = Span("   ")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to begin.

    Attributes:
        words: what it does.
        actions: the ids of the actions whose keys do it, one after the other; or
        command: what does it in a terminal.
        note: what is good to know before.
    """

    words: str
    actions: tuple[str, ...] = ()
    command: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A sentence or two, and the ways to begin."""

    text: str
    ways: tuple[Way, ...] = ()

    def lines(self, width: int, keys: Keys = SHIPPED) -> tuple[Line, ...]:
        """The lesson in so many cells, with the keys that the person has."""
        rows = _told(self.text, width)
        if self.ways:
            label = max(len(way.words) for way in self.ways) + 1
            rows += [BLANK, *(row for way in self.ways for row in _way(way, label, width, keys))]
        return tuple(rows)


NODE_ASKED = Lesson("The node is being asked.")
BOOKS_ASKED = Lesson("The books are being asked.")


def trouble(text: str, width: int) -> tuple[Line, ...]:
    """Why nothing can be listed."""
    return tuple(
        (Span(" ✖ " if at == 0 else "   ", Tone.BAD), dim(part))
        for at, part in enumerate(wrapped(text, min(width - 4, WIDEST)))
    )


def _told(text: str, width: int) -> list[Line]:
    return [(Span(" "), dim(part)) for part in wrapped(text, min(width - 2, WIDEST))]


def _way(way: Way, label: int, width: int, keys: Keys) -> list[Line]:
    """On one line where there is room for that; else what is to be done stands under the words."""
    words = dim(f" {way.words + ':':<{label}}")
    pressed = join([(hint(action, keys),) for action in way.actions], " ") or (Span(way.command, Tone.EMBER),)
    note: Line = (INDENT, dim(way.note)) if way.note else ()
    for line in ((words, Span("  "), *pressed, *note), (words, Span("  "), *pressed)):
        if measure(line) < width:
            return [line]
    return [(words,), (INDENT, *pressed)]
