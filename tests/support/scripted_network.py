"""A network that does what the test says, and a house for members of it: real dispatcher, real roster, no sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from eventually import eventually
from memory_credits import MemoryCredits
from scripted_engine import MemoryBooks, ScriptedEngine

from node.clock import SystemClock
from node.dispatcher import Dispatcher
from node.jobs import GenerationRequest, Job
from node.membership import kinds
from node.membership.admission import Bar
from node.membership.enrolment import Registrar
from node.membership.member import House, Member
from node.membership.members import Members
from node.membership.membership import Membership
from node.membership.roster import Roster
from node.models.licences import Licence
from node.networks.base import Capacity, Closed, Finding, Standing, Tickets, Worth
from node.networks.kind import Enrolment, Kind
from wallet.keystore.sealed import OperatingSecrets
from wallet.secret import Secret

MADE: list[ScriptedNetwork] = []
"""Every adapter that was built, the oldest first."""

WHEN = datetime(2026, 11, 22, tzinfo=UTC)


class ScriptedNetwork:
    """Takes ``wants`` jobs, one after the other, and crashes when it is told to.

    Attributes:
        over: set once ``run`` has ended.
    """

    droppable = True

    def __init__(self, enrolment: Enrolment) -> None:
        if enrolment.worker_name == "nonsense":
            raise ValueError("worker_name: got 'nonsense'; expected sense")
        self.enrolment = enrolment
        self.models = dict(enrolment.models)
        self.standing = Standing(True, "well")
        self.wants = 0
        self.taken = 0
        self.over = asyncio.Event()
        self.crash = asyncio.Event()
        self.told: list[tuple[bool, str]] = []
        self.closed = 0
        MADE.append(self)

    async def run(self, tickets: Tickets) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._crash())
                tasks.create_task(self._take(tickets))
        finally:
            self.over.set()

    async def probe(self) -> Standing:
        return self.standing

    def worths(self, capacity: Capacity) -> Sequence[Worth]:
        return [Worth(served, name or f"net/{served}") for served, name in self.models.items()]

    async def examine(self, capacity: Capacity) -> Sequence[Finding]:
        return [Finding(True, f"key of {len(self.enrolment.key)} bytes")]

    async def set_maintenance(self, on: bool, message: str = "") -> None:
        self.told.append((on, message))

    async def aclose(self) -> None:
        self.closed += 1

    async def _crash(self) -> None:
        await self.crash.wait()
        raise RuntimeError("the adapter is broken")

    async def _take(self, tickets: Tickets) -> None:
        model = next(iter(self.models))
        while True:
            await eventually(lambda: self.taken < self.wants, 600)
            try:
                ticket = await tickets.ticket(model)
            except Closed:
                return
            self.taken += 1
            job = Job(f"{id(self)}-{self.taken}", self.enrolment.name, GenerationRequest(model, prompt="hi"))
            async with tickets.submit(ticket, job) as run:
                async for _ in run:
                    pass
                await run.delivered()


KIND = Kind(ScriptedNetwork, pays_money=True)


def membership(**fields: object) -> Membership:
    values = {"kind": "scripted", "url": "http://127.0.0.1:1", "worker_name": "w", "accepted_page": "1"}
    return Membership.model_validate({**values, "accepted_at": WHEN, **fields})


@dataclass
class Guild:
    """Members over one dispatcher."""

    engine: ScriptedEngine
    dispatcher: Dispatcher
    books: MemoryBooks
    roster: Roster
    members: Members
    bar: list[Bar] = field(default_factory=list)
    licences: Mapping[str, Licence] = field(default_factory=dict)

    def live(self, name: str) -> Member:
        found = next(one.member for one in self.members.joined() if one.name == name)
        assert found is not None
        return found

    async def join(self, name: str, **fields: object) -> ScriptedNetwork:
        """Join, and wait until the adapter is at work."""
        self.roster.put(name, membership(**fields), Secret("a key"))
        await self.members.follow()
        return await self.at_work(name)

    async def at_work(self, name: str, after: ScriptedNetwork | None = None) -> ScriptedNetwork:
        """The adapter of that membership, once it works."""
        await eventually(lambda: self.live(name).adapter not in (None, after))
        found = self.live(name).adapter
        assert isinstance(found, ScriptedNetwork)
        return found


@asynccontextmanager
async def guild(
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    wanted: str = "",
    licences: Mapping[str, Licence] | None = None,
    patience: float = 5.0,
) -> AsyncIterator[Guild]:
    """A node's membership room at work, with nothing joined; its pauses are short."""
    monkeypatch.setitem(kinds.KINDS, "scripted", "scripted_network")
    for name, seconds in {"LOOK_SECONDS": 0.01, "SETTLED_SECONDS": 0.03, "FIRST_PROBE_SECONDS": 0.01}.items():
        monkeypatch.setattr(f"node.membership.member.{name}", seconds)
    monkeypatch.setattr("node.membership.members.changed_pages", lambda joined: ())
    MADE.clear()
    engine, books = ScriptedEngine(2, by_itself=True), MemoryBooks()
    dispatcher = Dispatcher([engine], books, SystemClock())
    await dispatcher.refresh()
    roster = Roster(directory / "networks.toml", OperatingSecrets(directory / "secrets"))
    registrar = Registrar(directory / "networks", MemoryCredits(books), SystemClock())
    bars: list[Bar] = []
    known = licences or {}
    members = Members(
        roster,
        House(
            dispatcher=dispatcher,
            registrar=registrar,
            clock=SystemClock(),
            wanted=wanted,
            bar=lambda: bars[0] if bars else None,
            licence=lambda model: known.get(model, Licence()),
            patience=patience,
        ),
    )
    running = asyncio.create_task(members.run())
    await asyncio.sleep(0)
    try:
        yield Guild(engine, dispatcher, books, roster, members, bars, known)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await dispatcher.stop("the test is over")
