"""A push network: as many connections as the dispatcher grants tickets, and how they come back after trouble."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping, Sequence

from node.clock import Clock
from node.engines.base import EngineError
from node.networks.base import Capacity, Closed, Finding, Full, Standing, Ticket, Tickets, Worth
from node.networks.websocket.dialect import Announced, Announcement, Dialect, Refused
from node.networks.websocket.hand import Left
from node.networks.websocket.link import LinkLimits, Lost, dial
from node.networks.websocket.recovery import Recovery
from node.networks.websocket.session import Session
from node.networks.websocket.shortage import Shortage
from wallet.money import Amount

log = logging.getLogger(__name__)

MOST_LINKS = 64
WATCH_SECONDS = 0.5
EXAMINE_SECONDS = 30.0
UNKNOWN_CONTEXT = 2048  # tokens; what is announced for an engine that does not say


class PushNetwork:
    """Implements `node.networks.base.Joinable` for a dialect.

    Attributes:
        droppable: see there; not, unless the network is known to take no offence.
        recovery: what keeps it from dialling, if anything does.
        round_trip: see `node.networks.websocket.hands.Owner`.
    """

    droppable = False

    def __init__(
        self,
        name: str,
        dialect: Dialect,
        models: Mapping[str, str],
        clock: Clock,
        *,
        limits: LinkLimits | None = None,
        chance: random.Random | None = None,
    ) -> None:
        """
        Args:
            models: the network's name for each model that it may have, by the model's name in this house.
        """
        self.name = name
        self.round_trip: float | None = None
        self.recovery = Recovery(name, clock, chance or random.Random())  # noqa: S311  spreads reconnects
        self._dialect = dialect
        self._models = dict(models)
        self._clock = clock
        self._limits = limits or LinkLimits()
        self._sessions: dict[int, Session] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._dialling = asyncio.Lock()
        self._shortage = Shortage()

    @property
    def connections(self) -> int:
        """How many have been let in."""
        return sum(session.greeted for session in self._sessions.values())

    @property
    def in_hand(self) -> int:
        """Jobs whose answer is not finished."""
        return sum(session.hands.unfinished for session in self._sessions.values())

    async def run(self, tickets: Tickets) -> None:
        """Work until cancelled; while parked, wait for that."""
        self.recovery.parked.clear()
        working: list[asyncio.Task[None]] = [
            asyncio.create_task(self._supply(tickets, model)) for model in self._models
        ]
        working.append(asyncio.create_task(self._watch(tickets)))
        parked = asyncio.create_task(self.recovery.parked.wait())
        try:
            done, _ = await asyncio.wait([*working, parked], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            await _end(working)
            for session in self._sessions.values():
                session.leave(self.recovery.problem)
            await asyncio.get_running_loop().create_future()
        finally:
            await _end([*working, parked, *self._tasks])

    async def probe(self) -> Standing:
        """What is known without asking."""
        connected = self.connections
        words = f"{connected} connected, {self.in_hand} in hand" if connected else "not connected"
        if connected:
            return Standing(True, words)
        known = self.recovery
        return Standing(False, words, problem=known.problem, remedy=known.remedy, rest=known.rest or None)

    def worths(self, capacity: Capacity) -> list[Worth]:
        """Names only, where a network does not say what a model is worth."""
        return [Worth(served, name) for served, name in self._models.items()]

    async def examine(self, capacity: Capacity) -> list[Finding]:
        """Register, and leave at once; beside connections that are let in that would send one of them away.

        Nothing is announced that is not served here.
        """
        if self.connections:
            return [Finding(True, f"{self.connections} connections are let in")]
        contexts = {info.name: info.context or UNKNOWN_CONTEXT for info in capacity.models()}
        models = [Announced(name, contexts[served]) for served, name in self._models.items() if served in contexts]
        if not models:
            return [Finding(True, "it was not asked to let us in: none of the models is served now", "test it later")]
        try:
            async with (
                asyncio.timeout(EXAMINE_SECONDS),
                dial(self._dialect.url, self._limits, self._dialect.tls) as link,
            ):
                await self._dialect.greet(link, Announcement(1, tuple(models), 1))
        except Refused as refused:
            return [Finding(False, refused.reason, refused.remedy)]
        except (Lost, TimeoutError) as error:
            told = str(error) or f"no welcome within {EXAMINE_SECONDS:g} s"
            return [Finding(False, told, "check the address and the connection")]
        return [Finding(True, "the network lets this worker in")]

    async def aclose(self) -> None:
        """There is nothing that looking leaves open."""

    # For connections

    def has(self, job_id: str) -> bool:
        return any(session.hands.has(job_id) for session in self._sessions.values())

    def accepted(self, job_id: str, number: int) -> None:
        """The network's id of the node's job of this number."""

    def paid_in_part(self, job_id: str, reward: Amount) -> None:
        log.info("%s: job %s was cancelled and is worth %s all the same", self.name, job_id, reward)

    def stir(self) -> None:
        self._shortage.note(sum(session.hands.starved for session in self._sessions.values()))

    def answered(self) -> None:
        self._shortage.answered()

    # Inside

    async def _supply(self, tickets: Tickets, model: str) -> None:
        """Get tickets for a model, one after the other, and put each where it is of use.

        It stays in the dispatcher's line all the time, so that a connection whose job has just been computed has its
        turn for the place that this sets free.
        """
        while True:
            ticket = await self._ticket(tickets, model)
            hungry = self._hungriest(model)
            if hungry is not None:
                hungry.places.feed(ticket)
            elif not self._wants(model):
                ticket.release()
            else:
                async with self._dialling:
                    session = self._open(tickets, model, ticket)
                    if not self.recovery.healthy:
                        await session.opened.wait()

    def _hungriest(self, model: str) -> Session | None:
        return min(
            (session for session in self._sessions.values() if session.hungry(model)),
            key=lambda session: session.hands.starved_since,
            default=None,
        )

    def _wants(self, model: str) -> bool:
        """Whether another ticket would be of use: for a connection that has none, or for another connection."""
        if self.recovery.parked.is_set():
            return False
        if self._hungriest(model) is not None:
            return True
        most = MOST_LINKS if self._dialect.jobs_per_link is not None else 1
        waiting = sum(session.places.spare(model) for session in self._sessions.values())
        if waiting or self.recovery.rest or len(self._sessions) >= most:
            return False
        return not self._sessions or self._shortage.of_connections

    async def _ticket(self, tickets: Tickets, model: str) -> Ticket:
        while True:
            try:
                return await tickets.ticket(model, useful=lambda: self._wants(model))
            except (Closed, EngineError):  # the watch tells why
                await asyncio.sleep(WATCH_SECONDS)

    async def _watch(self, tickets: Tickets) -> None:
        """Leave the network as soon as no new work is taken, or nobody here serves the model."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if self._shortage.of_places and len(self._sessions) > 1:
                self._shortage.mended()
                newest = max(
                    self._sessions.values(), key=lambda session: (session.hands.starved, session.hands.starved_since)
                )
                newest.close("there are more connections than places: a job was handed back")
            for model in self._models:
                if tickets.granted(model):
                    self._shortage.places_left()
                reason = await _why_closed(tickets, model)
                for session in self._sessions.values():
                    if reason and model in session.served.values():
                        session.leave(reason)

    def _open(self, tickets: Tickets, model: str, ticket: Ticket) -> Session:
        place = next(number for number in range(1, MOST_LINKS + 1) if number not in self._sessions)
        contexts = {info.name: info.context or UNKNOWN_CONTEXT for info in tickets.models()}
        several = self._dialect.jobs_per_link is None
        ours = [name for name in self._models if name == model or (several and name in contexts)]
        session = self._sessions[place] = Session(
            self.name,
            self._dialect,
            tickets,
            self._clock,
            Announcement(
                place,
                tuple(Announced(self._models[name], contexts.get(name, UNKNOWN_CONTEXT)) for name in ours),
                self._dialect.jobs_per_link or 1 + sum(tickets.granted(name) for name in ours),
            ),
            {self._models[name]: name for name in ours},
            self._limits,
            self,
        )
        session.places.feed(ticket)
        task = asyncio.create_task(self._hold(place, session))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return session

    async def _hold(self, place: int, session: Session) -> None:
        greeted = asyncio.create_task(self._note_welcome(session))
        try:
            await session.run()
        except Left as left:
            log.info("%s: connection %d closed: %s", self.name, place, left.reason)
            if left.pause:
                self.recovery.failed(left.reason, session.dialled_at, proved=session.proved)
        except Refused as refused:
            self._refused(refused)
        except Lost as lost:
            meaning = self._dialect.lost(lost)
            if meaning is not None:
                self._refused(meaning)
            else:
                self.recovery.failed(lost.reason, session.dialled_at, proved=session.proved, wait=lost.wait)
        finally:
            greeted.cancel()
            del self._sessions[place]
            self.stir()

    async def _note_welcome(self, session: Session) -> None:
        await session.opened.wait()
        if session.greeted:
            self.recovery.welcomed()

    def _refused(self, refused: Refused) -> None:
        self.recovery.refused(refused)
        for session in self._sessions.values():
            session.leave(refused.reason)


async def _why_closed(tickets: Tickets, model: str) -> str:
    """Why no work is taken for this model; empty if it is, or would be if a place were free."""
    try:
        (await tickets.ticket(model, wait=False)).release()
    except Full:
        return ""
    except Closed as closed:
        return closed.reason
    except EngineError as error:
        return error.message
    return ""


async def _end(tasks: Sequence[asyncio.Task[object]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
