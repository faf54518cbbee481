"""Looks at the node twice a second, lets the guard judge, and tells everyone who has to know."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from node.clock import Clock
from node.control.codec import encode
from node.control.hub import Hub
from node.control.wire import Snapshot, StateLine, StateWord, Transfer
from node.dispatcher import Dispatcher
from node.engines.base import Engine, EngineStatus
from node.guard import Situation, Verdict, judge
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
    """Keeps the state line true."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        engines: Sequence[Engine],
        observer: Observer,
        ledger: Ledger,
        hub: Hub,
        clock: Clock,
        pause_file: Path,
        idle_cards: Sequence[str],
        transfers: Callable[[], tuple[Transfer, ...]],
        missing: Callable[[], str],
        loading: Callable[[], str],
    ) -> None:
        self._dispatcher = dispatcher
        self._engines = engines
        self._observer = observer
        self._ledger = ledger
        self._hub = hub
        self._clock = clock
        self._pause_file = pause_file
        self._idle_cards = idle_cards
        self._transfers = transfers
        self._missing = missing
        self._loading = loading
        self._paused = _written_pause(pause_file)
        self._unwritten: StateLine | None = None
        self._next_try = 0.0
        self._line = StateLine(StateWord.WAITING, "the node is starting", since_at=clock.wall_ns() / 1e9)

    @property
    def line(self) -> StateLine:
        """What the node is doing, why, and what would change it; as of now."""
        verdict = judge(self._situation())
        word = StateWord(verdict.word)
        since = self._line.since_at if word is self._line.word else self._clock.wall_ns() / 1e9
        return StateLine(word, verdict.reason, verdict.remedy, since, self._notes())

    def snapshot(self) -> Snapshot:
        """The whole node as of now."""
        return self._observer.snapshot(self.line)

    def pause(self, reason: str) -> None:
        """The owner wants rest: take nothing new until `resume`. Survives a restart.

        Raises:
            OSError: that cannot be written down.
        """
        self._pause_file.write_text(reason, "utf-8", errors="replace")
        self._paused = reason
        self._act(judge(self._situation()))

    def resume(self) -> None:
        """Work again."""
        self._pause_file.unlink(missing_ok=True)
        self._paused = ""
        self._act(judge(self._situation()))

    async def run(self) -> None:
        """Tick until cancelled."""
        ticks = 0
        while True:
            due = self._clock.monotonic() + TICK_SECONDS
            if ticks % 2 == 0:
                self._observer.beat()
                await self._observer.refresh()
            await self.tick()
            ticks += 1
            await asyncio.sleep(max(0.0, due - self._clock.monotonic()))

    async def tick(self) -> None:
        """Judge once, act on it, and tell those who listen."""
        line = self.line
        self._act(judge(self._situation()))
        if line.word is not self._line.word:
            log.info("%s: %s", line.word, line.reason)
            if not (line.word in EVERYDAY and self._line.word in EVERYDAY):
                self._unwritten = line
        elif self._dispatcher.trouble and self._unwritten is None:
            self._unwritten = line  # only a write that succeeds can tell that the trouble is over
        self._line = line
        await self._write()
        if self._hub.watched:
            self._hub.tell_snapshot(json.dumps(encode(self._observer.snapshot(line))))

    def _situation(self) -> Situation:
        dispatcher = self._dispatcher
        return Situation(
            paused=self._paused and f"paused by you: {self._paused}",
            draining=len(dispatcher.runs) if dispatcher.draining else None,
            drain_seconds=dispatcher.seconds_left() if dispatcher.draining else None,
            books=dispatcher.trouble,
            engines=tuple(engine.health() for engine in self._engines),
            models=len(dispatcher.models()),
            fetching=self._coming(),
            missing="" if dispatcher.models() else self._missing(),
            running=dispatcher.allocation.running(),
        )

    def _coming(self) -> str:
        moving = next(iter(self._transfers()), None)
        if moving is not None:
            return f"fetching {moving.name}, {_share(moving)}"
        loading = self._loading()
        return f"loading {loading}" if loading else ""

    def _act(self, verdict: Verdict) -> None:
        if verdict.take:
            self._dispatcher.open()
        else:
            self._dispatcher.close(verdict.reason)

    def _notes(self) -> tuple[str, ...]:
        healths = [engine.health() for engine in self._engines]
        on_cpu = any(health.status is EngineStatus.READY and health.device == "CPU" for health in healths)
        if not (self._idle_cards and on_cpu):
            return ()
        return (f"{self._idle_cards[0]} is idle, the engine runs on the CPU: stoker engine use URL changes that",)

    async def _write(self) -> None:
        """Write down the last change; while the books cannot be written, try again now and then."""
        line, now = self._unwritten, self._clock.monotonic()
        if line is None or now < self._next_try:
            return
        self._next_try = now + RETRY_SECONDS
        try:
            await self._ledger.append(StateChanged(line.word.value, line.reason, line.remedy))
        except LedgerError as error:
            log.error("the change of state could not be written down: %s", error)
            return
        self._unwritten = None
        self._next_try = now
        if self._dispatcher.trouble:
            self._dispatcher.trouble = ""
            self._act(judge(self._situation()))


def _written_pause(file: Path) -> str:
    """The reason of a pause that was given before the node started; an empty file is a pause, too."""
    try:
        return file.read_text("utf-8", errors="replace").strip() or "until you resume"
    except FileNotFoundError:
        return ""


def _share(moving: Transfer) -> str:
    if not moving.total:
        return f"{moving.done / 1e6:.0f} MB"
    return f"{100 * moving.done / moving.total:.0f} % of {moving.total / 1e6:.0f} MB"
