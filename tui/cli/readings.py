"""The readings of the hardware in lines for a person. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tui import format as shown

ALARM_COLOURS = {"grave": "red", "warning": "yellow"}
MOST_PROGRAMS = 8


@dataclass(frozen=True, slots=True)
class Told:
    """One line: what it is about, if it is a row of something, and the facts in it; its colour if it has one."""

    name: str
    facts: tuple[str, ...]
    colour: str = ""

    @property
    def text(self) -> str:
        """In columns."""
        said = "   ".join(self.facts)
        return f"  {self.name:<10}{said or shown.DASH}" if self.name else said

    @property
    def plain(self) -> tuple[str, ...]:
        """One fact a line."""
        facts = [part for fact in self.facts for part in re.split(r"\s{2,}", fact.strip())]
        if not self.name:
            return (", ".join(facts),)
        return tuple(f"{self.name}: {fact}" for fact in facts or ("unknown",))


def told(readings: dict[str, Any]) -> Iterator[Told]:
    """What is wrong first, then each card, or why there is none, then the host.

    Args:
        readings: the answer of the control route ``/hardware``.
    """
    for alarm in readings["alarms"]:
        colour = ALARM_COLOURS.get(alarm["severity"], "")
        yield _line("", f"{alarm['device']} {alarm['title']}: {alarm['evidence']}", colour=colour)
        yield _line("", f"        try: {alarm['remedy']}")
    for gpu in readings["gpus"]:
        yield from _card(gpu)
    if not readings["gpus"]:
        yield _line("", "No graphics card can be read:")
    if not readings["gpus"] or any(absence.startswith("hardware.gpus") for absence in readings["absences"]):
        yield from (_line("", f"  {absence}") for absence in readings["absences"])
    yield from _host(readings["host"])


def _card(gpu: dict[str, Any]) -> Iterator[Told]:
    parts = "in instances (MIG)" if gpu["mig"] else ""
    yield _line("", f"GPU {gpu['index']}  {gpu['name']}", gpu["address"], parts, colour="bold")
    if gpu["lost"]:
        yield _line("", "  lost: it fell off the bus or its driver is gone", colour="red")
        return
    yield _line("heat", _of(gpu, "temperature_c", "temperature_limit_c", "°C"), *_named(_HEAT, gpu))
    yield _line("power", _of(gpu, "power_w", "power_limit_w", "W"), _settable(gpu))
    yield _line("load", _one(gpu, "utilisation_pct", "%"), *_named(_LOAD, gpu))
    yield _line("memory", _memory(gpu), _errors(gpu))
    yield _line("link", _link(gpu))
    if gpu["throttle"]:
        yield _line("held back", ", ".join(gpu["throttle"]), colour="yellow" if gpu["throttle_fault"] else "")
    for process in (gpu["processes"] or [])[:MOST_PROGRAMS]:
        memory = "" if process["memory"] is None else shown.size(process["memory"])
        ours = "ours" if process["ours"] else process["kind"]
        yield _line("program", process["name"] or "unknown", f"pid {process['pid']}", ours, memory)


_HEAT = (("hot spot", "hot_spot_c", "°C"), ("memory", "memory_temperature_c", "°C"), ("fan", "fan_pct", "%"))
_LOAD = (
    ("clock", "clock_mhz", "MHz"),
    ("at most", "clock_max_mhz", "MHz"),
    ("memory clock", "memory_clock_mhz", "MHz"),
)


def _host(host: dict[str, Any]) -> Iterator[Told]:
    cores = f"{host['cpu_count']} cores" if host["cpu_count"] else ""
    yield _line("", f"Host   {host['cpu_name'] or 'processor'}", cores, colour="bold")
    yield _line("load", _one(host, "cpu_pct", "%"), *_named((("heat", "cpu_temperature_c", "°C"),), host))
    if host["cpu_power_w"] is not None:
        yield _line("power", _one(host, "cpu_power_w", "W"))
    yield _line("memory", _memory(host))
    if host["disk_free"] is not None and host["disk_total"] is not None:
        yield _line("disk", f"{shown.size(host['disk_free'])} of {shown.size(host['disk_total'])} free")
    if host["net_sent_bps"] is not None and host["net_received_bps"] is not None:
        sent, received = shown.size(round(host["net_sent_bps"])), shown.size(round(host["net_received_bps"]))
        yield _line("network", f"{sent}/s out", f"{received}/s in")
    if host["battery_pct"] is not None:
        yield _line("battery", _one(host, "battery_pct", "%"), "in use" if host["on_battery"] else "charging")


def _line(name: str, *facts: str, colour: str = "") -> Told:
    return Told(name, tuple(fact for fact in facts if fact), colour)


def _one(values: dict[str, Any], key: str, unit: str) -> str:
    value = values[key]
    return "" if value is None else f"{shown.whole(value)} {unit}"


def _of(values: dict[str, Any], key: str, limit: str, unit: str) -> str:
    if values[key] is None:
        return ""
    of_limit = "" if values[limit] is None else f" of {shown.whole(values[limit])}"
    return f"{shown.whole(values[key])}{of_limit} {unit}"


def _named(names: tuple[tuple[str, str, str], ...], values: dict[str, Any]) -> Iterator[str]:
    return (f"{name} {_one(values, key, unit)}" for name, key, unit in names if values[key] is not None)


def _settable(gpu: dict[str, Any]) -> str:
    default = "" if gpu["power_default_w"] is None else f"default {shown.whole(gpu['power_default_w'])} W"
    if gpu["power_min_w"] is None or gpu["power_max_w"] is None:
        return default
    return f"{default}   from {shown.whole(gpu['power_min_w'])} to {shown.whole(gpu['power_max_w'])} W".strip()


def _memory(values: dict[str, Any]) -> str:
    if values["memory_used"] is None or values["memory_total"] is None:
        return ""
    return f"{shown.size(values['memory_used'])} of {shown.size(values['memory_total'])}"


def _errors(gpu: dict[str, Any]) -> str:
    if gpu["ecc_uncorrected"] is None:
        return ""
    return f"errors {gpu['ecc_corrected'] or 0} corrected, {gpu['ecc_uncorrected']} not"


def _link(gpu: dict[str, Any]) -> str:
    if gpu["pcie_width"] is None:
        return ""
    best = ""
    if gpu["pcie_generation_max"] is not None and gpu["pcie_width_max"] is not None:
        best = f", at best generation {gpu['pcie_generation_max']} x{gpu['pcie_width_max']}"
    replays = f", {gpu['pcie_replays']} replays" if gpu["pcie_replays"] else ""
    return f"PCIe generation {gpu['pcie_generation'] or '?'} x{gpu['pcie_width']}{best}{replays}"
