"""Keeping a part of the node alive: its failure is told, survived, and touches nothing else."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds between two starts
STEADY_SECONDS = 60.0  # who ran so long begins with the shortest pause again


async def keep(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run something again and again, with growing pauses and jitter, until cancelled."""
    loop = asyncio.get_running_loop()
    pause = SHORTEST_PAUSE
    while True:
        began = loop.time()
        try:
            await work()
            log.error("%s ended by itself", name)
        except Exception:
            log.exception("%s failed", name)
        if loop.time() - began > STEADY_SECONDS:
            pause = SHORTEST_PAUSE
        await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311
        pause = min(pause * 2, LONGEST_PAUSE)


async def end(*tasks: asyncio.Task[None]) -> None:
    """Cancel these and wait until they are done."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
