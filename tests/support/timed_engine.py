"""An engine whose jobs take the time that they take by the loop's clock, and that knows how busy it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from scripted_engine import ScriptedEngine

from node.jobs import Chunk, GenerationRequest, Usage


class Timed(ScriptedEngine):
    """Computes each job for so many seconds, and counts the seconds."""

    def __init__(self, slots: int, seconds: float, tokens: int = 20) -> None:
        super().__init__(slots)
        self._each = seconds
        self.tokens = tokens
        self._busy = 0.0
        self._since = 0.0

    @property
    def busy(self) -> float:
        self._count(0)
        return self._busy

    def _count(self, change: int) -> None:
        now = asyncio.get_running_loop().time()
        self._busy += self.computing * (now - self._since)
        self._since = now
        self.computing += change
        self.most_computing = max(self.most_computing, self.computing)

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Chunk, None]:
        self._count(+1)
        try:
            yield Chunk("word ", deltas=1)
            await asyncio.sleep(self._each)
        finally:
            self._count(-1)
        yield Chunk("word " * 30, deltas=30, finish_reason="stop", usage=Usage(20, self.tokens))
