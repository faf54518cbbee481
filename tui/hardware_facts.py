"""The readings in words and charts. Pure."""

from __future__ import annotations

from node.control.wire import GpuReading, HardwareReading, History, HostReading
from tui import format as said
from tui.chart import Series, area, bar, ceiling
from tui.ink import Line, Picture, Span, Tone, cell, crop, dim, wrapped
from tui.view import View, drawn_power, hottest

LABEL = 9
FIGURE = 5  # cells of a number


def cards(view: View, width: int, height: int) -> Picture:
    hardware = _hardware(view)
    if hardware is None or not hardware.gpus:
        words = wrapped("No card can be read: the engine runs on the CPU. What is missing, and what to install:", width)
        teach: list[Line] = [*((dim(text),) for text in words), (Span("stoker doctor", Tone.EMBER),)]
        return Picture(tuple(teach[:height]), (dim(said.DASH),))
    rows: list[Line] = []
    brief = len(hardware.gpus) * 8 > height
    for gpu in hardware.gpus:
        rows += _card(gpu, width, brief)
    source = (dim(f"energy by {hardware.energy_source}"),) if hardware.energy_source else (dim("energy not measured"),)
    return Picture(tuple(rows), source)


def _card(gpu: GpuReading, width: int, brief: bool) -> list[Line]:
    head: Line = (dim(f"{gpu.index}  "), Span(said.device(gpu.name), Tone.BOLD))
    if gpu.lost:
        return [
            head,
            (
                _label(""),
                Span("✖ lost", Tone.BAD),
                dim("  it fell off the bus or its driver is gone: restart the machine"),
            ),
        ]
    used = gpu.memory_used / gpu.memory_total if gpu.memory_used is not None and gpu.memory_total else None
    heat = _hot(gpu.temperature_c, gpu.temperature_limit_c)
    rows: list[Line] = [
        (*head, dim("   held back: "), Span(", ".join(gpu.throttle), Tone.WARN)) if gpu.throttle else head,
        _meter("load", gpu.utilisation_pct, "%", _share(gpu.utilisation_pct, 100), width),
        _meter(
            "memory",
            None if used is None else used * 100,
            "%",
            used,
            width,
            f"{said.size(gpu.memory_used)} of {said.size(gpu.memory_total)}",
        ),
        _meter(
            "heat",
            gpu.temperature_c,
            "°C",
            _share(gpu.temperature_c, gpu.temperature_limit_c),
            width,
            f"limit {said.whole(gpu.temperature_limit_c)} °C",
            heat,
        ),
        _meter(
            "power",
            gpu.power_w,
            "W",
            _share(gpu.power_w, gpu.power_limit_w),
            width,
            f"limit {said.whole(gpu.power_limit_w)} W of {said.whole(gpu.power_default_w)}",
        ),
    ]
    if brief:
        return rows
    return [
        *rows,
        _figures(
            ("fan", gpu.fan_pct, "%"), ("clock", gpu.clock_mhz, "MHz"), ("mem clock", gpu.memory_clock_mhz, "MHz")
        ),
        _figures(("hot spot", gpu.hot_spot_c, "°C"), ("memory", gpu.memory_temperature_c, "°C")),
        (),
    ]


