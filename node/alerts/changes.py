"""From what is wrong at this moment to what is worth a message: one for each change that lasts. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from node.alerts.notice import Notice
from node.hardware.health import Alarm

REPEAT_S = 600.0
"""An alarm that comes back within this time after its last message has to wait for it."""


@dataclass(slots=True)
class _Known:
    alarm: Alarm
    first: float
    last: float
    told: bool = False


class Changes:
    """Remembers what was told.

    Args:
        node: the node's name.
        settle: seconds that an alarm must stand, or be over, before it is told.
    """

    def __init__(self, node: str, settle: float) -> None:
        self._node = node
        self._settle = settle
        self._known: dict[str, _Known] = {}
        self._told_at: dict[str, float] = {}

    def update(self, alarms: Iterable[Alarm], now: float, at: float) -> tuple[Notice, ...]:
        """What to say, given everything that stands at ``now`` (monotonic) and ``at`` (Unix seconds)."""
        standing = {alarm.key: alarm for alarm in alarms}
        for key, alarm in standing.items():
            known = self._known.setdefault(key, _Known(alarm, now, now))
            known.alarm, known.last = alarm, now
        self._told_at = {key: told for key, told in self._told_at.items() if now - told < REPEAT_S}
        over = [self._end(key, now, at) for key in list(self._known) if key not in standing]
        begun = [self._begin(key, known, now, at) for key, known in self._known.items() if key in standing]
        return tuple(notice for notice in (*over, *begun) if notice is not None)

    def _end(self, key: str, now: float, at: float) -> Notice | None:
        known = self._known[key]
        if known.told and now - known.last < self._settle:
            return None
        del self._known[key]
        return Notice(self._node, False, known.alarm, at) if known.told else None

    def _begin(self, key: str, known: _Known, now: float, at: float) -> Notice | None:
        if known.told or now - known.first < self._settle or key in self._told_at:
            return None
        known.told = True
        self._told_at[key] = now
        return Notice(self._node, True, known.alarm, at)
