"""How hot it is: each sensor as a figure, the hottest as a chart."""

from __future__ import annotations

from node.control.wire import HOST, GpuReading, Snapshot
from tui import format as said
from tui.chart import area
from tui.hardware.facts import warmth
from tui.ink import Line, Picture, Ranked, Span, Tone, abreast, dim, fitting, join
from tui.view import View, ceiling, hottest, lowest_ceiling


def draw(view: View, width: int, height: int) -> Picture:
    snapshot, history = view.snapshot, view.history
    hardware = snapshot.hardware if snapshot else None
    limit = lowest_ceiling(snapshot)
    heat = hottest(hardware)
    tone = warmth(heat, limit)
    aside: Line = (Span(f"{said.whole(heat):>3}", tone), dim(" °C"))
    if limit is not None:
        aside = (*aside, dim(f" of {limit:.0f} °C"))
    figures = _figures(snapshot, width, max(1, height // 2))
    if heat is None and not any(value is not None for value in history.temperature_c):
        teach = (dim("No sensor can be read here." if hardware else "Nothing was read yet."),)
        return Picture((*figures, teach), aside)
    rows = height - len(figures)
    chart = area(history.temperature_c, history.ends_at, width, rows, (limit or 90.0) + 10.0, 20.0, limit)
    return Picture((*figures, *chart), aside)


def _figures(snapshot: Snapshot | None, width: int, most: int) -> tuple[Line, ...]:
    hardware = snapshot.hardware if snapshot else None
    if snapshot is None or hardware is None:
        return ((dim("CPU "), Span(f"{said.DASH:>3}"), dim(" °C")),)
    cpu: Line = (
        dim("CPU "),
        _degrees(snapshot, HOST, "cpu_temperature_c", hardware.host.cpu_temperature_c),
        dim(" °C"),
    )
    rows = [_of_card(snapshot, gpu, len(hardware.gpus) > 1) for gpu in hardware.gpus]
    if len(rows) + 1 <= most or not rows:
        rows.append([(0, cpu)])
    else:
        beside = abreast([*(join([part for _, part in row]) for row in rows), cpu], width, most)
        if len(beside) <= most:
            return tuple(beside)
        more = len(rows) - most
        rows = rows[:most]
        rows[-1] += [(1, cpu), (0, (dim(f"+{more} more"),) if more > 0 else ())]
    return tuple(fitting(row, width) for row in rows)


def _of_card(snapshot: Snapshot, gpu: GpuReading, several: bool) -> list[Ranked]:
    name = dim(f"GPU {gpu.index} " if several else "GPU ")
    if gpu.lost:
        return [(0, (name, Span("✖ lost", Tone.BAD)))]
    others = (("hot spot ", 3, "hot_spot_c"), ("mem ", 2, "memory_temperature_c"))
    parts: list[Ranked] = [(0, (name, _degrees(snapshot, gpu.key, "temperature_c", gpu.temperature_c), dim(" °C")))]
    for word, rank, sensor in others:
        if (value := getattr(gpu, sensor)) is not None:
            parts.append((rank, (dim(word), _degrees(snapshot, gpu.key, sensor, value), dim(" °C"))))
    return parts


def _degrees(snapshot: Snapshot, device: str, sensor: str, value: float | None) -> Span:
    held = ceiling(snapshot, device, sensor)
    return Span(f"{said.whole(value):>3}", warmth(value, held.hold_c if held else None))
