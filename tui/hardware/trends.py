"""Charts of one device: the last five minutes as they come, or hours and days from the node's history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from node.control.wire import Course, GpuReading, History, Trail
from tui import format as said
from tui.chart import Series, area, ceiling, plot, stretched
from tui.hardware.devices import CORES, Device
from tui.hardware.facts import COLD, warmth
from tui.ink import Line, Picture, Span, dim, wrapped


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back charts go; ``hours`` is 0 for the live minutes."""

    name: str
    hours: int


REACHES = (Reach("5 min", 0), Reach("1 h", 1), Reach("24 h", 24), Reach("30 d", 720))


@dataclass(frozen=True, slots=True)
class Scene:
    """What is drawn.

    Attributes:
        course: of this device over this reach; None while it is asked for. trouble: why there is none.
    """

    device: Device
    history: History
    reach: Reach = REACHES[0]
    course: Course | None = None
    trouble: str = ""

    @property
    def trail(self) -> Trail:
        """The device's own part of the last minutes."""
        return next((found for found in self.history.trails if found.device == self.device.key), Trail(""))


def temperature(scene: Scene, width: int, height: int) -> Picture:
    reading = scene.device.reading
    held = next((found.hold_c for found in scene.device.ceilings if found.sensor in CORES), None)
    own = reading.temperature_limit_c if isinstance(reading, GpuReading) else None
    limit = held if held is not None else own
    now = reading.temperature_c if isinstance(reading, GpuReading) else reading.cpu_temperature_c
    top = (limit or 90.0) + 10.0
    figure = (Span(f"{said.whole(now):>3}", warmth(now, limit)), dim(" °C"), *_of(limit))
    return _draw(scene, _temperatures, figure, (top, COLD, limit), width, height)


def power(scene: Scene, width: int, height: int) -> Picture:
    reading = scene.device.reading
    limit = reading.power_limit_w if isinstance(reading, GpuReading) else None
    now = reading.power_w if isinstance(reading, GpuReading) else reading.cpu_power_w
    top = limit * 1.15 if limit else ceiling(_powers(scene), 20.0)
    return _draw(
        scene, _powers, (Span(f"{said.whole(now):>4}"), dim(" W"), *_of(limit)), (top, 0.0, limit), width, height
    )


def load(scene: Scene, width: int, height: int) -> Picture:
    reading = scene.device.reading
    now = reading.utilisation_pct if isinstance(reading, GpuReading) else reading.cpu_pct
    return _draw(scene, _loads, (Span(f"{said.whole(now):>3}"), dim(" %")), (100.0, 0.0, None), width, height)


def _temperatures(scene: Scene) -> Series:
    return scene.course.temperature_max_c if scene.course else scene.trail.temperature_c


def _powers(scene: Scene) -> Series:
    return scene.course.power_w if scene.course else scene.trail.power_w


def _loads(scene: Scene) -> Series:
    return scene.course.utilisation_pct if scene.course else scene.trail.utilisation_pct


Draw = Callable[[Scene, int, int], Picture]

Bounds = tuple[float, float, float | None]
"""Top, floor, and the limit that is drawn in."""


def _draw(
    scene: Scene, pick: Callable[[Scene], Series], figure: Line, bounds: Bounds, width: int, height: int
) -> Picture:
    aside = (*figure, dim(f"   {scene.reach.name}"))
    if scene.reach.hours and scene.course is None:
        words = scene.trouble or "the node's history is being asked"
        return Picture(tuple((dim(text),) for text in wrapped(words, max(1, width))), aside)
    series = pick(scene)
    if not any(value is not None for value in series):
        return Picture(((dim("nothing recorded yet" if scene.course else "no reading"),),), aside)
    if scene.course is not None:
        return Picture(tuple(plot(stretched(series, 2 * width), width, height, *bounds)), aside)
    return Picture(tuple(area(series, scene.history.ends_at, width, height, *bounds)), aside)


def _of(limit: float | None) -> Line:
    return (dim(f" of {limit:.0f}"),) if limit is not None else ()
