"""A node that works for a stand-in AI Power Grid: the real dispatcher and adapter, a scripted engine, warped time."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from memory_credits import MemoryCredits
from scripted_engine import MemoryBooks, ScriptedEngine
from warped_loop import LoopClock

from node.dispatcher import Dispatcher
from node.jobs import Receipt
from node.ledger.records import JobFinished
from node.networks.aipg.network import AipgNetwork
from node.networks.websocket import LinkLimits
from node.rehearsal.aipg import Coordinator
from wallet.secret import Secret

MODEL = "gpt-oss-20b"


@dataclass
class Rig:
    """One machine of an owner."""

    engine: ScriptedEngine
    books: MemoryBooks
    dispatcher: Dispatcher
    credits: MemoryCredits
    network: AipgNetwork
    working: asyncio.Task[None]

    def receipts(self) -> list[Receipt]:
        return [record.receipt for record in self.books.records if isinstance(record, JobFinished)]

    def claimed(self) -> int:
        """Units that the network stated for jobs, in hundredths."""
        return sum(receipt.reward.units for receipt in self.receipts() if receipt.reward is not None)

    def credited(self) -> int:
        """Units that the network's pages were seen to show, in hundredths."""
        return sum(entry.units for entry in self.credits.settlements if entry.asset == "den")


@asynccontextmanager
async def rig(
    grid: Coordinator,
    key: str,
    *,
    slots: int = 2,
    by_itself: bool = True,
    worker_name: str = "rig-1",
    url: str = "",
    tls: ssl.SSLContext | None = None,
    limits: LinkLimits | None = None,
    state: Path | None = None,
) -> AsyncIterator[Rig]:
    """A running node; afterwards nothing of it is left.

    Args:
        url: where it finds the grid, if not at its own address.
        state: what an earlier run remembered; none by default.
    """
    clock = LoopClock()
    engine, books = ScriptedEngine(slots, by_itself=by_itself), MemoryBooks()
    dispatcher = Dispatcher([engine], books, clock)
    noted = MemoryCredits(books)
    scratch = TemporaryDirectory()
    network = AipgNetwork(
        url=url or grid.url,
        key=Secret(key),
        worker_name=worker_name,
        models={"m": MODEL},
        ledger=noted,
        state_dir=state or Path(scratch.name),
        clock=clock,
        tls=tls,
        limits=limits,
        chance=random.Random(7),
    )
    await dispatcher.refresh()
    following = asyncio.create_task(dispatcher.run())
    working = asyncio.create_task(network.run(dispatcher.desk("aipg")))
    try:
        yield Rig(engine, books, dispatcher, noted, network, working)
    finally:
        for task in (working, following):
            task.cancel()
        for task in (working, following):
            with suppress(asyncio.CancelledError):
                await task
        await dispatcher.stop("the test is over")
        scratch.cleanup()
    assert engine.computing == 0
    assert network.in_hand == 0


@asynccontextmanager
async def working(**options: Any) -> AsyncIterator[tuple[Coordinator, Rig]]:
    """A grid and a node that works for it, let in and waiting."""
    grid = Coordinator(clock=LoopClock())
    key, _ = grid.books.open_account()
    async with grid.serving(), rig(grid, key, **options) as one:
        await so(lambda: one.network.connections > 0)
        yield grid, one


def booked(grid: Coordinator) -> int:
    """What the grid's own books show, in hundredths of a unit."""
    return sum(round(entry.den * 100) for entry in grid.books.earned)


async def so(true: Callable[[], bool], seconds: float = 60.0, every: float = 0.05) -> None:
    """Wait, in the loop's time, until it is true."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  what is waited for is the tested code's own business
            await asyncio.sleep(every)
