"""Looks after the machine once a second: keeps its history, notices what is wrong, and tells the owner."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from node.alerts import Changes, Heartbeat, Post, build_channels
from node.clock import Clock
from node.config import Settings
from node.control.wire import StateLine, StateWord
from node.dispatcher import Dispatcher
from node.hardware.alarm import Alarm, Severity
from node.hardware.health import Health, Work
from node.hardware.history import History
from node.hardware.readings import HardwareReading
from node.hardware.sampler import Sampler

LOOK_S = 1.0
KEEP_S = 600.0
"""Seconds between two writings of what the detectors have learned."""

BLOCKED_S = 300.0
"""How long the node may be unable to work before that is an alarm."""

_AT_WORK_PCT = 20.0


class Care:
    """From ``run`` to ``close``.

    Args:
        telemetry: the file of the history.
        line: the node's state as of now.

    Raises:
        ConfigError: a channel of the settings cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        telemetry: Path,
        sampler: Sampler,
        dispatcher: Dispatcher,
        line: Callable[[], StateLine],
        clock: Clock,
    ) -> None:
        alerts = settings.alerts
        channels = build_channels(alerts)
        self._sampler = sampler
        self._dispatcher = dispatcher
        self._line = line
        self._clock = clock
        self._history = History(telemetry, clock)
        self._health: Health | None = None
        self._alarms: tuple[Alarm, ...] = ()
        self._seen: HardwareReading | None = None
        self._changes = Changes(settings.node.name, alerts.settle_seconds)
        self._post = Post(channels) if channels else None
        self._heartbeat = (
            Heartbeat(alerts.heartbeat, 60 * alerts.heartbeat_minutes, self._is_well) if alerts.heartbeat else None
        )

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """What is wrong now, the gravest first."""
        return self._alarms

    async def run(self) -> None:
        """Look until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look_after())
            if self._post is not None:
                group.create_task(self._post.run())
            if self._heartbeat is not None:
                group.create_task(self._heartbeat.run())

    async def close(self) -> None:
        """Write down what was learned."""
        if self._health is not None:
            self._keep(self._health)
            await asyncio.to_thread(self._history.close)

    async def _look_after(self) -> None:
        if self._health is None:
            self._health = Health(await asyncio.to_thread(self._history.open))
        kept_at = self._clock.monotonic()
        while True:
            self._look(self._health)
            if self._clock.monotonic() - kept_at >= KEEP_S:
                kept_at = self._clock.monotonic()
                self._keep(self._health)
            await asyncio.sleep(LOOK_S)

    def _look(self, health: Health) -> None:
        now, at = self._clock.monotonic(), self._clock.wall_ns() / 1e9
        reading = self._sampler.latest
        if reading is not None and reading is not self._seen:
            self._seen = reading
            self._history.take(reading)
            of_cards = health.observe(reading, self._work(reading), now)
            self._alarms = (*of_cards, *_blocked(self._line(), of_cards, at))
        if self._post is not None:
            for notice in self._changes.update(self._alarms, now, at):
                self._post.send(notice)

    def _work(self, reading: HardwareReading) -> Work:
        """What the cards compute; nothing while they rest, since the engine may run elsewhere."""
        if not any((card.utilisation_pct or 0.0) >= _AT_WORK_PCT for card in reading.gpus):
            return Work()
        names = ",".join(sorted(model.name for model in self._dispatcher.models()))
        rate = self._dispatcher.throughput.rate(self._clock.monotonic())
        return Work(rate, f"{names} {self._dispatcher.allocation.running()}")

    def _keep(self, health: Health) -> None:
        for name, state in health.learned().items():
            self._history.learn(name, state)

    def _is_well(self) -> bool:
        grave = any(alarm.severity is Severity.GRAVE for alarm in self._alarms)
        return self._seen is not None and not grave and self._line().word is not StateWord.BLOCKED


def _blocked(line: StateLine, others: tuple[Alarm, ...], at: float) -> tuple[Alarm, ...]:
    """An alarm of its own, unless a grave one says already why."""
    grave = any(alarm.severity is Severity.GRAVE for alarm in others)
    if grave or line.word is not StateWord.BLOCKED or at - line.since_at < BLOCKED_S:
        return ()
    remedy = line.remedy or "stoker doctor"
    return (
        Alarm("blocked", Severity.WARNING, "the node", "cannot work", line.reason, remedy, line.since_at + BLOCKED_S),
    )
