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

SLOW_BELOW = 3.0  # degrees below the ceiling at which the node slows down
STOP_ABOVE = 4.0  # degrees above the ceiling at which it stops at once
MARGIN = 5.0  # degrees that stay to the point at which the card slows itself down
LAST_MARGIN = 2.0
ACTIONS = (Action.RUN, Action.SLOW, Action.HOLD, Action.STOP)


@dataclass(frozen=True, slots=True)
class _Sensor:
    name: str
    setting: str
    reading: float | None
    ceiling: float
    card_limit: float | None = None


def temperatures(situation: Situation, policy: Policy, docket: Docket) -> None:
    """Slow down near a ceiling, take nothing at it, stop above it; go on when it has cooled down and some time passed.

    The margins below the card's own slow-down point follow the study of consumer cards: 5 degrees to take nothing new,
    2 to stop.
    """
    for sensor in _sensors(situation, policy):
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


def _sensors(situation: Situation, policy: Policy) -> Iterator[_Sensor]:
    hardware = situation.hardware
    if hardware is None:
        return
    many = len(hardware.gpus) > 1
    for card in hardware.gpus:
        name = f"GPU {card.index}" if many else "the GPU"
        if policy.gpu_c:
            limit = card.temperature_limit_c
            yield _Sensor(name, "limits.gpu_celsius", card.temperature_c, policy.gpu_c, limit)
        if policy.hot_spot_c:
            yield _Sensor(f"the hot spot of {name}", "limits.hot_spot_celsius", card.hot_spot_c, policy.hot_spot_c)
        if policy.memory_c:
            memory = card.memory_temperature_c
            yield _Sensor(f"the memory of {name}", "limits.memory_celsius", memory, policy.memory_c)
    if policy.host_c:
        yield _Sensor("the processor", "limits.host_celsius", hardware.host.cpu_temperature_c, policy.host_c)


def _ceiling(sensor: _Sensor, policy: Policy) -> Ceiling:
    hold, stop = sensor.ceiling, sensor.ceiling + STOP_ABOVE
    if sensor.card_limit is not None:
        hold, stop = min(hold, sensor.card_limit - MARGIN), min(stop, sensor.card_limit - LAST_MARGIN)
    lift = hold - max(policy.cooldown_c, SLOW_BELOW + 1)
    return Ceiling((hold - SLOW_BELOW, hold, stop), lift, policy.stay)
