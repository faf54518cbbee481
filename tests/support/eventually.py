"""Waiting for something that has no event of its own, such as another process's state."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from patience import PATIENCE


async def eventually(condition: Callable[[], object], within: float = PATIENCE, every: float = 0.01) -> float:
    """Wait until the condition is true: the seconds that it took.

    Raises:
        TimeoutError: it did not become true within so many seconds.
    """
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > within:
            raise TimeoutError(f"not so within {within:g} s")
        await asyncio.sleep(every)
    return time.monotonic() - began
