"""Heat, and cards that are gone. The owner's "run anyway" does not lift these: the limits themselves can be changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from node.guard.docket import Docket
from node.guard.excursion import Ceiling
from node.guard.policy import Policy
from node.guard.situation import Situation
from node.guard.slowing import slots_left
from node.guard.verdict import Action, Verdict
from node.hardware.ceiling import HeatCeiling
from node.hardware.readings import HOST, HardwareReading

SLOW_BELOW = 3.0  # degrees below the ceiling at which the node slows down
STOP_ABOVE = 4.0  # degrees above the ceiling at which it stops at once
MARGIN = 5.0  # degrees that stay to the point at which the card slows itself down
LAST_MARGIN = 2.0
ACTIONS = (Action.RUN, Action.SLOW, Action.HOLD, Action.STOP)


@dataclass(frozen=True, slots=True)
class _Sensor:
    name: str
    device: str
    field: str
    setting: str
    reading: float | None
    ceiling: float
    card_limit: float | None = None


def temperatures(situation: Situation, policy: Policy, docket: Docket) -> None:
    """Slow down near a ceiling, take nothing at it, stop above it; go on when it has cooled down and some time passed.

    The margins below the card's own slow-down point follow the study of consumer cards: 5 degrees to take nothing new,
    2 to stop.
    """
    for sensor in _sensors(situation.hardware, policy):
        ceiling = _ceiling(sensor, policy)
        over = docket.follow(f"heat {sensor.name}", ceiling, sensor.reading)
        if over is None:
            continue
        action = ACTIONS[over.level]
        slots = slots_left(situation) if action is Action.SLOW else None
        if action is Action.SLOW and slots is None:
            continue
        reading = over.reading if sensor.reading is None else sensor.reading
        stale = ", and gives no reading any more" if sensor.reading is None else ""
        limit = f"its ceiling is {ceiling.levels[1]:.0f} °C"
        reason = f"{sensor.name} is at {reading:.0f} °C, {limit}{stale}"
        if slots is not None:
            reason += f"; slowed down to {slots} of {situation.slots} slots"
        remedy = f"goes on by itself at {ceiling.lift:.0f} °C, after {over.stay:.0f} s at least ({sensor.setting})"
        docket.find(Verdict("COOLING", action, reason, remedy, slots, f"heat {sensor.name}", firm=True))


def ceilings(hardware: HardwareReading | None, policy: Policy) -> tuple[HeatCeiling, ...]:
    """What each sensor that gives a reading is held to."""
    found = []
    for sensor in _sensors(hardware, policy):
        if sensor.reading is not None:
            bounds = _ceiling(sensor, policy)
            slow, hold, stop = bounds.levels
            found.append(
                HeatCeiling(sensor.device, sensor.field, slow, hold, stop, bounds.lift, bounds.stay, sensor.setting)
            )
    return tuple(found)


def lost_cards(situation: Situation, _: Policy, docket: Docket) -> None:
    """A card that is gone while the engine computes on cards."""
    on_cpu = all(health.device in ("", "CPU") for health in situation.engines)
    if situation.hardware is None or on_cpu:
        return
    for card in situation.hardware.gpus:
        if card.lost:
            reason = f"{card.name} has gone away: its driver no longer answers"
            remedy = "it is looked for every 30 s; if it stays away: stoker doctor"
            docket.find(Verdict("BLOCKED", Action.HOLD, reason, remedy, rule=f"lost {card.index}", firm=True))


def _sensors(hardware: HardwareReading | None, policy: Policy) -> Iterator[_Sensor]:
    if hardware is None:
        return
    many = len(hardware.gpus) > 1
    for card in hardware.gpus:
        name = f"GPU {card.index}" if many else "the GPU"
        parts = (
            (name, "temperature_c", "limits.gpu_celsius", policy.gpu_c, card.temperature_limit_c),
            (f"the hot spot of {name}", "hot_spot_c", "limits.hot_spot_celsius", policy.hot_spot_c, None),
            (f"the memory of {name}", "memory_temperature_c", "limits.memory_celsius", policy.memory_c, None),
        )
        for part, field, setting, ceiling, card_limit in parts:
            if ceiling:
                yield _Sensor(part, card.key, field, setting, getattr(card, field), ceiling, card_limit)
    if policy.host_c:
        reading = hardware.host.cpu_temperature_c
        yield _Sensor("the processor", HOST, "cpu_temperature_c", "limits.host_celsius", reading, policy.host_c)


def _ceiling(sensor: _Sensor, policy: Policy) -> Ceiling:
    hold, stop = sensor.ceiling, sensor.ceiling + STOP_ABOVE
    if sensor.card_limit is not None:
        hold, stop = min(hold, sensor.card_limit - MARGIN), min(stop, sensor.card_limit - LAST_MARGIN)
    lift = hold - max(policy.cooldown_c, SLOW_BELOW + 1)
    return Ceiling((hold - SLOW_BELOW, hold, stop), lift, policy.stay)
