"""Where a figure comes from, what it is held to, and what to do about it: the text behind ``enter``."""

from __future__ import annotations

from collections.abc import Iterator

from node.control.wire import GpuReading, HeatCeiling
from tui import format as said
from tui.hardware.devices import Device
from tui.hardware.facts import Fact
from tui.ink import BLANK, Line, Span, Tone, cell, dim, wrapped

NAME, VALUE, UNIT = 11, 4, 6  # cells
STEP = NAME + VALUE + UNIT

SENSORS = {
    "temperature_c": "The sensor of the GPU chip itself.",
    "hot_spot_c": "The hottest point of the chip; 10 to 20 degrees above the chip's own sensor are ordinary.",
    "memory_temperature_c": "The memory chips of the card. GDDR6X slows itself down at about 110 °C.",
    "cpu_temperature_c": "The processor, by the sensor of its package.",
}

MEANINGS = {
    "lost": "The driver no longer answers for this card. It is looked for every 30 seconds. If it stays away, switch "
    "the machine off and on, and seat the card and its power plugs anew.",
    "utilisation_pct": "Share of the last second in which something computed on the card. It says nothing of how hard.",
    "memory_used": "What all programs together hold.",
    "fan_pct": "The speed that the card asks of its fan. It is not the node's to set.",
    "clock_mhz": "Clock of the computing units now, and the highest that the card allows itself.",
    "memory_clock_mhz": "Clock of the card's memory.",
    "throttle": "Why the card holds its clocks back. A power limit is the ordinary state of a card at work; heat and a "
    "power brake are faults.",
    "pcie_width": "Generation and lanes of the link to the processor, and the best that both can. Cards lower the "
    "generation while they rest; fewer lanes than before mean a loose card or riser.",
    "ecc_uncorrected": "Memory errors over the card's life. One that cannot be corrected makes results wrong.",
    "xids": "The last error that the driver reported, by NVIDIA's number. What it means stands in the alarm, and in "
    "NVIDIA's list of XID errors.",
    "processes": "The programs that hold memory of this card, as the driver lists them.",
    "pid": "Whether the node makes way for other programs is set by owner.on_guests.",
    "cpu_pct": "Share of all cores that is busy.",
    "cpu_power_w": "The processor by its own energy counter (RAPL). Often only root may read it.",
    "cpu_mhz": "Mean clock of the cores.",
    "swap_used": "Memory that the machine has put on disk.",
    "disk_free": "The disk that holds the node's data: books, models, history.",
    "net": "What the whole machine sends and receives.",
    "battery_pct": "The node rests on battery unless limits.on_battery allows it.",
}


def title(device: Device, fact: Fact) -> str:
    """What is explained."""
    whose = f"GPU {device.reading.index}" if isinstance(device.reading, GpuReading) else "the host"
    return f"{(fact.name or 'program').capitalize()} of {whose}"


def about(device: Device, fact: Fact, width: int) -> list[Line]:
    """One fact in words, in lines of so many cells."""
    ceiling = next((found for found in device.ceilings if found.sensor == fact.key), None)
    if fact.key in SENSORS:
        return list(_heat(device, fact, ceiling, width))
    if fact.key == "power_w" and isinstance(device.reading, GpuReading):
        return list(_power(device.reading, width))
    if fact.key.startswith("pid "):
        return [(Span(fact.note), dim(f"   {fact.key}")), BLANK, *_text(MEANINGS["pid"], width)]
    now = f"{fact.value} {fact.unit}  {fact.note} {fact.more}" if fact.value else fact.note
    return [*_text(f"Now: {now}", width), BLANK, *_text(MEANINGS.get(fact.key, ""), width)]


def _text(text: str, width: int) -> list[Line]:
    return [(Span(line),) for line in wrapped(text, width)]


def _heat(device: Device, fact: Fact, ceiling: HeatCeiling | None, width: int) -> Iterator[Line]:
    yield from _text(SENSORS[fact.key], width)
    yield BLANK
    yield from _step("now", fact.value, "°C", "", width)
    reading = device.reading
    own = reading.temperature_limit_c if isinstance(reading, GpuReading) and fact.key == "temperature_c" else None
    if ceiling is not None:
        for name, degrees, words in (
            ("goes on", ceiling.lift_c, f"after {ceiling.stay:.0f} s at least"),
            ("slows down", ceiling.slow_c, "fewer slots compute"),
            ("ceiling", ceiling.hold_c, "takes nothing new, finishes what it has"),
            ("stops", ceiling.stop_c, "gives jobs back and frees the card"),
        ):
            yield from _step(name, said.whole(degrees), "°C", words, width)
    if own is not None:
        yield from _step("card's own", said.whole(own), "°C", "the card slows itself down", width)
    yield BLANK
    if ceiling is None:
        yield from _text("The guard has no ceiling for it: there is no reading, or its limit is switched off.", width)
    else:
        kept = " and stays at least 5 °C below the card's own limit" if own is not None else ""
        yield from _text(f"The ceiling follows {ceiling.setting}{kept}.", width)


def _step(name: str, value: str, unit: str, words: str, width: int) -> Iterator[Line]:
    """A row of a small table; words that do not fit go on below themselves."""
    first, *rest = wrapped(words, max(1, width - STEP))
    yield (cell(name, NAME, Tone.DIM), cell(value, VALUE, right=True), cell(f" {unit}", UNIT, Tone.DIM), Span(first))
    yield from ((Span(" " * STEP), Span(line)) for line in rest)


def _power(gpu: GpuReading, width: int) -> Iterator[Line]:
    yield from _text("What the card draws, by its own meter.", width)
    yield BLANK
    for name, value, words in (
        ("now", gpu.power_w, ""),
        ("limit", gpu.power_limit_w, "in force"),
        ("default", gpu.power_default_w, "as the card was made"),
        ("least", gpu.power_min_w, "that may be set"),
        ("most", gpu.power_max_w, "that may be set"),
    ):
        yield from _step(name, said.whole(value), "W", words, width)
    yield BLANK
    tuned = "Most cards do nearly the same work at 70 % of their default. stoker tune measures this one and says how."
    yield from _text(tuned, width)
