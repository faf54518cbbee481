"""The jobs that one connection has in hand, from each offer to what is said of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from math import inf
from typing import Protocol

from node.clock import Clock
from node.engines.base import EngineError, EngineFault
from node.jobs import Job
from node.networks.base import Closed, JobEnded, Run, Tickets
from node.networks.websocket.dialect import Announcement, Dialect, Offer
from node.networks.websocket.hand import Hand, Left
from node.networks.websocket.link import Link, Lost
from node.networks.websocket.places import Places
from node.networks.websocket.request import Unfit
from wallet.money import Amount

log = logging.getLogger(__name__)

HOLD_SECONDS = 60.0  # how long an offered job waits for a ticket, before it is handed back
MOMENT_SECONDS = 0.25  # likewise, where it can be refused in words
LOOK_SECONDS = 0.5  # meanwhile, how often we look whether it is wanted still


class Owner(Protocol):
    """What a connection and its jobs need from their network.

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


Spawn = Callable[[Coroutine[object, object, None]], asyncio.Task[None]]


class Hands:
    """See the module.

    Args:
        served: names in this house by the network's names.
        spawn: begins a task whose failure ends the connection.

    Attributes:
        answered: how many were. shut: why no offer is taken any more; empty while they are.
    """

    def __init__(
        self,
        network: str,
        dialect: Dialect,
        tickets: Tickets,
        clock: Clock,
        announcement: Announcement,
        served: Mapping[str, str],
        places: Places,
        owner: Owner,
        spawn: Spawn,
    ) -> None:
        self.answered = 0
        self.shut = ""
        self._network = network
        self._dialect = dialect
        self._desk = tickets
        self._clock = clock
        self._announcement = announcement
        self._served = served
        self._places = places
        self._owner = owner
        self._spawn = spawn
        self._hands: dict[str, Hand] = {}

    def __len__(self) -> int:
        """Jobs that are not settled, those that wait for the network's word included."""
        return len(self._hands)

    @property
    def unfinished(self) -> int:
        """Jobs whose answer is not finished."""
        return sum(not hand.finished for hand in self._hands.values())

    @property
    def computing(self) -> int:
        """Jobs that use a place at the dispatcher's."""
        return sum(hand.computing for hand in self._hands.values())

    @property
    def starved(self) -> int:
        """Offers that wait for a ticket."""
        return sum(hand.starved for hand in self._hands.values())

    @property
    def starved_since(self) -> float:
        """When the oldest of them came, in monotonic seconds; infinity if there is none."""
        return min((hand.answer.began_at for hand in self._hands.values() if hand.starved), default=inf)

    def has(self, job_id: str) -> bool:
        """Whether such a job is in hand, its answer not finished."""
        return job_id in self._hands and not self._hands[job_id].finished

    async def offered(self, offer: Offer, link: Link) -> None:
        """Take a job in hand, or say that there is no place for it.

        Raises:
            Left: we have to leave for it. Lost: the network does not keep to what was announced.
        """
        if self._owner.has(offer.id):
            raise Left("the network offered a job that is in hand already", pause=True)
        if self.shut:
            await self._refuse(offer, link)
            return
        if self.unfinished >= self._announcement.jobs:
            if self._dialect.crowded(offer) is None:
                raise Lost("the network pushes more jobs than were announced")
            await self._refuse(offer, link)
            return
        hand = Hand(offer, self._served.get(offer.model, ""), self._announcement.place, self._clock)
        self._hands[offer.id] = hand
        hand.serving = self._spawn(self._serve(hand, link))

    def cancel(self, job_id: str) -> None:
        """The network wants a job no longer."""
        if job_id in self._hands:
            self._hands[job_id].cancel()

    def acknowledged(self, job_id: str, reward: Amount | None) -> None:
        """The network's word on an answer."""
        if job_id in self._hands:
            self._hands[job_id].acknowledged(reward)

    async def see_off(self, seconds: float) -> None:
        """Deliver what was answered, whether the network has said so or not."""
        answered = [hand for hand in self._hands.values() if hand.finished]
        for hand in answered:
            hand.expect_no_word()
        if serving := [hand.serving for hand in answered if hand.serving is not None]:
            await asyncio.wait(serving, timeout=seconds)

    def abandon(self, reason: str) -> None:
        """The connection is gone: what the network did not confirm goes back to it."""
        for hand in self._hands.values():
            hand.abandon(reason)

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
            self.answered += 1
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
        hold = MOMENT_SECONDS if self._dialect.crowded(hand.offer) else HOLD_SECONDS
        until = self._clock.monotonic() + hold
        if not self._places.spare(hand.served):
            with suppress(Closed, EngineError):
                self._places.feed(await self._desk.ticket(hand.served, wait=False))
        hand.starved = not self._places.spare(hand.served)
        if hand.starved:
            self._owner.stir()
        while True:
            while (ticket := self._places.take(hand.served)) is not None:
                try:
                    hand.starved = False
                    return self._desk.submit(ticket, job, round_trip=self._owner.round_trip or link.latency)
                except Closed:
                    log.debug("%s: a ticket had ended", self._network)
                finally:
                    self._owner.stir()
            left = until - self._clock.monotonic()
            if left <= 0 or hand.cancelled or self.shut:
                return None
            await self._places.fed(min(left, LOOK_SECONDS))

    async def _refuse(self, offer: Offer, link: Link) -> None:
        """There is no place for it.

        Raises:
            Left: the way to say so is to leave.
        """
        refusal = self._dialect.crowded(offer)
        if refusal is None:
            raise Left(self.shut or "a job was handed back: no place came free for it", pause=not self.shut)
        await link.send(refusal)
