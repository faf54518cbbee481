"""The sweep: the same real work at several power limits, and what each of them gives."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from node.clock import Clock
from node.dispatcher.desk import Desk
from node.engines.base import EngineError
from node.jobs import GenerationRequest, Job, JobState
from node.networks.base import Closed, JobEnded, Run
from node.power.limits import PowerRange, sweep
from node.power.points import Point
from node.power.setter import LimitRefused, NvidiaLimits

log = logging.getLogger(__name__)

NETWORK = "tune"
PROMPT = "Tell a long story about a stoker on a steamship, with all that he sees and thinks on one long day."
ANSWER_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Windows:
    """Seconds at each limit: to settle, and to measure."""

    settle: float = 15.0
    measure: float = 60.0


class Busy(Exception):
    """One sweep at a time."""


class Tuner:
    """Measures, on jobs of its own that take every slot.

    Attributes:
        busy: a sweep is under way.

    Args:
        desk: the tickets of the tuning jobs.
        tokens: all tokens that were computed so far, by anyone.
        meter: millijoules so far; None where nothing measures.
    """

    def __init__(
        self,
        desk: Desk,
        limits: NvidiaLimits,
        tokens: Callable[[], int],
        meter: Callable[[], int | None],
        clock: Clock,
        chance: random.Random | None = None,
    ) -> None:
        self._desk = desk
        self._limits = limits
        self._tokens = tokens
        self._meter = meter
        self._clock = clock
        self._chance = chance or random.Random()  # noqa: S311  an order, no secret
        self._numbers = 0
        self.busy = False

    async def run(
        self, model: str, slots: int, card: int, windows: Windows, *, as_it_is: bool = False
    ) -> AsyncIterator[Point]:
        """One point for each limit that could be set; only the present one where none may be, or none shall.

        However this ends, the limits that were found are put back.

        Raises:
            Busy: another sweep is under way.
        """
        if self.busy:
            raise Busy("a sweep is under way already; two would measure each other")
        self.busy = True
        found = None if as_it_is else await asyncio.to_thread(self._limits.read, card)
        workers = [asyncio.create_task(self._work(model)) for _ in range(slots)]
        try:
            async for limit in self._each(card, found):
                await asyncio.sleep(windows.settle)
                yield await self._measure(limit, windows.measure)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            self.busy = False
            for trouble in await asyncio.shield(asyncio.to_thread(self._limits.restore)):
                log.error("%s", trouble)

    async def _each(self, card: int, found: PowerRange | None) -> AsyncIterator[int | None]:
        """Set one limit after the other; the first that is refused ends it with the limit as it is."""
        if found is None:
            yield None
            return
        for number, watts in enumerate(sweep(found, self._chance)):
            try:
                yield await asyncio.to_thread(self._limits.set, card, watts)
            except LimitRefused as error:
                if number:
                    raise
                log.info("the power limit is measured as it is: %s", error)
                yield round(found.limit)
                return

    async def _measure(self, limit: int | None, seconds: float) -> Point:
        tokens, energy, at = self._tokens(), self._meter(), self._clock.monotonic()
        await asyncio.sleep(seconds)
        took = self._clock.monotonic() - at
        after = self._meter()
        watts = None if energy is None or after is None else (after - energy) / took / 1000
        return Point(limit, (self._tokens() - tokens) / took, watts, took)

    async def _work(self, model: str) -> None:
        while True:
            self._numbers += 1
            request = GenerationRequest(model, prompt=PROMPT, max_tokens=ANSWER_TOKENS)
            try:
                ticket = await self._desk.ticket(model)
                job = Job(f"{NETWORK}-{self._numbers}", NETWORK, request)
                async with self._desk.submit(ticket, job) as run:
                    await _computed(run)
            except (EngineError, JobEnded, Closed) as error:
                log.debug("a tuning job ended early: %s", error)
                await asyncio.sleep(0.1)


async def _computed(run: Run) -> None:
    """Have it computed; a job that the measuring ends in the middle has given what was wanted of it, and is done."""
    try:
        async for _ in run:
            pass
    except asyncio.CancelledError:
        if run.state is not JobState.WAITING:
            await run.delivered()
        raise
    await run.delivered()
