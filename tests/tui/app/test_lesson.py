"""What stands where there is nothing to list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from fake_earnings import COMPARED
from fake_machines import ANYWAY
from fake_networks import HORDE
from fake_node import IDLE, MOVEMENTS, NOW, WORKING, FakeNode
from hypothesis import given
from hypothesis import strategies as st
from screens import press, settled, until, written

from node.control.wire import BalanceView, MovementPage
from tui.app import StokerApp
from tui.hardware import watchman
from tui.ink import Line, measure
from tui.keymap import BY_ID, Keys, keymap, legend
from tui.lesson import Lesson, Way, trouble
from tui.screens.dashboard import running
from tui.screens.earnings import agreement, listing
from tui.screens.jobs import EMPTY as NO_JOBS
from tui.screens.networks import about
from tui.screens.networks import listing as network_listing
from tui.screens.wallet import balances, facts, history
from tui.view import View

LESSONS = [NO_JOBS, listing.EMPTY, network_listing.EMPTY, facts.EMPTY]


def text_of(lines: tuple[Line, ...]) -> str:
    return "\n".join("".join(span.text for span in line) for line in lines)


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_lesson_names_a_way_to_begin(lesson: Lesson) -> None:
    assert lesson.ways
    assert all(way.actions or way.command for way in lesson.ways)


@pytest.mark.parametrize("lesson", LESSONS)
@given(st.integers(60, 220))
def test_a_lesson_is_cut_off_in_no_window(lesson: Lesson, width: int) -> None:
    assert all(measure(line) <= width for line in lesson.lines(width))
    assert all(way.command in text_of(lesson.lines(width)) for way in lesson.ways)


@given(st.text(min_size=1), st.integers(20, 200))
def test_trouble_fits_and_has_its_sign(text: str, width: int) -> None:
    assert all(measure(line) <= width for line in trouble(text, width))


def test_a_note_gives_way_before_what_is_to_be_done() -> None:
    lesson = Lesson("Nothing.", (Way("Join one", command="stoker networks kinds", note="each has a page to read"),))
    assert "page" in text_of(lesson.lines(80))
    assert "page" not in text_of(lesson.lines(40))


SAYERS: dict[str, Callable[[Keys], tuple[Line, ...]]] = {
    "networks.add": lambda keys: network_listing.EMPTY.lines(80, keys),
    "go.networks": lambda keys: listing.EMPTY.lines(80, keys),
    "wallet.watch": lambda keys: facts.EMPTY.lines(80, keys),
    "wallet.older": lambda keys: (history.tally(MovementPage("main", MOVEMENTS, "2"), "", keys),),
    "wallet.receive": lambda keys: balances.picture(BalanceView("main", "", "base", NOW), "", NOW, 60, 5, keys).lines,
    "earnings.explain": lambda keys: agreement.picture(COMPARED, NOW, 60, 3, keys).lines,
    "networks.maintenance": lambda keys: about.picture(replace(HORDE, maintenance=True), NOW, 60, 30, keys).lines,
    "list.open": lambda keys: about.picture(HORDE, NOW, 50, 2, keys).lines,
    "view.copy": lambda keys: running.draw(View(IDLE, keys=keys), 80, 5).lines,
    "go.jobs": lambda keys: running.draw(View(WORKING, keys=keys), 80, 3).lines,
    "node.anyway": lambda keys: watchman.draw(View(ANYWAY, keys=keys), 60, 10).lines,
}
"""Texts that speak of a key, by the action whose key it is."""


@pytest.mark.parametrize("action", SAYERS)
def test_a_text_names_the_key_that_the_person_chose_and_a_click_on_it_does_the_same(action: str) -> None:
    lines = SAYERS[action](keymap({action: "f12"}))
    assert any(span.text == "f12" and span.action == BY_ID[action].run for line in lines for span in line)


def test_a_dialog_names_them_too() -> None:
    keys = keymap({"receive.copy": "left_square_bracket"})
    assert legend(keys, ("receive.copy", "copies"), ("tab", "other field")) == "[ copies   tab other field"


async def test_the_keys_of_ones_own_stand_on_the_screen_and_can_be_clicked() -> None:
    app = StokerApp(FakeNode(IDLE, wallets=()), keys=keymap({"wallet.watch": "z", "dialog.close": "f9"}))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "5")
        await until(pilot, lambda: "Paste an address you own:  z" in written(pilot))
        row = next(at for at, line in enumerate(written(pilot).splitlines()) if "Paste an address" in line)
        await pilot.click(offset=(written(pilot).splitlines()[row].index("z"), row))
        await until(pilot, lambda: "f9 leaves it" in written(pilot))
