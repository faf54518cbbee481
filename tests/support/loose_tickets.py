"""A stand-in for the dispatcher: real slots, real waiting, real cancellation, scripted answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Self

from node.engines.base import Embeddings, EngineError, EngineFault, ModelInfo
from node.jobs import Chunk, Job, JobState, Receipt, Usage
from node.networks.base import Closed, Full, JobEnded
from wallet.money import Amount

Script = Callable[[Job], AsyncIterator[Chunk]]

MODEL = ModelInfo("tiny", context=512, slots=2)


async def echo(job: Job) -> AsyncIterator[Chunk]:
    """Answer with the last thing that was said, word by word."""
    request = job.request
    said = str(request.messages[-1]["content"]) if request.messages else str(request.prompt)
    words = said.split(" ")
    for place, word in enumerate(words):
        yield Chunk(text=word if place == 0 else " " + word, deltas=1)
    yield Chunk(finish_reason="stop", usage=Usage(len(words), len(words)))


class LooseTicket:
    def __init__(self, model: str) -> None:
        self.model = model

    def release(self) -> None:
        return


class LooseRun:
    """One job: computed by a task of its own once a slot is free, read through a small buffer."""

    def __init__(self, job: Job, number: int, slots: asyncio.Semaphore, script: Script) -> None:
        self.job = job
        self.number = number
        self.state = JobState.WAITING
        self.reason = ""
        self.receipt: Receipt | None = None
        self.ended = asyncio.Event()
        self.left_slot = asyncio.Event()
        self._slots = slots
        self._script = script
        self._chunks: asyncio.Queue[Chunk | Exception | None] = asyncio.Queue()
        self._work = asyncio.get_running_loop().create_task(self._compute())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._end(JobState.FAILED if isinstance(error, Exception) else JobState.CANCELLED, str(error or "let go"))
        await asyncio.wait([self._work])

    async def __aiter__(self) -> AsyncIterator[Chunk]:
        while (chunk := await self._chunks.get()) is not None:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    async def delivered(self, reward: Amount | None = None) -> Receipt:
        self._end(JobState.DONE, "")
        if self.state is not JobState.DONE:
            raise JobEnded(self.state, self.reason)
        self.receipt = Receipt(self.number, self.job.id, self.job.network, self.job.model, self.state)
        return self.receipt

    def cancel(self, reason: str, state: JobState = JobState.CANCELLED) -> None:
        self._end(state, reason)

    async def _compute(self) -> None:
        try:
            async with self._slots:
                if not self.state.final:
                    self.state = JobState.RUNNING
                async with aclosing(self._script(self.job)) as chunks:  # type: ignore[type-var]
                    async for chunk in chunks:
                        self._chunks.put_nowait(chunk)
            self._chunks.put_nowait(None)
        except EngineError as error:
            self._chunks.put_nowait(error)
            self._end(JobState.FAILED, error.message)
        finally:
            self.left_slot.set()

    def _end(self, state: JobState, reason: str) -> None:
        if self.state.final:
            return
        self.state = state
        self.reason = reason
        self.ended.set()
        if state is not JobState.DONE and self._work is not asyncio.current_task():
            self._work.cancel()
            self._chunks.put_nowait(JobEnded(state, reason))


class LooseTickets:
    """Implements ``Tickets``. ``closed`` holds the reason while no new work is taken."""

    def __init__(
        self, script: Script = echo, *, models: Sequence[ModelInfo] = (MODEL,), slots: int = 2, line: int = 64
    ) -> None:
        self.script = script
        self.closed = ""
        self.runs: list[LooseRun] = []
        self.submitted = asyncio.Event()
        self.waiting = asyncio.Event()  # somebody waits for a ticket
        self.given_up = asyncio.Event()  # somebody who waited does no longer
        self._models = models
        self._slots = asyncio.Semaphore(slots)
        self._line = line

    def models(self) -> Sequence[ModelInfo]:
        return self._models

    def granted(self, model: str) -> int:
        return 0 if self.closed else self._line - sum(not run.state.final for run in self.runs)

    async def ticket(self, model: str, *, wait: bool = True) -> LooseTicket:
        if model not in {known.name for known in self._models}:
            raise EngineError(EngineFault.UNKNOWN_MODEL, f"{model} is unknown")
        if self.closed:
            raise Closed(self.closed)
        while self.granted(model) < 1:
            if not wait:
                raise Full("all places are taken")
            self.waiting.set()
            try:
                await next(run for run in self.runs if not run.state.final).ended.wait()
            finally:
                self.given_up.set()
        return LooseTicket(model)

    def submit(self, ticket: LooseTicket, job: Job) -> LooseRun:
        run = LooseRun(job, len(self.runs) + 1, self._slots, self.script)
        self.runs.append(run)
        self.submitted.set()
        return run

    async def count_tokens(self, model: str, text: str) -> int:
        return len(text.split())

    async def embed(self, ticket: LooseTicket, job_id: str, client: str, texts: Sequence[str]) -> Embeddings:
        vectors = tuple((float(len(text)), 0.5) for text in texts)
        return Embeddings(vectors, sum(len(text.split()) for text in texts))
