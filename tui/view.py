"""Everything that a screen may show, at one moment: frozen, handed from the app to the widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from node.control.wire import (
    HOST,
    HardwareReading,
    HeatCeiling,
    History,
    JobState,
    JobView,
    Snapshot,
    StateWord,
    Trail,
)

KEPT = 300  # seconds of history
NO_HISTORY = History(0.0)


@dataclass(frozen=True, slots=True)
class View:
    """What the app knows.

    Attributes:
        snapshot: the node's latest word; None before the first.
        history: the last minutes, one value a second.
        gone: why no node answers; empty while one does.
        held: the person has stopped the view; the node goes on.
        keys: that the person chose, by an action's id; see `tui.keymap`.
        name: of a node that is not this machine's own, or one of several; else empty.
    """

    snapshot: Snapshot | None = None
    history: History = NO_HISTORY
    gone: str = ""
    held: bool = False
    name: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def paused(self) -> bool:
        """The owner told the node to rest."""
        return self.snapshot is not None and self.snapshot.state.paused

    @property
    def anyway(self) -> bool:
        """The owner told the node to run in spite of the limits."""
        return self.snapshot is not None and self.snapshot.state.anyway

    @property
    def draining(self) -> bool:
        return self.snapshot is not None and self.snapshot.state.word is StateWord.DRAINING

    @property
    def in_hand(self) -> tuple[JobView, ...]:
        """Jobs that have been taken and have not ended."""
        return () if self.snapshot is None else self.snapshot.jobs


def hottest(hardware: HardwareReading | None) -> float | None:
    """The hottest card, or the processor where no card says, °C."""
    if hardware is None:
        return None
    cards = [gpu.temperature_c for gpu in hardware.gpus if gpu.temperature_c is not None]
    return max(cards) if cards else hardware.host.cpu_temperature_c


def drawn_power(hardware: HardwareReading | None) -> float | None:
    """All cards together, or the processor where no card says, watts."""
    if hardware is None:
        return None
    cards = [gpu.power_w for gpu in hardware.gpus if gpu.power_w is not None]
    return sum(cards) if cards else hardware.host.cpu_power_w


def ceiling(snapshot: Snapshot | None, device: str, sensor: str = "temperature_c") -> HeatCeiling | None:
    """What the guard holds this sensor to."""
    ceilings = snapshot.ceilings if snapshot else ()
    return next((found for found in ceilings if (found.device, found.sensor) == (device, sensor)), None)


def lowest_ceiling(snapshot: Snapshot | None) -> float | None:
    """The temperature at which the first of the sensors that `hottest` looks at makes the node rest, °C."""
    if snapshot is None or snapshot.hardware is None:
        return None
    gpus = snapshot.hardware.gpus
    if any(gpu.temperature_c is not None for gpu in gpus):
        held = [found.hold_c for found in snapshot.ceilings if found.sensor == "temperature_c"]
        own = [gpu.temperature_limit_c for gpu in gpus if gpu.temperature_limit_c is not None]
        return min(held or own, default=None)
    host = ceiling(snapshot, HOST, "cpu_temperature_c")
    return host.hold_c if host else None


def grown(history: History, snapshot: Snapshot) -> History:
    """The history with this snapshot behind it: at most one value a second, gaps as None, the oldest forgotten."""
    missed = int(snapshot.at) - int(history.ends_at)
    if missed <= 0 and history.tokens_per_second:
        return history
    gap = min(missed - 1, KEPT) if history.tokens_per_second else 0

    def longer(series: tuple[float | None, ...], value: float | None) -> tuple[float | None, ...]:
        return (*series, *(None,) * gap, value)[-KEPT:]

    hardware = snapshot.hardware
    return replace(
        history,
        ends_at=snapshot.at,
        tokens_per_second=longer(history.tokens_per_second, snapshot.tokens_per_second),
        busy_slots=longer(history.busy_slots, float(snapshot.busy)),
        temperature_c=longer(history.temperature_c, hottest(hardware)),
        power_w=longer(history.power_w, drawn_power(hardware)),
        cpu_pct=longer(history.cpu_pct, hardware.host.cpu_pct if hardware else None),
        trails=tuple(_trails(history, hardware, longer)),
    )


Longer = Callable[[tuple[float | None, ...], float | None], tuple[float | None, ...]]


def _trails(history: History, hardware: HardwareReading | None, longer: Longer) -> Iterator[Trail]:
    if hardware is None:
        return
    known = {trail.device: trail for trail in history.trails}
    host = hardware.host
    rows = [(gpu.key, gpu.temperature_c, gpu.power_w, gpu.utilisation_pct) for gpu in hardware.gpus]
    for device, heat, watts, load in (*rows, (HOST, host.cpu_temperature_c, host.cpu_power_w, host.cpu_pct)):
        trail = known.get(device, Trail(device))
        yield Trail(
            device,
            longer(trail.temperature_c, heat),
            longer(trail.power_w, watts),
            longer(trail.utilisation_pct, load),
        )


def remaining(job: JobView, mean_speed: float | None = None) -> float | None:
    """At most how long a job still computes, seconds; None where nobody can say.

    A job that has not begun to write is taken to write at ``mean_speed`` tokens per second.
    """
    if job.state is JobState.DELIVERING:
        return 0.0
    speed = job.tokens_per_second or mean_speed
    if not job.max_tokens or not speed:
        return None
    return max(0, job.max_tokens - job.tokens) / speed


def drain_time(view: View) -> float | None:
    """At most how long the jobs in hand need, seconds; None where it cannot be told.

    The work of those that wait is shared evenly among the slots.
    """
    if view.snapshot is None:
        return None
    speeds = [job.tokens_per_second for job in view.in_hand if job.tokens_per_second]
    mean = sum(speeds) / len(speeds) if speeds else None
    longest = queued = 0.0
    for job in view.in_hand:
        time = remaining(job, mean)
        if time is None:
            return None
        if job.state is JobState.WAITING:
            queued += time
        else:
            longest = max(longest, time)
    return longest + queued / max(1, view.snapshot.slots)
