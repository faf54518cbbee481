"""How the node comes to its end: told over the control API or by a signal, in order or at once."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from node.dispatcher import Dispatcher

log = logging.getLogger(__name__)


class Ending:
    """The first word drains, the second stops.

    Attributes:
        finished: set once nothing is in hand any more and the node may be taken apart.

    Args:
        patience: how long a drain waits for running jobs, seconds.
    """

    def __init__(self, dispatcher: Dispatcher, patience: float) -> None:
        self.finished = asyncio.Event()
        self._dispatcher = dispatcher
        self._patience = patience
        self._way: asyncio.Task[None] | None = None

    @property
    def begun(self) -> bool:
        """Whether the node has been told to end."""
        return self._way is not None

    def drain(self) -> None:
        """Take nothing more, finish what is in hand, then end."""
        self._take(self._drain())

    def stop(self) -> None:
        """End now; what is in hand is cancelled."""
        self._take(self._stop())

    def catch_signals(self) -> None:
        """The first SIGINT or SIGTERM drains, the second stops; a lost terminal changes nothing."""
        loop = asyncio.get_running_loop()

        def asked() -> None:
            if self.begun:
                log.info("asked again: stopping")
                self.stop()
            else:
                log.info("asked to end: finishing what is in hand; ask again to stop at once")
                self.drain()

        with suppress(NotImplementedError):  # Windows
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, asked)
            loop.add_signal_handler(signal.SIGHUP, lambda: log.info("the terminal is gone; the node goes on"))

    def _take(self, way: Coroutine[Any, Any, None]) -> None:
        if self._way is not None:
            self._way.cancel()
        self._way = asyncio.create_task(way)

    async def _drain(self) -> None:
        cancelled = await self._dispatcher.drain(self._patience)
        if cancelled:
            log.warning("%d jobs did not end in time and were cancelled", cancelled)
        self.finished.set()

    async def _stop(self) -> None:
        await self._dispatcher.stop("stopped by you")
        self.finished.set()
