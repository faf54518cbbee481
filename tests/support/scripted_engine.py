"""An engine whose every step a test commands: real to the dispatcher, without any computing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from patience import PATIENCE

from node.engines.base import Embeddings, EngineError, EngineHealth, EngineStatus, ModelInfo
from node.jobs import Chunk, GenerationRequest, Usage


class ScriptedEngine:
    """Each job computes until the test lets it go on; what it does is counted."""

    def __init__(self, slots: int = 2, model: str = "m", *, name: str = "scripted", by_itself: bool = False) -> None:
        self.name = name
        self.model = model
        self.capacity = slots
        self.computing = 0
        self.most_computing = 0
        self.by_itself = by_itself
        self.gates: list[asyncio.Future[str | EngineError]] = []
        self.started = asyncio.Event()
        self._gated = asyncio.Event()

    async def run(self) -> None:
        await asyncio.get_running_loop().create_future()

    async def models(self) -> list[ModelInfo]:
        return [ModelInfo(self.model, 4096, self.capacity)] if self.capacity else []

    def slots(self, model: str) -> int:
        return self.capacity if model == self.model else 0

    async def load(self, model: str) -> None:
        self.model = model

    async def unload(self, model: str) -> None:
        self.capacity = 0

    async def count_tokens(self, model: str, text: str) -> int:
        return len(text.split())

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        return Embeddings(tuple((float(len(text)),) for text in texts), sum(len(text.split()) for text in texts))

    def health(self) -> EngineHealth:
        status = EngineStatus.READY if self.capacity else EngineStatus.DOWN
        return EngineHealth(status, "" if self.capacity else "it is down for the test", device="CPU")

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Chunk, None]:
        self.computing += 1
        self.most_computing = max(self.most_computing, self.computing)
        self.started.set()
        try:
            yield Chunk("one ", deltas=1)
            if not self.by_itself:
                gate: asyncio.Future[str | EngineError] = asyncio.get_running_loop().create_future()
                self.gates.append(gate)
                self._gated.set()
                word = await gate
                if isinstance(word, EngineError):
                    raise word
                yield Chunk(word, deltas=1)
            yield Chunk(finish_reason="stop", usage=Usage(3, 2))
        finally:
            self.computing -= 1

    async def next_gate(self) -> asyncio.Future[str | EngineError]:
        """The gate of the next job that computes."""
        async with asyncio.timeout(PATIENCE):
            while all(gate.done() for gate in self.gates):
                self._gated.clear()
                await self._gated.wait()
        return next(gate for gate in self.gates if not gate.done())


class MemoryBooks:
    """Books that forget when the test ends; in order, like the real ones."""

    def __init__(self) -> None:
        self.records: list[object] = []

    async def append(self, record: object) -> MemoryEntry:
        await asyncio.sleep(0)
        self.records.append(record)
        return MemoryEntry(len(self.records))


class MemoryEntry:
    def __init__(self, seq: int) -> None:
        self.seq = seq
