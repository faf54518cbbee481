"""From what is found at this moment to what is said: an alarm begins once a finding lasts, and ends once it is gone.
Pure."""

from __future__ import annotations

from dataclasses import dataclass

from node.hardware.alarm import Alarm
from node.hardware.health.finding import Finding

CLEAR_S = 60.0
"""Seconds without the finding after which an alarm is over."""


@dataclass(slots=True)
class _Held:
    first: float  # monotonic
    last: float
    alarm: Alarm | None = None


class Holding:
    """Everything that is or may become an alarm."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}

    def note(self, key: str, device: str, finding: Finding | None, hold: float, now: float, at: float) -> None:
        """What was found under this key at ``now`` (monotonic) and ``at`` (Unix seconds); None if nothing."""
        held = self._held.get(key)
        if finding is None:
            if held is not None and held.alarm is None:
                del self._held[key]
            return
        if held is None:
            held = self._held[key] = _Held(now, now)
        held.last = now
        if held.alarm is None and now - held.first < hold:
            return
        since = at if held.alarm is None else held.alarm.since_at
        lasting = now - held.first
        evidence = f"{finding.evidence}, for {_duration(lasting)}" if lasting >= 60 else finding.evidence
        held.alarm = Alarm(key, finding.severity, device, finding.title, evidence, finding.remedy, since)

    def alarms(self, now: float) -> tuple[Alarm, ...]:
        """What stands, the gravest first, then the oldest. What was not found for a minute is over."""
        self._held = {key: held for key, held in self._held.items() if now - held.last < CLEAR_S}
        standing = [held.alarm for held in self._held.values() if held.alarm is not None]
        return tuple(sorted(standing, key=lambda alarm: (-_weight(alarm), alarm.since_at, alarm.key)))

    def standing_for(self, key: str, now: float) -> float:
        """Seconds since this alarm's finding was first made; 0 if there is no such alarm."""
        held = self._held.get(key)
        return 0.0 if held is None or held.alarm is None else now - held.first


def _weight(alarm: Alarm) -> int:
    return ("notice", "warning", "grave").index(alarm.severity.value)


def _duration(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
