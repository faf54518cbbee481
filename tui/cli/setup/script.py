"""The guide without a person: every question is answered from what was written down, or it ends there."""

from __future__ import annotations

from pathlib import Path

from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.keys.api_key import LONGEST
from tui.cli.keys.entry import secret_file
from tui.cli.setup.answers import Answers
from tui.cli.setup.speaker import Speaker
from tui.cli.terminal.output import narrate, printable
from tui.setup.programs import perform
from tui.setup.step import Step
from tui.setup.words import Agree, Choose, Conceal, Enter, Run, Stuck, Word

NETWORKS = "networks.join"


class Script:
    """Answers as a file says; tells each answer that it gives.

    Attributes:
        used: the keys that were asked for.
    """

    def __init__(self, answers: Answers, directory: Path) -> None:
        self._answers = answers
        self._directory = directory
        self._speaker = Speaker()
        self._to_join = list(answers.networks)
        self.used: set[str] = set()

    def wants(self, step: Step, done: bool) -> bool:
        """A step is taken if something is said about it."""
        return not self._answers.groups.isdisjoint(step.groups)

    def answer(self, word: Word) -> object:
        """Show a word, or answer it.

        Raises:
            Failure: the answer is missing, or is none.
        """
        self._speaker.say(word)
        match word:
            case Choose(key=key) if key == NETWORKS:
                return self._next_network(word)
            case Choose():
                return self._choose(word)
            case Enter():
                return self._enter(word)
            case Conceal():
                return self._conceal(word)
            case Agree():
                return self._agree(word)
            case Stuck():
                raise Failure(word.text, word.remedy)
            case Run():
                return perform(word, self._directory)
        return None

    def close(self) -> None:
        """End whatever line is open."""
        self._speaker.rest()

    def unused(self) -> list[str]:
        """What was written down and nobody asked for."""
        return sorted(set(self._answers.values) - self.used)

    def _said(self, key: str) -> str | None:
        self.used.add(key)
        return self._answers.values.get(key)

    def _choose(self, question: Choose) -> str:
        said = self._said(question.key)
        values = [option.value for option in question.options]
        if said is None:
            if question.explicit:
                raise self._missing(question.key, question.text, f"one of {', '.join(values)}")
            said = question.default
        if said not in values or question.wrong:
            raise self._wrong(question.key, said, question.wrong or f"{question.text} Expected {', '.join(values)}")
        word = next(option.word for option in question.options if option.value == said)
        return self._told(question.text, said, word)

    def _enter(self, question: Enter) -> str:
        said = self._said(question.key)
        if said is None:
            if question.default is None:
                raise self._missing(question.key, question.text, "a text")
            said = question.default
        if question.wrong:
            raise self._wrong(question.key, said, question.wrong)
        return self._told(question.text, said, said or question.nothing)

    def _conceal(self, question: Conceal) -> str:
        path = self._said(f"{question.key}_file")
        if path is None:
            raise self._missing(f"{question.key}_file", question.text, "a file that you alone can read (0600)")
        secret = secret_file(LONGEST)(path)
        try:
            return secret.reveal()
        finally:
            secret.wipe()

    def _agree(self, question: Agree) -> bool:
        kind = question.kind
        said = self._said(question.key)
        read = f"read it with `stoker networks page {kind.kind}`; accept = {kind.page_version!r} says that you did"
        if said is None:
            raise Failure(f"{self._answers.where}: {question.key}: is missing, and nobody joins {kind.title} without "
                          "having read its page", read, Exit.REFUSED)  # fmt: skip
        if said != kind.page_version:
            raise Failure(f"{self._answers.where}: {question.key}: got {said!r:.40}; the page of {kind.title} is of "
                          f"{kind.page_version}", read, Exit.REFUSED)  # fmt: skip
        narrate(f"The page of {printable(kind.title)} of {kind.page_version} is accepted.")
        return True

    def _next_network(self, question: Choose) -> str:
        """One after the other; one that was joined before is left as it is."""
        values = [option.value for option in question.options]
        while self._to_join:
            kind = self._to_join.pop(0)
            if kind in values:
                return kind
            self.used |= {key for key in self._answers.values if key.startswith(f"networks.{kind}.")}
            narrate(f"{printable(kind)} is joined already; nothing was done for it.")
        return question.default

    def _told(self, text: str, said: str, shown: str) -> str:
        narrate(f"{printable(text)} {printable(shown)}")
        return said

    def _missing(self, key: str, text: str, expected: str) -> Failure:
        return Failure(f"{self._answers.where}: {key}: is missing ({text}); expected {expected}", code=Exit.BAD_CONFIG)

    def _wrong(self, key: str, said: str, why: str) -> Failure:
        return Failure(f"{self._answers.where}: {key}: got {said!r:.80}: {why}", code=Exit.BAD_CONFIG)
