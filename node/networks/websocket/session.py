"""One connection of a push network, from dialling to its loss: it holds tickets, and takes jobs against them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping

from node.clock import Clock
from node.networks.base import Tickets
from node.networks.websocket.dialect import Ack, Announcement, Cancel, Dialect, Load, Offer, Refused, Reply
from node.networks.websocket.frames import Garbage
from node.networks.websocket.hand import Left
from node.networks.websocket.hands import Hands, Owner
from node.networks.websocket.link import Link, LinkLimits, Lost, dial
from node.networks.websocket.places import Places

log = logging.getLogger(__name__)

GREET_SECONDS = 30.0
TEND_SECONDS = 0.5
GRACE_SECONDS = 2.0  # without ticket and job, before the connection is closed
SEE_OFF_SECONDS = 5.0  # for answers that are on their way when we leave
PROVED_SECONDS = 30.0  # a connection that lived so long was no bad luck


class Session:
    """See the module.

    Attributes:
        served: names in this house by the network's names.
        places: its tickets. hands: its jobs.
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
        self.places = Places(served.values(), clock)
        self.hands = Hands(network, dialect, tickets, clock, announcement, served, self.places, owner, self._spawn)
        self._network = network
        self._dialect = dialect
        self._clock = clock
        self._announcement = announcement
        self._limits = limits
        self._tasks: set[asyncio.Task[None]] = set()
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._idle_since: float | None = None

    @property
    def proved(self) -> bool:
        return self.greeted and (self.hands.answered > 0 or self._clock.monotonic() - self.dialled_at >= PROVED_SECONDS)

    def hungry(self, model: str) -> bool:
        """Whether it takes a ticket before others do: it can have another job, and nothing to take it with."""
        return (
            self.places.serves(model)
            and not self.hands.shut
            and not self.places.spare(model)
            and len(self.places) + self.hands.computing < self._announcement.jobs
        )

    def leave(self, reason: str) -> None:
        """Take nothing more; close when what is in hand is done."""
        self.hands.shut = self.hands.shut or reason

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
            self.places.release()

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
            self.leave(reason)
            await self.hands.see_off(SEE_OFF_SECONDS)
            raise
        finally:
            self.hands.abandon(reason)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self, link: Link) -> None:
        while True:
            frame = await link.receive()
            try:
                heard = self._dialect.hear(frame)
            except Garbage as garbage:
                link.skip(garbage)
                continue
            if isinstance(heard, Offer):
                await self.hands.offered(heard, link)
            elif isinstance(heard, Cancel):
                self.hands.cancel(heard.id)
            elif isinstance(heard, Ack):
                self.hands.acknowledged(heard.id, heard.reward)
            elif isinstance(heard, Reply):
                await link.send(heard.frame)

    async def _tend(self, link: Link) -> None:
        """Keep the connection alive while it is of use, and end it when it is not."""
        pulsed = self._clock.monotonic()
        while True:
            await asyncio.sleep(TEND_SECONDS)
            now = self._clock.monotonic()
            if now - pulsed >= self._dialect.pulse_seconds:
                pulsed = now
                silence = asyncio.get_running_loop().time() - link.spoke_at
                if frame := self._dialect.pulse(Load(self.hands.unfinished, silence)):
                    await link.send(frame)
            if not self.hands:
                self._stay_or_leave(now)
            else:
                self._idle_since = None

    def _stay_or_leave(self, now: float) -> None:
        if self.hands.shut:
            raise Left(self.hands.shut)
        self.places.renew()
        if self.places:
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
