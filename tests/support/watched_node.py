"""The middle of a node in this process: dispatcher, observer and watch over a scripted engine and real books."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from books import NOON, opened
from hand_clock import HandClock
from scripted_engine import ScriptedEngine

from node.conduct.standby import Standby
from node.conduct.surroundings import Surroundings
from node.conduct.traffic import Traffic
from node.conduct.watch import Watch
from node.conduct.wishes import Wishes
from node.control.hub import Hub
from node.control.wire import NodeView, Transfer
from node.dispatcher import Dispatcher, JobRun
from node.energy.account import Till
from node.energy.journal import Journal
from node.energy.price import Tariff
from node.energy.rates import fixed
from node.guard import Policy
from node.hardware.readings import GpuReading, HardwareReading, HostReading
from node.hardware.series import Series
from node.jobs import GenerationRequest, Job
from node.ledger.chain import Entry
from node.ledger.errors import LedgerUnavailable
from node.ledger.records import Record
from node.ledger.store import Ledger
from node.networks.base import Standing, Tickets
from node.observer import Observer
from node.observer.observer import Subject
from node.owner.presence import Presence

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


class StillSensors:
    """A sampler that has read once."""

    def __init__(self) -> None:
        self.latest = HardwareReading(NOON, HostReading())

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
        self.notes: tuple[str, ...] = ()
        self.meter: int | None = None
        self.notes: tuple[str, ...] = ()
        self.price: Tariff = fixed(300_000)
        self.policy = Policy()
        self.sensors = StillSensors()
        self.pause_file = directory / "paused"
        self.override_file = directory / "run-anyway"
        self.traffic_file = directory / "traffic.json"
        self.dispatcher = Dispatcher([self.engine], self.books, clock, meter=lambda: self.meter)
        self.desk = self.dispatcher.desk("local", queue=100)
        self.till = Till(lambda: self.meter, self.price, clock, lambda: self.dispatcher.allocation.running() > 0)
        self.journal = Journal(self.till, self.books, clock, "EUR", lambda: "" if self.meter is None else "stated")
        self.presence = Presence([], clock)
        self.standby = Standby(self.dispatcher, self.engine)
        self.observer = Observer(
            Subject(
                node=NODE,
                dispatcher=self.dispatcher,
                engines=[self.engine],
                standings=lambda: {self.network.name: self.network.standing},
                sampler=self.sensors,  # type: ignore[arg-type]
                ledger=self.books,  # type: ignore[arg-type]
                clock=clock,
                endpoint=lambda: "http://127.0.0.1:1/v1",
                transfers=lambda: self.moving,
                journal=self.journal,
                till=self.till,
                alarms=lambda: (),
                wallet=lambda: None,
            )
        )
        self.watch = self.new_watch()

    def new_watch(self, cards: tuple[str, ...] = ()) -> Watch:
        """A watch as a restarted node would make it."""
        self.wishes = Wishes(self.pause_file, self.override_file, self.clock)
        surroundings = Surroundings(
            dispatcher=self.dispatcher,
            engines=[self.engine],
            sampler=self.sensors,  # type: ignore[arg-type]
            wishes=self.wishes,
            standby=self.standby,
            presence=self.presence,
            traffic=Traffic(self.traffic_file, self.clock),
            journal=self.journal,
            clock=self.clock,
            transfers=lambda: self.moving,
            missing=lambda: self.missing,
            loading=lambda: self.loading,
            weight=lambda _: 1 << 30,
            notes=lambda: self.notes,
        )
        return Watch(
            surroundings, self.policy, self.dispatcher, self.observer, self.books, self.hub, self.clock, cards  # type: ignore[arg-type]
        )  # fmt: skip

    def pause(self, reason: str) -> None:
        """As the command does."""
        self.wishes.pause(reason)
        self.watch.act()

    def resume(self) -> None:
        self.wishes.resume()
        self.watch.act()

    def run_anyway(self, seconds: float | None = None) -> None:
        self.wishes.run_anyway(seconds)
        self.watch.act()

    def reads(self, **card: Any) -> None:
        """From now on the sensors see one card that reads so."""
        gpu = replace(GpuReading(0, "RTX 4090"), **card)
        self.sensors.latest = HardwareReading(self.clock.now, HostReading(), (gpu,))

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
