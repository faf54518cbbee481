"""The guard's verdict, what would lift it, and what comes nearest to a limit."""

from __future__ import annotations

from node.control.wire import GpuReading, Snapshot
from tui import format as said
from tui.hardware.devices import Device, devices
from tui.hardware.facts import NEAR
from tui.ink import Line, Picture, Span, Tone, abreast, cell, dim, wrapped
from tui.keymap import hint
from tui.view import View

VERDICTS = {
    "run": ("● within the limits", Tone.GOOD),
    "slow": ("▼ slowed down", Tone.WARN),
    "hold": ("‖ takes nothing new", Tone.WARN),
    "stop": ("■ stopped, the GPU is free", Tone.BAD),
}

PARTS = {"hot_spot_c": "hot spot", "memory_temperature_c": "memory"}


def draw(view: View, width: int, height: int) -> Picture:
    snapshot = view.snapshot
    if snapshot is None:
        return Picture(((dim(said.DASH),),))
    state = snapshot.state
    words, tone = VERDICTS.get(state.action, (state.action, Tone.PLAIN))
    if state.action == "hold" and state.paused:
        words, tone = "‖ paused by you", Tone.PLAIN
    rows: list[Line] = [(Span(text),) for text in wrapped(state.reason, width)]
    if state.remedy:
        rows += _labelled("next" if state.action == "run" else "lifts", state.remedy, width)
    if state.anyway:
        rows.append((Span("▲ ", Tone.WARN), dim("your own limits are set aside: "), hint("node.anyway", view.keys)))
    room = height - len(rows)
    nearest = abreast(_nearest(snapshot), width, room)
    if len(nearest) > room > 1:
        nearest[room - 1 :] = [(dim(f"and {len(nearest) - room + 1} more"),)]
    return Picture(tuple([*rows, *nearest][:height]), (Span(words, tone),))


def _labelled(name: str, text: str, width: int) -> list[Line]:
    first, *rest = wrapped(text, max(1, width - 7))
    return [(dim(f"{name:<7}"), Span(first, Tone.EMBER)), *((Span(" " * 7), Span(row, Tone.EMBER)) for row in rest)]


def _nearest(snapshot: Snapshot) -> list[Line]:
    """Every sensor that is watched, those with the fewest degrees left to their ceiling first."""
    known = devices(snapshot)
    found = sorted(
        (ceiling.hold_c - value, _called(device, ceiling.sensor, len(known) > 2), value, ceiling.hold_c)
        for device in known
        for ceiling in device.ceilings
        if (value := getattr(device.reading, ceiling.sensor, None)) is not None
    )
    if not found:
        return [(dim("No temperature can be read."),)]
    widest = max(len(name) for _, name, _, _ in found)
    return [
        (
            cell(name, widest, Tone.DIM),
            Span(f" {value:>3.0f}"),
            dim(f" of {limit:>3.0f} °C  "),
            Span(f"{abs(left):>2.0f} {'left' if left > 0 else 'over'}", Tone.PLAIN if left > NEAR else Tone.WARN),
        )
        for left, name, value, limit in found
    ]


def _called(device: Device, sensor: str, several: bool) -> str:
    if not isinstance(device.reading, GpuReading):
        return "processor"
    card = f"GPU {device.reading.index}" if several else "GPU"
    return f"{card} {PARTS.get(sensor, '')}".rstrip()
