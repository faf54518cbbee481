"""What is known of one device, fact by fact: a figure, its place between nothing and its limit, and a few words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from node.control.wire import GpuProcess, GpuReading, HeatCeiling, HostReading
from tui import format as said
from tui.ink import Tone

COLD, NEAR = 20.0, 3.0  # degrees: where a gauge of heat begins; how near to its ceiling a reading is marked

Mark = tuple[float, Tone]


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a device.

    Attributes:
        key: the field of the reading, or ``pid N`` of a program.
        value: as text; a dash if it cannot be read. tone: how it is meant; anything but plain is marked with a sign.
        share: of the gauge, 0 to 1. None: an empty gauge; a fact without a gauge has ``gauged`` off.
        marks: ticks on the gauge.
        note: what else is true of it. more: the same, where there is room.
    """

    key: str
    name: str
    value: str = ""
    unit: str = ""
    tone: Tone = Tone.PLAIN
    gauged: bool = False
    share: float | None = None
    marks: tuple[Mark, ...] = ()
    note: str = ""
    more: str = ""


Ceilings = Sequence[HeatCeiling]


def of_card(gpu: GpuReading, ceilings: Ceilings) -> Iterator[Fact]:
    """Everything about a card, what matters most first."""
    if gpu.lost:
        yield Fact("lost", "card", tone=Tone.BAD, note="lost: enter says what to do")
        return
    yield heat("heat", "temperature_c", gpu.temperature_c, ceilings, gpu.temperature_limit_c)
    yield heat("hot spot", "hot_spot_c", gpu.hot_spot_c, ceilings)
    yield heat("memory", "memory_temperature_c", gpu.memory_temperature_c, ceilings)
    yield _power(gpu)
    yield _percent("load", "utilisation_pct", gpu.utilisation_pct, "cut into instances (MIG)" if gpu.mig else "")
    yield _memory("memory_used", gpu.memory_used, gpu.memory_total)
    yield _percent("fan", "fan_pct", gpu.fan_pct)
    most = f"of {said.count(gpu.clock_max_mhz)} MHz" if gpu.clock_max_mhz else ""
    yield _figure("clock", "clock_mhz", gpu.clock_mhz, "MHz", _share(gpu.clock_mhz, gpu.clock_max_mhz), most)
    yield _figure("mem clock", "memory_clock_mhz", gpu.memory_clock_mhz, "MHz")
    held = Tone.WARN if gpu.throttle_fault else Tone.PLAIN
    yield Fact("throttle", "held back", tone=held, note=", ".join(gpu.throttle) or "no")
    yield _link(gpu)
    yield _errors(gpu)
    if gpu.xids:
        last = gpu.xids[-1]
        yield Fact("xids", "reported", tone=Tone.WARN, note=f"XID {last.number} at {said.clock(last.at)}")
    yield from _programs(gpu.processes)


def of_host(host: HostReading, ceilings: Ceilings) -> Iterator[Fact]:
    """Everything about the machine around the cards."""
    load = "" if host.load_1m is None else f"load {host.load_1m:.1f}"
    threads = f"{host.cpu_count} threads" if host.cpu_count else ""
    yield heat("heat", "cpu_temperature_c", host.cpu_temperature_c, ceilings)
    yield _percent("CPU", "cpu_pct", host.cpu_pct, load or threads, threads if load else "")
    yield _figure("power", "cpu_power_w", host.cpu_power_w, "W")
    yield _figure("clock", "cpu_mhz", host.cpu_mhz, "MHz")
    yield _memory("memory_used", host.memory_used, host.memory_total)
    yield Fact("swap_used", "swap", note=said.DASH if host.swap_used is None else f"{said.size(host.swap_used)} used")
    free = _share(host.disk_free, host.disk_total)
    used = None if free is None else 1 - free
    yield Fact(
        "disk_free",
        "disk",
        said.whole(None if used is None else 100 * used),
        "%",
        gauged=True,
        share=used,
        note=f"{said.size(host.disk_free)} free",
        more=f"of {said.size(host.disk_total)}",
    )
    yield Fact("net", "network", note=f"up {_rate(host.net_sent_bps)}   down {_rate(host.net_received_bps)}")
    if host.battery_pct is not None:
        plugged = "in use" if host.on_battery else "plugged in"
        yield _percent("battery", "battery_pct", host.battery_pct, plugged)


