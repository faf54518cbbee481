"""What a step says and asks, as frozen data; terminal, file of answers and app each have their own way with it.

A step is a conversation: a generator that yields words and is sent the answers. Words that ask nothing are answered
with None.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import TypeAlias, TypeVar

from node.control.wire import NetworkKind

YES, NO = "yes", "no"


class Sign(StrEnum):
    """How something that is said is meant."""

    PLAIN = "plain"
    GOOD = "good"
    OPEN = "open"  # not done, and nothing wrong with that
    NOTE = "note"
    BAD = "bad"


class Way(Enum):
    """What a person may say instead of an answer."""

    BACK = "back"  # to the question before: the beginning of this step, or the step before


@dataclass(frozen=True, slots=True)
class GoTo:
    """What a person may say instead of an answer, too: on to this step."""

    step: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How it is with a step.

    Attributes:
        done: nothing has to be asked any more.
        sentence: what was chosen, or what is open.
    """

    title: str
    done: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Begin:
    """A step begins. ``standings`` are of all steps, this one is ``number``, counted from 0."""

    number: int
    standings: tuple[Standing, ...]

    @property
    def standing(self) -> Standing:
        return self.standings[self.number]


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence or a paragraph, and what to do about it where that is known."""

    text: str
    sign: Sign = Sign.PLAIN
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Busy:
    """The next word may take a while to come."""

    what: str


@dataclass(frozen=True, slots=True)
class Progress:
    """So much of something is done; ``total`` is None where that is not known."""

    what: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Option:
    """One answer: the value, the word for it, and what it means."""

    value: str
    word: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Choose:
    """One of some options; answered with its value.

    Attributes:
        key: by which a file of answers has it.
        more: what a person reads who wants to know more.
        wrong: why the answer before this one was no good.
        explicit: where nobody can be asked, the default does not do.
    """

    key: str
    text: str
    options: tuple[Option, ...]
    default: str
    more: str = ""
    wrong: str = ""
    explicit: bool = False

    @property
    def yes_or_no(self) -> bool:
        return {option.value for option in self.options} == {YES, NO}


@dataclass(frozen=True, slots=True)
class Enter:
    """A text to be typed.

    Attributes:
        default: what nothing typed means; None where something has to be typed.
        nothing: the word for an empty default.
    """

    key: str
    text: str
    default: str | None = None
    more: str = ""
    wrong: str = ""
    nothing: str = ""


@dataclass(frozen=True, slots=True)
class Conceal:
    """A secret to be typed; it is not shown, and goes from the answer into one call."""

    key: str
    text: str
    more: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Agree:
    """A network's page to be read and accepted; answered with True or False."""

    key: str
    kind: NetworkKind


@dataclass(frozen=True, slots=True)
class Run:
    """A command of ``stoker`` to be run; answered with `Ran`.

    Attributes:
        what: is going on, in words.
        asks: it speaks with the person on the terminal by itself.
    """

    arguments: tuple[str, ...]
    what: str
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended; what it said if it did not speak with the person itself."""

    code: int
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stuck:
    """Something went wrong; answered with True to try the step again, with False to go on without."""

    text: str
    remedy: str = ""


Word: TypeAlias = Begin | Say | Busy | Progress | Choose | Enter | Conceal | Agree | Run | Stuck
QUESTIONS = (Choose, Enter, Conceal, Agree, Stuck)

T = TypeVar("T")
Talk: TypeAlias = Generator[Word, object, T]
"""A conversation that comes to some result."""

Question = TypeVar("Question", bound=Choose | Enter)


def asked(question: Choose | Enter | Conceal) -> Talk[str]:
    """Ask; the answer as a text."""
    answer = yield question
    assert isinstance(answer, str)
    return answer


def confirmed(key: str, text: str, *, default: bool = False, more: str = "") -> Talk[bool]:
    """Ask for a yes or a no."""
    options = (Option(YES, "yes"), Option(NO, "no"))
    return (yield from asked(Choose(key, text, options, YES if default else NO, more))) == YES


def ran(run: Run) -> Talk[Ran]:
    """Have a command run."""
    answer = yield run
    assert isinstance(answer, Ran)
    return answer


def wronged(question: Question, text: str) -> Question:
    """The same question once more, with what was wrong."""
    return replace(question, wrong=text)
