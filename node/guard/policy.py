"""What the owner wants, in the units of the readings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from node.config import Settings
from node.weekly import Window, parse_windows

GIB = 1 << 30

Wish = Literal["ignore", "slow", "yield"]


@dataclass(frozen=True, slots=True)
class Policy:
    """The limits that the rules hold. Zero switches a limit off.

    Attributes:
        gpu_c, hot_spot_c, memory_c, host_c: ceilings in degrees Celsius. cooldown_c: how far below them work goes on.
        stay: seconds that a limit holds at least once it was passed.
        power_w: ceiling of all that is measured, watts.
        vram_free, disk_free: bytes that stay the owner's. traffic_day, traffic_month: bytes that may be moved.
        on_battery: work on battery.
        hours: when work is allowed; none means always.
        ceiling_price: the highest price of a kilowatt-hour, in millionths. profit_only: rest while a kilowatt-hour
            costs more than it earns.
        on_input: what to do while the owner uses keyboard or mouse. on_guests: the same for another program on the
            card, if it holds at least ``guest_memory`` bytes there.
        quiet: seconds without either before work goes on.
        own_server: the engine is a server of the owner's, whose programs on the card cannot be told from others.
    """

    gpu_c: float = 83.0
    hot_spot_c: float = 100.0
    memory_c: float = 100.0
    host_c: float = 98.0
    cooldown_c: float = 8.0
    stay: float = 60.0
    power_w: float = 0.0
    vram_free: int = 0
    disk_free: int = GIB
    traffic_day: int = 0
    traffic_month: int = 0
    on_battery: bool = False
    hours: tuple[Window, ...] = ()
    ceiling_price: int = 0
    profit_only: bool = False
    on_input: Wish = "ignore"
    on_guests: Wish = "yield"
    guest_memory: int = 500 << 20
    quiet: float = 600.0
    own_server: bool = False


def policy_of(settings: Settings) -> Policy:
    """The limits that these settings mean."""
    limits, owner, electricity = settings.limits, settings.owner, settings.electricity
    return Policy(
        gpu_c=limits.gpu_celsius,
        hot_spot_c=limits.hot_spot_celsius,
        memory_c=limits.memory_celsius,
        host_c=limits.host_celsius,
        cooldown_c=limits.cooldown_celsius,
        stay=limits.stay_seconds,
        power_w=limits.power_watts,
        vram_free=round(limits.vram_free_gb * 1e9),
        disk_free=round(limits.disk_free_gb * 1e9),
        traffic_day=round(limits.traffic_day_gb * 1e9),
        traffic_month=round(limits.traffic_month_gb * 1e9),
        on_battery=limits.on_battery,
        hours=parse_windows(settings.schedule.hours),
        ceiling_price=round(electricity.ceiling * 1e6),
        profit_only=electricity.profit_only,
        on_input=owner.on_input,
        on_guests=owner.on_guests,
        guest_memory=owner.guest_megabytes << 20,
        quiet=60.0 * owner.idle_minutes,
        own_server=settings.engine.kind == "openai",
    )
