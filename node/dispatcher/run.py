"""One job in hand, from its ticket to its receipt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from node.dispatcher.buffer import Buffer
from node.dispatcher.course import Course
from node.dispatcher.energy import Spent
from node.dispatcher.probation import End
from node.engines.base import Engine, EngineError, EngineFault
from node.jobs import Chunk, Job, JobState, Receipt
from node.ledger.records import JobAccepted, JobFinished
from node.networks.base import JobEnded
from wallet.money import Amount

if TYPE_CHECKING:
    from node.clock import Clock

log = logging.getLogger(__name__)

Compute = Callable[[Engine], AsyncIterator[Chunk]]


class Floor(Protocol):
    """What a job needs from the dispatcher."""

    clock: Clock
    currency: str

    async def book(self, record: JobAccepted | JobFinished) -> int:
        """Write into the ledger; the entry's number once it is safe on the disk."""

    def vacate(self, run: JobRun) -> Spent:
        """The job computes no longer: its slot or its place in the line is free."""

    def ended(self, run: JobRun) -> None:
        """The job is settled and out of our hands."""

    def heard(self, run: JobRun, tokens: int) -> None:
        """So many tokens have just come."""


class JobRun:
    """The dispatcher's side of `node.networks.base.Run`.

    The engine is read by a task of its own into a buffer, so that a slow reader never holds a slot; whatever has
    gathered since the reader last looked is handed over as one chunk.
    """

    def __init__(self, number: int, job: Job, floor: Floor, compute: Compute | None = None) -> None:
        self.number = number
        self.job = job
        self.recalled = False  # the node ended it by itself, for its own or its owner's reasons
        self.hopeless = False  # it could not have met its deadline from the start
        self.entry: int | None = None
        self.engine_fault: EngineFault | None = None  # why the engine gave no whole answer
        self.reason = ""
        self.course = Course(floor.clock.monotonic(), floor.clock.wall_ns())
        self._state = JobState.WAITING
        self._floor = floor
        self._compute = compute or (lambda engine: engine.generate(job.request))
        self._buffer = Buffer()
        self._computed = False
        self._error: EngineError | None = None
        self._reward: Amount | None = None
        self._spent = Spent()
        self._receipt: Receipt | None = None
        self._settling: asyncio.Task[Receipt] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        loop = asyncio.get_running_loop()
        self._slot: asyncio.Future[Engine] = loop.create_future()
        self._accepting = loop.create_task(self._accept())
        self._working = loop.create_task(self._work())
        if job.deadline is not None:
            left = max(0.0, job.deadline - self.course.accepted_at)
            self._alarm = loop.call_later(left, self.cancel, "its deadline passed", JobState.EXPIRED)

    @property
    def state(self) -> JobState:
        return self._state

    @property
    def receipt(self) -> Receipt | None:
        return self._receipt

    @property
    def ending(self) -> End:
        """How it ended, as far as that says something about its network."""
        fault = None if self._error is None else self._error.fault
        return End(self._state, self._computed, fault, self.recalled, self.hopeless, self.course.accepted_at)

    # For the adapter

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            self._end(JobState.FAILED, str(error) or type(error).__name__)
        else:
            self._end(JobState.CANCELLED, "the network let go of it")
        await self._settled()

    def __aiter__(self) -> AsyncIterator[Chunk]:
        return self._chunks()

    async def _chunks(self) -> AsyncIterator[Chunk]:
        await self._accepted()
        while True:
            if self._state.final and self._error is None:
                raise JobEnded(self._state, self.reason)
            if chunks := self._buffer.take():
                for chunk in chunks:
                    yield chunk
            elif self._error is not None:
                raise self._error
            elif self._computed:
                return
            else:
                await self._buffer.news()

    async def delivered(self, reward: Amount | None = None) -> Receipt:
        """The network has the answer: DONE. A repeated call is recognised as done.

        Raises:
            JobEnded: the job ended otherwise before.
        """
        if not self._state.final:
            self._reward = reward
            self._end(JobState.DONE, "")
        receipt = await self._settled()
        if receipt.state is not JobState.DONE:
            raise JobEnded(receipt.state, receipt.reason)
        return receipt

    def cancel(self, reason: str, state: JobState = JobState.CANCELLED) -> None:
        """Stop it, wherever it stands."""
        self._end(state, reason)

    # For the dispatcher

    def start(self, engine: Engine) -> None:
        """A slot is ours."""
        self.course.started_at = self._floor.clock.monotonic()
        if not self._state.final:
            self._state = JobState.RUNNING
        self._slot.set_result(engine)

    def recall(self, reason: str, state: JobState = JobState.CANCELLED) -> None:
        """The node ends it by itself."""
        self.recalled = self.recalled or not self._state.final
        self._end(state, reason)

    def fail(self, error: EngineError) -> None:
        """No engine will take it."""
        self._error = self._error or error
        self._end(JobState.FAILED, error.message)

    # Inside

    async def _accept(self) -> None:
        job = self.job
        left = None if job.deadline is None else max(0, round((job.deadline - self.course.accepted_at) * 1000))
        self.entry = await self._floor.book(
            JobAccepted(self.number, job.id, job.network, job.model, job.client, expires_in_ms=left)
        )

    async def _accepted(self) -> None:
        try:
            await asyncio.shield(self._accepting)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self.fail(EngineError(EngineFault.UNAVAILABLE, f"the books cannot be written: {error}"))
            raise self._error or error from None

    async def _work(self) -> None:
        try:
            engine = await self._slot
            async with aclosing(self._compute(engine)) as chunks:  # type: ignore[type-var]
                async for chunk in chunks:
                    self._arrived(chunk)
            self._computed = True
            if not self._state.final:
                self._state = JobState.DELIVERING
        except EngineError as error:
            self.engine_fault = error.fault
            self.fail(error)
        except asyncio.CancelledError:
            if not self._state.final:
                self._stop()
                self.recall("the node stopped")
        except Exception as error:
            log.exception("job %d: the engine's answer could not be read", self.number)
            self.fail(EngineError(EngineFault.CRASHED, f"the engine's answer could not be read: {error}"))
        finally:
            self._stop()
            self._buffer.wake()

    def _arrived(self, chunk: Chunk) -> None:
        self.course.came(chunk, self._floor.clock.monotonic())
        if chunk.deltas:
            self._floor.heard(self, chunk.deltas)
        self._buffer.add(chunk)

    def _stop(self) -> None:
        """Free the slot or the place in the line, once."""
        if self.course.stopped_at is None:
            self.course.stopped_at = self._floor.clock.monotonic()
            self._spent = self._floor.vacate(self)

    def _end(self, state: JobState, reason: str) -> None:
        if self._state.final:
            return
        self._state = state
        self.reason = reason
        if self._alarm is not None:
            self._alarm.cancel()
        if self.course.started_at is None:
            self._stop()
        self._settling = asyncio.get_running_loop().create_task(self._settle())
        if self._working is not asyncio.current_task():
            self._working.cancel()
        self._buffer.wake()

    async def _settled(self) -> Receipt:
        if self._settling is None:
            raise RuntimeError(f"job {self.number} has not ended")
        return await asyncio.shield(self._settling)

    async def _settle(self) -> Receipt:
        await asyncio.wait([self._working])
        self._stop()  # a task that is cancelled before its first step never comes to its own `finally`
        receipt = self.course.receipt(
            self.number, self.job, self._state, self.reason, self._reward, self._spent, self._floor.currency
        )
        try:
            await asyncio.shield(self._accepting)
            self.entry = await self._floor.book(JobFinished(receipt))
        except Exception as error:
            log.error("job %d ended %s, but the books could not be written: %s", self.number, self._state, error)
        self._receipt = receipt
        self._floor.ended(self)
        return receipt
