"""Networks and earnings as they stand, in the promised sizes. Look at the report before accepting a new picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pytest
from fake_earnings import earning_node
from fake_networks import BAD, JOINED, KINDS
from fake_node import IDLE, WORKING, FakeNode
from screens import LARGE, MIDDLE, SMALL, Size, press, settled, until, written
from textual.app import App
from textual.pilot import Pilot

from tui.app import StokerApp


class Compare(Protocol):
    def __call__(self, app: App[int], *, terminal_size: Size, run_before: object) -> bool: ...


def joined() -> FakeNode:
    node = FakeNode(WORKING, networks=JOINED, kinds=KINDS)
    node.found = BAD
    return node


def bare() -> FakeNode:
    return FakeNode(IDLE, kinds=KINDS)


FILLED = ("6", "plus", "1", *("enter",) * 4, *"ada", "tab", *"abc")
SCREENS: dict[str, tuple[Callable[[], FakeNode], tuple[str, ...], str]] = {
    "networks": (joined, ("6",), "● working"),
    "a parked network": (joined, ("6", "j"), "‖ parked"),
    "a barred network": (joined, ("6", "G"), "its licence"),
    "a whole network": (joined, ("6", "enter"), "Faults and messages"),
    "no networks": (bare, ("6",), "stoker networks add"),
    "a page": (joined, ("6", "plus", "1"), "What will run here"),
    "before joining": (joined, (*FILLED, "enter"), "J joins in spite of it"),
    "earnings": (earning_node, ("3",), "2026-11-22"),
    "earnings by network": (earning_node, ("3", "b"), "together"),
    "rewards": (earning_node, ("3", "b", "j", "enter"), "#4810"),
    "a reward": (earning_node, ("3", "b", "j", "enter", "j", "enter"), "ledger #1034"),
    "a sheet to write": (earning_node, ("3", "w"), "stoker-generic"),
    "no earnings": (bare, ("3",), "stoker try"),
}
IN_ONE_SIZE = ("a barred network", "a whole network", "a page", "a reward", "a sheet to write")
IN_SMALL = ("networks", "earnings", "before joining")


@pytest.mark.parametrize("size", [MIDDLE, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("name", [name for name in SCREENS if name not in IN_ONE_SIZE])
def test_the_screen_looks_as_it_did(name: str, size: Size, snap_compare: Compare) -> None:
    _compare(name, size, snap_compare)


@pytest.mark.parametrize("name", IN_ONE_SIZE)
def test_the_screen_looks_as_it_did_in_the_middle_size(name: str, snap_compare: Compare) -> None:
    _compare(name, MIDDLE, snap_compare)


@pytest.mark.parametrize("name", IN_SMALL)
def test_the_screen_looks_as_it_did_in_the_smallest_size(name: str, snap_compare: Compare) -> None:
    _compare(name, SMALL, snap_compare)


def _compare(name: str, size: Size, snap_compare: Compare) -> None:
    make, keys, mark = SCREENS[name]

    async def go_there(pilot: Pilot[int]) -> None:
        await settled(pilot)
        await press(pilot, *keys)
        await until(pilot, lambda: mark in written(pilot))

    assert snap_compare(StokerApp(make()), terminal_size=size, run_before=go_there)