def heat(name: str, sensor: str, value: float | None, ceilings: Ceilings, card_limit: float | None = None) -> Fact:
    """A temperature, with its ceiling and the card's own limit as marks."""
    ceiling = next((found for found in ceilings if found.sensor == sensor), None)
    limits = [(ceiling.hold_c, Tone.WARN)] if ceiling else []
    limits += [(card_limit, Tone.BAD)] if card_limit is not None else []
    top = max((limit for limit, _ in limits), default=100.0) + 5
    first = ceiling.hold_c if ceiling else card_limit
    return Fact(
        sensor,
        name,
        said.whole(value),
        "°C",
        warmth(value, first),
        True,
        None if value is None else (value - COLD) / (top - COLD),
        tuple(((limit - COLD) / (top - COLD), tone) for limit, tone in limits),
        f"of {first:.0f} °C" if first is not None else "",
        f"the card's own limit {card_limit:.0f} °C" if ceiling and card_limit is not None else "",
    )


def warmth(value: float | None, limit: float | None) -> Tone:
    """How a temperature is meant beside its ceiling."""
    if value is None or limit is None or value < limit - NEAR:
        return Tone.PLAIN
    return Tone.BAD if value >= limit else Tone.WARN


def _power(gpu: GpuReading) -> Fact:
    top = max((limit for limit in (gpu.power_max_w, gpu.power_default_w, gpu.power_limit_w) if limit), default=None)
    lowered = gpu.power_default_w is not None and gpu.power_default_w != gpu.power_limit_w
    limit = _share(gpu.power_limit_w, top)
    return Fact(
        "power_w",
        "power",
        said.whole(gpu.power_w),
        "W",
        gauged=True,
        share=_share(gpu.power_w, top),
        marks=((min(limit, 0.999), Tone.WARN),) if limit is not None else (),
        note=f"of {said.whole(gpu.power_limit_w)} W" if gpu.power_limit_w is not None else "",
        more=f"default {said.whole(gpu.power_default_w)} W" if lowered else "",
    )


def _link(gpu: GpuReading) -> Fact:
    if gpu.pcie_width is None:
        return Fact("pcie_width", "link", note=said.DASH)
    note = f"PCIe {gpu.pcie_generation or '?'}.0 ×{gpu.pcie_width}"
    if gpu.pcie_generation_max is not None and gpu.pcie_width_max is not None:
        note += f" of {gpu.pcie_generation_max}.0 ×{gpu.pcie_width_max}"
    note += f"   {said.count(gpu.pcie_replays)} replays" if gpu.pcie_replays else ""
    return Fact("pcie_width", "link", note=note)


def _errors(gpu: GpuReading) -> Fact:
    if gpu.ecc_uncorrected is None and gpu.remapped_rows is None:
        return Fact("ecc_uncorrected", "errors", note=said.DASH)
    note = f"{said.count(gpu.ecc_corrected)} corrected, {said.count(gpu.ecc_uncorrected)} not"
    note += f"   {gpu.remapped_rows} rows replaced" if gpu.remapped_rows else ""
    bad = bool(gpu.ecc_uncorrected) or gpu.remap_pending or gpu.remap_failed
    return Fact("ecc_uncorrected", "errors", tone=Tone.WARN if bad else Tone.PLAIN, note=note)


def _programs(programs: Sequence[GpuProcess] | None) -> Iterator[Fact]:
    if not programs:
        yield Fact("processes", "programs", note=said.DASH if programs is None else "none")
        return
    for index, program in enumerate(sorted(programs, key=lambda program: (not program.ours, -(program.memory or 0)))):
        whose = "ours" if program.ours else program.kind
        note = f"{program.name or 'not to be seen'}   {whose}   {said.size(program.memory)}"
        yield Fact(f"pid {program.pid}", "programs" if index == 0 else "", note=note)


def _memory(key: str, used: int | None, total: int | None) -> Fact:
    share = _share(used, total)
    percent = said.whole(None if share is None else share * 100)
    return Fact(
        key,
        "memory used",
        percent,
        "%",
        gauged=True,
        share=share,
        note=said.size(used),
        more=f"of {said.size(total)}",
    )


def _percent(name: str, key: str, value: float | None, note: str = "", more: str = "") -> Fact:
    return Fact(key, name, said.whole(value), "%", gauged=True, share=_share(value, 100), note=note, more=more)


def _figure(name: str, key: str, value: float | None, unit: str, share: float | None = None, note: str = "") -> Fact:
    return Fact(key, name, said.count(value), unit, gauged=share is not None, share=share, note=note)


def _share(value: float | None, most: float | None) -> float | None:
    return value / most if value is not None and most else None


def _rate(value: float | None) -> str:
    return said.DASH if value is None else f"{said.size(value)}/s"
