"""How the machine's energy, and its cost, are shared out among the jobs that run. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from node.energy.price import micro_of


@dataclass(frozen=True, slots=True)
class Spent:
    """A job's share of the energy in millijoules, and what that cost in millionths of the currency; None: not known."""

    energy_mj: int | None = None
    cost_micro: int | None = None


class EnergyShares:
    """Splits what the meter counted evenly among the jobs that ran meanwhile.

    Args:
        may_fall: the meter counts something that can become less, such as costs at negative prices.
    """

    def __init__(self, *, may_fall: bool = False) -> None:
        self._may_fall = may_fall
        self._last: int | None = None
        self._shares: dict[int, float | None] = {}

    def begin(self, job: int, meter_mj: int | None) -> None:
        """A job starts while the meter stands here (millijoules; None where nothing measures)."""
        self._split(meter_mj)
        self._shares[job] = None if meter_mj is None else 0.0

    def end(self, job: int, meter_mj: int | None) -> int | None:
        """A job ends: its share in millijoules, or None if the meter was silent at any time."""
        self._split(meter_mj)
        share = self._shares.pop(job, None)
        return None if share is None or meter_mj is None else round(share)

    def so_far(self, job: int) -> float | None:
        """The share of a job that still runs, as of the last change, in millijoules."""
        return self._shares.get(job)

    def _split(self, meter_mj: int | None) -> None:
        if meter_mj is None:
            self._shares = dict.fromkeys(self._shares)
        elif self._last is not None and self._shares:
            step = meter_mj - self._last
            each = (step if self._may_fall else max(0, step)) / len(self._shares)
            for job, share in self._shares.items():
                if share is not None:
                    self._shares[job] = share + each
        self._last = meter_mj


class Metering:
    """Reads the meters when a job begins and ends to compute.

    Args:
        energy: millijoules so far; None where nothing measures.
        cost: the sum of millijoules times their prices so far (see `node.energy.price`); None where no price is known.
    """

    def __init__(self, energy: Callable[[], int | None], cost: Callable[[], int | None]) -> None:
        self._energy = energy
        self._cost = cost
        self._energies = EnergyShares()
        self._costs = EnergyShares(may_fall=True)

    def begin(self, job: int) -> None:
        """A job starts to compute."""
        self._energies.begin(job, self._energy())
        self._costs.begin(job, self._cost())

    def end(self, job: int) -> Spent:
        """It has stopped: its shares."""
        energy = self._energies.end(job, self._energy())
        product = self._costs.end(job, self._cost())
        return Spent(energy, None if product is None else micro_of(product))
