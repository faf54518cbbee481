"""How well jobs went of late, for networks whose heartbeats want to know."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import median, quantiles

from node.clock import Clock
from node.networks.websocket.answer import Answer

REMEMBERED = 64
RECENT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Failure:
    """When a job failed, in nanoseconds since 1970, and the network's word for why."""

    wall_ns: int
    code: str


@dataclass(frozen=True, slots=True)
class _Past:
    at: float
    seconds: float
    rate: float
    failed: bool


class Vitals:
    """The last jobs of one network."""

    def __init__(self, clock: Clock) -> None:
        self.last_failure: Failure | None = None
        self._clock = clock
        self._past: deque[_Past] = deque(maxlen=REMEMBERED)

    def note(self, answer: Answer, failure: str = "") -> float:
        """A job has ended; the seconds that it took from its offer."""
        now = self._clock.monotonic()
        seconds = max(now - answer.began_at, 1e-6)
        tokens = answer.usage.completion_tokens if answer.usage else 0
        self._past.append(_Past(now, seconds, tokens / seconds, bool(failure)))
        if failure:
            self.last_failure = Failure(self._clock.wall_ns(), failure)
        return seconds

    @property
    def tokens_per_second(self) -> float:
        """The median over jobs that went well; 0 before the first."""
        return median([past.rate for past in self._past if not past.failed] or [0.0])

    @property
    def latencies(self) -> tuple[float, float]:
        """Seconds from offer to end of jobs that went well: median and 95th percentile; zeros before the first."""
        seconds = [past.seconds for past in self._past if not past.failed] or [0.0]
        return median(seconds), quantiles(seconds * 2, n=20)[-1] if len(seconds) > 1 else seconds[0]

    @property
    def error_rate(self) -> float:
        """Failures among the jobs that ended in the last minute."""
        since = self._clock.monotonic() - RECENT_SECONDS
        recent = [past.failed for past in self._past if past.at >= since]
        return sum(recent) / len(recent) if recent else 0.0
