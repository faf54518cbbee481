"""An event loop whose clock stands still while there is anything to do, and then jumps to the next timer.

Sockets on loopback are real; only time is not, so that nothing depends on how busy the machine is. For code whose every
party runs in this one loop, or in threads whose work it waits for.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

LOOK_SECONDS = 0.0001  # real time that the sockets get before the clock jumps; what goes over loopback is there at once
THREAD_SECONDS = 5.0  # real time that a thread gets; one that takes longer waits for something that takes virtual time


class WarpedSelector(selectors.DefaultSelector):
    """Gives what is on its way a moment to arrive; then it calls the wait over.

    Attributes:
        now: the virtual time, in seconds. elsewhere: how many pieces of work are in threads; they take no virtual time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.elsewhere = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            time.sleep(LOOK_SECONDS)
            ready = super().select(THREAD_SECONDS if self.elsewhere else 0)
        if not ready:
            self.now += timeout
        return ready


class WarpedLoop(asyncio.SelectorEventLoop):
    """Implements the event loop on warped time."""

    def __init__(self) -> None:
        self.warp = WarpedSelector()
        super().__init__(self.warp)

    def time(self) -> float:
        return self.warp.now

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """The clock does not jump meanwhile: another thread is at work."""
        self.warp.elsewhere += 1
        try:
            yield
        finally:
            self.warp.elsewhere -= 1

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        future = super().run_in_executor(executor, func, *args)
        self.warp.elsewhere += 1
        future.add_done_callback(self._came_back)
        return future

    def _came_back(self, _: asyncio.Future[Any]) -> None:
        self.warp.elsewhere -= 1


class LoopClock:
    """The running loop's time as the node's clock; wall time begins at a full hour."""

    def __init__(self, wall: float = 1_800_000_000.0) -> None:
        self._loop = asyncio.get_running_loop()
        self._wall = wall - self._loop.time()

    def monotonic(self) -> float:
        return self._loop.time()

    def jump(self, seconds: float) -> None:
        """Somebody sets the wall's clock."""
        self._wall += seconds

    def wall_ns(self) -> int:
        return int((self._wall + self.monotonic()) * 1_000_000_000)


def warped(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an asynchronous test in warped time; its fixtures must be plain ones."""

    @functools.wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        with asyncio.Runner(loop_factory=WarpedLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run
