"""An engine that takes its time for each answer, and fails when it is told to: real to the dispatcher, no computing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable

from scripted_engine import ScriptedEngine

from node.engines.base import EngineError, EngineFault
from node.jobs import Chunk, GenerationRequest, Usage

WORDS = 20
CRASH = EngineError(EngineFault.CRASHED, "the engine was killed by signal 9")


class SteadyEngine(ScriptedEngine):
    """Every answer has so many words, and its last comes so many seconds after its first.

    Attributes:
        spread: by what share of that an answer takes more or less time.
        stuck: which requests get a first word and no second one. refused: which cannot be computed.
    """

    boxed = True

    def __init__(self, slots: int, model: str, seconds: float) -> None:
        super().__init__(slots, model)
        self.slots = slots
        self.seconds = seconds
        self.spread = 0.0
        self._chance = random.Random(3)
        self.stuck: Callable[[GenerationRequest], bool] = lambda request: False
        self.refused: Callable[[GenerationRequest], bool] = lambda request: False
        self._death: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Chunk, None]:
        if self.refused(request):
            raise EngineError(EngineFault.BAD_REQUEST, "no such sampler")
        self.computing += 1
        self.most_computing = max(self.most_computing, self.computing)
        try:
            yield Chunk("one", deltas=1)
            seconds = self.seconds * self._chance.uniform(1 - self.spread, 1 + self.spread)
            await asyncio.wait([self._death], timeout=None if self.stuck(request) else seconds)
            if self._death.done():
                raise CRASH
            yield Chunk(" more" * (WORDS - 1), deltas=WORDS - 1)
            yield Chunk(finish_reason="stop", usage=Usage(10, WORDS))
        finally:
            self.computing -= 1

    def die(self) -> None:
        """All that computes fails, and nothing is served until ``rise``."""
        self.capacity = 0
        self._death.set_result(None)

    def rise(self) -> None:
        """Serve again."""
        self._death = asyncio.get_running_loop().create_future()
        self.capacity = self.slots
