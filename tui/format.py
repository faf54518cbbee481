"""Numbers and moments as a person reads them. Pure; what is not known is a dash."""

from __future__ import annotations

import time

DASH = "–"
_DAY = 86_400


def count(value: float | None) -> str:
    """A whole number with thousands separated: 1,284."""
    return DASH if value is None else f"{value:,.0f}"


def short_count(value: float | None) -> str:
    """At most five characters: 980, 12.3k, 4.51M."""
    if value is None:
        return DASH
    for limit, divisor, unit in ((10_000, 1, ""), (1_000_000, 1_000, "k"), (1_000_000_000, 1_000_000, "M")):
        if value < limit:
            scaled = value / divisor
            digits = 0 if not unit or scaled >= 100 else 1
            return f"{scaled:,.{digits}f}{unit}"
    return f"{value / 1e9:.1f}G"


def money(micro: int, currency: str, *, sign: bool = False) -> str:
    """Millionths of a currency: 0.96 EUR; four digits below a tenth of a unit, so that small costs are not nothing."""
    value = micro / 1e6
    digits = 2 if abs(value) >= 0.1 or not micro else 4
    return f"{value:{'+' if sign else ''}.{digits}f} {currency}"


def whole(value: float | None) -> str:
    """Rounded to an integer, for degrees, watts and percent."""
    return DASH if value is None else f"{value:.0f}"


def speed(value: float | None) -> str:
    """Tokens per second: one decimal below ten."""
    if value is None:
        return DASH
    return f"{value:.1f}" if 0 < value < 9.95 else f"{value:,.0f}"


def size(value: float | None) -> str:
    """Bytes with a decimal unit: 98 MB, 23.9 GB."""
    if value is None:
        return DASH
    scaled = float(value)
    for unit in ("B", "kB", "MB", "GB"):
        if scaled < 999.5:
            return f"{scaled:.1f} {unit}" if unit in ("MB", "GB") and scaled < 99.95 else f"{scaled:.0f} {unit}"
        scaled /= 1000
    return f"{scaled:.2f} TB"


def seconds(value: float | None) -> str:
    """A duration of work: 4.0 s, 142 s, 12 min, 3 h 20 min."""
    if value is None:
        return DASH
    value = max(0.0, value)
    if value < 10:
        return f"{value:.1f} s"
    if value < 600:
        return f"{value:.0f} s"
    minutes = round(value / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"


def uptime(value: float) -> str:
    """Days, hours and minutes: 02:11, 4d 02:11."""
    whole_minutes = int(max(0.0, value)) // 60
    days, minutes = divmod(whole_minutes, 1440)
    clock = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{days}d {clock}" if days else clock


def clock(at: float | None) -> str:
    """Local time of day: 12:41:07."""
    return DASH if at is None else time.strftime("%H:%M:%S", time.localtime(at))


def hour(at: float) -> str:
    """Local hour and minute: 00:00."""
    return time.strftime("%H:%M", time.localtime(at))


def moment(at: float, now: float) -> str:
    """Time of day, with the date in front if it is not today's."""
    there, here = time.localtime(at), time.localtime(now)
    return time.strftime("%H:%M:%S" if there[:3] == here[:3] else "%Y-%m-%d %H:%M:%S", there)


def stamp(at: float | None) -> str:
    """Local date and time of day in full: 2026-11-22 12:41:07."""
    return DASH if at is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def joules(value: float | None) -> str:
    """Energy of one job: 640 J, 1.9 kJ."""
    if value is None:
        return DASH
    return f"{value:.0f} J" if value < 1000 else f"{value / 1000:,.1f} kJ"


def energy(value: float | None) -> tuple[str, str]:
    """Energy of a day, and its unit; value in joules."""
    if value is None:
        return DASH, "kWh"
    watt_hours = value / 3600
    return (f"{watt_hours:.1f}", "Wh") if watt_hours < 100 else (f"{watt_hours / 1000:,.2f}", "kWh")


def units(value: int, decimals: int) -> str:
    """An amount of base units in whole units, exact down to four decimals, zeros cut to two."""
    shown = min(decimals, 4)
    scaled = value // 10 ** (decimals - shown)
    whole_part, rest = divmod(abs(scaled), 10**shown)
    sign = "-" if scaled < 0 else ""
    if not shown:
        return f"{sign}{whole_part:,}"
    fraction = f"{rest:0{shown}d}".rstrip("0").ljust(min(2, shown), "0")
    return f"{sign}{whole_part:,}.{fraction}"


def exact(value: int, decimals: int) -> str:
    """An amount of base units in whole units, to its last decimal; zeros cut to two."""
    whole_part, rest = divmod(abs(value), 10**decimals)
    sign = "-" if value < 0 else ""
    fraction = f"{rest:0{decimals}d}".rstrip("0").ljust(min(2, decimals), "0") if decimals else ""
    return f"{sign}{whole_part:,}.{fraction}" if fraction else f"{sign}{whole_part:,}"


def ago(value: float) -> str:
    """How long something has been so: 12 s ago, 3 min ago, 2 h ago, 4 d ago."""
    for limit, length, unit in ((60, 1, "s"), (3600, 60, "min"), (_DAY, 3600, "h")):
        if value < limit:
            return f"{max(0.0, value) // length:.0f} {unit} ago"
    return f"{value // _DAY:.0f} d ago"


def ends(text: str) -> str:
    """Both ends of an address or signature: 5hn5…fMP9."""
    return text if len(text) <= 12 else f"{text[:4]}…{text[-4:]}"


def day(at: float | None, now: float) -> str:
    """Time of day if it is today's, else the date: 12:41:07, 2026-11-20."""
    if at is None:
        return DASH
    there, here = time.localtime(at), time.localtime(now)
    return time.strftime("%H:%M:%S" if there[:3] == here[:3] else "%Y-%m-%d", there)


def device(name: str) -> str:
    """A card's name without what every card of its maker carries."""
    for word in ("NVIDIA ", "GeForce ", "AMD ", "Radeon ", "Intel(R) ", "(R)", "(TM)"):
        name = name.replace(word, "")
    return name.strip()
