"""An event loop whose clock jumps to the next timer as soon as nothing else is to do.

Sockets on loopback are real; only waiting is not. For code whose every party runs in this one loop.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
import time
from collections.abc import Callable, Coroutine
from typing import Any

LOOK_SECONDS = 0.0001  # real time that the sockets get before the clock jumps; what goes over loopback is there at once


class WarpedSelector(selectors.DefaultSelector):
    """Waits a moment for sockets; then it calls the wait over and says by how much it was cut short."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= LOOK_SECONDS:
            return super().select(timeout)
        began = time.monotonic()
        ready = super().select(0)
        if not ready:
            time.sleep(LOOK_SECONDS)
            ready = super().select(0)
        if not ready:
            self.skipped += max(0.0, timeout - (time.monotonic() - began))
        return ready


class WarpedLoop(asyncio.SelectorEventLoop):
    """Implements the event loop on warped time."""

    def __init__(self) -> None:
        self.warp = WarpedSelector()
        super().__init__(self.warp)

    def time(self) -> float:
        return time.monotonic() + self.warp.skipped


class LoopClock:
    """The running loop's time as the node's clock; wall time begins at a full hour."""

    def __init__(self, wall: float = 1_800_000_000.0) -> None:
        self._wall = wall - asyncio.get_running_loop().time()

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def wall_ns(self) -> int:
        return int((self._wall + self.monotonic()) * 1_000_000_000)


def warped(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an asynchronous test in warped time; its fixtures must be plain ones."""

    @functools.wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        with asyncio.Runner(loop_factory=WarpedLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run
