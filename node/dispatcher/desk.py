"""What one network sees of the dispatcher."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.dispatcher.probation import Verdict
from node.dispatcher.speed import hopeless
from node.engines.base import Embeddings, Engine, ModelInfo
from node.jobs import Chunk, GenerationRequest, Job, JobState, Usage
from node.networks.base import Closed, Full, Ticket

if TYPE_CHECKING:
    from node.dispatcher.dispatcher import Dispatcher
    from node.dispatcher.run import Compute, JobRun

STANDBY_SECONDS = 5.0  # a ticket that nothing came for by then keeps nobody else from work
TICKET_SECONDS = 120.0  # a ticket that was not used by then has ended
LEFT = "the network takes no more jobs here"
TOO_LATE = "it cannot be finished before its deadline at the measured speed"


class DeskTicket:
    """The right to one more job in hand."""

    def __init__(self, desk: Desk, number: int, model: str, granted_at: float) -> None:
        self.model = model
        self.number = number
        self.granted_at = granted_at
        self._desk = desk
        self._limit = asyncio.get_running_loop().call_later(STANDBY_SECONDS, self._stand_by)

    def release(self) -> None:
        """Give it back unused."""
        self._limit.cancel()
        self._desk.give_back(self)

    def used(self) -> None:
        """A job has taken its place."""
        self._limit.cancel()

    def _stand_by(self) -> None:
        self._limit = asyncio.get_running_loop().call_later(TICKET_SECONDS - STANDBY_SECONDS, self.release)
        self._desk.stand_by(self)


@dataclass(slots=True)
class _Place:
    """Somebody who waits for a ticket: has had a use for one since that virtual time, if at all."""

    model: str
    ticket: asyncio.Future[DeskTicket]
    useful: Callable[[], bool]
    asked: float


class Desk:
    """Implements `node.networks.base.Tickets` for one network."""

    def __init__(self, network: str, dispatcher: Dispatcher, *, droppable: bool = False) -> None:
        self.network = network
        self.droppable = droppable
        self._dispatcher = dispatcher
        self._left = False
        self._line: deque[_Place] = deque()

    def models(self) -> Sequence[ModelInfo]:
        return self._dispatcher.models()

    def granted(self, model: str) -> int:
        """How many further jobs of this model may be taken in hand, now."""
        shut = self._left or self._dispatcher.closed
        return 0 if shut else self._dispatcher.allocation.granted(self.network, model)

    def seconds(self, model: str, prompt_tokens: int, answer_tokens: int) -> float | None:
        """How long such a job would compute at the measured speed; None if that is not known yet."""
        return self._dispatcher.speeds.seconds(model, prompt_tokens, answer_tokens)

    async def ticket(self, model: str, *, wait: bool = True, useful: Callable[[], bool] = lambda: True) -> Ticket:
        """The right to one more job in hand; see `node.networks.base.Tickets`."""
        self._dispatcher.routing.engine_for(model)
        shut = self._closed(wait)
        if shut:
            raise Closed(shut)
        if not self._dispatcher.closed and useful() and not self._waits_for(model):
            ticket = self._take(model)
            if ticket is not None:
                return ticket
        if not wait:
            raise Full(f"all places for {model} are taken")
        place: asyncio.Future[DeskTicket] = asyncio.get_running_loop().create_future()
        self._line.append(_Place(model, place, useful, self._dispatcher.allocation.present))
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                place.result().release()
            raise

    def submit(
        self, ticket: Ticket, job: Job, compute: Compute | None = None, *, round_trip: float | None = None
    ) -> JobRun:
        """Turn a ticket into a job in hand; see `node.networks.base.Tickets`."""
        if not isinstance(ticket, DeskTicket) or job.network != self.network:
            raise ValueError(f"{self.network}: that is not a ticket and a job of this network")
        dispatcher = self._dispatcher
        now = dispatcher.clock.monotonic()
        stood_by = dispatcher.allocation.stands_by(self.network, ticket.number)
        ticket.used()
        try:
            run = dispatcher.begin(ticket.number, job, compute)
        except KeyError:
            raise Closed("the ticket has ended") from None
        if round_trip is not None:
            dispatcher.allocation.note_round_trip(self.network, round_trip)
        elif not stood_by:
            dispatcher.allocation.note_round_trip(self.network, now - ticket.granted_at)
        if dispatcher.yielding and self.droppable:
            run.recall(dispatcher.yielding, JobState.RETURNED)
        elif hopeless(job, dispatcher.speeds, now):
            run.hopeless = True
            run.recall(TOO_LATE, JobState.RETURNED)
        dispatcher.turn()
        return run

    async def count_tokens(self, model: str, text: str) -> int:
        return await self._dispatcher.routing.engine_for(model).count_tokens(model, text)

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

    @property
    def wanting(self) -> bool:
        """Somebody waits for a ticket and has a use for it."""
        return sum(map(self._wants, self._line)) > 0  # all are asked, so that each knows since when

    def serve_one(self) -> bool:
        """Give a ticket to the first who waits and can have one; False if there is none."""
        for place in self._line:
            ticket = self._take(place.model, place.asked) if self._wants(place) else None
            if ticket is not None:
                place.ticket.set_result(ticket)
                self._line = deque(other for other in self._line if not other.ticket.done())
                return True
        return False

    def dismiss(self, reason: str) -> None:
        """Send everyone away who waits."""
        line, self._line = self._line, deque()
        for place in line:
            if not place.ticket.done():
                place.ticket.set_exception(Closed(reason))

    def leave(self) -> None:
        """The network takes part no longer."""
        self._left = True
        self.dismiss(LEFT)

    def stand_by(self, ticket: DeskTicket) -> None:
        """Nothing has come for a ticket so far."""
        self._dispatcher.allocation.stand_by(self.network, ticket.number)
        self._dispatcher.turn()

    def give_back(self, ticket: DeskTicket) -> None:
        """A ticket ends unused."""
        if self._dispatcher.allocation.release(self.network, ticket.number):
            self._dispatcher.turn()

    def _closed(self, wait: bool) -> str:
        """Why no ticket will come, or none now where nobody waits for it; empty if one may."""
        if self._left:
            return LEFT
        closed = self._dispatcher.closed
        if closed:
            return closed if self._dispatcher.draining or not wait else ""
        conduct = self._dispatcher.conduct(self.network)
        return "" if wait or conduct.verdict is not Verdict.PARKED else f"{self.network} is parked: {conduct.reason}"

    def _take(self, model: str, asked: float | None = None) -> DeskTicket | None:
        if self._left:
            return None
        number = self._dispatcher.allocation.take(self.network, model, asked)
        if number is None:
            return None
        return DeskTicket(self, number, model, self._dispatcher.clock.monotonic())

    def _wants(self, place: _Place) -> bool:
        if place.ticket.done():
            return False
        if place.useful():
            return True
        place.asked = self._dispatcher.allocation.present
        return False

    def _waits_for(self, model: str) -> bool:
        return any(place.model == model and self._wants(place) for place in self._line)
