"""The networks screen: what it shows, and what the node is told."""

from __future__ import annotations

import pytest
from fake_networks import AIPG, HORDE, JOINED, KINDS, OFF, USEPOD
from fake_node import IDLE, WORKING, FakeNode
from screens import LARGE, SMALL, Size, press, shown, until, written
from textual.pilot import Pilot

from node.control.client import Refused
from node.control.wire import Examination, Finding
from tui.screens.networks.screen import Networks
from tui.screens.networks.trial import Trial
from tui.widgets.panel import Panel
from tui.widgets.roll import Roll


def node_with_networks() -> FakeNode:
    return FakeNode(WORKING, networks=JOINED, kinds=KINDS)


def table(pilot: Pilot[int]) -> list[str]:
    return pilot.app.screen.query_one(Roll).text.splitlines()


async def test_every_joined_network_has_a_row_with_its_state_and_its_figures() -> None:
    async with shown(node_with_networks(), "6", size=LARGE) as pilot:
        horde, aipg, usepod = table(pilot)
        for words in ("● working", "3+1", "1,284", "41", "72 %", "482.10", "361.40", "kudos"):
            assert words in horde
        assert "‖ parked" in aipg
        assert "✖ barred" in usepod
        assert "look at aipg, usepod" in written(pilot)


async def test_beside_the_table_stands_why_a_network_is_as_it_is_and_what_mends_it() -> None:
    async with shown(node_with_networks(), "6", "j", size=LARGE) as pilot:
        text = written(pilot)
        for words in ("sent away after six failed jobs", "asked again in 200 s", "→  stoker networks test aipg"):
            assert words in text
        for words in ("3 strikes", "58,214", "57,900", "AIPG", "0.11 EUR an engine hour", "opened by the OS"):
            assert words in text
        for words in ("as grid/llama-3.1-8b", "✔ known", "42 den a job", "cool-down of"):
            assert words in text


async def test_what_is_held_back_is_marked_as_an_estimate() -> None:
    async with shown(node_with_networks(), "6") as pilot:
        assert "held est." in written(pilot)
        assert "~107.12" in written(pilot)


async def test_a_model_that_is_not_offered_says_why() -> None:
    async with shown(node_with_networks(), "6", "G", size=LARGE) as pilot:
        assert "✖ not offered: its licence forbids" in written(pilot)
        assert "1 not offered" in written(pilot)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_enter_shows_all_that_is_known_of_a_network(size: Size) -> None:
    async with shown(node_with_networks(), "6", "enter", size=size) as pilot:
        whole = pilot.app.screen.query_one(Roll).text
        for words in (
            "Models",
            "my-own-merge",
            "from a moderator",
            "job #4808 failed",
            "an hour",
            "page was acc",
        ):
            assert words in whole
        await press(pilot, "escape")
        assert len(table(pilot)) == 3


async def test_an_empty_screen_teaches_how_to_join() -> None:
    async with shown(FakeNode(IDLE), "6") as pilot:
        assert "No network is joined yet" in written(pilot)
        assert "stoker networks add horde" in written(pilot)
        await press(pilot, "e")
        await until(pilot, lambda: any("no network is joined" in note.message for note in pilot.app._notifications))


async def test_what_keeps_the_node_from_answering_is_quoted_beside_what_was_known() -> None:
    node = node_with_networks()
    async with shown(node, "6", size=LARGE) as pilot:
        node.alive = False
        await press(pilot, "1", "6")
        assert "✖ no node answers" in written(pilot)
        assert len(table(pilot)) == 3


@pytest.mark.parametrize(("network", "command"), [(HORDE, "disable_network"), (OFF, "enable_network")])
async def test_e_switches_a_network_off_and_on(network: object, command: str) -> None:
    node = FakeNode(WORKING, networks=[network])  # type: ignore[list-item]
    async with shown(node, "6") as pilot:
        assert f"e {command.partition('_')[0]}" in written(pilot)
        await press(pilot, "e")
        await until(pilot, lambda: node.told == [(command, {"name": network.name})])  # type: ignore[attr-defined]


