"""One step of the guide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from node.control.client import ControlClient
from tui.setup.facts import Facts
from tui.setup.words import Standing, Talk


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked together.

    Attributes:
        id: its name on the command line and in files of answers. title: its name for a person.
        groups: of a file of answers, that make this step be taken.
        standing: whether it is done, and a sentence on it.
        talk: the conversation. It can be broken off at any word, and held again.
    """

    id: str
    title: str
    groups: tuple[str, ...]
    judge: Callable[[Facts], tuple[bool, str]]
    talk: Callable[[ControlClient], Talk[None]]

    def standing(self, facts: Facts) -> Standing:
        done, sentence = self.judge(facts)
        return Standing(self.title, done, sentence)
