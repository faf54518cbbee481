"""The guide in the app: what was said and asked, and how a person answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from fake_networks import KINDS
from fake_node import IDLE, FakeNode
from guided import KEY, MEASURED, MODEL, PRICE, STANDINGS, saying
from screens import LARGE, MIDDLE, SMALL, Size, settled, until, written
from textual.pilot import Pilot

from tui.app import StokerApp
from tui.screens.setup import screen as module
from tui.screens.setup.conversation import Conversation
from tui.setup.words import Agree, Begin, Busy, Choose, Enter, GoTo, Ran, Run, Say, Stuck, Way, Word, wronged

SECRET = "sk-of-ada"


class Guide:
    """A conversation that a test wrote down.

    Attributes:
        heard: the answers to its questions. ran: the commands that were run.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.words: tuple[Word, ...] = ()
        self.heard: list[object] = []
        self.ran: list[Run] = []
        self.starts: list[str] = []
        monkeypatch.setattr(module, "guide", self._guide)
        monkeypatch.setattr(module, "summary", lambda _: STANDINGS)
        monkeypatch.setattr(module, "perform", self._perform)

    def _guide(self, _: object, *, start: str) -> object:
        self.starts.append(start)
        return saying(*self.words, heard=self.heard)

    def _perform(self, run: Run, _: object) -> Ran:
        self.ran.append(run)
        return Ran(0)

    @asynccontextmanager
    async def shown(self, *words: Word, size: Size = MIDDLE) -> AsyncIterator[Pilot[int]]:
        """The app on the guide, at its first question."""
        self.words = words
        app = StokerApp(FakeNode(IDLE), setup_at="")
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await asked(pilot)
            yield pilot


@pytest.fixture
def guide(monkeypatch: pytest.MonkeyPatch) -> Guide:
    return Guide(monkeypatch)


def conversation(pilot: Pilot[int]) -> Conversation:
    return pilot.app.screen.query_one(Conversation)


async def asked(pilot: Pilot[int], before: Word | None = None) -> None:
    """Wait for a question other than that one."""

    def so() -> bool:
        found = pilot.app.screen.query(Conversation)
        return bool(found) and found.first().asked is not None and found.first().asked is not before

    await until(pilot, so)


async def answer(pilot: Pilot[int], *keys: str) -> None:
    """Press these keys, and wait for the question after this one."""
    before = conversation(pilot).asked
    await pilot.press(*keys)
    await asked(pilot, before)


def has_ended(pilot: Pilot[int]) -> Callable[[], bool]:
    return lambda: conversation(pilot).asked is module.OVER


async def test_steps_words_and_question_stand_side_by_side(guide: Guide) -> None:
    async with guide.shown(Begin(2, STANDINGS), *MEASURED, MODEL) as pilot:
        shown = written(pilot)

    assert "step 3 of 7" in shown
    assert "✔ 2 Engine" in shown
    assert "▷ 3 Model" in shown
    assert "118 tokens a second" in shown
    assert "Which model shall it serve?" in shown


async def test_enter_takes_what_is_proposed(guide: Guide) -> None:
    async with guide.shown(Begin(2, STANDINGS), MODEL, PRICE) as pilot:
        await answer(pilot, "enter")
        await answer(pilot, "enter")
        assert not pilot.app._notifications

    assert guide.heard == ["qwen3-8b", ""]


async def test_another_answer_is_chosen_and_a_text_typed(guide: Guide) -> None:
    async with guide.shown(Begin(2, STANDINGS), MODEL, PRICE) as pilot:
        await answer(pilot, "down", "enter")
        await answer(pilot, *"0.31", "enter")

    assert guide.heard == ["file", "0.31"]


async def test_what_the_answer_under_the_cursor_means_is_told_in_full(guide: Guide) -> None:
    async with guide.shown(Begin(2, STANDINGS), MODEL, size=SMALL) as pilot:
        await pilot.press("end")
        await until(pilot, lambda: "until one is chosen" in written(pilot))


@pytest.mark.parametrize("size", [SMALL, MIDDLE], ids=["60x15", "80x24"])
async def test_of_much_that_was_said_the_last_is_in_sight(size: Size, guide: Guide) -> None:
    said = (Say("Much is said here. " * 60), Say("This came last."))
    async with guide.shown(Begin(2, STANDINGS), *said, MODEL, size=size) as pilot:
        await until(pilot, lambda: "This came last." in written(pilot))
        await pilot.press("shift+up", "shift+up", "shift+up", "shift+up")
        await until(pilot, lambda: "This came last." not in written(pilot))


async def test_how_to_read_back_is_told_where_something_is_out_of_sight(guide: Guide) -> None:
    async with guide.shown(Begin(2, STANDINGS), PRICE) as pilot:
        assert "reads up" not in written(pilot)
    async with guide.shown(Begin(2, STANDINGS), Say("Much is said here. " * 60), PRICE) as pilot:
        await until(pilot, lambda: "shift+up reads up" in written(pilot))


async def test_the_question_stays_where_it_is_while_the_cursor_goes_about(guide: Guide) -> None:
    said = (Say("Much is said here. " * 40),)
    async with guide.shown(Begin(2, STANDINGS), *said, MODEL) as pilot:
        places = set()
        for key in ("home", "down", "down", "down"):
            await pilot.press(key)
            await pilot.pause()
            places.add(next(y for y, line in enumerate(written(pilot).splitlines()) if "Which model" in line))

    assert len(places) == 1


