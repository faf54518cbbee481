"""One message to the owner."""

from __future__ import annotations

import json
from dataclasses import dataclass

from node.hardware.health import Alarm


@dataclass(frozen=True, slots=True)
class Notice:
    """An alarm has begun, or is over.

    Attributes:
        node: what the node calls itself: an owner may have several.
        at: when this was decided, Unix seconds.
    """

    node: str
    begun: bool
    alarm: Alarm
    at: float

    @property
    def headline(self) -> str:
        """What happened, in a few words."""
        over = "" if self.begun else "over: "
        return f"{self.node}: {over}{self.alarm.device} {self.alarm.title}"

    @property
    def text(self) -> str:
        """The evidence, and what to do while it stands."""
        if not self.begun:
            return f"It is over. It was: {self.alarm.evidence}."
        return f"{self.alarm.evidence[:1].upper()}{self.alarm.evidence[1:]}. What to do: {self.alarm.remedy}."

    def document(self) -> str:
        """For programs: one JSON document."""
        alarm = self.alarm
        return json.dumps(
            {
                "event": "alarm" if self.begun else "over",
                "node": self.node,
                "key": alarm.key,
                "severity": alarm.severity.value,
                "device": alarm.device,
                "title": alarm.title,
                "evidence": alarm.evidence,
                "remedy": alarm.remedy,
                "since": alarm.since_at,
                "at": self.at,
                "text": f"{self.headline}. {self.text}",
            },
            ensure_ascii=False,
        )
