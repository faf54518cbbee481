"""One node's inside that has joined both networks: the real dispatcher, ledger, memberships and adapters, and both
stand-ins on loopback, in warped time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from books import KEY, UnhurriedLedger
from grid import so
from steady_engine import SteadyEngine
from two_services import GRID_KEY, GRID_MODEL, HORDE_KEY, RIG, Services, both_services
from warped_loop import LoopClock

from node.config import Settings
from node.control.commands import Commands
from node.control.wire.networks import NetworkState, NetworkView
from node.dispatcher import Dispatcher
from node.jobs import JobState, Receipt
from node.ledger.records import JobFinished, Settlement, read
from node.ledger.store import Entry, Ledger
from node.ledger.verify import verify
from node.membership.pages import load_page
from node.membership.room import MembershipRoom, live
from node.models.licences import Licence
from node.paths import Paths

OTHER = {"horde": "aipg", "aipg": "horde"}
WELL = (NetworkState.READY, NetworkState.WORKING)
MODEL = "m"
HORDE_MODEL = "test/test-llm-7b"
SLOTS = 3
ANSWER_SECONDS = 5.0
CUSTOMERS_SECONDS = 1.0
WISHES = 5  # that wait at each network
BOOKS_SECONDS = 400.0  # workers read the networks' books once a minute, and some of those are a minute old


@dataclass
class SharedNode:
    """See the module.

    Attributes:
        receipts: of all jobs that have ended, as the ledger has them.
    """

    services: Services
    engine: SteadyEngine
    clock: LoopClock
    dispatcher: Dispatcher
    ledger: Ledger
    room: MembershipRoom
    commands: Commands
    receipts: list[Receipt] = field(default_factory=list)
    _orders: int = 0

    async def order(self, command: str, **values: Any) -> dict[str, Any]:
        """What its owner tells it."""
        self._orders += 1
        return await self.commands.give(command, f"order-{self._orders:04}", values, 1000, 1)

    async def join(self, kind: str, **values: Any) -> None:
        """Join a stand-in; ``values`` are what is not as usual."""
        usual = {
            "horde": {
                "url": self.services.horde_url,
                "key": HORDE_KEY,
                "models": {MODEL: HORDE_MODEL},
                "options": {"reference_url": f"{self.services.horde_url}/rehearsal/reference"},
            },
            "aipg": {"url": self.services.grid.url, "key": GRID_KEY, "models": {MODEL: GRID_MODEL}},
        }[kind]
        page = load_page(kind).page_version
        await self.order("add_network", kind=kind, worker_name=RIG, accepted_page=page, **{**usual, **values})

    async def view(self, network: str) -> NetworkView:
        """How a network looks to its owner."""
        return next(view for view in await self.room.routes.views() if view.name == network)

    async def looks(self, network: str, so: Callable[[NetworkView], object], seconds: float = 120.0) -> NetworkView:
        """Wait until a network looks so."""
        try:
            async with asyncio.timeout(seconds):
                while not so(view := await self.view(network)):  # noqa: ASYNC110  a network's view has no event
                    await asyncio.sleep(1.0)
        except TimeoutError:
            raise AssertionError(f"it never looked so; in the end: {view}") from None
        return view

    def ends(self, network: str) -> list[JobState]:
        """How its jobs ended, the oldest first."""
        return [receipt.state for receipt in self.receipts if receipt.network == network]

    def done(self, network: str) -> int:
        return self.ends(network).count(JobState.DONE)

    async def does(self, network: str, jobs: int, seconds: float = 200.0) -> None:
        """Wait until so many more jobs of a network are done."""
        begun = self.done(network)
        try:
            await so(lambda: self.done(network) >= begun + jobs, seconds, every=1.0)
        except TimeoutError:
            done, view = self.done(network) - begun, await self.view(network)
            raise AssertionError(f"{network}: {done} of {jobs} jobs were done: {self.ends(network)}, {view}") from None

    def paid(self, network: str) -> Mapping[str, int]:
        """What the network's own books say: base units for each of our jobs, by its id."""
        if network == "horde":
            return {job: cents for worker in self.services.horde.workers.values() for job, cents in worker.paid.items()}
        return {entry.job_id: round(entry.den * 100) for entry in self.services.grid.books.earned}

    async def credited(self, network: str) -> int:
        """What our books say that the network has credited."""
        return sum(reward.credited for reward in (await self.view(network)).rewards)

    async def demand(self) -> None:
        """Customers of both networks never run out of wishes, until they are told to stop."""
        while True:
            self.services.customers.turn()
            self.services.callers.turn()
            await asyncio.sleep(CUSTOMERS_SECONDS)

    async def settle(self) -> None:
        """Nobody wishes anything more; all that was wished is answered, and the books are those of the networks.

        Every accepted job has one end, every answer that we call delivered was paid for by its network, and nothing
        was delivered twice.
        """
        self.services.customers.stop()
        self.services.callers.stop()
        await so(lambda: not self.dispatcher.runs and not self._wished(), 400, every=1.0)
        proof = await asyncio.to_thread(verify, self.ledger.path, KEY.public_key)
        assert proof.problem is None
        assert [receipt.number for receipt in sorted(self.receipts, key=lambda one: one.number)] == list(
            range(1, len(self.receipts) + 1)
        )
        for network in OTHER:
            delivered = [one.job_id for one in self.receipts if one.network == network and one.state is JobState.DONE]
            assert len(delivered) == len(set(delivered))
            assert set(delivered) <= set(self.paid(network))
            await self._agrees(network)

    async def _agrees(self, network: str) -> None:
        try:
            async with asyncio.timeout(BOOKS_SECONDS):
                while await self.credited(network) != sum(self.paid(network).values()):  # noqa: ASYNC110  no event
                    await asyncio.sleep(5)
        except TimeoutError:
            ours, theirs = await self.credited(network), sum(self.paid(network).values())
            raise AssertionError(f"{network}: {ours} credited in our books, {theirs} in its own") from None

    def _wished(self) -> bool:
        return not self.services.customers.finished or any(ask.open for ask in self.services.grid.asks)