async def test_what_there_is_to_know_is_told_in_full_where_there_is_room(guide: Guide) -> None:
    long = Enter("model.file", "The file", more="It is said here. " * 30 + "That is the end.")
    async with guide.shown(Begin(2, STANDINGS), long) as pilot:
        assert "That is the end." in written(pilot)
    async with guide.shown(Begin(2, STANDINGS), long, size=SMALL) as pilot:
        assert "That is the end." not in written(pilot)
        assert " …" in written(pilot)


async def test_what_was_wrong_stands_at_the_question(guide: Guide) -> None:
    async with guide.shown(Begin(2, STANDINGS), wronged(PRICE, "got 'dear'; expected a number")) as pilot:
        assert "✖ got 'dear'; expected a number" in written(pilot)


async def test_what_came_of_the_last_answer_is_in_sight_at_the_next_step(guide: Guide) -> None:
    words = (Begin(1, STANDINGS), PRICE, Say("It costs 0.02 EUR."), Begin(2, STANDINGS), MODEL)
    async with guide.shown(*words) as pilot:
        await answer(pilot, "enter")
        assert "It costs 0.02 EUR." in written(pilot)


async def test_a_secret_is_handed_in_once_and_shown_to_nobody(guide: Guide) -> None:
    async with guide.shown(Begin(4, STANDINGS), KEY, PRICE) as pilot:
        await pilot.press(*SECRET)
        assert SECRET not in written(pilot)
        await answer(pilot, "enter")
        assert SECRET not in written(pilot)
        assert not [worker for worker in pilot.app.workers if SECRET in repr(worker)]

    assert guide.heard[0] == SECRET


@pytest.mark.parametrize("question", [MODEL, PRICE, KEY], ids=["choice", "text", "secret"])
async def test_escape_goes_back(question: Word, guide: Guide) -> None:
    async with guide.shown(Begin(2, STANDINGS), question) as pilot:
        await answer(pilot, "escape")

    assert guide.heard == [Way.BACK]


async def test_a_step_can_be_gone_to(guide: Guide) -> None:
    async with guide.shown(Begin(2, STANDINGS), MODEL) as pilot:
        await answer(pilot, "tab", "home", "down", "enter")

    assert guide.heard == [GoTo("engine")]


async def test_more_is_told_on_demand(guide: Guide) -> None:
    async with guide.shown(Begin(2, STANDINGS), PRICE) as pilot:
        await pilot.press("f2")
        await until(pilot, lambda: "More about this" in written(pilot))


async def test_a_page_is_read_before_it_is_accepted(guide: Guide) -> None:
    agree = Agree("networks.horde.accept", KINDS[0])
    async with guide.shown(Begin(4, STANDINGS), PRICE, agree, MODEL) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: KINDS[0].title in written(pilot))
        await pilot.press("escape")
        await asked(pilot, PRICE)

    assert guide.heard == ["", False]


async def test_a_command_is_run_beside_the_screen(guide: Guide) -> None:
    run = Run(("restart",), "starting the node again")
    async with guide.shown(Begin(1, STANDINGS), run, MODEL):
        pass

    assert guide.ran == [run]


async def test_trouble_can_be_tried_again(guide: Guide) -> None:
    async with guide.shown(Begin(1, STANDINGS), Stuck("the network is down", "look at the cable"), MODEL) as pilot:
        assert "✖ the network is down" in written(pilot)
        assert "→ look at the cable" in written(pilot)
        await answer(pilot, "enter")

    assert guide.heard == [True]


async def test_the_end_shows_how_all_stands_and_leads_to_the_dashboard(guide: Guide) -> None:
    async with guide.shown(Begin(6, STANDINGS), MODEL) as pilot:
        await pilot.press("enter")
        await until(pilot, has_ended(pilot))
        assert "Payouts: no address yet" in written(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "Lately" in written(pilot))


async def test_from_the_end_a_step_can_be_begun_anew(guide: Guide) -> None:
    async with guide.shown(Begin(6, STANDINGS), MODEL) as pilot:
        await pilot.press("enter")
        await until(pilot, has_ended(pilot))
        await answer(pilot, "tab", "end", "enter")

    assert guide.starts == ["", "service"]


async def test_nothing_can_be_answered_while_something_goes_on(guide: Guide) -> None:
    async with guide.shown(Begin(1, STANDINGS), Busy("looking"), MODEL) as pilot:
        pilot.app.screen.query_one(Conversation).ask(None)
        await pilot.press("escape")
        await pilot.pause()

    assert guide.heard == []


async def test_the_guide_is_open_from_every_screen(guide: Guide) -> None:
    guide.words = (Begin(2, STANDINGS), MODEL)
    app = StokerApp(FakeNode(IDLE))
    async with app.run_test(size=MIDDLE) as pilot:
        await settled(pilot)
        await pilot.press("9")
        await asked(pilot)
        assert "step 3 of 7" in written(pilot)


@pytest.mark.parametrize("size", [SMALL, MIDDLE, LARGE], ids=["60x15", "80x24", "120x40"])
async def test_every_answer_is_in_reach_beside_much_that_was_said(size: Size, guide: Guide) -> None:
    assert isinstance(MODEL, Choose)
    said = (Say("Much is said here. " * 40),)
    async with guide.shown(Begin(2, STANDINGS), *said, MODEL, size=size) as pilot:
        shown = written(pilot)

    assert "Qwen3 8B" in shown
    assert "Which model" in shown
