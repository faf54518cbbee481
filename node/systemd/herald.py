"""Tells the service manager how the node is, from its first moment to its last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum

from node.clock import Clock
from node.control.wire import StateLine
from node.supervision import end, keep
from node.systemd.notify import ServiceManager

BEAT_S = 1.0
EXTENSION_S = 30
"""How much more time the node asks for at each beat while it starts or ends."""

LONGEST_START_S = 1800.0
"""Large books are migrated and verified before the node is up; what takes longer hangs."""

LONGEST_FAREWELL_S = 60.0
"""From the last job to the end of the process."""

SILENT_S = 60.0
"""A loop that has been silent for so long hangs: supervision starts a failed one again after 36 s at most."""


@dataclass(frozen=True, slots=True)
class Life:
    """How one sees that a node lives.

    Attributes:
        line: what it does, and why.
        answering: whether its control API takes requests.
        signs: of each loop without which it is no node, when it last came round, in the clock's monotonic seconds.
        ending: whether it has been told to end. patience: for how long it then finishes jobs, seconds.
    """

    line: Callable[[], StateLine]
    answering: Callable[[], bool]
    signs: Mapping[str, Callable[[], float]]
    ending: Callable[[], bool]
    patience: float


class Phase(Enum):
    """Where the node is between its first moment and its last."""

    STARTING = "starting"
    UP = "up"
    ENDING = "ending"


class Herald:
    """Speaks once a second.

    A ping of the watchdog says that the event loop turns, since it is sent from there, and that each loop has lately
    come round. It is left out when one of them hangs, and then the manager kills the node and starts it again.
    """

    def __init__(self, manager: ServiceManager, clock: Clock) -> None:
        self._manager = manager
        self._clock = clock
        self._life: Life | None = None
        self._phase = Phase.STARTING
        self._since = clock.monotonic()
        self._said = ""
        self._silence = min(SILENT_S, manager.watchdog_seconds or SILENT_S)

    def follow(self, life: Life) -> None:
        """The rooms are built: from now on this is how the node lives."""
        self._life = life

    async def run(self) -> None:
        """Speak until cancelled."""
        pause = min(BEAT_S, (self._manager.watchdog_seconds or BEAT_S) / 3)
        while True:
            self.speak()
            await asyncio.sleep(pause)

    def speak(self) -> None:
        """Say what has changed, ask for time where it is needed, and ping the watchdog if every loop lives."""
        self._turn()
        now = self._clock.monotonic()
        if self._phase is not Phase.UP and now - self._since < self._bound():
            self._manager.tell(EXTEND_TIMEOUT_USEC=EXTENSION_S * 1_000_000)
        status = self._status()
        if status != self._said and self._manager.tell(STATUS=status):
            self._said = status
        if self._manager.watchdog_seconds and self._lives(now):
            self._manager.tell(WATCHDOG=1)

    def _turn(self) -> None:
        life = self._life
        if life is None:
            return
        if self._phase is not Phase.ENDING and life.ending():
            if self._manager.tell(STOPPING=1):
                self._enter(Phase.ENDING)
        elif (
            self._phase is Phase.STARTING
            and life.answering()
            and all(sign() >= self._since for sign in life.signs.values())
            and self._manager.tell(READY=1)
        ):
            self._enter(Phase.UP)

    def _enter(self, phase: Phase) -> None:
        self._phase, self._since = phase, self._clock.monotonic()

    def _bound(self) -> float:
        """How long the present phase may take."""
        if self._phase is Phase.STARTING or self._life is None:
            return LONGEST_START_S
        return self._life.patience + LONGEST_FAREWELL_S

    def _status(self) -> str:
        if self._life is None or self._phase is Phase.STARTING:
            return "STARTING: opening the books and the rooms"
        line = self._life.line()
        return f"{line.word}: {line.reason}"

    def _lives(self, now: float) -> bool:
        if self._life is None or self._phase is not Phase.UP:
            return now - self._since < self._bound()
        return all(now - sign() < self._silence for sign in self._life.signs.values())


@asynccontextmanager
async def heralding(manager: ServiceManager | None, clock: Clock) -> AsyncIterator[Herald | None]:
    """A herald that speaks meanwhile; None where nobody listens."""
    if manager is None:
        yield None
        return
    herald = Herald(manager, clock)
    speaking = asyncio.create_task(keep("word to the service manager", herald.run))
    try:
        yield herald
    finally:
        await end(speaking)
