"""What a rule or a detector has found, before it is known whether it lasts."""

from __future__ import annotations

from dataclasses import dataclass

from node.hardware.alarm import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """See `node.hardware.alarm.Alarm` for the words."""

    title: str
    evidence: str
    remedy: str
    severity: Severity = Severity.WARNING
