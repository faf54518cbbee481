"""What may be asked for so that it is finished in time, and how long a finished answer is held. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

TTL = 150.0
"""Seconds that the network gives a text job, whatever its length."""

USABLE = 0.8
"""Of the time to live; the rest is for the network, the way there and back, and a card that slows down."""

LATEST = 0.9
"""Of the time to live: an answer that is still being written then is delivered as it is."""

LONGEST, SHORTEST, UNMEASURED = 4096, 16, 128
HALVED_AFTER = 60.0
"""Seconds in which a wait that was noted counts for half."""
WORTHWHILE = 128
"""Tokens: below this length, less context is announced instead."""
SMALLEST_CONTEXT = 1024

UNSUSPICIOUS = 0.8
"""Share of the network's limit at which answers of untrusted workers are delivered."""

Seconds = Callable[[int, int], float | None]
"""How long so many prompt and answer tokens take here, in one slot; None if that is not known yet."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The largest job that we ask for, in tokens."""

    max_length: int
    max_context: int


def offer(seconds: Seconds, context: int, waiting: float, *, ttl: float = TTL, longest: int = LONGEST) -> Offer:
    """What is finished inside its time to live at the measured speed.

    Args:
        context: tokens that the engine gives to one job.
        waiting: seconds that jobs lately waited for a slot.
        longest: the owner's own limit.
    """
    longest = max(SHORTEST, min(longest, LONGEST, context // 2))
    if seconds(1, 1) is None:
        return Offer(min(UNMEASURED, longest), context)
    budget = ttl * USABLE - waiting
    while True:
        length = _longest(seconds, context, budget, longest)
        if length >= min(WORTHWHILE, longest) or context // 2 < SMALLEST_CONTEXT:
            return Offer(max(SHORTEST, length), context)
        context //= 2
        longest = max(SHORTEST, min(longest, context // 2))


def _longest(seconds: Seconds, context: int, budget: float, most: int) -> int:
    """The longest answer up to ``most`` that is there in time, after a prompt that fills the rest; 0 if none is."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if (seconds(context - middle, middle) or 0.0) <= budget:
            low = middle
        else:
            high = middle - 1
    return low


def hold(tokens: int, elapsed: float, limit: float | None, left: float) -> float:
    """Seconds to hold a finished answer, so that an untrusted worker does not look too fast.

    Args:
        tokens: as the network counts them. elapsed: seconds since the pop.
        limit: tokens a second; None for no limit. left: seconds until the answer must be on its way.
    """
    if limit is None:
        return 0.0
    return max(0.0, min(tokens / (limit * UNSUSPICIOUS) - elapsed, left))


class Waiting:
    """How long jobs lately waited for a slot: up at once, down slowly.

    It goes down with the jobs and by itself: otherwise one long wait could leave so little time for the next job that
    none is ever short enough.
    """

    def __init__(self) -> None:
        self._seconds = 0.0
        self._at = 0.0

    def note(self, seconds: float, now: float) -> None:
        """A job waited so long."""
        self._seconds = max(seconds, self.seconds(now) * 0.9)
        self._at = now

    def seconds(self, now: float) -> float:
        """As of now (monotonic seconds)."""
        return self._seconds * math.pow(0.5, (now - self._at) / HALVED_AFTER)
