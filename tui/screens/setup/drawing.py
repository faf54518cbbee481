"""What the guide's words look like in the app. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len

from tui import format as said
from tui.chart import bar
from tui.ink import Line, Span, Tone, bold, cell, clip, dim, wrapped
from tui.setup.words import Busy, Choose, Conceal, Enter, Option, Progress, Say, Sign, Standing, Stuck, Word

SIGNS = {
    Sign.GOOD: ("✔ ", Tone.GOOD),
    Sign.OPEN: ("· ", Tone.DIM),
    Sign.NOTE: ("▲ ", Tone.WARN),
    Sign.BAD: ("✖ ", Tone.BAD),
}
BAR = 24  # cells
BESIDE = 3  # cells around an option's word
LEAST_MEANING = 24  # cells below which a meaning is left out
LONGEST_WORD = 34  # cells of an option's word beside its meaning
DONE, NOW, OPEN = ("✔", Tone.GOOD), ("▷", Tone.EMBER), ("·", Tone.DIM)


def step_line(number: int, standing: Standing, width: int, *, now: bool) -> Line:
    """One step in the list of all."""
    sign, tone = NOW if now else DONE if standing.done else OPEN
    title = cell(f"{number + 1} {standing.title}", max(1, width - 3), Tone.BOLD if now else Tone.PLAIN)
    return (Span(f" {sign} ", tone), title)


def heading(number: int, standings: Sequence[Standing], above: Span | None = None) -> Line:
    """Where one is, in one line, and the key to read what has gone up out of sight."""
    more = (dim("   "), above, dim(" reads up")) if above is not None else ()
    if number >= len(standings):
        return (Span(" "), bold("Setup"), *more)
    standing = standings[number]
    now = (dim(f"   now: {standing.sentence}"),) if standing.done else ()
    return (
        Span(" "),
        bold("Setup"),
        dim(f"  step {number + 1} of {len(standings)}  "),
        bold(standing.title),
        *more,
        *now,
    )


def told(words: Iterable[Word], width: int) -> Iterator[Line]:
    """What was said, and what goes on."""
    for word in words:
        if isinstance(word, Say):
            yield from _said(word, width)
        elif isinstance(word, Stuck):
            yield from _said(Say(word.text, Sign.BAD, word.remedy), width)
        elif isinstance(word, Busy):
            yield (Span("▷ ", Tone.EMBER), Span(f"{word.what} …"))
        elif isinstance(word, Progress):
            yield from _progress(word, width)


def question(word: Word, width: int) -> Iterator[Line]:
    """What is asked, and what was wrong with the answer before."""
    if isinstance(word, Choose | Enter | Conceal):
        yield from ((bold(text),) for text in wrapped(word.text, width))
        if word.wrong:
            yield from _signed(word.wrong, "✖ ", Tone.BAD, width)
    elif isinstance(word, Stuck):
        yield (bold("That did not work. What now?"),)


def option_line(option: Option, width: int, room: int) -> Line:
    """One answer: its word in so much room, and as much of its meaning as fits beside it."""
    if not option.meaning or width < room + LEAST_MEANING:
        return (Span(" "), Span(option.word))
    return (Span(" "), cell(option.word, room), dim("  "), dim(clip(option.meaning, width - room - BESIDE)))


def is_whole(option: Option, width: int, room: int) -> bool:
    """Whether the line of this answer tells its whole meaning."""
    return room + BESIDE + cell_len(option.meaning) <= width


def word_width(options: Iterable[Option]) -> int:
    """Cells for the words of all options."""
    return min(LONGEST_WORD, max((cell_len(option.word) for option in options), default=0))


def note(text: str, width: int, height: int | None = None) -> tuple[Line, ...]:
    """What stands under the answers, as much as fits."""
    lines = wrapped(text, width) if text else []
    if height is not None and len(lines) > height:
        lines = [*lines[: height - 1], f"{clip(lines[height - 1], width - 2)} …"] if height else []
    return tuple((dim(line),) for line in lines)


def _said(word: Say, width: int) -> Iterator[Line]:
    sign, tone = SIGNS.get(word.sign, ("", Tone.PLAIN))
    yield from _signed(word.text, sign, tone, width)
    if word.remedy:
        yield from _signed(word.remedy, "  → ", Tone.DIM, width)


def _signed(text: str, sign: str, tone: Tone, width: int) -> Iterator[Line]:
    indent = cell_len(sign)
    for number, line in enumerate(wrapped(text, width - indent)):
        yield (Span(sign if number == 0 else " " * indent, tone), Span(line))


def _progress(word: Progress, width: int) -> Iterator[Line]:
    yield (Span("▷ ", Tone.EMBER), Span(word.what))
    if word.total:
        figures = f"  {said.size(word.done)} of {said.size(word.total)}"
        yield (Span("  "), *bar(word.done / word.total, BAR), dim(figures))
    else:
        yield (Span("  "), dim(said.size(word.done)))
