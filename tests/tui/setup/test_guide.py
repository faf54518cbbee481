"""The way through the steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from guided import saying

from node.control.client import ControlClient, NodeAbsent
from tui.setup import guide as module
from tui.setup.guide import guide
from tui.setup.step import Step
from tui.setup.words import Begin, Choose, GoTo, Option, Say, Stuck, Talk, Way, Word

NODE = ControlClient(Path("/nowhere"))


def question(key: str) -> Choose:
    return Choose(key, f"{key}?", (Option("a", "a"), Option("b", "b")), "a")


class House:
    """Three steps with two questions each; ``done`` are passed by."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: set[str] = set()
        self.heard: list[object] = []
        self.closed: list[str] = []
        self.faults: dict[str, Exception] = {}
        monkeypatch.setattr(module, "STEPS", tuple(self._step(name) for name in ("one", "two", "three")))
        monkeypatch.setattr("tui.setup.guide.facts.look", lambda _: None)
        monkeypatch.setattr("tui.setup.guide.loaded", lambda _: iter(()))

    def _step(self, name: str) -> Step:
        def talk(_: ControlClient) -> Talk[None]:
            try:
                if name in self.faults:
                    raise self.faults.pop(name)
                yield from saying(Say(name), question(f"{name}.x"), question(f"{name}.y"), heard=self.heard)
            except GeneratorExit:
                self.closed.append(name)
                raise
            self.done.add(name)

        return Step(name, name.title(), (name,), lambda _: (name in self.done, "so it is"), talk)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    return House(monkeypatch)


def asked(talk: Talk[None], answers: Iterator[object]) -> list[str]:
    """The keys of the questions, in their order, until the answers or the steps end."""
    keys: list[str] = []
    answer: object = None
    try:
        while True:
            word: Word = talk.send(answer)
            answer = None
            if isinstance(word, Choose):
                keys.append(word.key)
                answer = next(answers)
            elif isinstance(word, Stuck):
                keys.append("stuck")
                answer = next(answers)
    except StopIteration:
        return keys


def test_every_open_step_is_asked_in_its_order(house: House) -> None:
    assert asked(guide(NODE), iter("aaaaaa")) == ["one.x", "one.y", "two.x", "two.y", "three.x", "three.y"]


def test_what_is_done_is_passed_by(house: House) -> None:
    house.done = {"one", "three"}

    assert asked(guide(NODE), iter("aaaaaa")) == ["two.x", "two.y"]


def test_a_step_that_was_asked_for_is_taken_though_it_is_done(house: House) -> None:
    house.done = {"one", "two", "three"}

    assert asked(guide(NODE, start="two"), iter("aa")) == ["two.x", "two.y"]


def test_back_at_the_first_question_goes_to_the_step_before_done_or_not(house: House) -> None:
    answers = iter(["a", "a", Way.BACK, *"bbaaaa"])

    assert asked(guide(NODE), answers)[:5] == ["one.x", "one.y", "two.x", "one.x", "one.y"]
    assert house.closed == ["two"]


def test_back_at_a_later_question_begins_the_step_again(house: House) -> None:
    assert asked(guide(NODE), iter(["a", Way.BACK, "a", "a"]))[:4] == ["one.x", "one.y", "one.x", "one.y"]


def test_back_at_the_very_first_question_stays_there(house: House) -> None:
    assert asked(guide(NODE), iter([Way.BACK, "a"]))[:2] == ["one.x", "one.x"]


def test_a_person_may_go_elsewhere(house: House) -> None:
    assert asked(guide(NODE), iter(["a", GoTo("three"), "a", "a"])) == ["one.x", "one.y", "three.x", "three.y"]


@pytest.mark.parametrize(("again", "then"), [(True, "one.x"), (False, "two.x")])
def test_trouble_is_told_and_tried_again_or_left(house: House, again: bool, then: str) -> None:
    house.faults = {"one": NodeAbsent("no node answers")}

    assert asked(guide(NODE), iter([again, "a"]))[:2] == ["stuck", then]


def test_what_is_no_trouble_but_a_fault_is_not_hidden(house: House) -> None:
    house.faults = {"one": ZeroDivisionError()}

    with pytest.raises(ZeroDivisionError):
        asked(guide(NODE), iter(()))


def test_leaving_breaks_the_step_off(house: House) -> None:
    talk = guide(NODE)
    assert isinstance(next(talk), Begin)
    next(talk)

    talk.close()

    assert house.closed == ["one"]
