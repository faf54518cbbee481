"""Every screen as it stands, at the sizes that are promised. Look at the report before accepting a new picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import pytest
from fake_machines import HOT, LOST, RIG, YOURS, past
from fake_node import BLOCKED, IDLE, NOW, WORKING, FakeNode
from screens import LARGE, MIDDLE, SMALL, Size, press, settled
from textual.app import App
from textual.pilot import Pilot

from node.control.wire import History, Snapshot
from tui.app import StokerApp


class Compare(Protocol):
    def __call__(self, app: App[int], *, terminal_size: Size, run_before: object) -> bool: ...


FLAT = History(NOW, tokens_per_second=(0.0,) * 300)

SCREENS: dict[str, tuple[Snapshot, tuple[str, ...]]] = {
    "dashboard": (WORKING, ()),
    "empty dashboard": (IDLE, ()),
    "blocked dashboard": (BLOCKED, ()),
    "jobs": (WORKING, ("2",)),
    "job": (WORKING, ("2", "G", "k", "k", "k", "enter")),
    "hardware": (WORKING, ("4",)),
    "hot hardware": (HOT, ("4",)),
    "eight cards": (RIG, ("4",)),
    "bare hardware": (IDLE, ("4",)),
    "lost card": (LOST, ("4",)),
    "a card that is the owner's": (YOURS, ("4",)),
    "a temperature explained": (WORKING, ("4", "enter")),
    "a day of hardware": (WORKING, ("4", "right_square_bracket", "right_square_bracket")),
    "run anyway": (YOURS, ("a",)),
    "settings error": (WORKING, ("7", "enter", "x", "enter")),
    "logs": (WORKING, ("8",)),
    "help": (WORKING, ("2", "question_mark")),
    "quit": (WORKING, ("q",)),
}

IN_ONE_SIZE = ("lost card", "a card that is the owner's", "a temperature explained", "run anyway", "logs")


@pytest.mark.parametrize("size", [MIDDLE, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("name", [name for name in SCREENS if name not in IN_ONE_SIZE])
def test_the_screen_looks_as_it_did(name: str, size: Size, snap_compare: Compare) -> None:
    snapshot, keys = SCREENS[name]
    _compare(snapshot, keys, size, snap_compare)


@pytest.mark.parametrize("name", IN_ONE_SIZE)
def test_the_screen_looks_as_it_did_in_a_small_window(name: str, snap_compare: Compare) -> None:
    snapshot, keys = SCREENS[name]
    _compare(snapshot, keys, MIDDLE, snap_compare)


@pytest.mark.parametrize("size", [SMALL, (59, 24), (220, 60)], ids=["60x15", "too small", "220x60"])
def test_the_dashboard_fits_other_windows(size: Size, snap_compare: Compare) -> None:
    _compare(WORKING, (), size, snap_compare)


def test_a_node_that_has_gone_leaves_its_last_values_dimmed(snap_compare: Compare) -> None:
    node = FakeNode(WORKING)

    async def gone(pilot: Pilot[int]) -> None:
        await settled(pilot)
        node.die()
        app = pilot.app
        assert isinstance(app, StokerApp)
        while not app.view.gone:
            await pilot.pause(0.02)
        await pilot.pause()

    assert snap_compare(StokerApp(node), terminal_size=MIDDLE, run_before=gone)


def _compare(snapshot: Snapshot, keys: tuple[str, ...], size: Size, snap_compare: Compare) -> None:
    history = None if snapshot is WORKING else past(snapshot) if snapshot in (HOT, RIG, YOURS) else FLAT

    async def go_there(pilot: Pilot[int]) -> None:
        await settled(pilot)
        await press(pilot, *keys)

    node = FakeNode(replace(snapshot), history, ended=snapshot.recent)
    assert snap_compare(StokerApp(node), terminal_size=size, run_before=go_there)
