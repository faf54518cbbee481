"""Looks at the node twice a second, lets the guard judge, and tells everyone who has to know."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from datetime import datetime

from node.clock import Clock
from node.conduct.surroundings import Surroundings
from node.control.codec import encode
from node.control.hub import Hub
from node.control.wire import Snapshot, StateLine, StateWord
from node.dispatcher import Dispatcher
from node.engines.base import EngineStatus
from node.guard import Action, Memory, Policy, Verdict, ceilings, judge
from node.ledger.errors import LedgerError
from node.ledger.records import StateChanged
from node.ledger.store import Ledger
from node.observer import Observer

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
RETRY_SECONDS = 3.0
EVERYDAY = frozenset({StateWord.WORKING, StateWord.WAITING})
"""Between these the node goes to and fro all day; only other changes are worth an entry in the books."""


class Watch:
    """Keeps the state line true, and the node within its limits.

    Attributes:
        policy: the owner's limits; may be set at any time.
        ticked_at: when it last came round, in the clock's monotonic seconds.

    Args:
        idle_cards: the GPUs of this machine, whether they can be used or not.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        policy: Policy,
        dispatcher: Dispatcher,
        observer: Observer,
        ledger: Ledger,
        hub: Hub,
        clock: Clock,
        idle_cards: Sequence[str],
    ) -> None:
        self.policy = policy
        self.ticked_at = float("-inf")
        self._surroundings = surroundings
        self._dispatcher = dispatcher
        self._observer = observer
        self._ledger = ledger
        self._hub = hub
        self._clock = clock
        self._idle_cards = idle_cards
        self._memory = Memory()
        self._woken = asyncio.Event()
        self._unwritten: StateLine | None = None
        self._next_try = 0.0
        self._verdict = Verdict("WAITING", Action.RUN, "the node is starting")
        self._line = StateLine(StateWord.WAITING, "the node is starting", since_at=clock.wall_ns() / 1e9)

    @property
    def line(self) -> StateLine:
        """What the node is doing, why, and what would change it; as of now."""
        return self._line_of(self._judge()[0])

    def snapshot(self) -> Snapshot:
        """The whole node as of now."""
        return self._snapshot(self.line)

    def act(self) -> None:
        """Judge and act at once: the owner has just said something."""
        verdict, self._memory = self._judge()
        self._obey(verdict)

    def wake(self) -> None:
        """Look now rather than at the next tick. For the event loop's thread."""
        self._woken.set()

    async def run(self) -> None:
        """Tick until cancelled."""
        refresh_at = float("-inf")
        while True:
            due = self._clock.monotonic() + TICK_SECONDS
            self._woken.clear()
            await self.tick()
            if self._clock.monotonic() >= refresh_at:
                refresh_at = self._clock.monotonic() + 2 * TICK_SECONDS * 0.9
                self._observer.beat()
                await self._observer.refresh()
            try:
                async with asyncio.timeout(max(0.0, due - self._clock.monotonic())):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def tick(self) -> None:
        """Judge once, act on it, and tell those who listen."""
        verdict, self._memory = self._judge()
        self._obey(verdict)
        line = self._line_of(verdict)
        if _differs(verdict, self._verdict):
            log.info("%s: %s", line.word, line.reason)
            if not (line.word in EVERYDAY and self._line.word in EVERYDAY):
                self._unwritten = line
        elif self._dispatcher.bookings.trouble and self._unwritten is None:
            self._unwritten = line  # only a write that succeeds can tell that the trouble is over
        self._line, self._verdict = line, verdict
        await self._write()
        if self._hub.watched:
            self._hub.tell_snapshot(json.dumps(encode(self._snapshot(line))))
        self.ticked_at = self._clock.monotonic()

    def _snapshot(self, line: StateLine) -> Snapshot:
        return self._observer.snapshot(line, ceilings(self._surroundings.sampler.latest, self.policy))

    def _judge(self) -> tuple[Verdict, Memory]:
        return judge(self._surroundings.situation(), self.policy, self._memory, self._clock.monotonic())

    def _line_of(self, verdict: Verdict) -> StateLine:
        word = StateWord(verdict.word)
        since = self._line.since_at if word is self._line.word else self._clock.wall_ns() / 1e9
        wishes = self._surroundings.wishes
        return StateLine(
            word,
            verdict.reason,
            verdict.remedy,
            since,
            self._notes(verdict),
            action=verdict.action.name.lower(),
            paused=bool(wishes.paused),
            anyway=wishes.override,
        )

    def _obey(self, verdict: Verdict) -> None:
        if verdict.take:
            self._dispatcher.open()
        else:
            self._dispatcher.close(verdict.reason)
        self._dispatcher.limit(verdict.slots)
        if verdict.action is Action.STOP:
            self._surroundings.standby.stand_back(verdict.reason)
        else:
            self._surroundings.standby.come_back()

    def _notes(self, verdict: Verdict) -> tuple[str, ...]:
        notes = []
        wishes = self._surroundings.wishes
        if wishes.override:
            until = wishes.override_until
            end = "" if until is None else f" until {datetime.fromtimestamp(until):%H:%M}"
            against = f" against: {'; '.join(verdict.overruled)}" if verdict.overruled else ""
            notes.append(f"you told it to run anyway{end}{against}; stoker resume takes that back")
        healths = [engine.health() for engine in self._surroundings.engines]
        on_cpu = any(health.status is EngineStatus.READY and health.device == "CPU" for health in healths)
        if self._idle_cards and on_cpu:
            card = self._idle_cards[0]
            notes.append(f"{card} is idle, the engine runs on the CPU: stoker engine add changes that")
        return (*notes, *self._surroundings.notes())

    async def _write(self) -> None:
        """Write down the last change; while the books cannot be written, try again now and then."""
        line, now = self._unwritten, self._clock.monotonic()
        if line is None or now < self._next_try:
            return
        self._next_try = now + RETRY_SECONDS
        try:
            await self._dispatcher.bookings.write_what_is_owed()
            await self._ledger.append(StateChanged(line.word.value, line.reason, line.remedy))
        except LedgerError as error:
            log.error("the change of state could not be written down: %s", error)
            return
        self._unwritten = None
        self._next_try = now
        if self._dispatcher.bookings.trouble:
            self._dispatcher.bookings.trouble = ""
            self.act()


def _differs(one: Verdict, other: Verdict) -> bool:
    """Whether the node does something else than before, or for another reason; a moved figure is no change."""
    return (one.word, one.action, one.rule, one.slots) != (other.word, other.action, other.rule, other.slots)
