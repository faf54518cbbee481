"""The cards and the host side by side: one line each."""

from __future__ import annotations

from dataclasses import dataclass

from node.control.wire import HOST, GpuReading, HeatCeiling, HostReading, Snapshot
from tui import format as said
from tui.hardware.facts import Fact, of_card, of_host, warmth
from tui.ink import Line, Span, Tone, dim, fitting
from tui.widgets import columns
from tui.widgets.columns import Column, Layout

DOCTOR = Span("stoker doctor", Tone.EMBER)
COLUMNS = (
    Column("heat", "°C", 4, right=True),
    Column("ceiling", "of", 4, right=True, rank=3),
    Column("power", "watts", 5, right=True),
    Column("limit", "of", 4, right=True, rank=4),
    Column("load", "load %", 6, right=True),
    Column("memory", "mem %", 5, right=True, rank=1),
    Column("fan", "fan %", 5, right=True, rank=2),
    Column("says", "", 15, rank=1, widest=32),
)


@dataclass(frozen=True, slots=True)
class Device:
    """A card, or the host.

    Attributes:
        key: by which its history is asked for. name: for a person.
    """

    key: str
    name: str
    reading: GpuReading | HostReading
    ceilings: tuple[HeatCeiling, ...]

    def facts(self) -> tuple[Fact, ...]:
        """What is known of it."""
        if isinstance(self.reading, GpuReading):
            return tuple(of_card(self.reading, self.ceilings))
        return tuple(of_host(self.reading, self.ceilings))


def devices(snapshot: Snapshot | None) -> tuple[Device, ...]:
    """Every card, then the host; the host alone before anything was read."""
    hardware = snapshot.hardware if snapshot else None
    ceilings = snapshot.ceilings if snapshot else ()
    host = hardware.host if hardware else HostReading()
    cards = hardware.gpus if hardware else ()
    named: list[tuple[str, str, GpuReading | HostReading]] = [
        *((gpu.key, f"GPU {gpu.index} {said.device(gpu.name)}", gpu) for gpu in cards),
        (HOST, f"Host  {said.device(host.cpu_name) or said.DASH}", host),
    ]
    return tuple(
        Device(key, name, reading, tuple(found for found in ceilings if found.device == key))
        for key, name, reading in named
    )


def table(known: tuple[Device, ...], chosen: int, width: int, height: int) -> tuple[Line, ...]:
    """A heading, and as many devices about the chosen one as there is room for."""
    room = max(1, height - 1)
    shown = f"{room} of {len(known)}" if room < len(known) else ""
    name = Column("name", shown, max(13, min(32, width - 60)))
    layout = columns.laid_out((name, *COLUMNS), width)
    first = max(0, min(chosen - room // 2, len(known) - room))
    rows = [_row(layout, device, index == chosen) for index, device in enumerate(known)]
    return (columns.heading(layout), *rows[first : first + room])


def _row(layout: Layout, device: Device, chosen: bool) -> Line:
    gpu, host = _both(device.reading)
    heat = gpu.temperature_c if gpu else host.cpu_temperature_c
    used, total = (gpu.memory_used, gpu.memory_total) if gpu else (host.memory_used, host.memory_total)
    ceiling = next((found.hold_c for found in device.ceilings if found.sensor in CORES), None)
    line = columns.row(
        layout,
        {
            "name": (device.name, Tone.BOLD if chosen else Tone.PLAIN),
            "heat": (said.whole(heat), warmth(heat, ceiling)),
            "ceiling": (said.whole(ceiling), Tone.DIM),
            "power": (said.whole(gpu.power_w if gpu else host.cpu_power_w), Tone.PLAIN),
            "limit": (said.whole(gpu.power_limit_w if gpu else None), Tone.DIM),
            "load": (said.whole(gpu.utilisation_pct if gpu else host.cpu_pct), Tone.PLAIN),
            "memory": (said.whole(100 * used / total if used is not None and total else None), Tone.PLAIN),
            "fan": (said.whole(gpu.fan_pct if gpu else None), Tone.PLAIN),
            "says": _says(gpu, warmth(heat, ceiling)),
        },
    )
    return (Span("▸" if chosen else " ", Tone.EMBER), *line[1:])


CORES = ("temperature_c", "cpu_temperature_c")


def _both(reading: GpuReading | HostReading) -> tuple[GpuReading | None, HostReading]:
    return (reading, HostReading()) if isinstance(reading, GpuReading) else (None, reading)


def _says(gpu: GpuReading | None, heat: Tone) -> tuple[str, Tone]:
    """The one thing most worth knowing, with its sign."""
    if gpu is not None and gpu.lost:
        return "✖ lost", Tone.BAD
    if gpu is not None and gpu.throttle_fault:
        return f"▲ {gpu.throttle[0]}", Tone.WARN
    if heat is Tone.BAD:
        return "✖ at its ceiling", Tone.BAD
    if heat is Tone.WARN:
        return "▲ near ceiling", Tone.WARN
    return (gpu.throttle[0] if gpu is not None and gpu.throttle else ""), Tone.DIM


def no_card(width: int) -> Line:
    """What stands in the place of the cards where none can be read."""
    cpu = (dim("The engine runs on the CPU."),)
    return fitting([(0, (dim(" No card can be read."),)), (1, cpu), (0, (dim("Why:  "), DOCTOR))], width, " ")
