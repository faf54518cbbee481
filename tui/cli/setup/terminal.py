"""The guide on any terminal: numbered questions, one line for each answer, nothing drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from tui.cli.keys.entry import ask as ask_secret
from tui.cli.networks.consent import agree
from tui.cli.setup.speaker import Speaker, paragraph
from tui.cli.terminal.output import narrate, printable
from tui.setup.programs import perform
from tui.setup.words import NO, YES, Agree, Choose, Conceal, Enter, Ran, Run, Stuck, Way, Word

KEYS = "Enter takes the answer in [brackets], ? tells more, b goes back, q leaves; what was done stays done."
BACK, QUIT, MORE = "b", "q", "?"
INDENT = 5  # of what an option means


class Left(Exception):
    """The person leaves; nothing is wrong."""


class Terminal:
    """Asks a person, line by line."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._speaker = Speaker()

    def answer(self, word: Word) -> object:
        """Show a word, or ask.

        Raises:
            Left: the person leaves.
        """
        self._speaker.say(word)
        match word:
            case Choose() if word.yes_or_no:
                return self._yes_or_no(word)
            case Choose():
                return self._choose(word)
            case Enter():
                return self._enter(word)
            case Conceal():
                return self._conceal(word)
            case Agree():
                return self._agree(word)
            case Stuck():
                return self._stuck(word)
            case Run():
                return self._run(word)
        return None

    def close(self) -> None:
        """End whatever line is open."""
        self._speaker.rest()

    def _choose(self, question: Choose) -> str | Way:
        narrate("")
        for line in paragraph(question.text):
            narrate(line)
        _blame(question.wrong)
        values = [option.value for option in question.options]
        for number, option in enumerate(question.options, 1):
            narrate(f"{number:3}  {printable(option.word)}")
            for line in paragraph(option.meaning, indent=INDENT) if option.meaning else ():
                narrate(" " * INDENT + line)
        default = values.index(question.default) + 1

        def read(said: str) -> str | None:
            if said.isascii() and said.isdigit() and 1 <= int(said) <= len(values):
                return values[int(said) - 1]
            return said if said in values else None

        hint = f"a number from 1 to {len(values)}"
        return _ask(f"Number [{default}]", str(default), question.more, read, hint)

    def _yes_or_no(self, question: Choose) -> str | Way:
        narrate("")
        for line in paragraph(question.text):
            narrate(line)
        _blame(question.wrong)
        words = {"y": YES, "yes": YES, "n": NO, "no": NO}
        default = question.default
        return _ask(f"yes or no [{default}]", default, question.more, lambda said: words.get(said.lower()), "y or n")

    def _enter(self, question: Enter) -> str | Way:
        narrate("")
        for line in paragraph(question.text):
            narrate(line)
        _blame(question.wrong)
        shown = question.default or question.nothing
        prompt = f"[{printable(shown)}]" if question.default is not None else ">"
        return _ask(prompt, question.default, question.more, lambda said: said, "something to be typed")

    def _conceal(self, question: Conceal) -> str:
        narrate("")
        for line in paragraph(question.more):
            narrate(line)
        _blame(question.wrong)
        secret = ask_secret(f"{printable(question.text)} (not shown)")
        try:
            return secret.reveal()
        finally:
            secret.wipe()

    def _agree(self, question: Agree) -> bool:
        narrate("")
        try:
            agree(question.kind, accept=False)
        except click.Abort:
            return False
        return True

    def _stuck(self, word: Stuck) -> bool | Way:
        _blame(word.text)
        if word.remedy:
            narrate(f"  try: {printable(word.remedy)}")
        words = {"y": YES, "yes": YES, "n": NO, "no": NO}
        said = _ask("Try this step again? yes or no [yes]", YES, "", lambda text: words.get(text.lower()), "y or n")
        return said if isinstance(said, Way) else said == YES

    def _run(self, word: Run) -> Ran:
        if word.asks:
            return perform(word, self._directory, terminal=True)
        self._speaker.busy(word.what)
        try:
            return perform(word, self._directory)
        finally:
            self._speaker.rest()


def _blame(wrong: str) -> None:
    if wrong:
        for line in paragraph(f"wrong: {wrong}"):
            narrate(line)


def _ask(prompt: str, default: str | None, more: str, read: Callable[[str], str | None], expected: str) -> str | Way:
    """Ask until the answer can be read; nothing typed means the default."""
    while True:
        said = click.prompt(f"{prompt} ", default="", show_default=False, prompt_suffix="", err=True).strip()
        if said == BACK:
            return Way.BACK
        if said == QUIT:
            raise Left
        if said == MORE:
            for line in paragraph(more or "There is nothing more to tell about this."):
                narrate(line)
            continue
        if not said and default is not None:
            said = default
            if not said:
                return said
        answer = read(said) if said else None
        if answer is not None:
            return answer
        narrate(f"wrong: got {said[:60]!r}; expected {expected}, ?, b or q")
