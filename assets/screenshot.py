"""Draws the dashboard to ``assets/dashboard.svg``: ``python assets/screenshot.py`` from the project's root.

With ``--live`` it shows the node that runs on this machine, else the made-up one of the tests.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "assets" / "dashboard.svg"
SIZE = (120, 40)


async def draw(live: bool) -> str:
    from fake_node import FakeNode

    from node.control.client import ControlClient
    from tui.app import StokerApp

    app = StokerApp(ControlClient() if live else FakeNode())
    async with app.run_test(size=SIZE) as pilot:
        while app.view.snapshot is None or not app.view.history.tokens_per_second:
            await pilot.pause(0.05)
        await pilot.pause()
        return app.export_screenshot(title="stoker")


def main() -> None:
    if "--live" not in sys.argv:
        os.environ["TZ"] = "UTC"
        time.tzset()
    sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]
    PICTURE.write_text(asyncio.run(draw("--live" in sys.argv)), encoding="utf-8")
    print(PICTURE.relative_to(ROOT))


if __name__ == "__main__":
    main()
