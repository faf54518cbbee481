"""Calls an address while all is well, because a dead machine cannot raise an alarm: a service that misses the calls
does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from node.alerts.post import Undelivered
from node.alerts.web import call

log = logging.getLogger(__name__)

LOOK_S = 1.0


class Heartbeat:
    """One address.

    Args:
        every: seconds between two calls.
        well: whether all is well now; while it is not, no call is made, and the next one follows at once when it is.
    """

    def __init__(self, address: str, every: float, well: Callable[[], bool]) -> None:
        self._address = address
        self._every = every
        self._well = well
        self._failing = False

    async def run(self) -> None:
        """Call until cancelled."""
        while True:
            if self._well():
                await self._call()
                await asyncio.sleep(self._every)
            else:
                await asyncio.sleep(min(LOOK_S, self._every))

    async def _call(self) -> None:
        try:
            await call("GET", self._address)
        except Undelivered as error:
            if not self._failing:
                log.warning("alerts: the heartbeat did not arrive: %s", error)
            self._failing = True
        else:
            self._failing = False
