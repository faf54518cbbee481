"""Whether the network is asked for jobs now, and if not, why and until when."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import deque
from dataclasses import dataclass

from node.clock import Clock

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tempo:
    """How long things wait, in seconds.

    Attributes:
        idle: after a pop without a job. trouble, longest: after the first failure in a row, and at most.
        maintenance, parked: between pops in maintenance, and while only the owner can help.
        account: between looks at the account's books.
        unseen: how long a rewarded job may be missing in the network's count. probe: between pops while it is.
        exchange: for one HTTP exchange. farewell: for giving jobs back when the node stops.
    """

    idle: float = 1.0
    trouble: float = 1.0
    longest: float = 30.0
    maintenance: float = 30.0
    parked: float = 300.0
    account: float = 60.0
    unseen: float = 180.0
    probe: float = 600.0
    exchange: float = 15.0
    farewell: float = 3.0


HOUR = 3600.0
MOST_DROPS = 15
"""Dropped jobs in an hour after which we rest by ourselves; the network's own limit is 20, then it is maintenance."""


class Gate:
    """One for all pops of a worker.

    Attributes:
        reason: why nothing is asked for; empty while it is. remedy: what the owner can do about it.
    """

    def __init__(self, clock: Clock, tempo: Tempo) -> None:
        self.reason = ""
        self.remedy = ""
        self._clock = clock
        self._tempo = tempo
        self._until = 0.0
        self._shut_at = 0.0
        self._failures = 0
        self._drops: deque[float] = deque()
        self._doubtful: set[str] = set()
        self._moved = asyncio.Event()

    def shut(self, reason: str, seconds: float, remedy: str = "") -> None:
        """Ask for nothing for so long; a pop that works opens it again."""
        if reason != self.reason:
            log.warning("%s%s", reason, f"; {remedy}" if remedy else "")
        self.reason, self.remedy = reason, remedy
        self._shut_at = self._clock.monotonic()
        self._until = max(self._until, self._shut_at + seconds)

    def trouble(self, reason: str, wait: float | None = None) -> None:
        """Something failed that may work later: back off, twice as long each time.

        Pops that were on their way together and fail together count once.
        """
        if self.closed_for() > 0:
            return
        seconds = min(self._tempo.longest, self._tempo.trouble * 2.0 ** min(self._failures, 20))
        self._failures += 1
        self.shut(reason, jittered(seconds) if wait is None else wait)

    def works(self, asked: float) -> None:
        """The network answered in order what was asked then (monotonic seconds)."""
        if asked < self._shut_at:  # that was on its way before
            return
        if self.reason:
            log.info("jobs can come again")
        self.reason = self.remedy = ""
        self._failures = 0

    def dropped(self) -> None:
        """A job was given up; stay below the number at which the network stops us."""
        now = self._clock.monotonic()
        self._drops.append(now)
        self._forget_old_drops(now)
        if len(self._drops) >= MOST_DROPS:
            self.shut(
                f"{len(self._drops)} jobs were given up within an hour; resting, as the network stops workers at 20",
                self._drops[0] + HOUR - now,
            )

    def doubt(self, job_id: str, problem: str) -> None:
        """A finished answer could not be delivered so far: if it never is, that is a drop like any other."""
        self._doubtful.add(job_id)
        self._forget_old_drops(self._clock.monotonic())
        if len(self._drops) + len(self._doubtful) >= MOST_DROPS:
            told = f"{len(self._doubtful)} finished answers cannot be delivered: {problem}"
            self.shut(told, self._tempo.longest)

    def settle(self, job_id: str) -> None:
        """Its delivery has ended, well or not."""
        self._doubtful.discard(job_id)

    def _forget_old_drops(self, now: float) -> None:
        while self._drops and now - self._drops[0] > HOUR:
            self._drops.popleft()

    def closed_for(self) -> float:
        """Seconds until the network may be asked; 0 if now."""
        return max(0.0, self._until - self._clock.monotonic())

    def open_now(self) -> None:
        """Ask at once, whatever was waited for."""
        self._until = 0.0
        self._moved.set()

    async def wait(self) -> None:
        """Until the network may be asked."""
        while (seconds := self.closed_for()) > 0:
            self._moved.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._moved.wait()


def jittered(seconds: float) -> float:
    """About so long, so that many nodes do not come back at the same moment."""
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311
