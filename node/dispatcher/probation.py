"""How a network behaves: one that wastes the engine's time is slowed, then parked, and heals by itself. Pure.

Each job that came to nothing through the network's fault is a mark against it; each good one takes a mark away, and so
do five quiet minutes. Of jobs that were in hand together and failed together, such as when a service starts again, only
a few count. Failures of the engine, of the node and of its owner are no marks.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from node.engines.base import EngineFault
from node.jobs import JobState

SLOWED_AT, PARKED_AT = 4, 8  # marks
QUIET_SECONDS = 300.0  # that take a mark away
TOGETHER = 3  # marks at most for jobs that were in hand when the first of them failed
FIRST_REST, LONGEST_REST = 60.0, 3600.0  # seconds parked: twice as long each time
CLEAN_SECONDS = 3600.0  # without being parked, after which earlier rests are forgotten
NONSENSE = frozenset({EngineFault.BAD_REQUEST, EngineFault.CONTEXT_EXCEEDED, EngineFault.UNSUPPORTED})


class Fault(StrEnum):
    """What a network did wrong, in words that follow its name."""

    UNDELIVERED = "did not take finished answers"
    LATE = "set deadlines that cannot be met here"
    DROPPED = "dropped jobs that were in hand"
    NONSENSE = "sent jobs that cannot be computed"


class Verdict(StrEnum):
    """What follows from a network's behaviour."""

    GOOD = "good"
    SLOWED = "slowed"  # one job in hand at a time
    PARKED = "parked"  # none


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a network behaves towards this node.

    Attributes:
        reason: why it is slowed or parked, for a person; empty if it is not.
        until: when it is tried again, monotonic seconds; None if it is not parked.
    """

    verdict: Verdict = Verdict.GOOD
    reason: str = ""
    until: float | None = None


@dataclass(frozen=True, slots=True)
class End:
    """How a job ended, as far as it says something about its network.

    Attributes:
        whole: the answer was computed to its end.
        fault: the engine's, if it could not.
        recalled: the node ended it by itself, for its own or its owner's reasons.
        hopeless: it could not have met its deadline from the start.
        accepted_at: when it was taken in hand, monotonic seconds.
    """

    state: JobState
    whole: bool = False
    fault: EngineFault | None = None
    recalled: bool = False
    hopeless: bool = False
    accepted_at: float = 0.0


def fault_of(ending: End) -> Fault | None:
    """What the network did wrong, if it did."""
    if ending.hopeless:
        return Fault.LATE
    if ending.fault is not None:
        return Fault.NONSENSE if ending.fault in NONSENSE else None
    if ending.recalled or ending.state is JobState.DONE:
        return None
    if ending.whole:
        return Fault.UNDELIVERED
    return Fault.LATE if ending.state is JobState.EXPIRED else Fault.DROPPED


@dataclass(slots=True)
class _Record:
    marks: float = 0.0
    at: float = 0.0
    failing_since: float = -math.inf  # when the first of those failed that were in hand together
    together: int = 0
    faults: Counter[Fault] = field(default_factory=Counter)
    rests: int = 0
    until: float = 0.0


class Probation:
    """The records of all networks."""

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}

    def note(self, network: str, ending: End, now: float) -> None:
        """A job has ended."""
        fault = fault_of(ending)
        record = self._aged(network, now)
        if fault is not None:
            record.faults[fault] += 1
            if ending.accepted_at >= record.failing_since:
                record.failing_since, record.together = now, 0
            record.together += 1
            record.marks = min(PARKED_AT, record.marks + (record.together <= TOGETHER))
            if math.ceil(record.marks) >= PARKED_AT and now >= record.until:
                record.until = now + min(LONGEST_REST, FIRST_REST * 2.0**record.rests)
                record.rests = min(record.rests + 1, 30)
        elif ending.state is JobState.DONE:
            record.marks = max(0.0, record.marks - 1)

    def conduct(self, network: str, now: float) -> Conduct:
        """How it behaves, as of now."""
        record = self._aged(network, now)
        if now < record.until:
            return Conduct(Verdict.PARKED, self._reason(record), record.until)
        if math.ceil(record.marks) >= SLOWED_AT:
            return Conduct(Verdict.SLOWED, self._reason(record))
        return Conduct()

    def forget(self, network: str) -> None:
        self._records.pop(network, None)

    def _aged(self, network: str, now: float) -> _Record:
        record = self._records.setdefault(network, _Record(at=now))
        if now >= record.until > record.at:  # a rest is over: it is on probation
            record.marks = min(record.marks, SLOWED_AT)
            record.at = record.until
        if now >= record.until:
            record.marks = max(0.0, record.marks - (now - record.at) / QUIET_SECONDS)
            record.at = now
        if record.marks <= 0:
            record.faults.clear()
        if record.rests and now - record.until > CLEAN_SECONDS:
            record.rests = 0
        return record

    @staticmethod
    def _reason(record: _Record) -> str:
        return "it " + " and ".join(f"{fault} ({count})" for fault, count in record.faults.most_common(2))
