"""Both stand-in networks on loopback, with customers who never run out of wishes until they are told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from node.clock import Clock, SystemClock
from node.control.client import ControlClient
from node.rehearsal.aipg import Coordinator
from node.rehearsal.aipg.demand import Callers
from node.rehearsal.horde.app import BASE, HordeApp
from node.rehearsal.horde.demand import Customers
from node.rehearsal.horde.horde import Horde
from node.rehearsal.horde.people import User, Worker
from node.rehearsal.horde.rules import Rules
from node.serving import GuestServer, listening

HORDE_KEY = "soak-operator"
GRID_KEY = "grid_soak00000000000000000000000000"
GRID_MODEL = "gpt-oss-20b"
RIG = "soak-rig"


@dataclass
class Services:
    """What the networks know.

    Attributes:
        horde_port: where the AI Horde listens; kept over an outage. asking: the customers.
    """

    app: HordeApp
    owner: User
    customers: Customers
    grid: Coordinator
    callers: Callers
    horde_port: int = 0
    asking: list[asyncio.Task[None]] = field(default_factory=list)
    _serving: asyncio.Task[None] | None = None
    _grid_serving: AbstractAsyncContextManager[Coordinator] | None = None

    @property
    def horde(self) -> Horde:
        return self.app.horde

    @property
    def horde_url(self) -> str:
        return f"http://127.0.0.1:{self.horde_port}{BASE}"

    @property
    def worker(self) -> Worker | None:
        """The AI Horde's own record of our worker; None before its first pop."""
        return self.horde.workers.get(RIG)

    async def horde_up(self) -> None:
        """Begin to listen, at the same port as before."""
        bound = listening("127.0.0.1", self.horde_port)
        self.horde_port = bound.getsockname()[1]
        self._serving = asyncio.create_task(GuestServer(self.app).serve_until_cancelled(bound))

    async def horde_down(self) -> None:
        """Stop listening; what was begun is cut."""
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)
            self._serving = None

    async def grid_up(self) -> None:
        """Begin to listen, at the same port as before."""
        self._grid_serving = self.grid.serving()
        await self._grid_serving.__aenter__()

    async def grid_down(self) -> None:
        """Stop listening; what was begun is cut."""
        if self._grid_serving is not None:
            await self._grid_serving.__aexit__(None, None, None)
            self._grid_serving = None

    def open_the_doors(self) -> None:
        """Customers come from now on."""
        self.asking = [asyncio.create_task(self.customers.run()), asyncio.create_task(self.callers.run())]

    async def close_the_doors(self, patience: float) -> None:
        """Nobody asks for anything new; what was asked for is answered.

        Raises:
            TimeoutError: it is not, within so many seconds.
        """
        self.customers.stop()
        self.callers.stop()
        async with asyncio.timeout(patience):
            await asyncio.gather(*self.asking)


@asynccontextmanager
async def both_services(
    model: str,
    *,
    trusted: bool,
    waiting: int = 12,
    longest: int = 80,
    rules: Rules | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Services]:
    """
    Args:
        model: the AI Horde's name for what its customers want. longest: tokens of the longest answer.
        clock: of both networks.
    """
    clock = clock or SystemClock()
    horde = Horde(clock, rules)
    owner = horde.join("Operator", HORDE_KEY, trusted=trusted)
    customers = Customers(horde, waiting=waiting, total=None, models=[model], max_length=longest)
    grid = Coordinator(clock=clock)
    grid.books.open_account(secret=GRID_KEY)
    callers = Callers(grid, waiting=waiting, total=None, models=[GRID_MODEL], max_tokens=longest)
    services = Services(HordeApp(horde), owner, customers, grid, callers)
    await services.grid_up()
    await services.horde_up()
    try:
        yield services
    finally:
        for task in services.asking:
            task.cancel()
        await asyncio.gather(*services.asking, return_exceptions=True)
        await services.horde_down()
        await services.grid_down()


def join_both(control: ControlClient, services: Services, served: str, horde_name: str) -> None:
    """Let a running node work for both; blocking."""
    pages = {kind.kind: kind.page_version for kind in control.network_kinds()}
    for kind, url, key, name in (
        ("horde", services.horde_url, HORDE_KEY, horde_name),
        ("aipg", services.grid.url, GRID_KEY, GRID_MODEL),
    ):
        wishes = {"kind": kind, "url": url, "worker_name": RIG, "key": key, "models": {served: name}}
        control.order("add_network", {**wishes, "accepted_page": pages[kind]})
