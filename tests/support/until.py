"""Waiting for something to become true, by turns of the event loop rather than by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from patience import PATIENCE


async def until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Let others run until it is true; a test that waits for nothing fails."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  what is waited for is the tested code's own business
            await asyncio.sleep(0)
