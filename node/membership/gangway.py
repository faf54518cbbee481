"""What stands between an adapter and its desk, so that one network can be let go without touching any other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from node.engines.base import Embeddings, Engine, ModelInfo
from node.jobs import Chunk, Job
from node.networks.base import Closed, Run, Ticket, Tickets

Compute = Callable[[Engine], AsyncIterator[Chunk]]


class Pass:
    """A ticket that went over the gangway."""

    def __init__(self, gangway: Gangway, ticket: Ticket) -> None:
        self.model = ticket.model
        self.ticket = ticket
        self._gangway = gangway

    def release(self) -> None:
        self._gangway.came_back(self)
        self.ticket.release()


class Gangway:
    """Implements `node.networks.base.Tickets` over a desk, until it is drawn in.

    Args:
        barred: why nothing may be taken now; empty if it may. Asked for every ticket.
    """

    def __init__(self, desk: Tickets, barred: Callable[[], str]) -> None:
        self._desk = desk
        self._barred = barred
        self._drawn_in: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._out: set[Pass] = set()

    @property
    def out(self) -> int:
        """Tickets that may still become jobs."""
        return len(self._out)

    def draw_in(self, reason: str) -> None:
        """Let nothing more through; whoever waits is told at once."""
        if not self._drawn_in.done():
            self._drawn_in.set_result(reason)

    def clear(self) -> None:
        """The adapter is gone: what it held goes back."""
        for one in tuple(self._out):
            one.release()

    def models(self) -> Sequence[ModelInfo]:
        return self._desk.models()

    def granted(self, model: str) -> int:
        return 0 if self._why_not() else self._desk.granted(model)

    def seconds(self, model: str, prompt_tokens: int, answer_tokens: int) -> float | None:
        return self._desk.seconds(model, prompt_tokens, answer_tokens)

    async def ticket(self, model: str, *, wait: bool = True, useful: Callable[[], bool] = lambda: True) -> Ticket:
        """See `node.networks.base.Tickets`."""
        if reason := self._why_not():
            raise Closed(reason)
        if not wait:
            return self._hand_out(await self._desk.ticket(model, wait=False))
        asking = asyncio.ensure_future(self._desk.ticket(model, useful=useful))
        try:
            first: list[asyncio.Future[Any]] = [asking, self._drawn_in]
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await self._take_back(asking)
            raise
        if self._drawn_in.done():
            await self._take_back(asking)
            raise Closed(self._drawn_in.result())
        ticket = asking.result()
        if reason := self._barred():
            ticket.release()
            raise Closed(reason)
        return self._hand_out(ticket)

    def submit(
        self, ticket: Ticket, job: Job, compute: Compute | None = None, *, round_trip: float | None = None
    ) -> Run:
        """See `node.networks.base.Tickets`."""
        assert isinstance(ticket, Pass)
        self.came_back(ticket)
        return self._desk.submit(ticket.ticket, job, compute, round_trip=round_trip)

    async def count_tokens(self, model: str, text: str) -> int:
        return await self._desk.count_tokens(model, text)

    async def embed(self, ticket: Ticket, job_id: str, client: str, texts: Sequence[str]) -> Embeddings:
        assert isinstance(ticket, Pass)
        self.came_back(ticket)
        return await self._desk.embed(ticket.ticket, job_id, client, texts)

    def came_back(self, one: Pass) -> None:
        """A ticket was used or given back."""
        self._out.discard(one)

    def _hand_out(self, ticket: Ticket) -> Pass:
        one = Pass(self, ticket)
        self._out.add(one)
        return one

    def _why_not(self) -> str:
        return self._drawn_in.result() if self._drawn_in.done() else self._barred()

    async def _take_back(self, asking: asyncio.Future[Ticket]) -> None:
        asking.cancel()
        await asyncio.wait([asking])
        if not asking.cancelled() and asking.exception() is None:
            asking.result().release()