@pytest.mark.parametrize(("key", "on"), [("b", True), ("e", False)])
async def test_maintenance_is_asked_about_first(key: str, on: bool) -> None:
    node = FakeNode(WORKING, networks=[HORDE])
    async with shown(node, "6") as pilot:
        await press(pilot, "m", "c")
        assert node.told == []
        await press(pilot, "m", key)
        await until(pilot, lambda: node.told == [("network_maintenance", {"name": "horde", "on": on})])


async def test_a_network_without_maintenance_says_so() -> None:
    node = FakeNode(WORKING, networks=[AIPG])
    async with shown(node, "6", "m") as pilot:
        await until(pilot, lambda: any("aipg has no such switch" in note.message for note in pilot.app._notifications))


async def test_removing_asks_first_and_says_what_stays() -> None:
    node = node_with_networks()
    async with shown(node, "6", "x") as pilot:
        assert "stays in the books" in written(pilot)
        assert "Jobs in hand are finished first: 4." in written(pilot)
        await press(pilot, "k")
        assert node.told == []
        await press(pilot, "x", "x")
        await until(pilot, lambda: node.told == [("remove_network", {"name": "horde"})])


async def test_a_refused_command_says_what_to_do() -> None:
    node = node_with_networks()
    node.refusal = Refused(409, "draining", "the node is draining", "wait until it has ended")
    async with shown(node, "6", "e") as pilot:
        await until(pilot, lambda: any("wait until it has ended" in note.message for note in pilot.app._notifications))


async def test_t_lists_what_the_test_of_a_network_finds() -> None:
    node = node_with_networks()
    node.found = Examination((Finding(True, "the key is known"), Finding(False, "the name is taken", "choose another")))
    async with shown(node, "6", "j", "t") as pilot:
        await until(pilot, lambda: "✔ the key is known" in written(pilot))
        assert "✖ the name is taken" in written(pilot)
        assert "→ choose another" in written(pilot)
        assert node.examined == [{"name": "aipg"}]
        await press(pilot, "J", "enter", "escape")
        assert not pilot.app.screen.is_modal
        assert node.told == []


async def test_a_test_shows_that_it_is_under_way_and_can_be_left() -> None:
    node = node_with_networks()
    with node.slow() as answer:
        async with shown(node, "6") as pilot:
            await pilot.press("t")
            await until(pilot, lambda: "horde is being asked" in written(pilot))
            assert isinstance(pilot.app.screen, Trial)
            await pilot.press("escape")
            await until(pilot, lambda: not pilot.app.screen.is_modal)
            answer()


async def test_the_keys_of_the_screen_stand_before_those_of_the_app() -> None:
    async with shown(node_with_networks(), "6", size=(200, 40)) as pilot:
        keys = written(pilot).splitlines()[-1]
        assert "t test" in keys
        assert "t theme" not in keys
        titles = [command.title for command in pilot.app.get_system_commands(pilot.app.screen)]
        assert "Theme" in titles


async def test_figures_are_asked_for_again_only_while_somebody_looks() -> None:
    node = FakeNode(WORKING, networks=[HORDE])
    async with shown(node, "6") as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, Networks)
        node.joined = [USEPOD]
        screen.ask_if_seen()
        await until(pilot, lambda: "✖ barred" in table(pilot)[0])
        await press(pilot, "1")
        asked = node.networks_asked
        screen.ask_if_seen()
        await press(pilot, "2")
        assert node.networks_asked == asked


async def test_a_panel_that_has_no_room_points_to_the_whole() -> None:
    async with shown(node_with_networks(), "6", size=SMALL) as pilot:
        assert "and more:  enter" in pilot.app.screen.query_one("#about", Panel).text
