"""How many tokens the cards give for their power, against what they gave for the same kind of load before.

Compared are blocks of ten seconds with the same load (model and jobs at once) in the same band of power, each against
the median of its like, and the shortfalls are summed up (a one-sided CUSUM), so that one slow block is nothing and a
lasting loss of a fifth is found within minutes.
"""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass, field

from node.hardware.health.finding import Finding

BLOCK_S = 10.0
LEARN_BLOCKS = 120
BANDS = 10  # of the power limit
LEAST_RATE = 1.0  # tokens per second
LEAST_SIGMA = 0.03  # of the median
SLACK, LIMIT = 0.75, 20.0  # of the sum, in standard deviations
LEAST_LOSS = 0.10
MOST_LOADS = 64
LONGEST_STEP_S = 15.0


@dataclass(frozen=True, slots=True)
class Work:
    """What the cards do.

    Attributes:
        load: names the kind of work; only like is compared with like. Empty while there is none.
    """

    tokens_per_second: float = 0.0
    load: str = ""


@dataclass(slots=True)
class _Block:
    load: str
    seconds: float = 0.0
    tokens: float = 0.0
    joules: float = 0.0


@dataclass(slots=True)
class Efficiency:
    """All cards together."""

    _usual: dict[str, tuple[float, float]] = field(default_factory=dict)  # median and sigma, tokens per joule
    _learning: dict[str, list[float]] = field(default_factory=dict)
    _block: _Block | None = None
    _sum: float = 0.0
    _loss: float = 0.0
    _last: tuple[float, float, float] = (0.0, 0.0, 0.0)  # tokens per second, usual ones, watts
    _now: float | None = None

    def observe(self, work: Work, power_w: float | None, limit_w: float | None, now: float) -> None:
        """Take in one second's work and the power of all cards, made at ``now`` (monotonic)."""
        before, self._now = self._now, now
        step = 0.0 if before is None else now - before
        busy = work.load and work.tokens_per_second >= LEAST_RATE
        if not busy or not power_w or not limit_w or not 0 < step <= LONGEST_STEP_S:
            self._block = None
            return
        block = self._block
        if block is None or block.load != work.load:
            self._block = _Block(work.load)  # the second in which the load changed belongs to neither
            return
        block.seconds += step
        block.tokens += work.tokens_per_second * step
        block.joules += power_w * step
        if block.seconds >= BLOCK_S:
            self._take(block, limit_w)
            self._block = _Block(work.load)

    def finding(self) -> Finding | None:
        """The cards give less for their power than they did."""
        if self._sum < LIMIT or self._loss < LEAST_LOSS:
            return None
        rate, usual, watts = self._last
        return Finding(
            "less work for the same power",
            f"{rate:.0f} tokens/s at {watts:.0f} W where {usual:.0f} were usual ({-100 * self._loss:.0f} %)",
            "look for other programs on the card, a lowered clock or a narrow link: stoker hardware",
        )

    def forget(self) -> None:
        """What was usual is so no more: learn anew."""
        self._usual, self._learning, self._sum, self._loss = {}, {}, 0.0, 0.0

    def dump(self) -> str:
        return json.dumps(self._usual)

    @classmethod
    def load(cls, text: str) -> Efficiency:
        """Raises:
        ValueError, TypeError: it was not written by `dump`.
        """
        known = json.loads(text).items()
        return cls({str(name): (float(median), float(sigma)) for name, (median, sigma) in list(known)[-MOST_LOADS:]})

    def _take(self, block: _Block, limit_w: float) -> None:
        watts = block.joules / block.seconds
        name = f"{block.load} {min(BANDS, int(BANDS * watts / limit_w))}"
        value = block.tokens / block.joules
        known = self._usual.pop(name, None)
        if known is None:
            self._learn(name, value)
            return
        self._usual[name] = known  # the latest used last
        median, sigma = known
        shortfall = max(-8.0, min(8.0, (median - value) / sigma))
        self._sum = min(2 * LIMIT, max(0.0, self._sum + shortfall - SLACK))
        self._loss += (1 - value / median - self._loss) / 6
        self._last = (block.tokens / block.seconds, median * watts, watts)

    def _learn(self, name: str, value: float) -> None:
        values = self._learning.setdefault(name, [])
        values.append(value)
        if len(values) >= LEARN_BLOCKS:
            median = statistics.median(values)
            spread = 1.4826 * statistics.median(abs(each - median) for each in values)
            self._usual[name] = (median, max(spread, LEAST_SIGMA * median))
            del self._learning[name]
        for store in (self._usual, self._learning):
            while len(store) > MOST_LOADS:
                del store[next(iter(store))]
