"""How a push network comes back after trouble: when it may dial again, and what its owner is told meanwhile."""

from __future__ import annotations

import asyncio
import logging
import random

from node.clock import Clock
from node.engines.backoff import Backoff
from node.networks.websocket.dialect import Refused

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
JITTER = 0.2


class Recovery:
    """See the module.

    Args:
        chance: spreads reconnects.

    Attributes:
        healthy: the last thing that happened to a connection was a welcome.
        problem: why there is no connection, in words for the owner; empty while there is one. remedy: what the owner
            can do about it.
        parked: set while something has to be changed by the owner before it makes sense to dial again.
    """

    def __init__(self, network: str, clock: Clock, chance: random.Random) -> None:
        self.healthy = False
        self.problem = self.remedy = ""
        self.parked = asyncio.Event()
        self._network = network
        self._clock = clock
        self._chance = chance
        self._backoff = Backoff(FIRST_PAUSE, LONGEST_PAUSE)
        self._rest_until = 0.0
        self._failed_at = 0.0

    @property
    def rest(self) -> float:
        """Seconds until it may dial again; 0 if it may now."""
        return max(0.0, self._rest_until - self._clock.monotonic())

    def welcomed(self) -> None:
        """A connection was let in."""
        self.healthy = True
        self.problem = self.remedy = ""

    def failed(self, reason: str, dialled_at: float, *, proved: bool, wait: float | None = None) -> None:
        """Rest before dialling again: longer each time, and once for all that failed together.

        Args:
            dialled_at: when the connection that failed was begun, in monotonic seconds. proved: it had worked well.
            wait: seconds that the service asked for.
        """
        self.healthy = False
        if dialled_at < self._failed_at:
            return
        if proved:
            self._backoff.reset()
        pause = max(wait or 0.0, self._backoff.next() * self._chance.uniform(1 - JITTER, 1 + JITTER))
        self._failed_at = self._clock.monotonic()
        self._rest_until = max(self._rest_until, self._failed_at + pause)
        if reason != self.problem:
            log.warning("%s: %s; dialling again in %.1f s", self._network, reason, pause)
        self.problem, self.remedy = reason, ""

    def refused(self, refused: Refused) -> None:
        """We are not let in: for a while, or until the owner changes something."""
        self.healthy = False
        self.problem, self.remedy = refused.reason, refused.remedy
        if refused.rest is None:
            log.error("%s: %s", self._network, refused.reason)
            self.parked.set()
        else:
            log.warning("%s: %s; dialling again in %.0f s", self._network, refused.reason, refused.rest)
            self._rest_until = max(self._rest_until, self._clock.monotonic() + refused.rest)
