"""One joined network at work: its adapter is built when there is something to offer, watched, and let go in order."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from node.clock import Clock
from node.control.wire.networks import NetworkState
from node.dispatcher import Dispatcher
from node.dispatcher.desk import Desk
from node.membership.admission import NOTHING_SERVED, Bar, admitted
from node.membership.enrolment import Registrar
from node.membership.errors import MembershipError
from node.membership.gangway import Gangway
from node.membership.kinds import kind_of
from node.membership.membership import Membership
from node.membership.parking import Parking
from node.membership.remarks import Remarks
from node.models.licences import Licence
from node.networks.base import Joinable, Standing, Worth
from wallet.errors import WalletError
from wallet.secret import Secret

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # between two looks at what the engine serves
SETTLED_SECONDS = 3.0  # what is served must have been the same for so long
PROBE_SECONDS = 15.0
FIRST_PROBE_SECONDS = 0.5  # then twice as long each time, up to the above
PROBE_LIMIT = 20.0
FINISH_SECONDS = 0.05  # between two looks at what is in hand: no event tells when there is nothing
KEY_SECONDS = 60.0  # between two tries to open a key


@dataclass(frozen=True, slots=True)
class House:
    """What all members share.

    Attributes:
        wanted: the model that the engine will serve as soon as it can; empty if that is not known.
        bar: why no stranger's prompt may reach the engine now. licence: of a model.
        patience: seconds that jobs in hand have when a member leaves.
    """

    dispatcher: Dispatcher
    registrar: Registrar
    clock: Clock
    wanted: str
    bar: Callable[[], Bar | None]
    licence: Callable[[str], Licence]
    patience: float


@dataclass(frozen=True, slots=True)
class Condition:
    """Why no adapter is at work, and since when and until when (seconds since 1970)."""

    state: NetworkState
    reason: str
    remedy: str = ""
    since_at: float = 0.0
    retry_at: float | None = None


class Member:
    """See the module.

    Attributes:
        condition: why no adapter is at work; None while one is.
        adapter: at work now. standing: how it stood at ``seen_at`` (seconds since 1970); None before the first look.
        barred: why models are not offered, by our names.
    """

    def __init__(self, name: str, membership: Membership, house: House, key: Callable[[], Secret]) -> None:
        self.name = name
        self.membership = membership
        self.condition: Condition | None = Condition(NetworkState.JOINING, "it has just been joined")
        self.adapter: Joinable | None = None
        self.standing: Standing | None = None
        self.seen_at: float | None = None
        self.since_at = house.clock.wall_ns() / 1e9
        self.barred: Mapping[str, str] = {}
        self.faults = Remarks()
        self.messages = Remarks()
        self._house = house
        self._key = key
        self._desk: Desk | None = None
        self._parking = Parking()
        self._served: dict[str, str] = {}
        self._leaving = asyncio.Event()
        self._look = asyncio.Event()

    @property
    def left(self) -> bool:
        """It has been told to leave."""
        return self._leaving.is_set()

    def leave(self) -> None:
        """Take nothing more, finish what is in hand, then end."""
        self._leaving.set()

    def look_now(self) -> None:
        """Ask the network how it stands, now."""
        self._look.set()

    async def run(self) -> None:
        """Until it has left."""
        while not self.left:
            models = self._offer()
            bar = self._house.bar()
            if bar is None and self.barred and not models:
                bar = Bar("; ".join(f"{model}: {why}" for model, why in self.barred.items()), "stoker model list")
            if bar is not None:
                self._stand(NetworkState.BARRED, bar.reason, bar.remedy)
                await self._pause(LOOK_SECONDS)
            elif not models:
                self._stand(NetworkState.JOINING, *NOTHING_SERVED)
                await self._pause(LOOK_SECONDS)
            else:
                await self._begin(models)

    def amend(self, membership: Membership) -> None:
        """Something of its membership has changed that needs no new adapter; a new weight takes effect at once."""
        self.membership = membership
        if self._desk is not None:
            self._house.dispatcher.weigh(self.name, membership.weight)

    def worths(self) -> Sequence[Worth]:
        """What the network thinks of each model on offer; empty while no adapter is at work."""
        return () if self.adapter is None or self._desk is None else self.adapter.worths(self._desk)

    # One adapter's life

    async def _begin(self, models: Mapping[str, str]) -> None:
        try:
            key = await asyncio.to_thread(self._key)
            adapter = await self._house.registrar.adapter(self.name, self.membership, key, models)
        except (MembershipError, WalletError) as error:
            told = f"{error.field}: {error.problem}"
            self.faults.again(self._now(), told)
            self._stand(NetworkState.PARKED, told, error.remedy, KEY_SECONDS)
            await self._pause(KEY_SECONDS)
            return
        try:
            trouble = await self._work(adapter, models)
        finally:
            self.adapter = None
            await adapter.aclose()
        if trouble and not self.left:
            seconds, parked = self._parking.crashed(self._house.clock.monotonic())
            told = f"it crashed again and again, the last time with {trouble}" if parked else f"it crashed: {trouble}"
            self._stand(NetworkState.PARKED, told, "stoker logs has the details", seconds)
            await self._pause(seconds)

    async def _work(self, adapter: Joinable, models: Mapping[str, str]) -> str:
        """Until something has to change; what it crashed with, if it did."""
        house = self._house
        desk = self._desk = house.dispatcher.desk(self.name, weight=self.membership.weight, droppable=adapter.droppable)
        gangway = Gangway(desk, self._bar)
        self.adapter, self.standing, self.condition, self.since_at = adapter, None, None, self._now()
        working = asyncio.create_task(adapter.run(gangway), name=f"network-{self.name}")
        watching = asyncio.create_task(self._watch(adapter))
        moving = asyncio.create_task(self._until_it_has_to_change(models))
        try:
            await asyncio.wait([working, moving], return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return self._crash(working)
            reason = moving.result()
            log.info("%s: %s; finishing what is in hand", self.name, reason)
            gangway.draw_in(reason)
            await self._finish(gangway, working)
            return ""
        finally:
            for task in (working, watching, moving):
                task.cancel()
            await asyncio.gather(working, watching, moving, return_exceptions=True)
            gangway.clear()
            self._desk = None
            house.dispatcher.leave(self.name)

    async def _finish(self, gangway: Gangway, working: asyncio.Task[None]) -> None:
        dispatcher = self._house.dispatcher
        with suppress(TimeoutError):
            async with asyncio.timeout(self._house.patience):
                while (gangway.out or dispatcher.in_hand(self.name)) and not working.done():  # noqa: ASYNC110
                    await asyncio.sleep(FINISH_SECONDS)

    def _crash(self, working: asyncio.Task[None]) -> str:
        error = working.exception()
        first = _first(error) if error is not None else None
        told = "nothing: it ended by itself" if first is None else f"{type(first).__name__}: {first}"
        log.error("%s failed: %s", self.name, told, exc_info=error)
        self.faults.again(self._now(), told)
        return told

    async def _until_it_has_to_change(self, models: Mapping[str, str]) -> str:
        """Why this adapter has to make way for another one."""
        since: float | None = None
        while not self.left:
            if bar := self._house.bar():
                return bar.reason
            now = self._house.clock.monotonic()
            if self._offer() == models:
                since = None
            elif since is None:
                since = now
            elif now - since >= SETTLED_SECONDS:
                return "other models are served now"
            await self._pause(LOOK_SECONDS)
        return "you changed it, or let it go"

    async def _watch(self, adapter: Joinable) -> None:
        """Ask now and then how the network stands with us, and remember it."""
        pause = FIRST_PROBE_SECONDS
        while True:
            try:
                async with asyncio.timeout(PROBE_LIMIT):
                    standing = await adapter.probe()
            except TimeoutError:
                standing = Standing(False, problem=f"it did not say within {PROBE_LIMIT:g} s how we stand")
            except Exception as error:
                log.exception("%s cannot be asked how we stand", self.name)
                standing = Standing(False, problem=f"its answer cannot be used: {type(error).__name__}")
            self._remember(standing)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause * random.uniform(0.8, 1.2)):  # noqa: S311  spreads questions
                    await self._look.wait()
            self._look.clear()
            pause = min(pause * 2, PROBE_SECONDS)

    def _remember(self, standing: Standing) -> None:
        known = self.standing
        if standing.problem and (known is None or known.problem != standing.problem):
            self.faults.again(self._now(), standing.problem)
        for message in standing.messages:
            if self.messages.add(self._now(), message):
                log.info("%s says: %s", self.name, message)
        if known is None or (known.connected, known.problem) != (standing.connected, standing.problem):
            self.since_at = self._now()
        self.standing, self.seen_at = standing, self._now()

    # What is on offer

    def _offer(self) -> dict[str, str]:
        """The network's name of each model that it may have now, by ours; what the engine served last stays on offer
        while it is away."""
        house = self._house
        chosen = dict(self.membership.models)
        if not chosen:
            served = {model.name: "" for model in house.dispatcher.models() if model.chat}
            self._served = served or self._served
            chosen = self._served or ({house.wanted: ""} if house.wanted else {})
        offered, self.barred = admitted(chosen, house.licence, pays_money=kind_of(self.membership.kind).pays_money)
        return offered

    def _bar(self) -> str:
        bar = self._house.bar()
        return "" if bar is None else bar.reason

    # Telling

    def _stand(self, state: NetworkState, reason: str, remedy: str = "", seconds: float | None = None) -> None:
        now, old = self._now(), self.condition
        if old is None or (old.state, old.reason) != (state, reason):
            log.log(logging.INFO if state is NetworkState.JOINING else logging.WARNING, "%s: %s", self.name, reason)
            self.since_at = now
        retry_at = None if seconds is None else now + seconds
        self.condition = Condition(state, reason, remedy, self.since_at, retry_at)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._leaving.wait()

    def _now(self) -> float:
        return self._house.clock.wall_ns() / 1e9


def _first(error: BaseException) -> BaseException:
    """What really went wrong in a group of errors."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
