"""A day of demand at one node, in simulated time: the node's own dispatcher, and simple strategies beside it."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from demand_day import GRID, HORDE, READING, SLOTS, WRITING, Request, Trade, grid, horde, local
from scripted_engine import MemoryBooks, ScriptedEngine
from simulated_loop import SimulatedLoop

from node.dispatcher import Dispatcher
from node.engines.base import EngineError
from node.jobs import Chunk, GenerationRequest, Job, JobState, Usage
from node.networks.base import Closed, JobEnded, Run, Ticket, Tickets
from node.networks.horde.pace import LATEST, SHORTEST, Waiting, offer
from wallet.money import Amount, Asset

MODEL = "m"
CONTEXT = 8192
IDLE_SECONDS = 1.0  # between two looks at a network without jobs
STANDING_SECONDS = 30.0  # after which a ticket for pushed jobs goes back
MICRO = Asset("micro", 0)
OWN = "local"
NEVER = 1e9


@dataclass
class Tally:
    """What one source of jobs brought and cost.

    Attributes:
        seconds: of slots. late: accepted, and not delivered in time. returned: accepted, and given back in time.
        micro: millionths of the currency.
    """

    done: int = 0
    late: int = 0
    returned: int = 0
    seconds: float = 0.0
    micro: int = 0


@dataclass
class Outcome:
    """How a day went, by network."""

    hours: float
    tallies: dict[str, Tally]

    @property
    def busy(self) -> float:
        """The share of all slot time that was spent computing."""
        return sum(tally.seconds for tally in self.tallies.values()) / (self.hours * 3600 * SLOTS)

    @property
    def income(self) -> float:
        return sum(tally.micro for tally in self.tallies.values()) / 1e6

    @property
    def missed(self) -> int:
        """Jobs that were accepted and came to nothing in time."""
        return sum(tally.late + tally.returned for tally in self.tallies.values())

    def share(self, network: str) -> float:
        """Of the computing time."""
        return self.tallies[network].seconds / max(1.0, sum(tally.seconds for tally in self.tallies.values()))


class Market:
    """The requests at one network that nobody has taken yet."""

    def __init__(self, trade: Trade, requests: Iterator[Request]) -> None:
        self.trade = trade
        self.tally = Tally()
        self.came = asyncio.Event()
        self._coming = requests
        self._open: deque[Request] = deque()

    async def open(self) -> None:
        """Let the requests arrive, until there are no more."""
        for request in self._coming:
            await asyncio.sleep(request.at - now())
            self._open.append(request)
            self.came.set()

    def take(self, most: int | None = None) -> Request | None:
        """The oldest that is still there and asks for no more tokens than that."""
        self._open = deque(request for request in self._open if request.gone > now())
        for request in self._open:
            if most is None or request.wanted <= most:
                self._open.remove(request)
                return request
        self.came.clear()
        return None

    def deliver(self, request: Request, tokens: int, deadline: float) -> int | None:
        """Bring an answer: what it is worth, or None if it is not taken."""
        whole = tokens >= request.length or self.trade.cuts
        if now() > deadline or not whole or not self.trade.hears(now()):
            self.tally.late += 1
            return None
        worth = self.trade.worth(request.prompt, tokens, now())
        self.tally.done += 1
        self.tally.micro += worth
        return worth


@dataclass
class Town:
    """Everybody who wants something, and the slots' time that was used for them."""

    markets: dict[str, Market]
    clients: list[Request]
    own: Tally = field(default_factory=Tally)

    def tallies(self) -> dict[str, Tally]:
        return {OWN: self.own} | {name: market.tally for name, market in self.markets.items()}


Strategy = Callable[[Town], Awaitable[None]]


def lived(strategy: Strategy, hours: float = 24.0, seed: int = 5) -> Outcome:
    """One day under a strategy; always the same demand for the same seed."""

    async def day() -> Outcome:
        until = hours * 3600
        town = Town(
            {
                HORDE.name: Market(HORDE, horde(random.Random(seed), until)),
                GRID.name: Market(GRID, grid(random.Random(seed + 1), until)),
            },
            list(local(random.Random(seed + 2), until)),
        )
        works = [asyncio.create_task(market.open()) for market in town.markets.values()]
        works.append(asyncio.ensure_future(strategy(town)))
        await asyncio.sleep(until)
        outcome = Outcome(hours, town.tallies())
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
        return outcome

    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(day())


def now() -> float:
    return asyncio.get_running_loop().time()


# Ours: the real dispatcher, and adapters in the shape of the real ones


class Clock:
    """Simulated time as the node's clock."""

    def monotonic(self) -> float:
        return now()

    def wall_ns(self) -> int:
        return int(now() * 1e9)


class SimulatedEngine(ScriptedEngine):
    """Computes each answer at a fixed speed; what is asked tells how long it becomes."""

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Chunk, None]:
        prompt, length = request.options["prompt"], request.options["length"]
        assert isinstance(prompt, int)
        assert isinstance(length, int)
        latest = float(str(request.options["latest"]))
        await asyncio.sleep(prompt / READING)
        yield Chunk("first ", deltas=1)
        tokens = max(1, min(length, int((latest - now()) * WRITING)))
        await asyncio.sleep(tokens / WRITING)
        yield Chunk("last", deltas=tokens, finish_reason="stop", usage=Usage(prompt, tokens))


