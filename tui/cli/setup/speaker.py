"""How the guide's words that ask nothing look on a terminal: sentences, and one line for what takes a while."""

from __future__ import annotations

import shutil
import sys

from tui.cli.networks.kinds import NARROWEST, WIDEST, wrapped
from tui.cli.terminal.output import narrate, paint, printable
from tui.cli.terminal.progress import TransferBar, Waiting
from tui.setup.guide import STEPS
from tui.setup.words import Begin, Busy, Progress, Say, Sign, Word

TRY = "  try: "
SIGNS = {
    Sign.GOOD: ("ok:", "green"),
    Sign.OPEN: ("open:", "dim"),
    Sign.NOTE: ("note:", "yellow"),
    Sign.BAD: ("wrong:", "red"),
}


class Speaker:
    """Says one word after the other; whatever was under way ends with the next."""

    def __init__(self) -> None:
        self._waiting: Waiting | None = None
        self._bar: TransferBar | None = None
        self._moving = ""

    def say(self, word: Word) -> None:
        """Show a word that asks nothing."""
        if isinstance(word, Progress):
            self._move(word)
            return
        self.rest()
        if isinstance(word, Begin):
            self._begin(word)
        elif isinstance(word, Say):
            self._sentence(word)
        elif isinstance(word, Busy):
            self.busy(word.what)

    def busy(self, what: str) -> None:
        """Something takes a while."""
        narrate(f"{printable(what)} …")
        self._waiting = Waiting(what)
        self._waiting.__enter__()

    def rest(self) -> None:
        """Nothing is under way any more."""
        if self._waiting is not None:
            self._waiting.__exit__(None, None, None)
            self._waiting = None
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _move(self, word: Progress) -> None:
        if self._bar is None or word.what != self._moving:
            self.rest()
            self._bar, self._moving = TransferBar(word.what), word.what
        self._bar.update(word.done, word.total)

    def _begin(self, word: Begin) -> None:
        narrate("")
        title = f"Step {word.number + 1} of {len(STEPS)}: {word.standing.title}"
        narrate(paint(title, "bold", sys.stderr))
        if word.standing.done:
            narrate(f"Now: {printable(word.standing.sentence)}")

    def _sentence(self, word: Say) -> None:
        sign, colour = SIGNS.get(word.sign, ("", ""))
        first, *others = paragraph(f"{sign} {word.text}".lstrip())
        for line in (paint(sign, colour, sys.stderr) + first.removeprefix(sign), *others):
            narrate(line)
        if word.remedy:
            first, *others = paragraph(word.remedy, indent=len(TRY))
            for line in (TRY + first, *(" " * len(TRY) + other for other in others)):
                narrate(line)


def paragraph(text: str, *, indent: int = 0) -> list[str]:
    """The text as wide as a person reads, or the terminal is, less what comes before each line."""
    width = max(NARROWEST, min(WIDEST, shutil.get_terminal_size().columns)) - indent
    return wrapped(printable(text), width) or [""]
