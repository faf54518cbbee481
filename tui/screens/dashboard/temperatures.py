"""How hot it is: each sensor as a figure, the hottest as a chart."""

from __future__ import annotations

from node.control.wire import GpuReading, HardwareReading
from tui import format as said
from tui.chart import area
from tui.ink import Line, Picture, Span, Tone, cell, crop, dim, join
from tui.view import View, hottest

NEAR = 5.0  # degrees below the limit from which a reading is marked


def draw(view: View, width: int, height: int) -> Picture:
    snapshot, history = view.snapshot, view.history
    hardware = snapshot.hardware if snapshot else None
    limit = _limit(hardware)
    heat = hottest(hardware)
    tone = _tone(heat, limit)
    aside: Line = (Span(f"{said.whole(heat):>3}", tone), dim(" °C"))
    if limit is not None:
        aside = (*aside, dim(f" of {limit:.0f} °C"))
    figures = _figures(hardware, width, max(1, height // 2))
    if heat is None and not any(value is not None for value in history.temperature_c):
        teach = (dim("no sensor can be read here"),)
        return Picture((*figures, teach), aside)
    rows = height - len(figures)
    chart = area(history.temperature_c, history.ends_at, width, rows, limit or 100.0, 20.0)
    return Picture((*figures, *chart), aside)


def _figures(hardware: HardwareReading | None, width: int, most: int) -> tuple[Line, ...]:
    if hardware is None:
        return ((dim("CPU "), Span(f"{said.DASH:>3}"), dim(" °C")),)
    rows = [(*_name(gpu, len(hardware.gpus)), *join(_values(gpu))) for gpu in hardware.gpus]
    cpu: Line = (dim("CPU "), Span(f"{said.whole(hardware.host.cpu_temperature_c):>3}"), dim(" °C"))
    if len(rows) + 1 <= most or not rows:
        rows.append(cpu)
    else:
        rows = rows[:most]
        rows[-1] = join([rows[-1], cpu], "  ")
    return tuple(crop(row, width) for row in rows)


def _name(gpu: GpuReading, cards: int) -> Line:
    return (dim("GPU " if cards == 1 else f"GPU {gpu.index} "),)


def _values(gpu: GpuReading) -> list[Line]:
    if gpu.lost:
        return [(Span("✖ lost", Tone.BAD),)]
    core = cell(said.whole(gpu.temperature_c), 3, _tone(gpu.temperature_c, gpu.temperature_limit_c), right=True)
    others = [("hot spot", gpu.hot_spot_c), ("mem", gpu.memory_temperature_c)]
    return [
        (core, dim(" °C")),
        *((dim(name), Span(f"{value:>4.0f}"), dim(" °C")) for name, value in others if value is not None),
    ]


def _limit(hardware: HardwareReading | None) -> float | None:
    limits = [gpu.temperature_limit_c for gpu in hardware.gpus] if hardware else []
    return min((limit for limit in limits if limit is not None), default=None)


def _tone(value: float | None, limit: float | None) -> Tone:
    if value is None or limit is None or value < limit - NEAR:
        return Tone.PLAIN
    return Tone.BAD if value >= limit else Tone.WARN
