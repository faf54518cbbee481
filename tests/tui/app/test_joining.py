"""Joining a network: the page is read, the key is tested and handed to the node, and is in this process no longer."""

from __future__ import annotations

from fake_networks import BAD, GOOD, JOINED, KINDS
from fake_node import WORKING, FakeNode, digest
from memory import Canary
from screens import press, shown, until, written
from scripted_control import ScriptedControl, json_answer, refusal
from textual.pilot import Pilot
from textual.widgets import Input

from node.control.client import ControlClient, Refused
from node.control.wire import Examination
from tui.screens.networks.joining import Join
from tui.screens.networks.page import Page
from tui.screens.networks.trial import Trial
from tui.widgets.secret_field import SecretField

KEY = Canary("nKEY", "hrd7q")
LETTERS = KEY.letters
READ = ("enter",) * 4
FORM = ("6", "plus", "1", *READ)
FILLED = (*FORM, *"ada", "tab", *LETTERS)
TOLD = {
    "kind": "horde",
    "worker_name": "ada",
    "url": "https://aihorde.net",
    "name": "horde-2",
    "accepted_page": "2026-11-22",
    "key": digest(KEY.whole()),
}


def joinable(found: Examination | Refused = GOOD) -> FakeNode:
    node = FakeNode(WORKING, networks=JOINED, kinds=KINDS)
    node.found = found
    return node


async def reviewed(pilot: Pilot[int]) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, Trial) and "esc goes back" in written(pilot))
    await until(pilot, lambda: "is being asked" not in written(pilot))


async def test_the_page_is_read_to_its_end_before_it_can_be_accepted() -> None:
    async with shown(joinable(), "6", "plus", "1") as pilot:
        assert isinstance(pilot.app.screen, Page)
        assert "reads on" in written(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, Page)
        await press(pilot, "enter", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Join))


async def test_leaving_the_page_joins_nothing() -> None:
    node = joinable()
    async with shown(node, "6", "plus", "1", "escape") as pilot:
        assert not pilot.app.screen.is_modal
        assert node.told == []


async def test_a_network_is_tested_and_then_joined_with_what_was_typed() -> None:
    node = joinable()
    async with shown(node, *FILLED) as pilot:
        assert "•" * len(LETTERS) in written(pilot)
        await press(pilot, "enter")
        await reviewed(pilot)
        assert "✔ the key belongs to ada#4711" in written(pilot)
        assert "1,284.00 kudos" in written(pilot)
        assert (node.examined, node.told) == ([TOLD], [])
        await press(pilot, "enter")
        await until(pilot, lambda: node.told == [("add_network", TOLD)])
        await until(pilot, lambda: not pilot.app.screen.is_modal)


async def test_the_key_leaves_its_field_at_once() -> None:
    async with shown(joinable(), *FILLED, "enter") as pilot:
        await reviewed(pilot)
        form = next(screen for screen in pilot.app.screen_stack if isinstance(screen, Join))
        assert form.query_one(SecretField).empty


async def test_after_joining_the_key_is_nowhere_in_memory() -> None:
    async with shown(joinable(), *FILLED) as pilot:
        assert KEY.holders()
        await press(pilot, "enter")
        await reviewed(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: not pilot.app.screen.is_modal)
        await KEY.forgotten()


async def test_after_going_back_the_key_is_nowhere_in_memory_and_nothing_is_joined() -> None:
    node = joinable()
    async with shown(node, *FILLED, "enter") as pilot:
        await reviewed(pilot)
        await press(pilot, "escape")
        await until(pilot, lambda: "nothing was joined; the key has to be typed again" in written(pilot))
        await KEY.forgotten()
        assert node.told == []


async def test_after_a_refusal_over_the_wire_the_key_is_nowhere_in_memory() -> None:
    with ScriptedControl() as control:
        control.on("POST", "/networks/examine", json_answer(GOOD))
        control.on("POST", "/commands/add_network", refusal(409, "taken", "name: 'horde-2' is taken", "choose another"))
        node, wire = joinable(), ControlClient(control.directory)
        node.examine_network = wire.examine_network  # type: ignore[method-assign]
        node.order = wire.order  # type: ignore[method-assign]
        async with shown(node, *FILLED, "enter") as pilot:
            await reviewed(pilot)
            await press(pilot, "enter")
            await until(pilot, lambda: "✖ name: 'horde-2' is taken: choose another" in written(pilot))
            sent = [control.asked.pop().body for _ in range(2)]
            assert sent[0]["arguments"]["key"] == KEY.whole() != sent[0]["key"]
            sent.clear()
            await KEY.forgotten()


async def test_what_was_found_wrong_has_to_be_overruled_with_another_key() -> None:
    node = joinable(BAD)
    async with shown(node, *FILLED, "enter") as pilot:
        await reviewed(pilot)
        assert "→ copy it again from" in written(pilot)
        await press(pilot, "enter")
        assert node.told == []
        await press(pilot, "J")
        await until(pilot, lambda: [name for name, _ in node.told] == ["add_network"])


async def test_a_network_that_cannot_be_asked_is_not_joined() -> None:
    node = joinable(Refused(502, "unreachable", "aihorde.net does not answer", "look at your connection"))
    async with shown(node, *FILLED, "enter") as pilot:
        await until(pilot, lambda: "✖ aihorde.net does not answer" in written(pilot))
        await press(pilot, "enter", "J")
        assert node.told == []


async def test_an_empty_field_is_named_before_anything_is_asked() -> None:
    node = joinable()
    async with shown(node, *FORM, "enter") as pilot:
        assert "✖ nothing was typed yet" in written(pilot)
        assert pilot.app.focused is not None
        assert pilot.app.focused.id == "worker_name"
        await press(pilot, *"ada", "enter")
        assert pilot.app.focused.id == "key"
        assert node.examined == []


async def test_an_experimental_network_needs_another_agreement_and_no_key() -> None:
    node = joinable()
    async with shown(node, "6", "plus", "2") as pilot:
        assert "ask them first" in written(pilot)
        assert "I asked them, and accept" in written(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Join))
        assert not pilot.app.screen.query(SecretField)
        await press(pilot, *"ada", "enter")
        await reviewed(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: bool(node.told))
        assert node.told[0][1]["options"] == {"asked_them": True}
        assert "key" not in node.told[0][1]


async def test_a_second_account_gets_a_name_of_its_own() -> None:
    async with shown(joinable(), *FORM) as pilot:
        assert pilot.app.screen.query_one("#name", Input).value == "horde-2"


async def test_no_palette_is_offered_over_the_key() -> None:
    async with shown(joinable(), *FORM) as pilot:
        await press(pilot, "ctrl+p")
        assert isinstance(pilot.app.screen, Join)
