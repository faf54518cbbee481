"""The way through the steps: what is done is passed by, a person may go back, go elsewhere, and leave at any word."""

from __future__ import annotations

from collections.abc import Callable, Generator
from http.client import HTTPException

from node.control.client import ControlClient, NodeAbsent, Refused, WireError
from tui.cli.failures import Failure, failure_of
from tui.setup import facts
from tui.setup.restart import loaded
from tui.setup.step import Step
from tui.setup.steps import engine, limits, machine, model, networks, payout, service
from tui.setup.words import QUESTIONS, Begin, GoTo, Standing, Stuck, Talk, Way, Word

STEPS: tuple[Step, ...] = (
    machine.STEP,
    engine.STEP,
    model.STEP,
    payout.STEP,
    networks.STEP,
    limits.STEP,
    service.STEP,
)

TROUBLE = (Failure, NodeAbsent, Refused, WireError, OSError, HTTPException)
"""What may go wrong in a step without being a fault of Stoker's."""

ON = +1
AGAIN = 0

Wanted = Callable[[Step, bool], bool]
"""Whether a step is taken, given that it is done or not."""


def open_ones(_: Step, done: bool) -> bool:
    """The steps that are not done."""
    return not done


def guide(client: ControlClient, *, wanted: Wanted = open_ones, start: str = "") -> Talk[None]:
    """The whole conversation, from the first step that is wanted to the end.

    Args:
        start: the step to begin with, wanted or not; all later ones follow.
    """
    at = number_of(start) if start else 0
    yield from loaded(client)
    taken = bool(start)  # this step is taken, done or not: somebody asked for it
    while at < len(STEPS):
        step = STEPS[at]
        standings = summary(client)
        if not taken and not wanted(step, standings[at].done):
            at += 1
            continue
        yield Begin(at, standings)
        went = yield from _held(step.talk(client))
        if isinstance(went, GoTo):
            at, taken = number_of(went.step), True
        else:
            at, taken = max(0, at + went), went != ON


def number_of(name: str) -> int:
    """The place of a step, counted from 0."""
    return next(number for number, step in enumerate(STEPS) if step.id == name)


def _held(talk: Talk[None]) -> Generator[Word, object, int | GoTo]:
    """One step's conversation: where to go from it."""
    answer: object = None
    asked = 0
    while True:
        try:
            word = talk.send(answer)
        except StopIteration:
            return ON
        except TROUBLE as error:
            failure = error if isinstance(error, Failure) else failure_of(error)
            again = yield Stuck(failure.message, failure.remedy)
            if isinstance(again, GoTo):
                return again
            return AGAIN if again is True or again is Way.BACK else ON
        answer = yield word
        if answer is Way.BACK:
            talk.close()
            return -1 if asked == 0 else AGAIN
        if isinstance(answer, GoTo):
            talk.close()
            return answer
        asked += isinstance(word, QUESTIONS)


def summary(client: ControlClient) -> tuple[Standing, ...]:
    """How all steps stand now."""
    known = facts.look(client)
    return tuple(step.standing(known) for step in STEPS)
