"""How warm a card should be at the power it draws, learned from the card itself.

    temperature = room + resistance × power, the power followed with a time constant (a thermal RC model)

Resistance, time constant and spread are fitted over two hours of varied work by least squares; after that the room's
part follows slowly, and what is left over is the evidence: a card that is warmer than its own past at the same power
has dust, a failing fan or dried paste. In simulation this found what univariate detectors do not, because changes of
load swamp those.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field

from node.hardware.alarm import Severity
from node.hardware.health.finding import Finding
from node.hardware.readings import GpuReading

LEARN_S = 7200.0
REFIT_S = 7 * 86400.0
LONGEST_STEP_S = 15.0
SETTLE_S = 600.0
TIME_CONSTANTS = (20.0, 30.0, 40.0, 55.0, 70.0, 90.0, 130.0)
LEAST_SPREAD_W = 15.0  # standard deviation of the power while learning; less says nothing about the resistance
FOLLOW_S = 7200.0  # how slowly the room's part follows
SMOOTH_S = 60.0
COMPARABLE, PROOF_S = 0.8, 300.0  # the power, and how long at it, that prove that a card is well again
LEAST_SIGMA_C, LEAST_EXCESS_C, LEAST_Z = 0.6, 4.0, 4.0
PLAUSIBLE_C_PER_W = (0.01, 2.0)
DUSTY = 1.2  # times its best resistance
FITS_KEPT = 60


@dataclass(slots=True)
class _Sums:
    """Running sums of one candidate's least squares."""

    time_constant: float
    followed: float
    n: int = 0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    xy: float = 0.0
    yy: float = 0.0

    def add(self, y: float) -> None:
        x = self.followed
        self.n += 1
        self.x += x
        self.y += y
        self.xx += x * x
        self.xy += x * y
        self.yy += y * y

    def fit(self) -> tuple[float, float, float] | None:
        """Room, resistance and variance of what is left over; None if the power hardly varied."""
        spread = self.xx / self.n - (self.x / self.n) ** 2
        if spread < LEAST_SPREAD_W**2:
            return None
        together = self.xy / self.n - self.x * self.y / self.n**2
        resistance = together / spread
        left_over = self.yy / self.n - (self.y / self.n) ** 2 - resistance * together
        return (self.y - resistance * self.x) / self.n, resistance, max(0.0, left_over)


@dataclass(slots=True)
class Fit:
    """What was learned. Units: seconds, °C, °C per watt; ``made_at`` in Unix seconds."""

    time_constant: float
    room_c: float
    resistance: float
    sigma_c: float
    made_at: float


