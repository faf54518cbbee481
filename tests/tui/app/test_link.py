"""The line to the node: it breaks, it comes back behind the last entry, and nobody waits for it."""

from __future__ import annotations

from dataclasses import replace

from fake_node import LIFE, NOW, WORKING, FakeNode
from screens import settled, shown, until, written

from tui.app import StokerApp
from tui.screens.base import NodeScreen


async def test_a_node_that_goes_is_said_in_the_state_line_and_its_last_values_stay() -> None:
    node = FakeNode()
    async with shown(node) as pilot:
        node.die()
        await until(pilot, lambda: "✖ LOST  it is tried again by itself" in written(pilot))
        assert "it ended the connection  →  stoker --headless" in written(pilot)
        assert "#4812" in written(pilot)
        assert pilot.app.screen.has_class("-gone")


async def test_the_app_comes_back_by_itself_behind_the_last_ledger_entry() -> None:
    node = FakeNode()
    async with shown(node) as pilot:
        await until(pilot, lambda: node.resumed == [None])
        node.play(LIFE[2])
        node.die()
        await until(pilot, lambda: bool(pilot.app.view.gone))
        node.revive()
        await until(pilot, lambda: len(node.resumed) == 2)
        assert node.resumed == [None, LIFE[2].seq]
        await until(pilot, lambda: "● WORKING" in written(pilot))


async def test_the_app_opens_before_there_is_a_node_and_waits_for_it() -> None:
    node = FakeNode()
    node.die()
    async with shown(node) as pilot:
        assert "→  stoker --headless" in written(pilot)
        node.revive()
        await until(pilot, lambda: "● WORKING" in written(pilot))


async def test_commands_are_greyed_while_no_node_answers() -> None:
    node = FakeNode()
    node.die()
    async with shown(node) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, NodeScreen)
        reasons = {action.id: screen.obstacle(action) for action in screen.offered()}
        assert reasons["node.pause"] == reasons["node.drain"] == "no node answers"
        assert not reasons["app.help"]


async def test_a_booked_entry_makes_the_jobs_ask_again() -> None:
    node = FakeNode()
    async with shown(node, "2") as pilot:
        node.ended.insert(0, replace(node.ended[0], number=4806))
        node.play(LIFE[2])
        await until(pilot, lambda: "#4806" in written(pilot))


async def test_of_snapshots_that_pile_up_the_newest_is_shown() -> None:
    node = FakeNode()
    async with StokerApp(node).run_test() as pilot:
        await settled(pilot)
        for step in range(1, 200):
            node.play(replace(WORKING, at=NOW + step, tick=step))
        await until(pilot, lambda: pilot.app.view.snapshot.tick == 199)
