"""A whole house for the AI Horde: the stand-in on real loopback HTTP, the real dispatcher and ledger, and a worker."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from books import opened, unpriced
from eventually import eventually
from patience import PATIENCE
from scripted_engine import ScriptedEngine
from warped_loop import LoopClock

from node.clock import Clock
from node.dispatcher import Dispatcher
from node.dispatcher.desk import Desk
from node.engines.base import Engine
from node.jobs import Receipt
from node.ledger import queries
from node.ledger.records import JobFinished, Settlement, read
from node.ledger.store import Ledger
from node.networks.credits import LedgerCredits
from node.networks.horde.gate import Tempo
from node.networks.horde.network import HordeNetwork
from node.rehearsal.horde.app import BASE, HordeApp
from node.rehearsal.horde.horde import Horde
from node.rehearsal.horde.people import User, Worker
from node.rehearsal.horde.rules import Rules
from node.rehearsal.horde.work import Request
from node.serving import GuestServer, listening
from wallet.secret import Secret

KEY = "operator-key"
CUSTOMER = "customer-key"
NAME = "boiler"
MODEL = "test/test-llm-7b"
QUICK = Tempo(
    idle=0.02, trouble=0.02, longest=0.2, maintenance=0.1, parked=0.2, account=0.1, unseen=0.3, probe=0.3, exchange=2.0,
    farewell=0.5,
)  # fmt: skip
RULES = Rules(cached=0.05, ledger=0.01, check_in=0.05, cleaning=0.1, polls_per_second=10_000, reads_per_minute=100_000)


@dataclass
class Station:
    """The stand-in, served.

    Attributes:
        url: the API's base.
    """

    app: HordeApp
    owner: User
    port: int = 0
    _task: asyncio.Task[None] | None = None

    @property
    def horde(self) -> Horde:
        return self.app.horde

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{BASE}"

    @property
    def worker(self) -> Worker:
        """The stand-in's own record of our worker."""
        return self.horde.workers[NAME]

    def ask(self, times: int = 1, prompt: str = "Once upon a time", **params: object) -> list[Request]:
        """A customer's requests."""
        wants = {"max_length": 32, "max_context_length": 1024, **params}
        return [self.horde.ask(CUSTOMER, prompt, wants, models=[MODEL]) for _ in range(times)]

    async def up(self) -> None:
        """Begin to listen, at the same port as before."""
        bound = listening("127.0.0.1", self.port)
        self.port = bound.getsockname()[1]
        self._task = asyncio.create_task(GuestServer(self.app).serve_until_cancelled(bound))
        await asyncio.sleep(0)

    async def down(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None


@contextlib.asynccontextmanager
async def station(
    *, rules: Rules = RULES, clock: Clock | None = None, trusted: bool = True, days: float = 0.0
) -> AsyncIterator[Station]:
    """The stand-in on loopback with an operator and a customer."""
    horde = Horde(clock or LoopClock(), rules)
    owner = horde.join("Operator", KEY, trusted=trusted, days=days)
    horde.join("Customer", CUSTOMER, trusted=True).cents = 10_000_000
    served = Station(HordeApp(horde), owner)
    await served.up()
    try:
        yield served
    finally:
        await served.down()


@dataclass
class House:
    """A node's inside, as far as a network needs it."""

    station: Station
    engine: Engine
    ledger: Ledger
    dispatcher: Dispatcher
    desk: Desk
    network: HordeNetwork
    state: Path
    working: asyncio.Task[None]
    beside: list[asyncio.Task[None]] = field(default_factory=list)

    async def receipts(self) -> list[Receipt]:
        """How jobs ended, by the ledger."""
        entries = await self.ledger.query(queries.entries, 0, 10_000, JobFinished.kind)
        return [record.receipt for entry in entries if isinstance(record := read(entry.kind, entry.body), JobFinished)]

    async def credits(self) -> list[Settlement]:
        """What was booked as credited."""
        entries = await self.ledger.query(queries.entries, 0, 10_000, Settlement.kind)
        return [record for entry in entries if isinstance(record := read(entry.kind, entry.body), Settlement)]

    async def until(self, true: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Wait; fails at once if the network has fallen over."""
        await eventually(lambda: self.working.done() or true(), seconds)
        if self.working.done():
            self.working.result()
            raise AssertionError("the network ended by itself")

    async def booked(self, count: int, seconds: float = PATIENCE) -> list[Settlement]:
        """Wait for so many credits."""
        async with asyncio.timeout(seconds):
            while len(found := await self.credits()) < count:  # noqa: ASYNC110  the ledger has no event for it
                await asyncio.sleep(0.02)
        return found

    async def ended(self, count: int, seconds: float = PATIENCE) -> list[Receipt]:
        """Wait for so many ended jobs."""
        async with asyncio.timeout(seconds):
            while len(found := await self.receipts()) < count:  # noqa: ASYNC110  the ledger has no event for it
                await asyncio.sleep(0.01)
        return found

    async def kill(self) -> None:
        """As if the process had been killed: nothing is said or written any more."""
        self.network._client._base = "http://127.0.0.1:1"
        self.working.cancel()
        await asyncio.gather(self.working, return_exceptions=True)


@contextlib.asynccontextmanager
async def house(
    station: Station,
    state: Path,
    *,
    engine: Engine | None = None,
    served: str = "m",
    called: str = MODEL,
    tempo: Tempo = QUICK,
    clock: Clock | None = None,
    key: str = KEY,
    agent: str = "Stoker:0.1.0:stoker",
    worker_name: str = NAME,
    ledger: Ledger | None = None,
    **options: object,
) -> AsyncIterator[House]:
    """A worker at work; ended in order at the end."""
    clock = clock or station.horde.clock
    engine = engine or ScriptedEngine(2, by_itself=True)
    async with contextlib.AsyncExitStack() as stack:
        ledger = ledger or await stack.enter_async_context(opened(state / "ledger.db", None))
        last = await ledger.query(queries.last_number)
        dispatcher = Dispatcher([engine], ledger, clock, last_number=last)
        await dispatcher.refresh()
        network = HordeNetwork(
            url=station.url,
            key=Secret(key),
            worker_name=worker_name,
            models={served: called},
            state_dir=state / "horde",
            clock=clock,
            ledger=LedgerCredits(ledger, unpriced),
            agent=agent,
            tempo=tempo,
            **{"reference_url": f"{station.url}/rehearsal/reference", **options},  # type: ignore[arg-type]
        )
        desk = dispatcher.desk(network.name)
        following = asyncio.create_task(dispatcher.run())
        working = asyncio.create_task(network.run(desk))
        following = asyncio.create_task(dispatcher.run())
        made = House(station, engine, ledger, dispatcher, desk, network, state, working)
        try:
            yield made
        finally:
            await dispatcher.stop("the test is over")
            for task in (working, following):
                task.cancel()
            await asyncio.gather(working, following, return_exceptions=True)