@dataclass(slots=True)
class ThermalModel:
    """One card. `observe` takes readings in, `finding` and `dust` say what they mean.

    Attributes:
        resistances: each fit's resistance with its time, oldest first.
    """

    fit: Fit | None = None
    resistances: list[tuple[float, float]] = field(default_factory=list)
    _learning: list[_Sums] = field(default_factory=list)
    _learned_s: float = 0.0
    _followed: float | None = None
    _excess: float = 0.0
    _seen_s: float = 0.0
    _now: float | None = None
    _raised: Finding | None = None
    _raised_w: float = 0.0
    _comparable_s: float = 0.0  # how long the power has been like that of the finding

    def observe(self, card: GpuReading, now: float, at: float) -> None:
        """Take in one reading made at ``now`` (monotonic) and ``at`` (Unix seconds)."""
        temperature, power = card.temperature_c, card.power_w
        before, self._now = self._now, now
        if temperature is None or power is None:
            self._followed = None
            return
        step = now - before if before is not None else 0.0
        if self._followed is None or not 0 <= step <= LONGEST_STEP_S:
            self._followed, self._seen_s, step = power, 0.0, 0.0
            for sums in self._learning:
                sums.followed = power
        self._seen_s += step
        still = card.fan_pct == 0  # cards that stop their fans while they rest are another body then
        self._learn(temperature, power, step, at, still)
        if self.fit is not None:
            self._judge(self.fit, temperature, power, step, still)

    def finding(self) -> Finding | None:
        """The card is warmer than it should be at this power. Stands until it is not, at a power like that."""
        fit = self.fit
        if fit is None or self._followed is None:
            return None
        bound = max(LEAST_EXCESS_C, LEAST_Z * fit.sigma_c)
        if self._excess >= bound:
            expected = fit.room_c + fit.resistance * self._followed
            self._raised_w = max(self._raised_w, self._followed)
            self._raised = Finding(
                "warmer than it should be",
                f"{expected:.0f} °C expected at {self._followed:.0f} W, {expected + self._excess:.0f} °C measured",
                "look whether its fans turn, clean the cooler and give it air",
            )
        elif self._excess < bound / 2 and self._comparable_s >= PROOF_S:
            self._raised, self._raised_w = None, 0.0
        return self._raised

    def dust(self) -> Finding | None:
        """The cooling has become worse over the weeks."""
        if len(self.resistances) < 3:
            return None
        best_at, best = min(self.resistances[:-1], key=lambda each: each[1])
        now_at, now = self.resistances[-1]
        if now < DUSTY * best or now_at <= best_at:
            return None
        weeks = max(1, round((now_at - best_at) / (7 * 86400)))
        return Finding(
            "cooling has become worse",
            f"it warms by {now * 100:.0f} °C for each 100 W, and by {best * 100:.0f} °C {weeks} weeks earlier",
            "clean the cooler; if that does not help, the thermal paste has dried",
            Severity.NOTICE,
        )

    def dump(self) -> str:
        return json.dumps({"fit": None if self.fit is None else asdict(self.fit), "resistances": self.resistances})

    @classmethod
    def load(cls, text: str) -> ThermalModel:
        """Raises:
        ValueError, TypeError, KeyError: it was not written by `dump`.
        """
        known = json.loads(text)
        fit = None if known["fit"] is None else Fit(**{name: float(value) for name, value in known["fit"].items()})
        return cls(fit, [(float(at), float(value)) for at, value in known["resistances"]][-FITS_KEPT:])

    def _learn(self, temperature: float, power: float, step: float, at: float, still: bool) -> None:
        if not self._learning:
            if self.fit is not None and 0 <= at - self.fit.made_at < REFIT_S:
                return
            self._learning = [_Sums(each, power) for each in TIME_CONSTANTS]
            self._learned_s = 0.0
        for sums in self._learning:
            sums.followed += (power - sums.followed) * min(1.0, step / sums.time_constant)
            if self._seen_s >= SETTLE_S and not still:
                sums.add(temperature)
        if self._seen_s >= SETTLE_S and not still:
            self._learned_s += step
        if self._learned_s >= LEARN_S:
            self._conclude(at)

    def _conclude(self, at: float) -> None:
        candidates = [(fit[2], sums, fit) for sums in self._learning if (fit := sums.fit()) is not None]
        self._learning, self._learned_s = [], 0.0
        if not candidates or self._raised:
            return
        left_over, sums, (room, resistance, _) = min(candidates, key=lambda each: each[0])
        if not PLAUSIBLE_C_PER_W[0] <= resistance <= PLAUSIBLE_C_PER_W[1]:
            return
        sigma = max(LEAST_SIGMA_C, math.sqrt(left_over))
        self.fit = Fit(sums.time_constant, room, resistance, sigma, at)
        self._followed = sums.followed
        self.resistances = [*self.resistances, (at, resistance)][-FITS_KEPT:]

    def _judge(self, fit: Fit, temperature: float, power: float, step: float, still: bool) -> None:
        assert self._followed is not None
        self._followed += (power - self._followed) * min(1.0, step / fit.time_constant)
        if self._seen_s < SETTLE_S or still:
            return
        left_over = temperature - fit.room_c - fit.resistance * self._followed
        self._excess += (left_over - self._excess) * min(1.0, step / SMOOTH_S)
        self._comparable_s = self._comparable_s + step if self._followed >= COMPARABLE * self._raised_w else 0.0
        pace = FOLLOW_S * (4 if self._raised else 1)
        fit.room_c += max(-2.0, min(2.0, left_over)) * step / pace