@asynccontextmanager
async def untouched(node: SharedNode, troubled: str, slots: int = SLOTS) -> AsyncIterator[None]:
    """Whatever is done to one network meanwhile, the other's jobs all end as done, and it has its share of the engine.

    Afterwards both recover and settle: see `SharedNode.settle`.

    Args:
        slots: how many of them can be shared meanwhile.
    """
    other = OTHER[troubled]
    begun, done = node.clock.monotonic(), node.done(other)
    yield
    share = (node.clock.monotonic() - begun) * slots / ANSWER_SECONDS / len(OTHER)
    assert node.done(other) - done >= 0.8 * share - SLOTS
    await node.does(troubled, 3)
    await node.looks(troubled, lambda view: view.state in WELL and not view.reason, 600)
    await node.settle()
    assert set(node.ends(other)) == {JobState.DONE}
    assert len(node.ends(other)) == len(node.paid(other))
    (view,) = (await node.view(other)).rewards
    assert view.claimed == view.credited


@asynccontextmanager
async def shared_node(directory: Path, *, joined: tuple[str, ...] = ("horde", "aipg")) -> AsyncIterator[SharedNode]:
    """A node at work for both networks, whose customers never run out of wishes.

    Args:
        joined: which networks it has joined when this begins.
    """
    clock = LoopClock()
    paths = Paths(directory)
    async with (
        _books(paths, clock) as ledger,
        both_services(HORDE_MODEL, trusted=True, waiting=WISHES, clock=clock) as services,
    ):
        engine = SteadyEngine(SLOTS, MODEL, ANSWER_SECONDS)
        dispatcher = Dispatcher([engine], ledger, clock)
        await dispatcher.refresh()
        local = dispatcher.desk("local", queue=4, own=True)
        room = live(paths, Settings(), dispatcher, engine, ledger, clock, lambda model: Licence(), local, _unpriced)
        commands = Commands(_unrecorded)
        room.orders.add_to(commands)
        node = SharedNode(services, engine, clock, dispatcher, ledger, room, commands)
        ledger.subscribe(lambda entry: _take_down(node.receipts, entry))
        running = [asyncio.create_task(work) for work in (dispatcher.run(), room.members.run(), node.demand())]
        try:
            for network in joined:
                await node.join(network)
            for network in joined:
                await node.does(network, 1)
            yield node
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await dispatcher.stop("the test is over")
    assert engine.computing == 0
    assert engine.most_computing <= SLOTS


@asynccontextmanager
async def _books(paths: Paths, clock: LoopClock) -> AsyncIterator[Ledger]:
    ledger = await asyncio.to_thread(UnhurriedLedger.open, paths.ledger, KEY, clock)
    try:
        yield ledger
    finally:
        await ledger.close()


def _take_down(receipts: list[Receipt], entry: Entry) -> None:
    record = read(entry.kind, entry.body)
    if isinstance(record, JobFinished):
        receipts.append(record.receipt)


async def _unrecorded(command: str, values: Mapping[str, object], uid: int, pid: int) -> None:
    """What its owner tells it is another test's matter."""


async def _unpriced(settlement: Settlement) -> None:
    """What rewards are worth is another test's matter."""
