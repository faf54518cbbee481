"""The node's own dispatcher under a simulated day: the real rules, with adapters in the shape of the real ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from demand_day import HORDE, READING, SLOTS, WRITING, Request
from demand_town import OWN, Market, Tally, Town, now
from scripted_engine import MemoryBooks, ScriptedEngine

from node.dispatcher import Dispatcher
from node.jobs import Chunk, GenerationRequest, Job, JobState, Usage
from node.networks.base import Closed, JobEnded, Run, Ticket, Tickets
from node.networks.horde.pace import LATEST, SHORTEST, Waiting, offer
from wallet.money import Amount, Asset

MODEL = "m"
CONTEXT = 8192
IDLE_SECONDS = 1.0  # between two looks at a network without jobs
STANDING_SECONDS = 30.0  # after which a ticket for pushed jobs goes back
REFRESH_SECONDS = 1.0
NEVER = 1e9
MICRO = Asset("micro", 0)


class Clock:
    """Simulated time as the node's clock."""

    def monotonic(self) -> float:
        return now()

    def wall_ns(self) -> int:
        return int(now() * 1e9)


class SimulatedEngine(ScriptedEngine):
    """Computes at a fixed speed; the request's options tell how long the answer becomes, and when it is cut."""

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Chunk, None]:
        prompt, length, latest = (float(str(request.options[name])) for name in ("prompt", "length", "latest"))
        await asyncio.sleep(prompt / READING)
        yield Chunk("first ", deltas=1)
        tokens = max(1, int(min(length, (latest - now()) * WRITING)))
        await asyncio.sleep(tokens / WRITING)
        yield Chunk("last", deltas=tokens, finish_reason="stop", usage=Usage(int(prompt), tokens))


async def stoker(town: Town) -> None:
    """The networks share the slots as the node shares them."""
    dispatcher = Dispatcher([SimulatedEngine(SLOTS, MODEL)], MemoryBooks(), Clock(), worth=lambda reward: reward.units)
    await dispatcher.refresh()
    async with asyncio.TaskGroup() as tasks:
        for market in town.markets.values():
            desk = dispatcher.desk(market.trade.name)
            adapter = Polling(market, desk, tasks) if market.trade is HORDE else Pushed(market, desk, tasks)
            tasks.create_task(adapter.run())
        own = dispatcher.desk(OWN, queue=16, own=True)
        for client in town.clients:
            tasks.create_task(_serve_client(own, client, town.own))
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            await dispatcher.refresh()


class Adapter:
    """What both adapters do with a job."""

    def __init__(self, market: Market, desk: Tickets, tasks: asyncio.TaskGroup) -> None:
        self.market = market
        self.trade = market.trade
        self.desk = desk
        self.tasks = tasks
        self.waiting = Waiting()

    async def work(self, ticket: Ticket, request: Request, taken: float, round_trip: float | None) -> None:
        tally, deadline, cuts = self.market.tally, taken + self.trade.limit, self.trade.cuts
        wanted = _wanted(request, taken + self.trade.limit * LATEST if cuts else NEVER)
        job = Job(str(request.number), self.trade.name, wanted, "", deadline, SHORTEST if cuts else None)
        try:
            run = self.desk.submit(ticket, job, round_trip=round_trip)
        except Closed:
            tally.returned += 1
            return
        try:
            async with run:
                tokens = await _tokens(run)
                await asyncio.sleep(self.trade.round_trip)
                worth = self.market.deliver(request, tokens, deadline)
                if worth is None:
                    run.cancel("the network does not take it", JobState.EXPIRED)
                else:
                    receipt = await run.delivered(Amount(worth, MICRO))
                    self.waiting.note(receipt.queued_us / 1e6, now())
        except JobEnded as ended:
            tally.returned += ended.state is JobState.RETURNED
            tally.late += ended.state is not JobState.RETURNED
        finally:
            _count(run, tally)


class Polling(Adapter):
    """Asks for jobs that can be finished in time, as often as there are tickets, and rests while there are none."""

    flowing = False

    async def run(self) -> None:
        while True:
            ticket = await self.desk.ticket(MODEL)
            if self.flowing:
                self.tasks.create_task(self._pop(ticket))
            else:
                await self._pop(ticket)
                if not self.flowing:
                    await asyncio.sleep(IDLE_SECONDS)

    async def _pop(self, ticket: Ticket) -> None:
        asked = now()
        most = offer(
            lambda prompt, answer: self.desk.seconds(MODEL, prompt, answer),
            CONTEXT,
            self.waiting.seconds(asked),
            ttl=self.trade.limit,
        )
        await asyncio.sleep(self.trade.round_trip)
        request = self.market.take(most.max_length)
        self.flowing = request is not None
        if request is None:
            ticket.release()
        else:
            self.tasks.create_task(self.work(ticket, request, asked, None))


class Pushed(Adapter):
    """Stands by with one ticket more than it has jobs, and gives it back now and then."""

    async def run(self) -> None:
        while True:
            ticket = await self.desk.ticket(MODEL)
            request = await self._offered()
            if request is None:
                ticket.release()
            else:
                self.tasks.create_task(self.work(ticket, request, now(), self.trade.round_trip))

    async def _offered(self) -> Request | None:
        with suppress(TimeoutError):
            async with asyncio.timeout(STANDING_SECONDS):
                while (request := self.market.take()) is None:
                    await self.market.came.wait()
                await asyncio.sleep(self.trade.round_trip)
                return request
        return None


async def _serve_client(desk: Tickets, request: Request, tally: Tally) -> None:
    """The owner's own client: it gives up if nothing has begun in time."""
    await asyncio.sleep(request.at - now())
    run: Run | None = None
    try:
        async with asyncio.timeout_at(request.gone) as patience:
            job = Job(str(request.number), OWN, _wanted(request, NEVER))
            async with desk.submit(await desk.ticket(MODEL), job) as run:
                async for _ in run:
                    patience.reschedule(None)
                await run.delivered()
    except TimeoutError:
        tally.late += 1
    else:
        tally.done += 1
    finally:
        if run is not None:
            _count(run, tally)


def _wanted(request: Request, latest: float) -> GenerationRequest:
    options = {"prompt": request.prompt, "length": request.length, "latest": latest}
    return GenerationRequest(MODEL, prompt="", max_tokens=request.wanted, options=options)


async def _tokens(run: Run) -> int:
    """Of its answer."""
    tokens = 0
    async for chunk in run:
        tokens = chunk.usage.completion_tokens if chunk.usage else tokens
    return tokens


def _count(run: Run, tally: Tally) -> None:
    """Add the seconds of an ended job."""
    if run.receipt is not None:
        seconds = run.receipt.compute_us / 1e6
        tally.seconds += seconds
        tally.used += seconds if run.receipt.state is JobState.DONE else 0.0