async def stoker(town: Town) -> None:
    """The node's own dispatcher shares the slots."""
    dispatcher = Dispatcher([SimulatedEngine(SLOTS, MODEL)], MemoryBooks(), Clock(), worth=lambda reward: reward.units)
    await dispatcher.refresh()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(dispatcher.run())
        for market in town.markets.values():
            desk = dispatcher.desk(market.trade.name)
            adapter = Polling(market, desk) if market.trade is HORDE else Pushed(market, desk)
            tasks.create_task(adapter.run(tasks))
        own = dispatcher.desk(OWN, queue=16, own=True)
        for client in town.clients:
            tasks.create_task(_serve_client(own, client, town.own))


class Adapter:
    """What both adapters do with a job."""

    def __init__(self, market: Market, desk: Tickets) -> None:
        self.market = market
        self.trade = market.trade
        self.desk = desk
        self.waiting = Waiting()

    async def work(self, ticket: Ticket, request: Request, taken: float, round_trip: float | None) -> None:
        deadline = taken + self.trade.limit
        cuts = self.trade.cuts
        wanted = _wanted(request, taken + self.trade.limit * LATEST if cuts else deadline)
        job = Job(str(request.number), self.trade.name, wanted, "", deadline, SHORTEST if cuts else None)
        try:
            run = self.desk.submit(ticket, job, round_trip=round_trip)
        except Closed:
            self.market.tally.returned += 1
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
            self.market.tally.returned += ended.state is JobState.RETURNED
            self.market.tally.late += ended.state is JobState.EXPIRED and tokens_missing(run)
        finally:
            if run.receipt is not None:
                self.market.tally.seconds += run.receipt.compute_us / 1e6


def tokens_missing(run: Run) -> bool:
    """Its deadline came before its answer; an answer that was not taken is counted by the market."""
    return run.receipt is None or run.receipt.usage is None


class Polling(Adapter):
    """Asks for jobs that can be finished in time, as often as there are tickets, and rests while there are none."""

    flowing = False

    async def run(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            ticket = await self.desk.ticket(MODEL)
            if self.flowing:
                tasks.create_task(self._pop(ticket, tasks))
            else:
                await self._pop(ticket, tasks)
                if not self.flowing:
                    await asyncio.sleep(IDLE_SECONDS)

    async def _pop(self, ticket: Ticket, tasks: asyncio.TaskGroup) -> None:
        asked = now()
        most = offer(
            lambda prompt, answer: self.desk.seconds(MODEL, prompt, answer),
            CONTEXT,
            self.waiting.seconds(now()),
            ttl=self.trade.limit,
        )
        await asyncio.sleep(self.trade.round_trip)
        request = self.market.take(most.max_length)
        self.flowing = request is not None
        if request is None:
            ticket.release()
        else:
            tasks.create_task(self.work(ticket, request, asked, None))


class Pushed(Adapter):
    """Stands by with one ticket more than it has jobs, and gives it back now and then."""

    async def run(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            ticket = await self.desk.ticket(MODEL)
            request = await self._offered()
            if request is None:
                ticket.release()
                await asyncio.sleep(0)
                continue
            tasks.create_task(self.work(ticket, request, now(), self.trade.round_trip))

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
                tally.done += 1
    except (TimeoutError, JobEnded, EngineError):
        tally.late += 1
    finally:
        if run is not None and run.receipt is not None:
            tally.seconds += run.receipt.compute_us / 1e6


def _wanted(request: Request, latest: float) -> GenerationRequest:
    options = {"prompt": request.prompt, "length": request.length, "latest": latest}
    return GenerationRequest(MODEL, prompt="", max_tokens=request.wanted, options=options)


async def _tokens(run: Run) -> int:
    usage = None
    async for chunk in run:
        usage = chunk.usage or usage
    return 0 if usage is None else usage.completion_tokens


# Simple strategies: each slot asks, computes, delivers, one after the other


def only(network: str) -> Strategy:
    """One network, as its own worker does it; the owner's clients first."""
    return lambda town: _slots(town, [town.markets[network]])


async def round_robin(town: Town) -> None:
    """The networks in turn, whoever has a job; the owner's clients first."""
    await _slots(town, list(town.markets.values()))


async def _slots(town: Town, markets: Sequence[Market]) -> None:
    line: deque[Request] = deque()
    turns = deque(markets)

    async def clients() -> None:
        for client in town.clients:
            await asyncio.sleep(client.at - now())
            line.append(client)

    async def slot() -> None:
        while True:
            while line:
                await _compute_own(line.popleft(), town.own)
            for _ in range(len(turns)):
                market = turns[0]
                turns.rotate(-1)
                await asyncio.sleep(market.trade.round_trip)
                request = market.take()
                if request is not None:
                    await _compute(request, market)
                    break
            else:
                await asyncio.sleep(IDLE_SECONDS)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(clients())
        for _ in range(SLOTS):
            tasks.create_task(slot())


async def _compute(request: Request, market: Market) -> None:
    deadline = now() + market.trade.limit
    await asyncio.sleep(request.seconds)
    market.tally.seconds += request.seconds
    await asyncio.sleep(market.trade.round_trip)
    market.deliver(request, request.length, deadline)


async def _compute_own(request: Request, tally: Tally) -> None:
    if now() > request.gone:
        tally.late += 1
        return
    await asyncio.sleep(request.seconds)
    tally.seconds += request.seconds
    tally.done += 1
