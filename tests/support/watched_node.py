"""The middle of a node in this process: dispatcher, observer and watch over a scripted engine and real books."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from books import NOON, opened
from hand_clock import HandClock
from scripted_engine import ScriptedEngine

from node.control.hub import Hub
from node.control.wire import NodeView, Transfer
from node.dispatcher import Dispatcher, JobRun
from node.hardware.readings import HardwareReading, HostReading
from node.hardware.series import Series
from node.jobs import GenerationRequest, Job
from node.ledger.chain import Entry
from node.ledger.errors import LedgerUnavailable
from node.ledger.records import Record
from node.ledger.store import Ledger
from node.networks.base import Standing, Tickets
from node.observer import Observer
from node.observer.observer import Subject
from node.watch import Watch

NODE = NodeView("ember", "1.0", 7, NOON, "/data", "stoker:00ff")


class FickleBooks:
    """The real books, on a disk that a test can fill."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.full = False
        self.unreadable = False

    async def append(self, record: Record) -> Entry:
        if self.full:
            raise LedgerUnavailable("ledger.db: no space is left for the ledger; free some on this disk")
        return await self._ledger.append(record)

    async def query(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self.unreadable:
            raise LedgerUnavailable("ledger.db: the disk did not give the ledger's data")
        return await self._ledger.query(function, *args, **kwargs)

    def subscribe(self, callback: Callable[[Entry], None]) -> Callable[[], None]:
        return self._ledger.subscribe(callback)


class QuietNetwork:
    """A network that stands as the test says."""

    name = "local"

    def __init__(self) -> None:
        self.standing = Standing(connected=True, detail="listening", depth=3)

    async def run(self, tickets: Tickets) -> None:
        await asyncio.get_running_loop().create_future()

    async def probe(self) -> Standing:
        return self.standing


class StillSensors:
    """A sampler that has read once."""

    latest = HardwareReading(NOON, HostReading())
    history = Series(NOON, (50.0, None), (100.0, 110.0), (5.0, 6.0))


class WatchedNode:
    """All of it; the test moves the clock and makes the ticks."""

    def __init__(self, ledger: Ledger, directory: Path, clock: HandClock) -> None:
        self.clock = clock
        self.books = FickleBooks(ledger)
        self.engine = ScriptedEngine()
        self.network = QuietNetwork()
        self.hub = Hub()
        self.moving: tuple[Transfer, ...] = ()
        self.missing = ""
        self.loading = ""
        self.meter: int | None = None
        self.pause_file = directory / "paused"
        self.dispatcher = Dispatcher([self.engine], self.books, clock, meter=lambda: self.meter)
        self.desk = self.dispatcher.desk("local", queue=100)
        self.observer = Observer(
            Subject(
                NODE, self.dispatcher, [self.engine], [self.network], StillSensors(), self.books, clock,  # type: ignore[arg-type]
                lambda: "http://127.0.0.1:1/v1", lambda: self.moving,
            )
        )  # fmt: skip
        self.watch = self.new_watch()

    def new_watch(self, cards: tuple[str, ...] = ()) -> Watch:
        """A watch as a restarted node would make it."""
        return Watch(
            self.dispatcher, [self.engine], self.observer, self.books, self.hub, self.clock,  # type: ignore[arg-type]
            self.pause_file, cards, lambda: self.moving, lambda: self.missing, lambda: self.loading,
        )  # fmt: skip

    async def tick(self, seconds: float = 0.5) -> None:
        self.clock.now += seconds
        await self.watch.tick()

    async def submit(self, name: str = "j", **wants: Any) -> JobRun:
        """A job in hand; it computes until the test opens its gate."""
        ticket = await self.desk.ticket(self.engine.model, wait=False)
        request = GenerationRequest(self.engine.model, prompt="hello", **wants)
        return self.desk.submit(ticket, Job(name, "local", request, "ann"))

    async def finish(self, run: JobRun) -> None:
        """Let a job compute to its end and be delivered."""
        (await self.engine.next_gate()).set_result("two")
        async for _ in run:
            pass
        await run.delivered()

    def heard(self) -> list[dict[str, Any]]:
        """Snapshots that listeners were told since the last time."""
        return [json.loads(event.data) for event in [listener.snapshot for listener in self.hub._listeners] if event]


@asynccontextmanager
async def watched_node(directory: Path, model: str = "m") -> AsyncIterator[WatchedNode]:
    """Ready, with nothing in hand."""
    clock = HandClock(NOON)
    async with opened(directory / "ledger.db", clock) as ledger:
        node = WatchedNode(ledger, directory, clock)
        await node.dispatcher.refresh()
        try:
            yield node
        finally:
            node.books.full = False
            await node.dispatcher.stop("the test is over")
