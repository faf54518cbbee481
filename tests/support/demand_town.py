"""Everybody who wants something of a node on one day, in simulated time, and what became of it."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from demand_day import GRID, HORDE, HOUR, SLOTS, Request, Trade, grid, horde, local
from simulated_loop import SimulatedLoop

OWN = "local"


@dataclass
class Tally:
    """What one source of jobs brought and cost.

    Attributes:
        late: accepted, and not delivered in time. returned: accepted, and given back while there was time.
        seconds: of slots. used: those of them whose answers were taken.
        micro: millionths of the currency.
    """

    done: int = 0
    late: int = 0
    returned: int = 0
    seconds: float = 0.0
    used: float = 0.0
    micro: int = 0


class Market:
    """The requests at one network that nobody has taken yet."""

    def __init__(self, trade: Trade, requests: Iterator[Request]) -> None:
        self.trade = trade
        self.tally = Tally()
        self.came = asyncio.Event()
        self._coming = requests
        self._open: deque[Request] = deque()

    async def open(self) -> None:
        """Let the requests arrive, until there are no more."""
        for request in self._coming:
            await asyncio.sleep(request.at - now())
            self._open.append(request)
            self.came.set()

    def take(self, most: int | None = None) -> Request | None:
        """The oldest that is still there and asks for no more tokens than that."""
        self._open = deque(request for request in self._open if request.gone > now())
        for request in self._open:
            if most is None or request.wanted <= most:
                self._open.remove(request)
                return request
        self.came.clear()
        return None

    def deliver(self, request: Request, tokens: int, deadline: float) -> int | None:
        """Bring an answer: what it is worth, or None if it is not taken."""
        whole = tokens >= request.length or self.trade.cuts
        if now() > deadline or not whole or not self.trade.hears(now()):
            self.tally.late += 1
            return None
        worth = self.trade.worth(request.prompt, tokens, now())
        self.tally.done += 1
        self.tally.micro += worth
        return worth


@dataclass
class Town:
    """The markets, and the owner's own clients."""

    markets: dict[str, Market]
    clients: list[Request]
    own: Tally = field(default_factory=Tally)


@dataclass(frozen=True)
class Outcome:
    """How it went, by network."""

    seconds: float
    tallies: dict[str, Tally]

    @property
    def busy(self) -> float:
        """The share of slot time that went into answers that were taken."""
        return sum(tally.used for tally in self.tallies.values()) / (self.seconds * SLOTS)

    @property
    def wasted(self) -> float:
        """The share of slot time that went into other answers."""
        return sum(tally.seconds for tally in self.tallies.values()) / (self.seconds * SLOTS) - self.busy

    @property
    def income(self) -> float:
        return sum(tally.micro for tally in self.tallies.values()) / 1e6

    @property
    def missed(self) -> int:
        """Jobs that were accepted and not answered in time."""
        return sum(tally.late + tally.returned for tally in self.tallies.values())

    def share(self, network: str) -> float:
        """Of the time that was spent computing."""
        return self.tallies[network].seconds / max(1.0, sum(tally.seconds for tally in self.tallies.values()))


Strategy = Callable[[Town], Awaitable[None]]


def lived(strategy: Strategy, first: float = 0.0, last: float = 24.0, seed: int = 5) -> Outcome:
    """The hours of one day under a strategy; the same seed always makes the same demand."""
    since, until = first * HOUR, last * HOUR

    async def day() -> Outcome:
        town = Town(
            {
                HORDE.name: Market(HORDE, horde(random.Random(seed), since, until)),
                GRID.name: Market(GRID, grid(random.Random(seed + 1), since, until)),
            },
            list(local(random.Random(seed + 2), since, until)),
        )
        works = [asyncio.create_task(market.open()) for market in town.markets.values()]
        works.append(asyncio.ensure_future(strategy(town)))
        await asyncio.sleep(until - since)
        outcome = Outcome(
            until - since, {OWN: town.own} | {name: market.tally for name, market in town.markets.items()}
        )
        for work in works:
            if work.done():
                work.result()
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
        return outcome

    with asyncio.Runner(loop_factory=lambda: SimulatedLoop(since)) as runner:
        return runner.run(day())


def now() -> float:
    """Seconds since midnight."""
    return asyncio.get_running_loop().time()
