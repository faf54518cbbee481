"""Draws the pictures of the README into ``assets``: ``python assets/screenshot.py`` from the project's root.

With ``--live`` they show the node that runs on this machine, else the made-up one of the tests.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its name, its size in cells, the key that leads to the screen, and what stands there in the end."""

    name: str
    title: str
    size: tuple[int, int]
    key: str
    mark: str


SHOTS = (
    Shot("dashboard", "stoker: the dashboard", (120, 40), "1", "Lately"),
    Shot("networks", "stoker: networks", (120, 28), "6", "claimed/h"),
    Shot("earnings", "stoker: earnings", (120, 36), "3", "2026-11-22"),
)


def made_up() -> Any:
    """A node that works for several networks, and what it has earned."""
    from fake_earnings import earning_node
    from fake_networks import BAD, JOINED, KINDS

    node = earning_node()
    node.joined, node.kinds, node.found = list(JOINED), list(KINDS), BAD
    return node


async def draw(shot: Shot, connect: Callable[[], Any]) -> str:
    from rich.segment import Segment
    from screens import press, settled, until, written

    from assets.vector import drawn
    from tui.app import StokerApp

    app = StokerApp(connect())
    async with app.run_test(size=shot.size) as pilot:
        await settled(pilot)
        await press(pilot, shot.key)
        await until(pilot, lambda: shot.mark in written(pilot))
        lines: list[list[Segment]] = [list(strip) for strip in app.screen._compositor.render_strips()]
        return drawn(lines, *shot.size, shot.title)


def main() -> None:
    live = "--live" in sys.argv
    if not live:
        os.environ["TZ"] = "UTC"
        time.tzset()
    sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]
    from node.control.client import ControlClient

    for shot in SHOTS:
        path = ROOT / "assets" / f"{shot.name}.svg"
        path.write_text(asyncio.run(draw(shot, ControlClient if live else made_up)), encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
