"""Power limits: what a card allows, what to begin with, and which to try. Pure; watts throughout."""

from __future__ import annotations

import random
from dataclasses import dataclass

SHARE = 0.70
"""Of the default limit. Published curves (RTX 3090, 4090, 5060 Ti) keep 93 to 96 % of the decoding speed there and
use a quarter less power; below half of the default all of them collapse."""

LEAST_SHARE = 0.5
STEPS = 6


@dataclass(frozen=True, slots=True)
class PowerRange:
    """What a card says of its limit.

    Attributes:
        limit: as it is now. default: as it was made. least, most: between which it may be set; None if it does not say.
    """

    limit: float
    default: float
    least: float | None = None
    most: float | None = None

    def clamped(self, watts: float) -> float:
        """The nearest limit that the card takes."""
        low = self.least if self.least is not None else 0.0
        high = self.most if self.most is not None else self.default
        return min(max(watts, low), high)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A limit to begin with, and why."""

    watts: int
    reason: str


def propose(card: PowerRange) -> Proposal:
    """70 % of the default, within what the card takes."""
    watts = round(card.clamped(SHARE * card.default))
    share = 100 * watts / card.default
    reason = (
        f"{share:.0f} % of the default {card.default:.0f} W: published curves keep 93 to 96 % of the decoding speed at "
        "70 %; reading long prompts loses more, so measure with `stoker tune`"
    )
    return Proposal(watts, reason)


def sweep(card: PowerRange, chance: random.Random) -> tuple[int, ...]:
    """The limits to try, from the default down to half of it, in random order: a fixed one measures the warming-up."""
    low, high = card.clamped(LEAST_SHARE * card.default), card.clamped(card.default)
    steps = sorted({round(low + (high - low) * step / (STEPS - 1)) for step in range(STEPS)})
    chance.shuffle(steps)
    return tuple(steps)


def command(index: int, watts: int) -> str:
    """What the owner types to set a limit that the node may not set."""
    return f"sudo nvidia-smi -i {index} -pl {watts}"
