"""The node learns that its owner is at the keyboard, where it wants to know."""

from __future__ import annotations

import asyncio

import pytest
from fake_node import FakeNode
from hand_clock import HandClock
from screens import shown, until

from node.control.wire import SettingView
from tui.attendance import EVERY, Attendance

REPORT = ("owner_active", {"idle_seconds": 0})


def wishing(wish: str) -> FakeNode:
    return FakeNode(settings=(SettingView("owner.on_input", "choice", wish, "ignore", "While you use the keyboard."),))


@pytest.fixture(autouse=True)
def at_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("wish", ["slow", "yield"])
async def test_a_key_tells_a_node_that_stands_back_for_its_owner(wish: str) -> None:
    node = wishing(wish)
    async with shown(node) as pilot:
        assert node.told == []
        await pilot.press("2", "j", "k")
        await until(pilot, lambda: node.told == [REPORT])


async def test_a_click_tells_it_too() -> None:
    node = wishing("yield")
    async with shown(node) as pilot:
        await pilot.click(offset=(10, 10))
        await until(pilot, lambda: node.told == [REPORT])


async def test_a_node_that_ignores_its_owner_hears_nothing() -> None:
    node = wishing("ignore")
    settings, asked = node.settings, asyncio.Event()
    loop = asyncio.get_running_loop()
    node.settings = lambda: [loop.call_soon_threadsafe(asked.set), *settings()][1:]  # type: ignore[method-assign]
    async with shown(node) as pilot:
        await pilot.press("2")
        await asyncio.wait_for(asked.wait(), 5)
        await pilot.pause()
    assert node.told == []


async def test_it_is_told_at_most_every_ten_seconds() -> None:
    node, clock = wishing("yield"), HandClock()
    attendance = Attendance(node, clock.monotonic)  # type: ignore[arg-type]
    for passed, reports in ((0.0, 1), (EVERY - 0.1, 1), (0.1, 2)):
        clock.now += passed
        attendance.touched()
        if attendance._reporting is not None:
            await attendance._reporting
        assert node.told == [REPORT] * reports


async def test_whoever_types_from_afar_is_not_at_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22")
    node = wishing("yield")
    attendance = Attendance(node)  # type: ignore[arg-type]
    attendance.touched()
    assert attendance._reporting is None


async def test_nor_does_it_concern_a_node_at_another_place() -> None:
    node = wishing("yield")
    node.place = "ssh://rig2"
    attendance = Attendance(node)  # type: ignore[arg-type]
    attendance.touched()
    assert attendance._reporting is None
