"""What was measured at some limits, and which of them is best for what. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """One window of measurement.

    Attributes:
        limit_w: the power limit; None on a card that has none. watts: mean draw of everything that is measured; None if
            nothing measures.
    """

    limit_w: int | None
    tokens_per_second: float
    watts: float | None
    seconds: float

    @property
    def tokens_per_joule(self) -> float | None:
        return self.tokens_per_second / self.watts if self.watts else None

    def profit(self, micro_per_token: float, micro_per_kwh: float) -> float | None:
        """Millionths of the currency in an hour: what the tokens earn less what the power costs."""
        if self.watts is None:
            return None
        return 3600 * self.tokens_per_second * micro_per_token - self.watts / 1000 * micro_per_kwh


@dataclass(frozen=True, slots=True)
class Best:
    """The best points; None where nothing could be compared."""

    speed: Point | None = None
    efficient: Point | None = None
    profit: Point | None = None


def best(points: Sequence[Point], micro_per_token: float | None = None, micro_per_kwh: float | None = None) -> Best:
    """The fastest, the one with most tokens a joule, and the one that earns most an hour."""
    if not points:
        return Best()
    measured = [point for point in points if point.tokens_per_joule is not None]
    efficient = max(measured, key=lambda point: point.tokens_per_joule or 0.0, default=None)
    profit = None
    if micro_per_token is not None and micro_per_kwh is not None:
        price, cost = micro_per_token, micro_per_kwh
        profit = max(measured, key=lambda point: point.profit(price, cost) or 0.0, default=None)
    return Best(max(points, key=lambda point: point.tokens_per_second), efficient, profit)
