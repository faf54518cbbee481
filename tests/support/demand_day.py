"""A day of demand at one node, made from a fixed seed: synthetic, after the shapes that the protocols' pages tell of.

Nobody publishes what arrives at a worker, so rates are chosen: each network alone offers about 60 % of what the engine
can do, in bursts and droughts. From the pages are the time limits, the lengths (AI Horde's text jobs ask for 80 to 512
tokens, a few for up to 4096; callers of AI Power Grid ask for far more than they get), that a job not taken soon is
another worker's, and that a work unit of AI Power Grid is worth more in quiet hours, as an hour's budget is shared by
all work of the hour. For half an hour AI Power Grid takes no answers. Kudos are valued at a fixed rate, so that incomes
can be added up here; the node itself never adds them to money.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

HOUR = 3600.0
READING, WRITING = 2000.0, 25.0  # tokens a second of one slot
SLOTS = 4


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody wants an answer.

    Attributes:
        at: seconds since midnight. gone: when somebody else has taken it, or its client has given up.
        wanted: tokens asked for at most. length: tokens of the whole answer.
    """

    number: int
    at: float
    gone: float
    prompt: int
    wanted: int
    length: int

    @property
    def seconds(self) -> float:
        """Of one slot."""
        return self.prompt / READING + self.length / WRITING


@dataclass(frozen=True, slots=True)
class Trade:
    """What sets a network apart.

    Attributes:
        round_trip: seconds. limit: seconds that it gives a job after it was taken.
        cuts: a shorter answer in time is taken as well.
        prompt_micro, answer_micro: millionths of the currency for a token.
        prices: what they are multiplied by, hour by hour. deaf: from when to when it takes no answer, in seconds.
    """

    name: str
    round_trip: float
    limit: float
    cuts: bool
    prompt_micro: float
    answer_micro: float
    prices: tuple[float, ...] = (1.0,) * 24
    deaf: tuple[float, float] = (0.0, 0.0)

    def worth(self, prompt: int, tokens: int, now: float) -> int:
        """Millionths of the currency for a job."""
        return round((prompt * self.prompt_micro + tokens * self.answer_micro) * self.prices[int(now // HOUR) % 24])

    def hears(self, now: float) -> bool:
        return not self.deaf[0] <= now < self.deaf[1]


HORDE = Trade("horde", round_trip=0.25, limit=150.0, cuts=True, prompt_micro=0.01, answer_micro=0.10)
GRID = Trade(
    "aipg",
    round_trip=0.15,
    limit=240.0,
    cuts=False,
    prompt_micro=0.02,
    answer_micro=0.12,
    prices=tuple(1.0 + 0.8 * math.cos((hour - 4) / 24 * 2 * math.pi) for hour in range(24)),
    deaf=(15.0 * HOUR, 15.5 * HOUR),
)
PATIENCE = 30.0  # seconds until the owner's own client gives up on the first token


def horde(chance: random.Random, since: float, until: float) -> Iterator[Request]:
    """Evenings are busy; a quiet spell before dawn."""

    def rate(hour: float) -> float:
        return 0.02 if 5 <= hour < 7 else 0.25 + 0.15 * _peak(hour, 21)

    for number, at in enumerate(_arrivals(chance, since, until, rate, spell=600.0, burst=4.0), start=1):
        long = chance.random() < 0.06
        wanted = chance.choice([1024, 2048, 4096]) if long else chance.choice([80, 120, 200, 300, 512])
        length = max(16, round(wanted * chance.uniform(0.5, 1.0)))
        prompt = min(7000, round(chance.lognormvariate(7.0, 0.8)))
        yield Request(number, at, at + chance.expovariate(1 / 90), prompt, wanted, length)


def grid(chance: random.Random, since: float, until: float) -> Iterator[Request]:
    """Working hours are busy; a drought in the late evening."""

    def rate(hour: float) -> float:
        return 0.0 if 21 <= hour < 23 else 0.20 + 0.15 * _peak(hour, 14)

    for number, at in enumerate(_arrivals(chance, since, until, rate, spell=300.0, burst=5.0), start=1):
        length = max(8, min(4000, round(chance.expovariate(1 / 330))))
        prompt = min(7000, round(chance.lognormvariate(6.3, 0.9)))
        yield Request(number, at, at + chance.expovariate(1 / 25), prompt, 32768, length)


def local(chance: random.Random, since: float, until: float) -> Iterator[Request]:
    """The owner's own use: sessions in the day, nothing at night."""

    def rate(hour: float) -> float:
        return 0.02 if 9 <= hour < 23 else 0.0

    for number, at in enumerate(_arrivals(chance, since, until, rate, spell=900.0, burst=6.0), start=1):
        length = max(8, min(1500, round(chance.expovariate(1 / 200))))
        prompt = min(7000, round(chance.lognormvariate(6.0, 0.8)))
        yield Request(number, at, at + PATIENCE, prompt, 1500, length)


def _arrivals(
    chance: random.Random, since: float, until: float, rate: Callable[[float], float], spell: float, burst: float
) -> Iterator[float]:
    """Poisson arrivals whose rate follows the hour, in bursts and lulls of about ``spell`` seconds in turn.

    A burst is so many times as dense as a lull, and both together keep the mean.
    """
    now, ends, dense = since, since, False
    while True:
        if now >= ends:
            dense, ends = not dense, now + chance.expovariate(1 / spell)
        each = 2 * rate(now / HOUR % 24) * (burst if dense else 1.0) / (burst + 1.0)
        now = min(now + (chance.expovariate(each) if each else math.inf), ends)
        if now >= until:
            return
        if now < ends:
            yield now


def _peak(hour: float, at: float) -> float:
    """1 at that hour, -1 twelve hours later."""
    return math.cos((hour - at) / 24 * 2 * math.pi)
