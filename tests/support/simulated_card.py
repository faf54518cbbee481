"""A card in a room, simulated: load comes and goes, heat follows power, and things can go wrong.

It shares its physics with the detector under test, so real days will be noisier; what it can show is that changes of
load, the course of a day, and noise are not taken for faults.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from node.hardware.health import Work
from node.hardware.readings import GpuReading, HardwareReading, HostReading

DAY = 86400.0
START = 1_790_000_000.0


@dataclass(frozen=True)
class Fault:
    """From ``begin`` to ``end``, seconds after the start; ``ramp`` seconds until it is whole.

    ``resistance`` and ``speed`` are factors of what is normal.
    """

    begin: float
    end: float
    resistance: float = 1.0
    speed: float = 1.0
    ramp: float = 0.0

    def share(self, second: float) -> float:
        if not self.begin <= second < self.end:
            return 0.0
        return min(1.0, (second - self.begin) / self.ramp) if self.ramp else 1.0


@dataclass(frozen=True)
class Moment:
    """One reading with what the cards did."""

    second: float
    reading: HardwareReading
    work: Work


def simulated_card(seed: int, seconds: float, faults: tuple[Fault, ...] = (), step: float = 5.0) -> Iterator[Moment]:
    """A card's life, one moment every ``step`` seconds."""
    chance = random.Random(seed)
    limit = chance.choice([200.0, 320.0, 450.0])
    resistance, time_constant = 0.145 * 320 / limit * chance.uniform(0.85, 1.15), chance.uniform(44, 69)
    swing, phase = chance.uniform(1.5, 4), chance.uniform(0, 2 * math.pi)
    load, change_at, power, temperature, energy = 0.0, 0.0, 30.0, 38.0, 0.0
    second = 0.0
    while second < seconds:
        if second >= change_at:
            load, change_at = chance.choice([0.0, 0.0, 0.35, 0.7, 1.0]), second + chance.expovariate(1 / 600) + 30
        slower = heated = 1.0
        for fault in faults:
            slower *= 1 + (fault.speed - 1) * fault.share(second)
            heated *= 1 + (fault.resistance - 1) * fault.share(second)
        room = 24 + swing * math.sin(2 * math.pi * second / DAY + phase)
        power += (25 + (limit - 25) * load - power) * min(1.0, step / 3)
        temperature += (room + 10 + resistance * heated * power - temperature) * min(1.0, step / time_constant)
        energy += power * step
        measured = max(8.0, power + chance.gauss(0, 4) * (load > 0))
        rate = load * 70 * slower * (1 + chance.gauss(0, 0.03))
        card = GpuReading(
            0,
            "Simulated GPU",
            "GPU-simulated",
            temperature_c=float(round(temperature + chance.gauss(0, 0.35))),
            power_w=measured,
            power_limit_w=limit,
            energy_mj=round(energy * 1000),
            utilisation_pct=100 * load,
            fan_pct=30 + 50 * load,
        )
        work = Work(rate, f"model {round(load * 4)}" if load else "")
        yield Moment(second, HardwareReading(START + second, HostReading(), (card,)), work)
        second += step
