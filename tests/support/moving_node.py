"""Run as a program: the app on a fake node whose figures move twice a second, in whatever terminal this is.

``moving_node.py [still | crash]``: ``still`` never moves; ``crash`` raises with a secret among the local variables.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import replace

from fake_node import HARDWARE, NOW, RUNNING, WORKING, FakeNode

from node.control.wire import Snapshot
from tui.app import StokerApp
from tui.running import run

TICK = 0.5


def moved(snapshot: Snapshot, tick: int) -> Snapshot:
    """The snapshot so many ticks later: four jobs write, the card warms and cools."""
    passed = tick * TICK
    gpu = replace(HARDWARE.gpus[0], temperature_c=68.0 + tick % 5, power_w=255.0 + tick % 17)
    jobs = tuple(
        replace(job, tokens=(job.tokens + int(passed * 30)) % 512, first_token=0.5, tokens_per_second=29.0 + tick % 4)
        for job in RUNNING
    )
    return replace(
        snapshot,
        at=NOW + passed,
        tick=tick,
        jobs=jobs,
        tokens_per_second=110.0 + tick % 13,
        busy_pct=95.0 + tick % 4,
        hardware=replace(HARDWARE, at=NOW + passed, gpus=(gpu,)),
    )


def play(node: FakeNode) -> None:
    began = time.monotonic()
    tick = 0
    while True:
        tick += 1
        time.sleep(max(0.0, began + tick * TICK - time.monotonic()))
        node.play(moved(WORKING, tick))


class Crashing(StokerApp):
    """Fails with a secret in a frame's local variables."""

    def action_hold(self) -> None:
        canary = "xprv-" + "canary" * 3
        raise RuntimeError("the view cannot be held" if canary else "")


def main(mode: str) -> int:
    node = FakeNode()
    if mode == "crash":
        import asyncio

        from tui.running import show

        return asyncio.run(show(Crashing(node)))
    if mode != "still":
        threading.Thread(target=play, args=(node,), daemon=True).start()
    return run(node)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "move"))
