"""Jobs that callers want done, and which socket holds which of them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

PREFETCHED = 2  # jobs that a busy socket holds for later
MOST_ATTEMPTS = 3
MOST_BOUNCES = 25

Frame = Mapping[str, object]


@dataclass(frozen=True)
class Outcome:
    """What the caller got.

    Attributes:
        status: as HTTP: 200, 400 or 502.
        den: what the worker was paid for it.
    """

    status: int
    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[Frame, ...] = ()
    finish_reason: str = ""
    worker: str = ""
    den: float = 0.0
    message: str = ""


@dataclass
class Ask:
    """One caller's request.

    Attributes:
        validation: a probe by a validator: looks like any other job and pays nothing.
        target: the only worker name that may get it.
        streamed: the deltas that reached the caller, over all attempts.
    """

    id: str
    model: str
    payload: Frame
    validation: bool = False
    target: str | None = None
    attempts: int = 0
    bounces: int = 0
    cancelled: bool = False
    taken_at: float = 0.0
    streamed: list[Frame] = field(default_factory=list)
    outcome: asyncio.Future[Outcome] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def api_format(self) -> str:
        return str(self.payload.get("api_format", "openai-chat"))

    @property
    def open(self) -> bool:
        return not self.outcome.done()

    def frame(self) -> Frame:
        """The job as it goes to a worker."""
        return {"type": "job", "id": self.id, "model": self.model, "payload": dict(self.payload)}

    def close(self, outcome: Outcome) -> None:
        """The caller has its answer; a later one changes nothing."""
        if self.open:
            self.outcome.set_result(outcome)


class Taker(Protocol):
    """A socket that takes jobs."""

    name: str
    busy: bool
    held: deque[Ask]

    def fits(self, ask: Ask) -> bool: ...

    def wake(self) -> None: ...


class JobQueue:
    """The common queue. A busy socket also takes jobs, which wait until it is free: the head-of-line trouble."""

    def __init__(self, takers: Callable[[], list[Taker]]) -> None:
        self.waiting: deque[Ask] = deque()
        self._takers = takers
        self._turn = 0

    def put(self, ask: Ask, *, first: bool = False) -> None:
        """Queue a job, or queue it again."""
        if first:
            self.waiting.appendleft(ask)
        else:
            self.waiting.append(ask)
        self.deal()

    def deal(self) -> None:
        """Hand out what can be handed out, to the sockets in turn."""
        for ask in list(self.waiting):
            takers = [taker for taker in self._takers() if taker.fits(ask) and len(taker.held) < _room(taker)]
            if takers:
                taker = takers[self._turn % len(takers)]
                self._turn += 1
                self.waiting.remove(ask)
                taker.held.append(ask)
                taker.wake()

    def give_back(self, taker: Taker) -> None:
        """A socket is gone: what it held for later waits for others."""
        while taker.held:
            self.waiting.appendleft(taker.held.pop())
        self.deal()


def _room(taker: Taker) -> int:
    return PREFETCHED if taker.busy else 1
