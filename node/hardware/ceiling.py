"""Up to where a sensor may go before the node stands back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HeatCeiling:
    """What the guard holds one sensor to, in degrees Celsius.

    Attributes:
        device: the card's ``key``, or ``host``. sensor: the field of its reading, such as ``hot_spot_c``.
        slow_c: from here on with fewer slots. hold_c: from here on nothing new. stop_c: from here on the card is freed.
        lift_c: where work goes on again after any of them.
        stay: seconds that each holds at least.
        setting: which of the owner's settings it follows.
    """

    device: str
    sensor: str
    slow_c: float
    hold_c: float
    stop_c: float
    lift_c: float
    stay: float
    setting: str
