"""What one network sees of the dispatcher."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from node.engines.base import Embeddings, Engine, ModelInfo
from node.jobs import Chunk, GenerationRequest, Job, JobState, Usage
from node.networks.base import Closed, Full, Ticket

if TYPE_CHECKING:
    from node.dispatcher.dispatcher import Dispatcher
    from node.dispatcher.run import Compute, JobRun

TICKET_SECONDS = 120.0  # a ticket that was not used by then has ended


class DeskTicket:
    """The right to one more job in hand."""

    def __init__(self, desk: Desk, number: int, model: str, granted_at: float) -> None:
        self.model = model
        self.number = number
        self.granted_at = granted_at
        self._desk = desk
        self._limit = asyncio.get_running_loop().call_later(TICKET_SECONDS, self.release)

    def release(self) -> None:
        """Give it back unused."""
        self._limit.cancel()
        self._desk.give_back(self)

    def used(self) -> None:
        """A job has taken its place."""
        self._limit.cancel()


class Desk:
    """Implements `node.networks.base.Tickets` for one network."""

    def __init__(self, network: str, dispatcher: Dispatcher, *, droppable: bool = False) -> None:
        self.network = network
        self.droppable = droppable
        self._dispatcher = dispatcher
        self._line: deque[tuple[str, asyncio.Future[DeskTicket]]] = deque()

    def models(self) -> Sequence[ModelInfo]:
        return self._dispatcher.models()

    def granted(self, model: str) -> int:
        """How many further jobs of this model may be taken in hand, now."""
        return 0 if self._dispatcher.closed else self._dispatcher.allocation.granted(self.network, model)

    def seconds(self, model: str, prompt_tokens: int, answer_tokens: int) -> float | None:
        """How long such a job would compute at the measured speed; None if that is not known yet."""
        return self._dispatcher.speeds.seconds(model, prompt_tokens, answer_tokens)

    async def ticket(self, model: str, *, wait: bool = True) -> Ticket:
        """The right to one more job in hand; see `node.networks.base.Tickets`."""
        self._dispatcher.engine_for(model)
        if self._dispatcher.closed and (self._dispatcher.draining or not wait):
            raise Closed(self._dispatcher.closed)
        if not self._dispatcher.closed and not self._waits_for(model):
            ticket = self._take(model)
            if ticket is not None:
                return ticket
        if not wait:
            raise Full(f"all places for {model} are taken")
        place: asyncio.Future[DeskTicket] = asyncio.get_running_loop().create_future()
        self._line.append((model, place))
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                place.result().release()
            raise

    def submit(self, ticket: Ticket, job: Job, compute: Compute | None = None) -> JobRun:
        """Turn a ticket into a job in hand.

        Raises:
            Closed: the ticket has ended by its time limit.
        """
        if not isinstance(ticket, DeskTicket) or job.network != self.network:
            raise ValueError(f"{self.network}: that is not a ticket and a job of this network")
        dispatcher = self._dispatcher
        ticket.used()
        try:
            run = dispatcher.begin(ticket.number, job, compute)
        except KeyError:
            raise Closed("the ticket has ended") from None
        dispatcher.allocation.note_round_trip(self.network, dispatcher.clock.monotonic() - ticket.granted_at)
        if dispatcher.yielding and self.droppable:
            run.cancel(dispatcher.yielding, JobState.RETURNED)
        elif self._hopeless(job):
            run.cancel("it cannot be finished before its deadline at the measured speed", JobState.RETURNED)
        dispatcher.turn()
        return run

    async def count_tokens(self, model: str, text: str) -> int:
        return await self._dispatcher.engine_for(model).count_tokens(model, text)

    async def embed(self, ticket: Ticket, job_id: str, client: str, texts: Sequence[str]) -> Embeddings:
        """Compute embeddings in a slot, as a job with a ledger entry like any other."""
        answers: list[Embeddings] = []

        async def compute(engine: Engine) -> AsyncIterator[Chunk]:
            answer = await engine.embed(ticket.model, texts)
            answers.append(answer)
            yield Chunk(usage=Usage(answer.prompt_tokens, 0))

        request = GenerationRequest(ticket.model, prompt="\n".join(texts), options={"task": "embeddings"})
        async with self.submit(ticket, Job(job_id, self.network, request, client), compute) as run:
            async for _ in run:
                pass
            await run.delivered()
        return answers[0]

    # For the dispatcher

    def serve_line(self) -> None:
        """Give tickets to those who wait, in order; when draining, send everyone away."""
        unserved: deque[tuple[str, asyncio.Future[DeskTicket]]] = deque()
        while self._line:
            model, place = self._line.popleft()
            if place.done():
                continue
            if self._dispatcher.draining:
                place.set_exception(Closed(self._dispatcher.closed))
                continue
            ticket = self._take(model)
            if ticket is None:
                unserved.append((model, place))
            else:
                place.set_result(ticket)
        self._line = unserved

    def give_back(self, ticket: DeskTicket) -> None:
        """A ticket ends unused."""
        if self._dispatcher.allocation.release(self.network, ticket.number):
            self._dispatcher.turn()

    def _take(self, model: str) -> DeskTicket | None:
        number = self._dispatcher.allocation.take(self.network, model)
        if number is None:
            return None
        return DeskTicket(self, number, model, self._dispatcher.clock.monotonic())

    def _waits_for(self, model: str) -> bool:
        return any(other == model and not place.done() for other, place in self._line)

    def _hopeless(self, job: Job) -> bool:
        if job.deadline is None or job.request.max_tokens is None:
            return False
        needed = self.seconds(job.model, 0, job.request.max_tokens)
        return needed is not None and self._dispatcher.clock.monotonic() + needed > job.deadline
