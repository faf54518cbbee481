"""What the rules find at one moment, and what they remember to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from node.guard.excursion import Ceiling, Excursion, follow
from node.guard.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Sighting:
    """Who needed the machine, and when: monotonic seconds."""

    at: float
    who: str


NOTHING: Mapping[str, Excursion] = MappingProxyType({})
NOBODY: Mapping[str, Sighting] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Memory:
    """The excursions under way and those lately over, by the name of their rule and sensor.

    Attributes:
        sightings: who last needed the machine, by the rule that saw them.
    """

    excursions: Mapping[str, Excursion] = field(default_factory=lambda: NOTHING)
    sightings: Mapping[str, Sighting] = field(default_factory=lambda: NOBODY)


class Docket:
    """Collects findings and memories while the rules are asked in turn."""

    def __init__(self, memory: Memory, now: float) -> None:
        self.now = now
        self.findings: list[Verdict] = []
        self._before = memory.excursions
        self._after: dict[str, Excursion] = {}
        self._sightings = dict(memory.sightings)

    def find(self, verdict: Verdict) -> None:
        self.findings.append(verdict)

    def follow(self, key: str, ceiling: Ceiling, reading: float | None) -> Excursion | None:
        """How far this reading is over; None if it is not."""
        after = follow(ceiling, self._before.get(key), reading, self.now)
        if after is None:
            return None
        self._after[key] = after
        return after if after.level else None

    def see(self, rule: str, seconds_ago: float | None, who: str) -> Sighting | None:
        """The latest sighting by this rule, the one given included (None: nobody was seen)."""
        known = self._sightings.get(rule)
        if seconds_ago is not None and (known is None or self.now - seconds_ago >= known.at):
            known = self._sightings[rule] = Sighting(self.now - seconds_ago, who)
        return known

    def memory(self) -> Memory:
        return Memory(MappingProxyType(self._after), MappingProxyType(self._sightings))
