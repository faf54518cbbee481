"""What the networks pay for a second of the engine, and the weights that follow. Pure.

A network's pay is what its jobs brought divided by the engine seconds that they took, the old ones counting less and
less. Seconds of jobs that came to nothing count as well. A network whose asset has no price in the owner's currency
counts as one that pays the mean of the others; the owner's own weight is multiplied on top for all of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

MEMORY_SECONDS = 600.0  # engine seconds of one network after which a job counts a third of what it did
EVIDENCE = 5  # rewarded jobs before a network's pay is believed
BETTER = 0.2  # a pay that has changed by less than this share does not move the weights at once
DWELL = 300.0  # seconds for which weights stay as they are
CREEP = 0.25  # of a smaller difference, at the end of each dwell
LEAST = 0.1  # of the mean pay: what a network counts that pays next to nothing
FLOOR = 0.1  # of the engine's time, for a network that has work


@dataclass(slots=True)
class _Record:
    micro: float = 0.0
    seconds: float = 0.0
    rewarded: int = 0


class Pay:
    """Pay by network, in millionths of the owner's currency for each second of one slot."""

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}
        self._in_force: dict[str, float] = {}
        self._settled_at = -math.inf

    def note(self, network: str, seconds: float, micro: int | None) -> None:
        """A job took so many engine seconds.

        Args:
            micro: what it brought; None if it came to nothing.
        """
        record = self._records.setdefault(network, _Record())
        kept = math.exp(-seconds / MEMORY_SECONDS)
        record.micro = record.micro * kept + (micro or 0)
        record.seconds = record.seconds * kept + seconds
        record.rewarded += micro is not None

    def measured(self, network: str) -> float | None:
        """What it pays; None while too little is known, or where its asset has no price."""
        record = self._records.get(network)
        if record is None or record.rewarded < EVIDENCE or record.seconds <= 0:
            return None
        return record.micro / record.seconds

    def forget(self, network: str) -> None:
        self._records.pop(network, None)
        self._in_force.pop(network, None)

    def weights(self, owners: Mapping[str, float], now: float) -> dict[str, float]:
        """Weights of these networks, given the owner's.

        A network's pay is in force from the moment when it is first known. Afterwards it moves every five minutes at
        most: the whole way where it has become 20 % better or worse, otherwise a quarter of it, so that chance does not
        drive the networks to and fro.
        """
        settling = now - self._settled_at >= DWELL
        for network in owners:
            pay = self.measured(network)
            if pay is None:
                continue
            before = self._in_force.get(network)
            if before is None or (settling and abs(pay - before) >= BETTER * before):
                self._in_force[network] = pay
            elif settling:
                self._in_force[network] = before + CREEP * (pay - before)
        if settling:
            self._settled_at = now
        paying = [self._in_force[network] for network in owners if network in self._in_force]
        usual = sum(paying) / len(paying) if paying else 0.0
        if usual <= 0:
            return dict(owners)
        return {
            network: owner * max(LEAST, self._in_force.get(network, usual) / usual) for network, owner in owners.items()
        }


def shares(weights: Mapping[str, float], floor: float = FLOOR) -> dict[str, float]:
    """The parts of the whole, in proportion to the weights, none below the floor; they add up to 1.

    Args:
        floor: lowered where there are so many that it would leave less than half to be shared by weight.
    """
    floor = min(floor, 0.5 / max(1, len(weights)))
    lifted: set[str] = set()
    while True:
        rest = {name: weight for name, weight in weights.items() if name not in lifted}
        whole, left = sum(rest.values()), 1.0 - floor * len(lifted)
        low = {name for name, weight in rest.items() if weight * left < floor * whole or whole <= 0}
        if not low:
            return {name: floor if name in lifted else weights[name] * left / whole for name in weights}
        lifted |= low
