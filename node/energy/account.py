"""Energy and its cost, added up exactly: idle and at work, for jobs and for hours. Pure but for the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from node.clock import Clock
from node.energy.price import Price, Tariff, micro_of

WATTS_SECONDS = 3.0  # over which the present draw is averaged


@dataclass(frozen=True, slots=True)
class Consumption:
    """What a span of time took.

    Attributes:
        idle_mj, working_mj: millijoules without and with jobs. idle_ms, working_ms: for how long.
        product: sum of millijoules times price, see `node.energy.price`; None if nothing was priced.
        unpriced_mj: the part of the energy without a known price.
        carbon_ug: micrograms of CO2; None if not known.
    """

    idle_mj: int = 0
    working_mj: int = 0
    idle_ms: int = 0
    working_ms: int = 0
    product: int | None = None
    unpriced_mj: int = 0
    carbon_ug: int | None = None

    @property
    def energy_mj(self) -> int:
        return self.idle_mj + self.working_mj

    @property
    def cost_micro(self) -> int | None:
        """Millionths of the currency; None if nothing was priced."""
        return None if self.product is None else micro_of(self.product)

    def less(self, earlier: Consumption) -> Consumption:
        """What came since an earlier reading of the same sums."""
        return Consumption(
            self.idle_mj - earlier.idle_mj,
            self.working_mj - earlier.working_mj,
            self.idle_ms - earlier.idle_ms,
            self.working_ms - earlier.working_ms,
            None if self.product is None else self.product - (earlier.product or 0),
            self.unpriced_mj - earlier.unpriced_mj,
            None if self.carbon_ug is None else self.carbon_ug - (earlier.carbon_ug or 0),
        )

    def and_then(self, energy_mj: int, milliseconds: int, *, working: bool, price: Price | None) -> Consumption:
        """After so much more energy and time."""
        more = replace(
            self,
            idle_mj=self.idle_mj + (0 if working else energy_mj),
            working_mj=self.working_mj + (energy_mj if working else 0),
            idle_ms=self.idle_ms + (0 if working else milliseconds),
            working_ms=self.working_ms + (milliseconds if working else 0),
        )
        if price is None:
            return replace(more, unpriced_mj=self.unpriced_mj + energy_mj)
        more = replace(more, product=(self.product or 0) + energy_mj * price.micro)
        if price.carbon is not None:  # grams a kWh times millijoules, in micrograms
            more = replace(more, carbon_ug=(self.carbon_ug or 0) + round(energy_mj * price.carbon / 3600))
        return more


class Till:
    """The running sums since the node began, for whoever needs differences: jobs, hours, rates.

    Args:
        meter: millijoules so far; None where nothing measures.
        tariff: the price at a moment.
        working: whether jobs compute now.
    """

    def __init__(
        self, meter: Callable[[], int | None], tariff: Tariff, clock: Clock, working: Callable[[], bool]
    ) -> None:
        self.total = Consumption()
        self._meter = meter
        self._tariff = tariff
        self._clock = clock
        self._working = working
        self._before = meter()
        self._at = clock.monotonic()
        self._busy = False
        self._watts: float | None = None
        self._watts_from = (self._at, self._before)

    @property
    def watts(self) -> float | None:
        """Mean draw of the last seconds; None where nothing measures."""
        return self._watts

    @property
    def price(self) -> Price | None:
        """Now."""
        return self._tariff(self._clock.wall_ns() / 1e9)

    def read(self) -> Consumption:
        """The sums up to now. What has been used since the last reading is idle or work as the node was then."""
        energy, now = self._meter(), self._clock.monotonic()
        if energy is not None:
            step = energy - (self._before if self._before is not None else energy)
            milliseconds = round((now - self._at) * 1000)
            self.total = self.total.and_then(step, milliseconds, working=self._busy, price=self.price)
            self._before = energy
        if now - self._watts_from[0] >= WATTS_SECONDS:
            at, before = self._watts_from
            self._watts = None if energy is None or before is None else (energy - before) / (now - at) / 1000
            self._watts_from = (now, energy)
        self._at, self._busy = now, self._working()
        return self.total

    def product(self) -> int | None:
        """The sum of millijoules times price up to now; None while there is none. For the shares of jobs."""
        return self.read().product
