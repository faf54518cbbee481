"""Where the current comes from, what it costs, and how much may be drawn."""

from __future__ import annotations

from node.guard.docket import Docket
from node.guard.excursion import Ceiling
from node.guard.policy import Policy
from node.guard.situation import Situation
from node.guard.slowing import slots_left
from node.guard.verdict import Action, Verdict

AT_ONCE = "at once: stoker run-anyway"
POWER_LIFT = 0.85  # of the ceiling
POWER_HOLD = 1.25
POWER_PATIENCE = 10.0  # seconds; peaks are not meant
WORTH_LIFT = 0.97


def battery(situation: Situation, policy: Policy, docket: Docket) -> None:
    """Rest on battery, unless the owner allows it."""
    host = situation.hardware.host if situation.hardware else None
    if host is None or not host.on_battery or policy.on_battery:
        return
    charge = "" if host.battery_pct is None else f", {host.battery_pct:.0f} % left"
    remedy = f"plug it in, or set limits.on_battery; {AT_ONCE}"
    docket.find(Verdict("RESTING", Action.HOLD, f"on battery{charge}", remedy, rule="battery"))


def price(situation: Situation, policy: Policy, docket: Docket) -> None:
    """Rest while a kilowatt-hour costs more than the owner's ceiling, or more than it earns."""
    currency = situation.currency
    cost = None if situation.price is None else float(situation.price)
    if policy.ceiling_price:
        top = float(policy.ceiling_price)
        bounds = Ceiling((top + 1,), top, 0.0)
        if docket.follow("price", bounds, cost) is not None and cost is not None:
            reason = f"a kilowatt-hour costs {cost / 1e6:.4g} {currency}, your ceiling is {top / 1e6:.4g} {currency}"
            docket.find(Verdict("RESTING", Action.HOLD, reason, f"electricity.ceiling; {AT_ONCE}", rule="price"))
    if policy.profit_only and situation.worth is not None:
        worth = float(situation.worth)
        bounds = Ceiling((worth + 1,), worth * WORTH_LIFT, 0.0)
        if docket.follow("profit", bounds, cost) is not None and cost is not None:
            reason = f"a kilowatt-hour costs {cost / 1e6:.4g} {currency} and earns {worth / 1e6:.4g} {currency}"
            remedy = f"a lower price, or electricity.profit_only; {AT_ONCE}"
            docket.find(Verdict("RESTING", Action.HOLD, reason, remedy, rule="profit"))


def power(situation: Situation, policy: Policy, docket: Docket) -> None:
    """Slow down while all that is measured draws more than the ceiling; take nothing well above it."""
    if not policy.power_w or situation.hardware is None:
        return
    reading = situation.hardware
    known = [card.power_w for card in reading.gpus if card.power_w is not None]
    known += [reading.host.cpu_power_w] if reading.host.cpu_power_w is not None else []
    top = policy.power_w
    bounds = Ceiling((top, top * POWER_HOLD), top * POWER_LIFT, policy.stay, POWER_PATIENCE)
    over = docket.follow("power", bounds, sum(known) if known else None)
    if over is None:
        return
    slots = slots_left(situation) if over.level == 1 else None
    action = Action.HOLD if slots is None else Action.SLOW
    reason = f"drawing {over.reading:.0f} W, your ceiling is {top:.0f} W"
    if slots is not None:
        reason += f"; slowed down to {slots} of {situation.slots} slots"
    remedy = f"goes on by itself at {bounds.lift:.0f} W, after {over.stay:.0f} s at least (limits.power_watts)"
    docket.find(Verdict("RESTING", action, reason, remedy, slots, "power"))
