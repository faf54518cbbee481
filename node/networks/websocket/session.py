"""One connection of a push network, from dialling to its loss: it holds tickets, and takes jobs against them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import Protocol

from node.clock import Clock
from node.engines.base import EngineError, EngineFault
from node.jobs import Job
from node.networks.base import Closed, JobEnded, Run, Ticket, Tickets
from node.networks.websocket.dialect import Ack, Announcement, Cancel, Dialect, Load, Offer, Refused, Reply
from node.networks.websocket.frames import Garbage
from node.networks.websocket.hand import Hand, Left
from node.networks.websocket.link import Link, LinkLimits, Lost, dial
from node.networks.websocket.request import Unfit
from wallet.money import Amount

log = logging.getLogger(__name__)

GREET_SECONDS = 30.0
TEND_SECONDS = 0.5
RENEW_SECONDS = 30.0  # an unused ticket goes back after that long, so that others get their turn
GRACE_SECONDS = 2.0  # without ticket and job, before the connection is closed
HOLD_SECONDS = 60.0  # how long an offered job waits for a ticket, before it is handed back
SEE_OFF_SECONDS = 5.0  # for answers that are on their way when we leave
MOMENT_SECONDS = 0.25  # likewise, where it can be refused in words
PROVED_SECONDS = 30.0  # a connection that lived so long was no bad luck


class Owner(Protocol):
    """What a connection needs from its network.

    Attributes:
        round_trip: seconds from a finished answer to the network's word on it, when the next job may follow; None
            where it gives none.
    """

    round_trip: float | None

    def has(self, job_id: str) -> bool:
        """Whether any connection has such a job in hand."""

    def accepted(self, job_id: str, number: int) -> None:
        """The network's id of the node's job of this number."""

    def paid_in_part(self, job_id: str, reward: Amount) -> None:
        """The network pays for a job that did not end as done: for the part before its caller went."""

    def stir(self) -> None:
        """Another ticket may be of use now, or an offer begins or ends to wait for one."""

    def answered(self) -> None:
        """A job was answered."""


@dataclass(frozen=True, slots=True)
class _Held:
    ticket: Ticket
    since: float


class Session:
    """See the module.

    Attributes:
        served: names in this house by the network's names.
        opened: set once it was let in, or has ended before that.
        greeted: it was let in. proved: it has worked well enough to forget earlier trouble.
    """

    def __init__(
        self,
        network: str,
        dialect: Dialect,
        tickets: Tickets,
        clock: Clock,
        announcement: Announcement,
        served: Mapping[str, str],
        limits: LinkLimits,
        owner: Owner,
    ) -> None:
        self.served = served
        self.opened = asyncio.Event()
        self.greeted = False
        self.dialled_at = clock.monotonic()
        self.delivered = 0
        self._network = network
        self._dialect = dialect
        self._desk = tickets
        self._clock = clock
        self._announcement = announcement
        self._limits = limits
        self._owner = owner
        self._tickets: dict[str, deque[_Held]] = {model: deque() for model in served.values()}
        self._hands: dict[str, Hand] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._fed = asyncio.Event()
        self._leaving = ""
        self._idle_since: float | None = None

    @property
    def proved(self) -> bool:
        return self.greeted and (self.delivered > 0 or self._clock.monotonic() - self.dialled_at >= PROVED_SECONDS)

    @property
    def in_hand(self) -> int:
        """Jobs whose answer is not finished."""
        return sum(not hand.finished for hand in self._hands.values())

    @property
    def starved(self) -> int:
        """Offers that wait for a ticket."""
        return sum(hand.starved for hand in self._hands.values())

    @property
    def starved_since(self) -> float:
        """When the oldest of them came, in monotonic seconds; infinity if there is none."""
        return min((hand.answer.began_at for hand in self._hands.values() if hand.starved), default=inf)

    def spare(self, model: str) -> int:
        """Tickets that wait for a job."""
        return len(self._tickets.get(model, ()))

    def hungry(self, model: str) -> bool:
        """Whether it takes a ticket before others do: it can have another job, and nothing to take it with."""
        computing = sum(hand.computing for hand in self._hands.values())
        return (
            model in self._tickets
            and not self._leaving
            and not self.spare(model)
            and sum(map(len, self._tickets.values())) + computing < self._announcement.jobs
        )

    def has(self, job_id: str) -> bool:
        """Whether such a job is in hand, its answer not finished."""
        return job_id in self._hands and not self._hands[job_id].finished

    def feed(self, ticket: Ticket) -> None:
        """The right to one more job."""
        self._tickets[ticket.model].append(_Held(ticket, self._clock.monotonic()))
        self._fed.set()

    def leave(self, reason: str) -> None:
        """Take nothing more; close when what is in hand is done."""
        self._leaving = self._leaving or reason

    def close(self, reason: str) -> None:
        """Go now; what is in hand goes back to the network."""
        if not self._over.done():
            self._over.set_exception(Left(reason))

    async def run(self) -> None:
        """Until the connection ends.

        Raises:
            Lost, Refused, Left: how it ended.
        """
        try:
            async with dial(self._dialect.url, self._limits, self._dialect.tls) as link:
                try:
                    async with asyncio.timeout(GREET_SECONDS):
                        await self._dialect.greet(link, self._announcement)
                except TimeoutError:
                    raise Lost(f"no welcome within {GREET_SECONDS:g} s") from None
                self.greeted = True
                self.opened.set()
                await self._work(link)
        finally:
            self.opened.set()
            for held in self._tickets.values():
                while held:
                    held.popleft().ticket.release()

    async def _work(self, link: Link) -> None:
        self._spawn(self._listen(link))
        self._spawn(self._tend(link))
        reason = "the node let go of the network"
        try:
            await self._over
        except Lost as lost:
            reason = lost.reason
            raise
        except Left as left:
            reason = left.reason
            await self._see_off(reason)
            raise
        finally:
            for hand in self._hands.values():
                hand.abandon(reason)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _see_off(self, reason: str) -> None:
        """What was answered is delivered before we go, whether the network has said so or not."""
        self.leave(reason)
        answered = [hand for hand in self._hands.values() if hand.finished]
        for hand in answered:
            hand.expect_no_word()
        if serving := [hand.serving for hand in answered if hand.serving is not None]:
            await asyncio.wait(serving, timeout=SEE_OFF_SECONDS)

    async def _listen(self, link: Link) -> None:
        while True:
            frame = await link.receive()
            try:
                heard = self._dialect.hear(frame)
            except Garbage as garbage:
                link.skip(garbage)
                continue
            if isinstance(heard, Offer):
                await self._offered(heard, link)
            elif isinstance(heard, Cancel) and heard.id in self._hands:
                self._hands[heard.id].cancel()
            elif isinstance(heard, Ack) and heard.id in self._hands:
                self._hands[heard.id].acknowledged(heard.reward)
            elif isinstance(heard, Reply):
                await link.send(heard.frame)

    async def _offered(self, offer: Offer, link: Link) -> None:
        if self._owner.has(offer.id):
            raise Left("the network offered a job that is in hand already", pause=True)
        if self._leaving:
            await self._refuse(offer, link)
            return
        if self.in_hand >= self._announcement.jobs:
            if self._dialect.crowded(offer) is None:
                raise Lost("the network pushes more jobs than were announced")
            await self._refuse(offer, link)
            return
        hand = Hand(offer, self.served.get(offer.model, ""), self._announcement.place, self._clock)
        self._hands[offer.id] = hand
        hand.serving = self._spawn(self._serve(hand, link))

    async def _serve(self, hand: Hand, link: Link) -> None:
        try:
            if not hand.served:
                raise EngineError(EngineFault.UNKNOWN_MODEL, f"{hand.offer.model} is not served here")
            request = await hand.request(self._desk)
            job = Job(hand.offer.id, self._network, request, deadline=hand.deadline)
            run = await self._begun(hand, job, link)
            if run is None:
                await self._refuse(hand.offer, link)
                return
            self._owner.accepted(job.id, run.number)
            await hand.relay(run, link, self._dialect, self._owner.stir)
            self.delivered += 1
            self._owner.answered()
            self._owner.round_trip = hand.word_after
        except (EngineError, JobEnded, Unfit) as error:
            reward = await hand.conclude(error, link, self._dialect)
            if reward is not None:
                self._owner.paid_in_part(hand.offer.id, reward)
        finally:
            if self._hands.get(hand.offer.id) is hand:
                del self._hands[hand.offer.id]
            self._owner.stir()

    async def _begun(self, hand: Hand, job: Job, link: Link) -> Run | None:
        """The job, against a ticket; waits in hand for one where the dialect has no word for a refusal."""
        held = self._tickets[hand.served]
        hold = MOMENT_SECONDS if self._dialect.crowded(hand.offer) else HOLD_SECONDS
        until = self._clock.monotonic() + hold
        if not held:
            with suppress(Closed, EngineError):
                self.feed(await self._desk.ticket(hand.served, wait=False))
        hand.starved = not held
        if hand.starved:
            self._owner.stir()
        while True:
            while held:
                try:
                    hand.starved = False
                    round_trip = self._owner.round_trip or link.latency
                    return self._desk.submit(held.popleft().ticket, job, round_trip=round_trip)
                except Closed:
                    log.debug("%s: a ticket had ended", self._network)
                finally:
                    self._owner.stir()
            left = until - self._clock.monotonic()
            if left <= 0 or hand.cancelled:
                return None
            self._fed.clear()
            try:
                async with asyncio.timeout(min(left, TEND_SECONDS)):
                    await self._fed.wait()
            except TimeoutError:
                pass

    async def _refuse(self, offer: Offer, link: Link) -> None:
        """There is no place for it.

        Raises:
            Left: the way to say so is to leave.
        """
        refusal = self._dialect.crowded(offer)
        if refusal is None:
            raise Left("a job was handed back: no place came free for it", pause=True)
        await link.send(refusal)

    async def _tend(self, link: Link) -> None:
        """Keep the connection alive while it is of use, and end it when it is not."""
        pulsed = self._clock.monotonic()
        while True:
            await asyncio.sleep(TEND_SECONDS)
            now = self._clock.monotonic()
            if now - pulsed >= self._dialect.pulse_seconds:
                pulsed = now
                silence = asyncio.get_running_loop().time() - link.spoke_at
                if frame := self._dialect.pulse(Load(self.in_hand, silence)):
                    await link.send(frame)
            if not self._hands:
                self._stay_or_leave(now)
            else:
                self._idle_since = None

    def _stay_or_leave(self, now: float) -> None:
        if self._leaving:
            raise Left(self._leaving)
        for held in self._tickets.values():
            while held and now - held[0].since >= RENEW_SECONDS:
                held.popleft().ticket.release()  # whoever waits gets it before we ask again
                self._owner.stir()
        if any(self._tickets.values()):
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = now
        elif now - self._idle_since >= GRACE_SECONDS:
            raise Left("there is no place for another job")

    def _spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None or self._over.done():
            return
        if not isinstance(error, Lost | Left | Refused):
            log.error("%s: a connection failed unexpectedly", self._network, exc_info=error)
            error = Lost(f"an error on our side: {error}")
        self._over.set_exception(error)
