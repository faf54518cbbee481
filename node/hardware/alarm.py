"""What is said when something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much it matters."""

    NOTICE = "notice"  # worth knowing
    WARNING = "warning"  # will become worse, or costs money
    GRAVE = "grave"  # the card does not work, or its results cannot be trusted


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong, for as long as it is.

    Attributes:
        key: the same for as long as it is the same trouble.
        device: what it is about, for a person.
        title: in a few words. evidence: one sentence with the readings. remedy: what to do.
        since_at: when it was noticed, Unix seconds.
    """

    key: str
    severity: Severity
    device: str
    title: str
    evidence: str
    remedy: str
    since_at: float
