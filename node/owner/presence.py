"""How long the owner has been quiet, from whoever can tell."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from node.clock import Clock

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
LOOK_AGAIN_SECONDS = 30.0
REPORT_SECONDS = 3600.0
"""An attached program's report counts for so long at most: it may have ended since."""


class IdleSource(Protocol):
    """One way to learn it. Blocking; called from a thread of its own."""

    name: str

    def idle_seconds(self) -> float | None:
        """Seconds since the last input; None if this way cannot tell here."""

    def close(self) -> None: ...


class Presence:
    """Asks the first source that answers, four times a second, in its own thread; and listens to reports.

    Args:
        sources: in the order in which they are believed. Empty: only reports count.
        woken: called, from any thread, when the owner comes back.
    """

    def __init__(self, sources: Sequence[IdleSource], clock: Clock, woken: Callable[[], None] = lambda: None) -> None:
        self.source = ""
        self._sources = tuple(sources)
        self._clock = clock
        self._woken = woken
        self._touched_at: float | None = None
        self._reported_at: float | None = None
        self._reported_touch = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="owner-presence", daemon=True)

    def quiet(self) -> float | None:
        """Seconds since the owner last touched keyboard or mouse; None if nobody can tell."""
        now = self._clock.monotonic()
        touches = [] if self._touched_at is None else [self._touched_at]
        if self._reported_at is not None and now - self._reported_at < REPORT_SECONDS:
            touches.append(self._reported_touch)
        return max(0.0, now - max(touches)) if touches else None

    def report(self, idle_seconds: float) -> None:
        """An attached program says how long its terminal has been quiet."""
        self._reported_at = self._clock.monotonic()
        self._reported_touch = self._reported_at - idle_seconds
        self._woken()

    def start(self) -> None:
        """Begin to ask, if there is anybody to ask."""
        if self._sources:
            self._thread.start()

    def stop(self) -> None:
        """End the thread; a source that hangs is left behind."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._stopping.wait(LOOK_SECONDS if self._ask() else LOOK_AGAIN_SECONDS)
        finally:
            for source in self._sources:
                source.close()

    def _ask(self) -> bool:
        for source in self._sources:
            idle = source.idle_seconds()
            if idle is None:
                continue
            if source.name != self.source:
                log.info("%s tells how long the owner has been quiet", source.name)
                self.source = source.name
            before, now = self._touched_at, self._clock.monotonic()
            self._touched_at = now - idle
            if before is None or idle < 2 * LOOK_SECONDS <= now - before:
                self._woken()
            return True
        if self.source:
            log.info("%s tells no longer how long the owner has been quiet", self.source)
        self.source = ""
        self._touched_at = None
        return False
