"""Several nodes in one app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Protocol

import pytest
from fake_machines import HOT, OUT_OF_HOURS
from fake_node import IDLE, WORKING, FakeNode
from screens import LARGE, MIDDLE, SMALL, Size, press, shown, until, written
from textual.app import App
from textual.pilot import Pilot

from node.control.wire import Snapshot
from tui.fleet.app import FleetApp
from tui.fleet.rig import RigSpoke
from tui.messages import NodeGone


class Compare(Protocol):
    def __call__(self, app: App[int], *, terminal_size: Size, run_before: object) -> bool: ...


def named(snapshot: Snapshot, name: str) -> FakeNode:
    return FakeNode(replace(snapshot, node=replace(snapshot.node, name=name)))


class Rack:
    """Four machines: one works, one is idle, one is too hot, one is of an owner who gave it no name."""

    def __init__(self) -> None:
        self.ember, self.attic = named(WORKING, "ember"), named(IDLE, "attic")
        self.cellar, self.unnamed = named(HOT, "cellar"), named(OUT_OF_HOURS, "stoker")
        self.app = FleetApp(
            [("here", self.ember), ("rig2", self.attic), ("rig3", self.cellar), ("rig4", self.unnamed)]  # type: ignore[list-item]
        )


async def heard(pilot: Pilot[int]) -> None:
    """Wait until every node has answered, or is known to be gone."""
    app = pilot.app
    assert isinstance(app, FleetApp)
    await until(pilot, lambda: all(rig.view.history.ends_at > 0 or rig.view.gone for rig in app.rigs))


@asynccontextmanager
async def fleet(rack: Rack, *keys: str, size: Size = MIDDLE) -> AsyncIterator[Pilot[int]]:
    async with rack.app.run_test(size=size) as pilot:
        await heard(pilot)
        await press(pilot, *keys)
        yield pilot


def row(pilot: Pilot[int], name: str) -> str:
    return next(line for line in written(pilot).splitlines()[3:] if line.startswith(f" {name} "))


async def test_there_is_a_line_for_each_node() -> None:
    async with fleet(Rack(), size=LARGE) as pilot:
        assert "● WORKING" in row(pilot, "ember")
        assert "4/4" in row(pilot, "ember")
        assert "1,391 kudos" in row(pilot, "ember")
        assert "○ WAITING" in row(pilot, "attic")
        assert "COOLING" in row(pilot, "cellar")
        assert "RESTING" in row(pilot, "rig4")


async def test_what_all_of_them_do_stands_above_with_assets_by_themselves() -> None:
    async with fleet(Rack(), size=LARGE) as pilot:
        tally = written(pilot).splitlines()[2]
        assert "4 nodes" in tally
        assert "kudos" in tally
        assert "USDC" in tally


async def test_a_node_that_is_lost_is_a_state_with_its_reason() -> None:
    rack = Rack()
    async with fleet(rack) as pilot:
        rack.attic.die()
        await until(pilot, lambda: "✖ LOST" in row(pilot, "attic"))
        await until(pilot, lambda: "no node answers" in row(pilot, "attic"))
        assert "● WORKING" in row(pilot, "ember")
        rack.attic.revive()
        await until(pilot, lambda: "○ WAITING" in row(pilot, "attic"))


async def test_a_node_that_never_answered_is_lost_under_the_name_of_its_place() -> None:
    rack = Rack()
    rack.attic.die()
    async with fleet(rack) as pilot:
        assert "✖ LOST" in row(pilot, "rig2")


async def test_the_node_under_the_cursor_is_the_one_that_is_told() -> None:
    rack = Rack()
    async with fleet(rack, "down", "p") as pilot:
        await until(pilot, lambda: rack.attic.told == [("pause", {})])
        assert rack.ember.told == []
        assert written(pilot).splitlines()[0].startswith(" attic")


async def test_enter_opens_it() -> None:
    async with fleet(Rack(), "down", "enter") as pilot:
        await until(pilot, lambda: "Running" in written(pilot))
        assert written(pilot).splitlines()[0].startswith(" attic")


async def test_n_shows_the_same_screen_on_the_next_node() -> None:
    async with fleet(Rack(), "8") as pilot:
        assert written(pilot).splitlines()[0].startswith(" ember")
        await press(pilot, "n")
        await until(pilot, lambda: written(pilot).splitlines()[0].startswith(" attic"))
        assert pilot.app.current_mode == "logs"


async def test_a_screen_shows_nothing_of_the_node_before() -> None:
    rack = Rack()
    rack.attic.ended = []
    async with fleet(rack, "2") as pilot:
        await until(pilot, lambda: "#4810" in written(pilot))
        await press(pilot, "n")
        await until(pilot, lambda: "No job has come yet" in written(pilot))
        assert "#48" not in written(pilot)


async def test_a_lost_node_at_hand_does_not_dim_the_others() -> None:
    rack = Rack()
    async with fleet(rack, "0") as pilot:
        rack.ember.die()
        await until(pilot, lambda: bool(rack.app.view.gone))
        assert pilot.app.screen.query_one("#body").styles.opacity == 1


async def test_from_the_last_n_goes_on_with_the_first() -> None:
    async with fleet(Rack(), "1") as pilot:
        for name in ("attic", "cellar", "rig4", "ember"):
            await press(pilot, "n")
            await until(pilot, lambda name=name: written(pilot).splitlines()[0].startswith(f" {name}"))  # type: ignore[misc]


async def test_leaving_asks_nothing_and_stops_nothing() -> None:
    rack = Rack()
    async with fleet(rack, "q") as pilot:
        await until(pilot, lambda: not pilot.app.is_running)
    assert rack.app.return_value == 0
    assert all(node.told == [] for node in (rack.ember, rack.attic, rack.cellar, rack.unnamed))


async def test_a_node_that_speaks_while_the_app_closes_does_not_disturb_it() -> None:
    rack = Rack()
    async with fleet(rack):
        pass
    cellar = rack.app.rigs[2]
    rack.app.on_rig_spoke(RigSpoke(cellar, NodeGone("the tunnel closed")))
    assert cellar.view.gone


@pytest.mark.parametrize("key", ["0", "n"])
async def test_one_node_alone_has_no_such_keys(key: str) -> None:
    async with shown(FakeNode(), "2", key) as pilot:
        assert pilot.app.current_mode == "jobs"
        assert "Fleet" not in written(pilot)


@pytest.mark.parametrize("size", [SMALL, MIDDLE, LARGE], ids=["60x15", "80x24", "120x40"])
def test_the_fleet_looks_as_it_did(size: Size, snap_compare: Compare) -> None:
    rack = Rack()
    rack.unnamed.die()

    async def go_there(pilot: Pilot[int]) -> None:
        await heard(pilot)
        await pilot.pause()

    assert snap_compare(rack.app, terminal_size=size, run_before=go_there)
