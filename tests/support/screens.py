"""Helpers for tests of the app: a frozen world, and waiting for what should come."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fake_node import FakeNode
from patience import PATIENCE
from textual import _wait
from textual.pilot import Pilot

from tui.app import StokerApp

SMALL, MIDDLE, LARGE = (60, 15), (80, 24), (120, 40)

PACE = 1.0  # seconds that a fake node takes at most, unless it is told to be slow
ROUNDS = 10  # of drawing; a screen that moves by itself never comes to rest

Size = tuple[int, int]

_wait.SLEEP_GRANULARITY = 0.004
"""Seconds from one look to the next whether the app rests; Textual's own 20 ms are most of a test's time."""


async def until(pilot: Pilot[int], condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Let the app go on until the condition holds.

    Raises:
        AssertionError: it never did.
    """
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "what was waited for never came"
        await asyncio.sleep(0.005)
    await rest(pilot)


async def rest(pilot: Pilot[int]) -> None:
    """Let the app draw what it has to; drawing can show that there is more to draw."""
    for _ in range(ROUNDS):
        await pilot.pause()
        screen = pilot.app.screen
        await pilot.pause()
        if not (screen._layout_required or screen._repaint_required or screen._dirty_widgets):
            return


async def settled(pilot: Pilot[int]) -> None:
    """Wait until the node's word stands on the screen and nothing is being asked."""
    app = pilot.app
    assert isinstance(app, StokerApp)
    await until(pilot, lambda: bool(app.view.gone) or (app.view.history.ends_at > 0 and app.view.snapshot is not None))


@asynccontextmanager
async def shown(node: FakeNode, *keys: str, size: Size = MIDDLE) -> AsyncIterator[Pilot[int]]:
    """The app on this node, after these keys."""
    app = StokerApp(node)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, *keys)
        yield pilot


async def _answered(pilot: Pilot[int]) -> None:
    """Let the node answer what it is asked, unless it takes its time."""
    end = time.monotonic() + PACE
    while _asks() and time.monotonic() < end:
        await asyncio.sleep(0.002)
        if not _asks() and pilot.app.is_running:
            await pilot.pause()


def _asks() -> bool:
    return any(thread.name == "ask" for thread in threading.enumerate())


async def press(pilot: Pilot[int], *keys: str) -> None:
    """Press keys one by one, each after the last one's work has been done."""
    for key in keys:
        await pilot.press(key)
        await _answered(pilot)
        for worker in list(pilot.app.workers):
            if worker.group in ("fetch", "write"):
                await worker.wait()
        if pilot.app.is_running:
            await rest(pilot)


def written(pilot: Pilot[int]) -> str:
    """Everything that stands on the screen, line by line, without colours."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)
