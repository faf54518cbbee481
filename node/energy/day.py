"""What one day has taken: entries of the books, and what is not written yet. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from node.energy.account import Consumption
from node.ledger.records import EnergyUsed


@dataclass(frozen=True, slots=True)
class Day:
    """Energy of one day.

    Attributes:
        idle_mj, working_mj: millijoules. idle_ms, working_ms: for how long the node stood idle and worked.
        cost_micro: in millionths of the owner's currency; None if nothing was priced.
        unpriced_mj: the part that the cost leaves out.
        carbon_ug: micrograms of CO2; None if not known.
    """

    idle_mj: int = 0
    working_mj: int = 0
    idle_ms: int = 0
    working_ms: int = 0
    cost_micro: int | None = None
    unpriced_mj: int = 0
    carbon_ug: int | None = None

    @classmethod
    def of(cls, records: Iterable[EnergyUsed], currency: str) -> Day:
        """The sum of these entries; what was paid in another currency counts as unpriced."""
        day = cls()
        for record in records:
            day = day.and_record(record, currency)
        return day

    @property
    def energy_mj(self) -> int:
        return self.idle_mj + self.working_mj

    @property
    def idle_watts(self) -> float | None:
        """Mean draw without jobs; None if the node was never idle."""
        return self.idle_mj / self.idle_ms if self.idle_ms else None

    @property
    def working_watts(self) -> float | None:
        return self.working_mj / self.working_ms if self.working_ms else None

    def and_record(self, record: EnergyUsed, currency: str) -> Day:
        ours = record.currency == currency
        energy = record.idle_mj + record.working_mj
        return self._and(
            record.idle_mj,
            record.working_mj,
            record.idle_ms,
            record.working_ms,
            record.cost_micro if ours else None,
            record.unpriced_mj if ours else energy,
            record.carbon_ug,
        )

    def and_running(self, used: Consumption) -> Day:
        """With what has been used since the last entry."""
        return self._and(
            used.idle_mj,
            used.working_mj,
            used.idle_ms,
            used.working_ms,
            used.cost_micro,
            used.unpriced_mj,
            used.carbon_ug,
        )

    def _and(
        self,
        idle_mj: int,
        working_mj: int,
        idle_ms: int,
        working_ms: int,
        cost_micro: int | None,
        unpriced_mj: int,
        carbon_ug: int | None,
    ) -> Day:
        return Day(
            self.idle_mj + idle_mj,
            self.working_mj + working_mj,
            self.idle_ms + idle_ms,
            self.working_ms + working_ms,
            _sum(self.cost_micro, cost_micro),
            self.unpriced_mj + unpriced_mj,
            _sum(self.carbon_ug, carbon_ug),
        )


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one + (other or 0)
