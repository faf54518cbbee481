"""The tickets that one connection holds."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from node.clock import Clock
from node.networks.base import Ticket

RENEW_SECONDS = 30.0  # an unused ticket goes back after that long, so that others get their turn


@dataclass(frozen=True, slots=True)
class _Held:
    ticket: Ticket
    since: float


class Places:
    """For each model, the rights to a job that has not come yet."""

    def __init__(self, models: Iterable[str], clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, deque[_Held]] = {model: deque() for model in models}
        self._fed = asyncio.Event()

    def __len__(self) -> int:
        return sum(map(len, self._held.values()))

    def serves(self, model: str) -> bool:
        """Whether it takes tickets for it."""
        return model in self._held

    def spare(self, model: str) -> int:
        """Tickets for it that wait for a job."""
        return len(self._held.get(model, ()))

    def feed(self, ticket: Ticket) -> None:
        """The right to one more job."""
        self._held[ticket.model].append(_Held(ticket, self._clock.monotonic()))
        self._fed.set()

    def take(self, model: str) -> Ticket | None:
        """The oldest ticket for it, if there is one."""
        return self._held[model].popleft().ticket if self._held[model] else None

    async def fed(self, seconds: float) -> None:
        """Wait for another ticket, at most so long."""
        self._fed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._fed.wait()
        except TimeoutError:
            pass

    def renew(self) -> None:
        """Give back what has waited for long: whoever waits gets it before we ask again."""
        for held in self._held.values():
            while held and self._clock.monotonic() - held[0].since >= RENEW_SECONDS:
                held.popleft().ticket.release()

    def release(self) -> None:
        """Give back all."""
        for held in self._held.values():
            while held:
                held.popleft().ticket.release()