def host(view: View, width: int, height: int) -> Picture:
    hardware = _hardware(view)
    reading = hardware.host if hardware else HostReading()
    used = _share(reading.memory_used, reading.memory_total)
    free = _share(reading.disk_free, reading.disk_total)
    cores = f"{reading.cpu_count} threads" if reading.cpu_count else ""
    rows: list[Line] = [
        (Span(reading.cpu_name or said.DASH, Tone.BOLD), dim(f"   {cores}")),
        _meter("CPU", reading.cpu_pct, "%", _share(reading.cpu_pct, 100), width, _load(reading)),
        _meter(
            "memory",
            None if used is None else used * 100,
            "%",
            used,
            width,
            f"{said.size(reading.memory_used)} of {said.size(reading.memory_total)}",
        ),
        _meter(
            "disk",
            None if free is None else (1 - free) * 100,
            "%",
            None if free is None else 1 - free,
            width,
            f"{said.size(reading.disk_free)} free",
        ),
        _figures(
            ("heat", reading.cpu_temperature_c, "°C"),
            ("power", reading.cpu_power_w, "W"),
            ("clock", reading.cpu_mhz, "MHz"),
        ),
        (
            _label("network"),
            dim("up "),
            Span(_rate(reading.net_sent_bps)),
            dim("   down "),
            Span(_rate(reading.net_received_bps)),
        ),
        (_label("swap"), Span(said.size(reading.swap_used))),
    ]
    if reading.battery_pct is not None:
        plugged = "on battery" if reading.on_battery else "plugged in"
        rows.append((_label("battery"), Span(said.whole(reading.battery_pct)), dim(" %   "), Span(plugged)))
    return Picture(tuple(crop(row, width) for row in rows[:height]))


def temperature(view: View, width: int, height: int) -> Picture:
    hardware, history = _hardware(view), view.history
    limits = [gpu.temperature_limit_c for gpu in (hardware.gpus if hardware else ()) if gpu.temperature_limit_c]
    return _trend(
        history, history.temperature_c, hottest(hardware), "°C", min(limits, default=100.0), width, height, 20.0
    )


def power(view: View, width: int, height: int) -> Picture:
    hardware, history = _hardware(view), view.history
    limits = [gpu.power_limit_w for gpu in (hardware.gpus if hardware else ()) if gpu.power_limit_w]
    top = sum(limits) if limits else ceiling(history.power_w, 20.0)
    return _trend(history, history.power_w, drawn_power(hardware), "W", top, width, height)


def processor(view: View, width: int, height: int) -> Picture:
    hardware, history = _hardware(view), view.history
    return _trend(history, history.cpu_pct, hardware.host.cpu_pct if hardware else None, "%", 100.0, width, height)


def _trend(
    history: History,
    series: Series,
    now: float | None,
    unit: str,
    top: float,
    width: int,
    height: int,
    floor: float = 0.0,
) -> Picture:
    aside = (Span(f"{said.whole(now):>3}"), dim(f" {unit} of {top:.0f}"))
    if not any(value is not None for value in series):
        return Picture(((dim("no reading"),),), (dim(f"{said.DASH} {unit}"),))
    return Picture(tuple(area(series, history.ends_at, width, height, top, floor)), aside)


def _hardware(view: View) -> HardwareReading | None:
    return view.snapshot.hardware if view.snapshot else None


def _label(name: str) -> Span:
    return cell(name, LABEL, Tone.DIM)


def _meter(
    name: str, value: float | None, unit: str, share: float | None, width: int, note: str = "", tone: Tone = Tone.PLAIN
) -> Line:
    room = max(4, min(24, width - LABEL - FIGURE - 5 - 22))
    return crop(
        (
            _label(name),
            cell(said.whole(value), FIGURE, tone, right=True),
            cell(f" {unit}", 4, Tone.DIM),
            *bar(share, room, tone if tone is not Tone.PLAIN else Tone.EMBER),
            dim(f"  {note}"),
        ),
        width,
    )


def _figures(*figures: tuple[str, float | None, str]) -> Line:
    line: list[Span] = []
    for index, (name, value, unit) in enumerate(figures):
        line += [
            _label(name) if index == 0 else dim(f"   {name} "),
            cell(said.whole(value), FIGURE, right=True),
            dim(f" {unit}"),
        ]
    return tuple(line)


def _share(value: float | None, most: float | None) -> float | None:
    return value / most if value is not None and most else None


def _hot(value: float | None, limit: float | None) -> Tone:
    if value is None or limit is None or value < limit - 5:
        return Tone.PLAIN
    return Tone.BAD if value >= limit else Tone.WARN


def _load(reading: HostReading) -> str:
    return "" if reading.load_1m is None else f"load {reading.load_1m:.1f}"


def _rate(value: float | None) -> str:
    return said.DASH if value is None else f"{said.size(value)}/s"
