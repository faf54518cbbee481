"""Takes a reading of everything once a second, off the event loop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from node.clock import Clock
from node.hardware.base import GpuBackend
from node.hardware.energy import Energy, EnergyMeter
from node.hardware.rapl import Rapl
from node.hardware.readings import HOST, GpuReading, HardwareReading, HostReading
from node.hardware.selection import Selection
from node.hardware.series import Row, Series, SeriesRecorder
from node.hardware.source import Source

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 30.0
"""Seconds between attempts to find cards of a vendor that has none here: drivers are loaded, cards plugged in."""

AnySource = Source[HostReading] | Source[tuple[GpuReading, ...]]

_FAREWELL_S = 0.5  # how long stopping waits for drivers to be let go
_PATIENCE = 0.5  # of the interval: how long one reading waits for the sources; a slower one is in the next


class Sampler:
    """Reads the cards and the host in threads of its own. The latest reading is one finished frozen object.

    A source that raises or hangs loses its own values only: cards stay on the list with their names and nothing else.

    Args:
        backends: one per vendor, not opened yet.
        host: takes one reading of the host; may block.
        rapl: the processor's energy counters; None to do without.
        interval: seconds between readings.
        selection: which cards are the node's; the others do not appear in its readings.
    """

    def __init__(
        self,
        backends: Sequence[GpuBackend],
        host: Callable[[], HostReading],
        clock: Clock,
        interval: float = 1.0,
        rapl: Rapl | None = None,
        selection: Selection | None = None,
    ) -> None:
        self._backends = tuple(backends)
        self._clock = clock
        self._interval = interval
        self._rapl = rapl
        self._selection = selection or Selection()
        self._cards = [
            Source(backend.name, _Opener(backend, clock).read, clock, backend.close) for backend in self._backends
        ]
        self._host = Source("host", host, clock)
        self._sources: tuple[AnySource, ...] = (self._host, *self._cards)
        self._known: dict[str, tuple[GpuReading, ...]] = {}
        self._meter = EnergyMeter()
        self._recorder = SeriesRecorder()
        self._energy = Energy(clock.monotonic())
        self._not_here: tuple[str, ...] = ()
        self._latest: HardwareReading | None = None
        self._history = Series(clock.wall_ns() / 1e9)
        self._highest_mj = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hardware-sampler", daemon=True)

    @property
    def latest(self) -> HardwareReading | None:
        """The latest finished reading; None before the first."""
        return self._latest

    @property
    def history(self) -> Series:
        """The last five minutes."""
        return self._history

    @property
    def absences(self) -> tuple[str, ...]:
        """A sentence for each vendor that has no card to read here, and for each chosen card that is not here."""
        vendors = tuple(backend.absence for backend in self._backends if backend.absence)
        return vendors + self._not_here

    def energy_mj(self) -> int | None:
        """Millijoules since the start, as of now: carried forward from the latest reading at its power, so that a job
        shorter than the interval has its share. Never falls. None if nothing measures. For the event loop."""
        total = self._energy.total_at(self._clock.monotonic())
        if total is None:
            return None
        self._highest_mj = max(self._highest_mj, total)
        return self._highest_mj

    def start(self) -> None:
        """Begin; the first reading is there within about a second. A sampler is started once."""
        for source in self._sources:
            source.start()
        self._thread.start()

    def stop(self) -> None:
        """End the threads and let go of the drivers; a driver that hangs is left behind."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(self._interval + 1)
        for source in self._sources:
            source.end()
        until = time.monotonic() + _FAREWELL_S
        for source in self._sources:
            source.join(max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        due = time.monotonic()
        while True:
            try:
                self._sample()
            except Exception:
                log.exception("A hardware reading failed; the next is taken in its turn")
            due = max(due + self._interval, time.monotonic())
            if self._stopping.wait(due - time.monotonic()):
                return

    def _sample(self) -> None:
        began = time.perf_counter()
        for source in self._sources:
            source.ask()
        for source in self._sources:
            source.wait(max(0.0, began + _PATIENCE * self._interval - time.perf_counter()))
        at = self._clock.wall_ns() / 1e9
        cards = [card for source in self._cards for card in self._readings(source)]
        gpus = self._selection.of(cards)
        self._not_here = self._selection.absences(cards)
        energy = self._meter.add(self._clock.monotonic(), gpus, self._rapl.read() if self._rapl else ())
        host = replace(self._host.value() or HostReading(), cpu_power_w=energy.cpu_power_w)
        self._energy = energy
        self._history = self._recorder.add(
            at, _hottest(gpus, host), _power(gpus, host), host.cpu_pct, _devices(gpus, host)
        )
        self._latest = HardwareReading(
            at=at,
            host=host,
            gpus=gpus,
            energy_mj=energy.total_mj,
            energy_source=energy.source,
            cost_us=round((time.perf_counter() - began) * 1e6),
        )

    def _readings(self, source: Source[tuple[GpuReading, ...]]) -> tuple[GpuReading, ...]:
        cards = source.value()
        if cards is None:
            return tuple(
                GpuReading(card.index, card.name, card.uuid, card.backend, lost=card.lost)
                for card in self._known.get(source.name, ())
            )
        self._known[source.name] = cards
        return cards


class _Opener:
    """Opens a backend in the thread that reads it, and looks again later if it has no cards."""

    def __init__(self, backend: GpuBackend, clock: Clock) -> None:
        self._backend = backend
        self._clock = clock
        self._open = False
        self._next = float("-inf")

    def read(self) -> tuple[GpuReading, ...]:
        if not self._open:
            now = self._clock.monotonic()
            if now < self._next:
                return ()
            self._next = now + LOOK_AGAIN_S
            self._open = self._backend.open()
        return self._backend.read() if self._open else ()


def _hottest(gpus: Sequence[GpuReading], host: HostReading) -> float | None:
    return max((card.temperature_c for card in gpus if card.temperature_c is not None), default=host.cpu_temperature_c)


def _devices(gpus: Sequence[GpuReading], host: HostReading) -> dict[str, Row]:
    rows: dict[str, Row] = {card.key: (card.temperature_c, card.power_w, card.utilisation_pct) for card in gpus}
    return {**rows, HOST: (host.cpu_temperature_c, host.cpu_power_w, host.cpu_pct)}


def _power(gpus: Sequence[GpuReading], host: HostReading) -> float | None:
    powers = [card.power_w for card in gpus if card.power_w is not None]
    if host.cpu_power_w is not None:
        powers.append(host.cpu_power_w)
    return sum(powers) if powers else None
